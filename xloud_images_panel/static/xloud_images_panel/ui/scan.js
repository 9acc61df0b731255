/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan of all shared images, slice by slice: its bar, Stop and Continue, and its storage.
 *
 * Rows stay in the tab's own storage, so that going back does not read them again. A link to the
 * page, or a reload, does. They are dropped with the user's other data when another user logs in
 * (log-in-again.js).
 */
(function ($) {
  'use strict';

  var PREFIX = 'xloud_images_panel:scan:';
  var KEPT_FOR = 15 * 60 * 1000; // milliseconds

  horizon.xloud = $.extend(horizon.xloud, {runScan: runScan});

  /*
   * Runs the scan of a page, whose .xloud-scan has the addresses.
   *
   * name: distinguishes the scans of a page, such as a project's ID
   * query: returns the query for the members of images with these IDs, or of the first of them; by
   * default, only the IDs
   * begin: returns the start of a scan of which nothing is kept; by default, an empty one
   * show: is called with the scan after each slice
   *
   * Returns {again, begin, readAgain, stop}.
   */
  function runScan($scan, options) {
    var name = PREFIX + window.location.pathname + ':' + (options.name || '');
    var leaving = 'pagehide.xloudScan.xloud-' + (options.name || 'scan');
    var scan = horizon.xloud.scan.create(kept() || options.begin && options.begin());
    var isRunning = false;
    var isListJustRead = false;
    var only = null; // IDs of the images to read while the scan is stopped
    var waiting = null;

    part('stop').off('.xloud').on('click.xloud', function () {
      scan.setStopped(true);
      stop();
    });
    part('continue').off('.xloud').on('click.xloud', function () {
      scan.setStopped(false);
      goOn();
    });
    part('again').off('.xloud').on('click.xloud', again);
    part('retry').off('.xloud').on('click.xloud', function () {
      readAgain(Object.keys(scan.unread()));
    });
    $(window).off(leaving).on(leaving, keep);
    return {again: again, begin: begin, readAgain: readAgain, stop: stop};

    function part(role) {
      return $scan.find('[data-role=scan-' + role + ']');
    }

    function begin() {
      tell();
      options.show(scan);
      if (!scan.isComplete() && !scan.isStopped()) { goOn(); }
    }

    function again() {
      stop();
      scan = horizon.xloud.scan.create();
      options.show(scan);
      goOn();
    }

    /* Reads the members of one or several images again after a change. */
    function readAgain(ids) {
      var before = waiting;
      waiting = null; // its answer may be from before the change
      if (before) { before.abort(); }
      scan.readAgain(ids);
      if (isRunning && !only) {
        next();
      } else { // a stopped scan stays stopped
        goOn((only || []).concat(ids));
      }
    }

    /* some: IDs of the only images to read; by default, all remaining ones */
    function goOn(some) {
      only = some || null;
      part('failed').empty();
      isRunning = true;
      tell();
      next();
    }

    function stop() {
      isRunning = false;
      only = null;
      if (waiting) { waiting.abort(); }
      waiting = null;
      keep();
      tell();
    }

    function next() {
      if (!isRunning) { return; }
      if (scan.isComplete() || (only && !scan.next(only).length)) {
        stop();
        return;
      }
      var ids = turn();
      waiting = $.getJSON(
        $scan.attr(ids ? 'data-members-url' : 'data-images-url'),
        $.extend({region: $scan.attr('data-region')},
          ids ? $.extend({ids: ids.join(',')}, options.query ? options.query(ids, scan) : {}) :
            {after: scan.after()})
      );
      var asked = waiting;
      asked.done(function (answer, status, jqXHR) {
        if (asked !== waiting || horizon.xloud.leave(jqXHR, address())) { return; }
        if (!answer || answer.failed) {
          fail(answer ? answer.failed : '');
          return;
        }
        scan[ids ? 'put' : 'list'](answer);
        options.show(scan);
        tell();
        next();
      }).fail(function (jqXHR, status) {
        if (asked !== waiting || status === 'abort' ||
            horizon.xloud.leave(jqXHR, address())) { return; }
        fail('');
      });
    }

    /* Returns the IDs of the images to read now, or null for a page of the list. The two alternate
       until all are listed, so that the first rows do not wait for the whole list. */
    function turn() {
      if (only) { return scan.next(only); }
      var ids = scan.isListed() || isListJustRead ? scan.next() : [];
      isListJustRead = !ids.length;
      return ids.length ? ids : null;
    }

    function address() {
      return window.location.pathname + window.location.search;
    }

    function fail(why) {
      stop();
      part('failed').text(
        why || gettext('The dashboard did not answer. What was read so far is below.')
      );
    }

    function tell() {
      var unread = Object.keys(scan.unread()).length;
      var hadFocus = $scan.find('button:focus').length > 0;
      part('bar').attr({max: scan.total() || 1, value: scan.isListed() ? scan.done() : 0})
        .prop('hidden', !isRunning);
      part('told').text(told());
      part('stop').prop('hidden', !isRunning);
      part('continue').prop('hidden', isRunning || scan.isComplete());
      part('again').prop('hidden', isRunning || !scan.total());
      part('retry').prop('hidden', isRunning || !unread);
      part('unread').text(unread ? interpolate(ngettext(
        'The members of %s image could not be read:',
        'The members of %s images could not be read:', unread), [unread]) + ' ' +
        scan.unread()[Object.keys(scan.unread())[0]] : '');
      // The pressed button may be hidden now, with another one in its place.
      if (hadFocus && !$scan.find('button:focus').is(':visible')) {
        $scan.find('button').filter(':visible').first().trigger('focus');
      }
    }

    function told() {
      if (!scan.isListed()) {
        return isRunning ? interpolate(gettext('Looking for shared images: %s so far.'),
          [scan.total()]) : interpolate(gettext('Stopped after %s images.'), [scan.total()]);
      }
      var text = scan.isComplete() ? interpolate(ngettext(
        '%s shared image is read.', 'All %s shared images are read.', scan.total()
      ), [scan.total()]) : interpolate(
        gettext('%(done)s of %(total)s shared images are read.'),
        {done: scan.done(), total: scan.total()}, true
      );
      if (scan.isComplete()) {
        text += ' ' + interpolate(gettext('Started at %s.'),
          [new Date(scan.at()).toLocaleTimeString()]);
      }
      if (scan.passedOver()) {
        text += ' ' + interpolate(ngettext('%s image is too large to be listed.',
          '%s images are too large to be listed.', scan.passedOver()), [scan.passedOver()]);
      }
      return text;
    }

    function keep() {
      try {
        window.sessionStorage.setItem(name, JSON.stringify({
          user: $scan.attr('data-user'), region: $scan.attr('data-region'), scan: scan.toKeep()
        }));
      } catch {
        try {
          window.sessionStorage.removeItem(name); // full: it will be read again
        } catch {
          // Storage is forbidden.
        }
      }
    }

    function kept() {
      var navigation = window.performance.getEntriesByType('navigation')[0];
      if (!navigation || navigation.type !== 'back_forward') { return undefined; }
      try {
        var found = JSON.parse(window.sessionStorage.getItem(name));
        return found && found.user === $scan.attr('data-user') &&
          found.region === $scan.attr('data-region') &&
          Date.now() - found.scan.at < KEPT_FOR ? found.scan : undefined;
      } catch {
        return undefined;
      }
    }
  }
})(jQuery);
