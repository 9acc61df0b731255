/* SPDX-License-Identifier: Apache-2.0 */
describe('Work that a tab keeps', function () {
  'use strict';

  var HOUR = 60 * 60 * 1000;
  var PLAN = 'xloud_images_panel:plan:here';
  var SCAN = 'xloud_images_panel:scan:here';
  var DIALOG = 'xloud_images_panel:/admin/images/1/access/';

  beforeEach(clear);
  afterEach(clear);

  function clear() {
    window.sessionStorage.clear();
    window.localStorage.clear();
  }

  function keep(name, hours) {
    var at = Date.now() - hours * HOUR;
    window.sessionStorage.setItem(name, JSON.stringify(name === SCAN ? {scan: {at: at}} : {at: at}));
  }

  /* Returns the names kept when another page opens. */
  function kept() {
    window.horizon.xloud.forgetOld();
    return Object.keys(window.sessionStorage).sort();
  }

  it('is dropped after a day, whichever page is open', function () {
    keep(PLAN, 25);
    keep(SCAN, 25);
    keep(DIALOG, 25);
    expect(kept()).toEqual([]);
    keep(PLAN, 23);
    keep(DIALOG, 23);
    expect(kept()).toEqual([DIALOG, PLAN]);
  });

  it('is dropped after a logout in another tab', function () {
    keep(PLAN, 1);
    keep(SCAN, 1);
    keep(DIALOG, 1);
    var $form = $('<form action="/auth/logout/" method="post">').appendTo('body');
    var work = window.sessionStorage.getItem(PLAN);
    $form.on('submit', function (event) { event.preventDefault(); }).trigger('submit');
    window.sessionStorage.setItem(PLAN, work); // another tab has its own storage
    $(window).trigger('pagehide');
    window.sessionStorage.setItem(PLAN, work);
    $form.remove();
    expect(kept()).toEqual([DIALOG]);
  });

  it('is kept in other tabs when the user stays after all', function () {
    jasmine.clock().install();
    keep(PLAN, 1);
    var work = window.sessionStorage.getItem(PLAN);
    var $form = $('<form action="/auth/logout/" method="post">').appendTo('body');
    $form.on('submit', function (event) { event.preventDefault(); }).trigger('submit');
    jasmine.clock().tick(11 * 1000);
    jasmine.clock().uninstall();
    $(window).trigger('pagehide');
    $form.remove();
    window.sessionStorage.setItem(PLAN, work);
    expect(kept()).toEqual([PLAN]);
  });
});
