/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IDs of many images in an address: 16 bytes each, in Base64, because a hundred plain IDs would
 * be too long. dashboard/catalogue/image_ids.py reads them.
 */
(function () {
  'use strict';

  var CANONICAL = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.imageIds = {MOST: 100, address: address, short: short};

  /* Returns the address of the page for these images. */
  function address(page, ids) {
    return page + '?images=' + ids.map(short).join('.');
  }

  /* Returns an ID as a part of an address. */
  function short(id) {
    if (!CANONICAL.test(id)) { return id; }
    var bytes = id.replace(/-/g, '').match(/../g).map(function (pair) {
      return String.fromCharCode(parseInt(pair, 16));
    });
    return window.btoa(bytes.join('')).slice(0, 22).replace(/\+/g, '-').replace(/\//g, '_');
  }
})();
