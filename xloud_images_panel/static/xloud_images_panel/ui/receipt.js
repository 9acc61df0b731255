/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt of a change, with Undo, at the top of the page until the user closes it. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {isReceipt: isReceipt, showReceipt: showReceipt});

  $(document).on('click', '[data-role=close-receipt]', function () {
    $(this).closest('.xloud-receipt').remove();
    horizon.xloud.focusContent();
  });
  $(document).on('submit', '[data-role=undo-change]', undo);

  function isReceipt(html) {
    return typeof html === 'string' && $($.parseHTML($.trim(html))).is('.xloud-receipt');
  }

  /* A live region announces content added to it, not its own insertion into the page. */
  function showReceipt(html) {
    var $messages = $('.messages').first();
    if (!$messages.length) {
      $messages = $('<div class="messages">').prependTo('#main_content, body').first();
    }
    var $receipt = $($.parseHTML($.trim(html)));
    var $content = $receipt.contents().detach();
    $messages.find('.xloud-receipt').remove();
    $messages.append($receipt);
    $receipt.append($content);
    $(document).trigger('xloud:access-changed');
    return $receipt;
  }

  /* Horizon's own handler would replace the page. */
  function undo(event) {
    event.preventDefault();
    event.stopPropagation();
    var $form = $(this);
    var $button = $form.find('button');
    if ($button.prop('disabled')) { return; }
    var goOn = horizon.xloud.pause($button);
    $.post($form.attr('action'), $form.serialize()).done(function (html, status, jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      var $answer = $($.parseHTML($.trim(html)));
      if ($answer.is('[data-refused]')) {
        goOn();
        $form.closest('.xloud-receipt').find('[data-role=not-undone]').remove();
        $('<div data-role="not-undone">').append($answer.children('p')).insertBefore($form);
      } else {
        showReceipt(html).trigger('focus');
        $(document).trigger('xloud:undone');
      }
    }).fail(function (jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      goOn();
      $form.closest('.xloud-receipt').find('[data-role=not-undone]').remove();
      $('<p data-role="not-undone">').text(gettext('The dashboard did not answer, so it is not ' +
        'known what was undone. Undo can be pressed again.')).insertBefore($form);
    });
  }
})(jQuery);
