/* SPDX-License-Identifier: Apache-2.0 */
/* Check a Project's Access: updates the answer after changes in Manage Access on its page. */
(function ($) {
  'use strict';

  var ANSWER = '[data-role=why-answer]';

  $(document).on('xloud:access-changed', function () {
    var $answer = $(ANSWER);
    if (!$answer.length) { return; }
    $.get(window.location.href).done(function (html, status, jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      replace($answer, $('<div>').append($.parseHTML(html)).find(ANSWER).contents());
    }).fail(function (jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      horizon.xloud.fail(
        $answer, gettext('This answer is from before the change. Load the page again.')
      );
    });
  });

  /* The link that opened the dialog is gone, and so is the focus. */
  function replace($answer, $new) {
    var $active = $(document.activeElement);
    var isLost = $active.is('body, #content_body') || $.contains($answer[0], $active[0]);
    $answer.empty().append($new);
    if (isLost) {
      $answer.find('h2').trigger('focus');
    }
  }
})(jQuery);
