/* SPDX-License-Identifier: Apache-2.0 */
/* Copies text from the page to the clipboard. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {copyText: copyText});

  /*
   * Copies the text of an element, and reports this in another one.
   *
   * navigator.clipboard exists only over TLS, and may be forbidden. This code works in both cases.
   * The text stays selected, so that the keyboard can copy it if the browser does not.
   */
  function copyText($text, $told) {
    window.getSelection().selectAllChildren($text[0]);
    $told.text(document.execCommand('copy') ? gettext('Copied') : gettext('Press Ctrl+C to copy'));
  }
})(jQuery);
