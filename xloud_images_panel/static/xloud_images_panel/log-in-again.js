/*
 * A session that has ended while the dialog Manage Access was open: to the login page and back,
 * where what was selected is selected again. It waits in the tab's own storage, for the same
 * image and the same user, until it is taken back.
 */
(function ($) {
  'use strict';

  var PREFIX = 'xloud_images_panel:';

  horizon.xloud = $.extend(horizon.xloud, {
    leave: leave,
    logIn: logIn,
    keep: keep,
    keepDialog: keepDialog,
    takeBack: takeBack
  });

  /*
   * Horizon names another page, the login page when the session has ended. That would lead to
   * what was asked for, which may be a part of a page: now it leads to the dialog that is open,
   * or whose address is given, or to the page without one.
   */
  function leave(jqXHR, address) {
    var named = jqXHR.getResponseHeader('X-Horizon-Location');
    if (!named) { return false; }
    if (jqXHR.status === 401) {
      logIn(named, address);
    } else {
      window.location.href = named;
    }
    return true;
  }

  function logIn(loginPage, address) {
    var url = new URL(loginPage, window.location.href);
    url.searchParams.set(
      'next', address || keepDialog() || window.location.pathname + window.location.search
    );
    window.location.href = url.href;
  }

  /* Keeps what is selected in the open dialog, and returns its address. */
  function keepDialog() {
    var $form = $('form.xloud-manage-access');
    if (!$form.length) { return ''; }
    var $projects = $form.find('.xloud-projects');
    keep($form.attr('action'), {
      user: $projects.attr('data-user'),
      accept: $form.find('[name=accept]').prop('checked'),
      changes: horizon.xloud.projectTable($projects).changes()
    });
    return $form.attr('action');
  }

  function keep(address, selection) {
    try {
      window.sessionStorage.setItem(PREFIX + address, JSON.stringify(selection));
    } catch {
      // Full, or forbidden: then there is nothing to take back.
    }
  }

  /* Returns what was kept for a dialog, once, and null for another user. */
  function takeBack(address, user) {
    try {
      var kept = JSON.parse(window.sessionStorage.getItem(PREFIX + address));
      window.sessionStorage.removeItem(PREFIX + address);
      return kept && kept.user === user ? kept : null;
    } catch {
      return null;
    }
  }
})(jQuery);
