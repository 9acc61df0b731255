/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Projects that lose access to images: a sentence in the dialog of the action, which does not wait
 * for the dashboard's answer. In the Python panel, also for the questions of Delete and Deactivate.
 */
(function ($) {
  'use strict';

  // One more than the dashboard reads per request, so that it reports others.
  var MOST_IMAGES = 101;

  horizon.xloud = $.extend(horizon.xloud, {tellLoss: tellLoss});

  horizon.addInitFunction(function () {
    var confirm = horizon.datatables.confirm;
    horizon.datatables.confirm = function (action) {
      var modal = confirm.apply(this, arguments);
      var $action = $(action);
      if (modal && $action.is('[data-loss-url]')) {
        tellLoss(
          modal.find('.modal-body'), $action.attr('data-loss-url'), imagesOf($action),
          $action.attr('data-loss')
        );
      }
      return modal;
    };
  });

  /* A row's button has the image's ID in its value. The button above the table has none. */
  function imagesOf($action) {
    var id = $action.val().split('__')[2];
    return id ? [id] : $action.closest('form').find('.table-row-multi-select:checked')
      .map(function () { return this.value; }).get();
  }

  /* Shows at the end of an element who loses access. loss: the dashboard's name of the action or
     of the new visibility, empty for none. Only the last request counts. */
  function tellLoss($where, address, ids, loss) {
    var $told = $where.children('.xloud-access-loss');
    if (!$told.length) {
      $told = $('<p class="xloud-access-loss" role="status">').appendTo($where);
    }
    var last = $told.data('asked');
    $told.data('asked', null).empty();
    if (last) {
      last.abort();
    }
    if (!loss) { return; }
    $told.text(gettext('Looking up who has access...'));
    // Without encoded commas the address of many images is short enough for every web server.
    var images = ids.slice(0, MOST_IMAGES).map(encodeURIComponent).join(',');
    var asked = $.getJSON(address + '?loss=' + encodeURIComponent(loss) + '&images=' + images);
    $told.data('asked', asked);
    asked.done(function (answer) {
      say(answer ? answer.message : '');
    }).fail(function () {
      say(gettext('It could not be determined how many projects have access.'));
    });

    function say(text) {
      if ($told.data('asked') === asked) {
        $told.text(text);
      }
    }
  }
})(jQuery);
