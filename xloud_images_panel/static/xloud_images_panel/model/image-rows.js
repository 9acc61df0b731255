/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of Access by Image: which of the scanned images a filter wants, in which order. No DOM.
 */
(function () {
  'use strict';

  var NEARLY_FULL = 0.9; // of the quota

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.imageRows = {
    isCalled: isCalled, projects: projects, select: select, toExport: toExport
  };

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
    var found = scan.images().filter(function (image) {
      var row = scan.row(image.id);
      return row && isShown(row, filter.show, quota) && isNamed(image, filter, ownerName);
    });
    return sorted(found, filter.sort, scan);
  }

  /* Tells whether an image and its owner are called as a filter has it. */
  function isNamed(image, filter, ownerName) {
    var owner = folded(filter.owner);
    return isCalled(image, filter.name) &&
      (!owner || image.owner === owner || folded(ownerName(image.owner)).indexOf(owner) >= 0);
  }

  /*
   * Returns of the images that a filter wants, as accessExport.create() has them, {ids, without}:
   * in the order of the scan, which is that of every export. The members of an image need not be
   * read where it is wanted whatever they are; where they decide and are not read, it is missing.
   */
  function toExport(scan, filter, quota, ownerName) {
    var ids = [];
    var without = {unread: {}, areMore: !scan.isListed() || scan.passedOver() > 0};
    var isEach = !filter.show || filter.show === 'all';
    scan.images().forEach(function (image) {
      var row = scan.row(image.id);
      if (!isNamed(image, filter, ownerName)) { return; }
      if (row ? isShown(row, filter.show, quota) : isEach) {
        ids.push(image.id);
      } else if (!row) {
        without.unread[image.id] = scan.unread()[image.id] || '';
      }
    });
    return {ids: ids, without: without};
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
