/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanned images that one project has, and those that it can be given. A row of the scan is
 * {status, since, member: the project as Glance lists it}, or null if the project has no access. No
 * DOM.
 */
(function () {
  'use strict';

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.projectImages = {
    changes: changes,
    pending: pending,
    select: select,
    ticks: ticks,
    toAdd: toAdd
  };

  /* Returns the images that are shared with the project. filter: {name, access} */
  function select(scan, filter) {
    return scan.images().filter(function (image) {
      var row = scan.row(image.id);
      return row && (!filter.access || row.status === filter.access) && isCalled(image, filter.name);
    });
  }

  /*
   * Returns the images that the project can be given: read, not shared with it, and not its own.
   *
   * others: the scan of another project, to return only its images; null for all
   */
  function toAdd(scan, project, name, others) {
    return scan.images().filter(function (image) {
      return scan.row(image.id) === null && image.owner !== project && isCalled(image, name) &&
        (!others || others.row(image.id));
    });
  }

  /* Returns the images that are pending for the project. */
  function pending(scan, ids) {
    return ids.filter(function (id) {
      return scan.row(id) && scan.row(id).status === 'pending';
    });
  }

  /* Returns a plan's changes that apply the verb to the project on each image. */
  function changes(scan, verb, ids, project) {
    return ids.map(function (id) {
      var row = scan.row(id);
      return {image: id, verb: verb, projects: [row ? row.member : project]};
    });
  }

  /* Returns the ticks of images, which stay while rows come, go and are filtered. */
  function ticks() {
    var ids = new Set();

    return {
      clear: function () { ids.clear(); },
      has: function (id) { return ids.has(id); },
      ids: function () { return Array.from(ids); },
      keep: keep,
      set: set
    };

    function set(some, isTicked) {
      [].concat(some).forEach(function (id) { ids[isTicked ? 'add' : 'delete'](id); });
    }

    /* Removes the ticks of images that are no longer wanted. */
    function keep(isWanted) {
      ids.forEach(function (id) {
        if (!isWanted(id)) { ids.delete(id); }
      });
    }
  }

  function isCalled(image, text) {
    return window.horizon.xloud.imageRows.isCalled(image, text);
  }
})();
