/* SPDX-License-Identifier: Apache-2.0 */
/* The message about a failure in the page. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {fail: fail});

  /* Returns the message, which can take the focus. */
  function fail($where, message) {
    $where.children('.xloud-failure').remove();
    return $('<div class="alert alert-danger xloud-failure" role="alert" tabindex="-1">')
      .text(message).prependTo($where);
  }
})(jQuery);
