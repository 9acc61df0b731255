/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of Stale Access: the stale members of the scanned images, those that "all" ticks, and
 * the requests that remove them. No DOM.
 *
 * A row is {id, image, member, name, kind, status, since, stuck, failed}.
 */
(function () {
  'use strict';

  var BY_HAND = 'disabled'; // a project that may be enabled again
  // Characters of a query; Gunicorn takes 4,094 with the address, other servers more.
  var LONGEST = 3600;

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.staleRows = {
    isByHand: isByHand, jobs: jobs, query: query, rows: rows, tickable: tickable
  };

  /* Returns the query for images with their owners, each owner once. If the address would be too
     long, the query covers only the first images. */
  function query(images) {
    var sorted = images.slice().sort(function (one, other) {
      return one.owner < other.owner ? -1 : Number(one.owner > other.owner);
    });
    var made = {
      ids: sorted.map(function (image) { return image.id; }).join(','),
      owners: sorted.map(function (image, at) {
        return at && image.owner === sorted[at - 1].owner ? '' : encodeURIComponent(image.owner);
      }).join(',')
    };
    var isTooLong = encodeURIComponent(made.ids + made.owners).length > LONGEST;
    return isTooLong && images.length > 1 ? query(images.slice(0, -1)) : made;
  }

  /*
   * Returns the rows of a scan. Rows to tick by hand come last.
   *
   * filter: {name, kind}; failed: sentences by row ID
   */
  function rows(scan, filter, failed) {
    var text = String(filter.name || '').trim().toLowerCase();
    var found = [];
    scan.images().forEach(function (image) {
      (scan.row(image.id) || []).forEach(function (member) {
        var texts = [image.name, image.id, member.name, member.member];
        var isWanted = (!filter.kind || member.kind === filter.kind) &&
          (!text || texts.some(function (other) {
            return other.toLowerCase().indexOf(text) >= 0;
          }));
        var id = image.id + '/' + member.member;
        if (isWanted) {
          found.push(Object.assign({id: id, image: image, failed: failed[id] || ''}, member));
        }
      });
    });
    return found.filter(isNotByHand).concat(found.filter(isByHand));
  }

  function isByHand(row) { return row.kind === BY_HAND; }

  function isNotByHand(row) { return !isByHand(row); }

  /* Returns the rows that "all" ticks: Glance can remove them, and they need no decision. */
  function tickable(found) {
    return found.filter(function (row) { return !row.stuck && isNotByHand(row); });
  }

  /* Returns requests for rows, in order: {image, members: [{member, kind}]}, with up to `most`
     members each. */
  function jobs(found, most) {
    var byImage = {};
    var order = [];
    found.forEach(function (row) {
      var last = byImage[row.image.id];
      if (!last || last.members.length === most) {
        last = byImage[row.image.id] = {image: row.image, members: []};
        order.push(last);
      }
      last.members.push({member: row.member, kind: row.kind});
    });
    return order;
  }
})();
