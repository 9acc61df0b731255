/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaving the page: a session that has ended while the dialog Manage Access was open leads to the
 * login page and back, where what was selected is selected again. It waits in the tab's own
 * storage, for the same image, region and user, until it is taken back, or until the tab shows
 * another user: only IDs, no names.
 */
(function ($) {
  'use strict';

  var PREFIX = 'xloud_images_panel:';
  var LOGOUT = 10 * 1000; // milliseconds within which the page goes
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
   * Horizon names another page, the login page when the session has ended. That would lead to
   * what was asked for, which may be a part of a page: now it leads to the dialog that is open,
   * or whose address is given, or to the page without one.
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

  /* Lets the browser ask before the page goes, as long as a function says that it has to. */
  function askBeforeUnload(isToAsk) {
    mayUnload();
    $(window).on('beforeunload.xloud', function (event) {
      if (isToAsk()) {
        event.preventDefault();
        event.originalEvent.returnValue = true; // for browsers that go by this
      }
    });
  }

  function mayUnload() {
    $(window).off('beforeunload.xloud');
  }

  /* Keeps what is selected in the open dialog, or on the page of many images, and returns its
     address. */
  function keepDialog() {
    var $form = $('form.xloud-manage-access, form.xloud-many-form').last();
    if (!$form.length) { return ''; }
    var $projects = $form.find('.xloud-projects');
    keep($form.attr('action'), {
      user: $projects.attr('data-user'),
      region: $projects.attr('data-region'),
      accept: $form.find('[name=accept]').prop('checked'),
      // Its scripts may be still on their way.
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
      // Full, or forbidden: then there is nothing to take back.
    }
  }

  /* Returns what was kept for a dialog and its project table, once; null when there is nothing. */
  function restoreKept(address, $projects) {
    forgetBut($projects.attr('data-user'));
    var kept = read(PREFIX + address);
    if (!kept || (kept.region || '') !== ($projects.attr('data-region') || '')) { return null; }
    window.sessionStorage.removeItem(PREFIX + address);
    return kept;
  }

  /* Horizon's pages do not say whose they are: asked only where something is kept. */
  function forgetOthers() {
    var isLoginPage = window.location.pathname.indexOf(window.WEBROOT + 'auth/') === 0;
    if (isLoginPage || !keptNames().length) { return; }
    $.getJSON(window.WEBROOT + 'api/keystone/user-session/').done(function (session) {
      forgetBut(session.id);
    });
  }

  /* Drops what is a day old, and the work that was begun before a logout in another tab. */
  function forgetOld() {
    var left = 0;
    try {
      left = Number(window.localStorage.getItem(LEFT));
    } catch {
      // Forbidden: then each tab goes by its own logout.
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

  /* Drops the work at logout, and once more when the page goes: an answer that comes until then
     would be kept. A user who stays, because the browser has asked, goes on with it. */
  function logOut() {
    dropWork();
    $(window).off('pagehide.xloudLogout').on('pagehide.xloudLogout', function () {
      dropWork();
      tellTabs();
    });
    window.setTimeout(function () { $(window).off('pagehide.xloudLogout'); }, LOGOUT);
  }

  /* Drops, from whichever page, plans that are not done, and what scans have read. */
  function dropWork() {
    $(window).off('pagehide.xloudScan'); // which would keep it again
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
      // Forbidden: then each tab goes by its own logout.
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
