/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a text of the page to the clipboard. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {copyText: copyText});

  /*
   * Copies the text of an element, and says so in another one.
   *
   * navigator.clipboard is there over TLS alone, and may be forbidden; this way works for both. The
   * text stays selected, so that the keyboard can copy it where the browser does not.
   */
  function copyText($text, $told) {
    window.getSelection().selectAllChildren($text[0]);
    $told.text(document.execCommand('copy') ? gettext('Copied') : gettext('Press Ctrl+C to copy'));
  }
})(jQuery);
