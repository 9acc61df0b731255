/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan of all shared images as a plain object: pages of the list of images, and the members of a
 * few images in between. It knows its progress and the remaining images, and can be kept. No DOM.
 *
 * An image is {id, name, owner, …} as the server lists it. Its row is the server's result for its
 * members.
 */
(function () {
  'use strict';

  var AT_ONCE = 80; // images per request, as the server accepts them
  var FIRST = 20; // images in the first request, so that rows appear soon

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.scan = {AT_ONCE: AT_ONCE, create: create};

  /* Returns a new scan, or one restored from the toKeep() of another. */
  function create(kept) {
    var from = kept || {images: [], rows: {}, queue: [], unread: {}, after: '', isListed: false,
      passedOver: 0, at: Date.now()};
    var images = from.images;
    var rows = from.rows;
    var queue = from.queue; // IDs of images whose members are not read yet
    var unread = from.unread; // sentences by ID
    var known = {};
    images.forEach(function (image) { known[image.id] = image; });

    return {
      after: function () { return from.after; },
      at: function () { return from.at; },
      forget: forget,
      image: function (id) { return known[id]; },
      images: function () { return images; },
      isComplete: function () { return from.isListed && !queue.length; },
      isListed: function () { return from.isListed; },
      list: list,
      next: next,
      passedOver: function () { return from.passedOver; },
      put: put,
      readAgain: readAgain,
      row: function (id) { return rows[id]; },
      toKeep: function () { return from; },
      total: function () { return images.length; },
      done: function () { return images.length - queue.length; },
      isStopped: function () { return Boolean(from.isStopped); },
      setStopped: function (isStopped) { from.isStopped = isStopped; },
      ofTheSameImages: ofTheSameImages,
      unread: function () { return unread; }
    };

    /* Returns the IDs of the images to read next, only from `some` if given. */
    function next(some) {
      if (some) {
        return some.filter(function (id) { return queue.indexOf(id) >= 0; }).slice(0, AT_ONCE);
      }
      return queue.slice(0, images.length > queue.length ? AT_ONCE : FIRST);
    }

    /* Takes a page of images: {images, after, passed_over}. Moved images are not duplicated. */
    function list(answer) {
      answer.images.forEach(function (image) {
        if (known[image.id]) { return; }
        known[image.id] = image;
        images.push(image);
        queue.push(image.id);
      });
      from.passedOver += answer.passed_over || 0;
      from.after = answer.after;
      from.isListed = !answer.after;
    }

    /* Takes the members of images: {rows, gone, unread, left}. */
    function put(answer) {
      Object.keys(answer.rows).forEach(function (id) {
        if (!known[id]) { return; }
        rows[id] = answer.rows[id];
        delete unread[id];
      });
      Object.keys(answer.unread).forEach(function (id) { unread[id] = answer.unread[id]; });
      answer.gone.forEach(forget);
      var read = Object.keys(answer.rows).concat(Object.keys(answer.unread));
      from.queue = queue = queue.filter(function (id) { return read.indexOf(id) < 0; });
    }

    function forget(id) {
      delete known[id];
      delete rows[id];
      delete unread[id];
      from.images = images = images.filter(function (image) { return image.id !== id; });
      from.queue = queue = queue.filter(function (other) { return other !== id; });
    }

    /* Returns the start of a scan that reads other data of the images listed so far. */
    function ofTheSameImages() {
      return {images: images.slice(), rows: {}, unread: {}, after: from.after,
        queue: images.map(function (image) { return image.id; }), isListed: from.isListed,
        passedOver: from.passedOver, at: Date.now()};
    }

    /* Queues images to be read again; without IDs, all that could not be read. */
    function readAgain(ids) {
      [].concat(ids || Object.keys(unread)).forEach(function (other) {
        delete unread[other];
        if (known[other] && queue.indexOf(other) < 0) { queue.unshift(other); }
      });
    }
  }
})();
