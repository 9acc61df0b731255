/*
 * The badge on the tab Shared Images: how many images wait for the project's decision.
 * It is asked for when the page is there, and stays away when there is no answer.
 */
(function ($) {
  'use strict';

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
    var title = interpolate(
      ngettext('%s image is pending', '%s images are pending', pending.count), [text]
    );
    $badge.text(text).attr({title: title, 'aria-label': title, role: 'status'})
      .prop('hidden', false);
  }
})(jQuery);
