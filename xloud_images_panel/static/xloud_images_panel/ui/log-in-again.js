/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaving the page: if the session ends while the dialog Manage Access is open, the user logs in,
 * comes back, and finds the selection restored. The tab's own storage keeps it for the same image,
 * region and user, until it is restored or the tab shows another user. It has only IDs, no names.
 */
(function ($) {
  'use strict';

  var PREFIX = 'xloud_images_panel:';
  var LOGOUT = 10 * 1000; // milliseconds within which the page unloads
  var LIFETIME = 24 * 60 * 60 * 1000; // milliseconds
  var LEFT = 'xloud_images_panel:left'; // the time of the last logout, for all tabs

  horizon.xloud = $.extend(horizon.xloud, {
    leave: leave,
    logIn: logIn,
    keep: keep,
    keepDialog: keepDialog,
    forgetOld: forgetOld,
    restoreKept: restoreKept,
    askBeforeUnload: askBeforeUnload,
    mayUnload: mayUnload
  });

  horizon.addInitFunction(forgetOld);
  horizon.addInitFunction(forgetOthers);
  $(document).on('submit', 'form[action*="/auth/logout"]', logOut);
  $(document).on('click', 'a[href*="/auth/logout"]', logOut);

  /*
   * Follows Horizon to another page, which is the login page after the session has ended. Login
   * would lead to the requested address, which may be a part of a page. Instead it leads to the
   * given address, the open dialog, or else the page.
   */
  function leave(jqXHR, address) {
    var named = jqXHR.getResponseHeader('X-Horizon-Location');
    if (!named) { return false; }
    // Older releases of Horizon name the login page with 200.
    var path = new URL(named, window.location.href).pathname;
    if (jqXHR.status === 401 || path.indexOf(window.WEBROOT + 'auth/') === 0) {
      logIn(named, address);
    } else {
      mayUnload();
      window.location.href = named;
    }
    return true;
  }

  function logIn(loginPage, address) {
    var url = new URL(loginPage, window.location.href);
    url.searchParams.set(
      'next', address || keepDialog() || window.location.pathname + window.location.search
    );
    mayUnload();
    window.location.href = url.href;
  }

  /* Lets the browser ask before the page unloads while isToAsk() returns true. */
  function askBeforeUnload(isToAsk) {
    mayUnload();
    $(window).on('beforeunload.xloud', function (event) {
      if (isToAsk()) {
        event.preventDefault();
        event.originalEvent.returnValue = true; // for browsers that rely on it
      }
    });
  }

  function mayUnload() {
    $(window).off('beforeunload.xloud');
  }

  /* Keeps the selection of the open dialog, or of the page of many images, and returns the form's
     address. */
  function keepDialog() {
    var $form = $('form.xloud-manage-access, form.xloud-many-form').last();
    if (!$form.length) { return ''; }
    var $projects = $form.find('.xloud-projects');
    keep($form.attr('action'), {
      user: $projects.attr('data-user'),
      region: $projects.attr('data-region'),
      accept: $form.find('[name=accept]').prop('checked'),
      // Its scripts may still be loading.
      changes: horizon.xloud.projectTable ? horizon.xloud.projectTable($projects).changes() : []
    });
    mayUnload();
    return $form.attr('action');
  }

  function keep(address, selection) {
    var ids = selection.changes.map(function (change) {
      return {verb: change.verb, id: change.id};
    });
    try {
      window.sessionStorage.setItem(
        PREFIX + address, JSON.stringify($.extend({}, selection, {changes: ids, at: Date.now()}))
      );
    } catch {
      // Storage is full or forbidden: nothing can be restored.
    }
  }

  /* Returns the kept selection for a dialog and its project table, once; null if there is none. */
  function restoreKept(address, $projects) {
    forgetBut($projects.attr('data-user'));
    var kept = read(PREFIX + address);
    if (!kept || (kept.region || '') !== ($projects.attr('data-region') || '')) { return null; }
    window.sessionStorage.removeItem(PREFIX + address);
    return kept;
  }

  /* Requests the user, whom Horizon's pages do not name, only if something is kept. */
  function forgetOthers() {
    var isLoginPage = window.location.pathname.indexOf(window.WEBROOT + 'auth/') === 0;
    if (isLoginPage || !keptNames().length) { return; }
    $.getJSON(window.WEBROOT + 'api/keystone/user-session/').done(function (session) {
      forgetBut(session.id);
    });
  }

  /* Drops entries that are a day old, and work begun before a logout in another tab. */
  function forgetOld() {
    var left = 0;
    try {
      left = Number(window.localStorage.getItem(LEFT));
    } catch {
      // Storage is forbidden: each tab uses its own logout.
    }
    keptNames().forEach(function (name) {
      var kept = read(name) || {};
      var at = kept.at || (kept.scan || {}).at;
      if (at && (at < Date.now() - LIFETIME || (at < left && isWork(name)))) {
        window.sessionStorage.removeItem(name);
      }
    });
  }

  function forgetBut(user) {
    keptNames().forEach(function (name) {
      var kept = read(name);
      if (!kept || kept.user !== user) {
        window.sessionStorage.removeItem(name);
      }
    });
  }

  /* Drops the work at logout, and again when the page unloads, because answers until then would be
     kept. A user who stays, because the browser has asked, continues with it. */
  function logOut() {
    dropWork();
    $(window).off('pagehide.xloudLogout').on('pagehide.xloudLogout', function () {
      dropWork();
      tellTabs();
    });
    window.setTimeout(function () { $(window).off('pagehide.xloudLogout'); }, LOGOUT);
  }

  /* Drops unfinished plans and the results of scans, of all pages. */
  function dropWork() {
    $(window).off('pagehide.xloudScan'); // it would keep the scan again
    keptNames().filter(isWork).forEach(function (name) {
      window.sessionStorage.removeItem(name);
    });
  }

  function isWork(name) {
    return /^(plan|scan):/.test(name.slice(PREFIX.length));
  }

  function tellTabs() {
    try {
      window.localStorage.setItem(LEFT, Date.now());
    } catch {
      // Storage is forbidden: each tab uses its own logout.
    }
  }

  function keptNames() {
    try {
      return Object.keys(window.sessionStorage).filter(function (name) {
        return name.indexOf(PREFIX) === 0;
      });
    } catch {
      return [];
    }
  }

  function read(name) {
    try {
      return JSON.parse(window.sessionStorage.getItem(name));
    } catch {
      return null;
    }
  }
})(jQuery);
