/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that search while the user types. */
(function ($) {
  'use strict';

  var PAUSE = 300; // milliseconds from the last key to the request

  horizon.xloud = $.extend(horizon.xloud, {typing: typing});

  /* Calls search soon after the last key, or at once on Enter, which would submit. */
  function typing($input, search) {
    var timer = null;
    $input.on('input', function () {
      clearTimeout(timer);
      timer = setTimeout(search, PAUSE);
    }).on('keydown', function (event) {
      if (event.key === 'Enter') {
        event.preventDefault();
        clearTimeout(timer);
        search();
      }
    });
  }
})(jQuery);
