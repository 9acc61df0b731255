/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of Access by Image: which of the scanned images a filter wants, in which order. No DOM.
 */
(function () {
  'use strict';

  var NEARLY_FULL = 0.9; // of the quota

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.imageRows = {isCalled: isCalled, projects: projects, select: select};

  /* Returns how many projects have access, whatever they answered. */
  function projects(row) {
    return row.accepted + row.pending + row.rejected;
  }

  /*
   * Returns the images of a scan that a filter wants, of those whose members are read.
   *
   * filter: {name, owner, show, sort}; ownerName: returns what a project is called
   */
  function select(scan, filter, quota, ownerName) {
    var owner = folded(filter.owner);
    var found = scan.images().filter(function (image) {
      var row = scan.row(image.id);
      return row && isShown(row, filter.show, quota) &&
        isCalled(image, filter.name) &&
        (!owner || image.owner === owner || folded(ownerName(image.owner)).indexOf(owner) >= 0);
    });
    return sorted(found, filter.sort, scan);
  }

  /* Tells whether a text is part of an image's name, or its ID. */
  function isCalled(image, text) {
    var wanted = folded(text);
    return !wanted || folded(image.name).indexOf(wanted) >= 0 || image.id === wanted;
  }

  function isShown(row, show, quota) {
    switch (show) {
      case 'all': return true;
      case 'nobody': return !projects(row);
      case 'pending': return row.pending > 0;
      case 'quota': return Boolean(quota) && projects(row) > NEARLY_FULL * quota;
      default: return projects(row) > 0;
    }
  }

  /* The order of the scan is the newest first; an array keeps it where two are equal. */
  function sorted(images, sort, scan) {
    if (sort === 'name') {
      return images.sort(function (one, other) { return one.name.localeCompare(other.name); });
    }
    if (sort === 'projects') {
      return images.sort(function (one, other) {
        return projects(scan.row(other.id)) - projects(scan.row(one.id));
      });
    }
    if (sort === 'changed') {
      return images.sort(function (one, other) {
        return scan.row(other.id).changed.localeCompare(scan.row(one.id).changed);
      });
    }
    return images;
  }

  function folded(text) {
    return String(text || '').trim().normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
      .toLowerCase();
  }
})();
