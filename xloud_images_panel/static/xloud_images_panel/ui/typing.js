/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that search while somebody types. */
(function ($) {
  'use strict';

  var PAUSE = 300; // milliseconds after the last key until the dashboard is asked

  horizon.xloud = $.extend(horizon.xloud, {typing: typing});

  /* Calls search soon after the last key, and at once at Enter, which would submit. */
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
