/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The badge on the tab Shared Images: the number of images that wait for the project's decision,
 * "99+" for more than the server counts. It loads after the page, and is absent without an answer.
 */
(function ($) {
  'use strict';

  var MOST = 99;

  horizon.xloud = $.extend(horizon.xloud, {showPending: showPending});

  horizon.addInitFunction(function () { showPending(document); });

  function showPending(where) {
    $(where).find('[data-pending-url]').each(function () {
      var $badge = $(this);
      if (!$badge.attr('data-pending-url')) { return; }
      $.getJSON($badge.attr('data-pending-url')).done(function (pending) {
        if (pending && pending.count) {
          show($badge, pending);
        }
      });
    });
  }

  function show($badge, pending) {
    var text = pending.count + (pending.more ? '+' : '');
    var title = pending.more && pending.count >= MOST
      ? gettext('More than 99 images are pending, or they are too large to be counted')
      : interpolate(
        ngettext('%s image is pending', '%s images are pending', pending.count), [text]
      );
    $badge.text(text).attr({title: title, 'aria-label': title, role: 'status'})
      .prop('hidden', false);
  }
})(jQuery);
