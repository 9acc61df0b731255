/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of Access by Image: filters and sorts the scanned images. No DOM.
 */
(function () {
  'use strict';

  var NEARLY_FULL = 0.9; // of the quota

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.imageRows = {
    isCalled: isCalled, projects: projects, select: select, toExport: toExport
  };

  /* Returns the number of members, whatever their status. */
  function projects(row) {
    return row.accepted + row.pending + row.rejected;
  }

  /*
   * Returns the images of a scan that match a filter and whose members are read.
   *
   * filter: {name, owner, show, sort}; ownerName: returns a project's name
   */
  function select(scan, filter, quota, ownerName) {
    var found = scan.images().filter(function (image) {
      var row = scan.row(image.id);
      return row && isShown(row, filter.show, quota) && isNamed(image, filter, ownerName);
    });
    return sorted(found, filter.sort, scan);
  }

  /* Returns whether the names of an image and its owner match a filter. */
  function isNamed(image, filter, ownerName) {
    var owner = folded(filter.owner);
    return isCalled(image, filter.name) &&
      (!owner || image.owner === owner || folded(ownerName(image.owner)).indexOf(owner) >= 0);
  }

  /*
   * Returns {ids, without} of images that match a filter, as accessExport.create() takes them. The
   * order is that of the scan, as in every export. An unread image is included if its members do
   * not matter to the filter. Otherwise it is missing.
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

  /* Returns whether a text is part of an image's name, or is its ID. */
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

  /* The scan has the newest image first. Sorting keeps this order for equal images. */
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
