/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The details page of an image in Horizon's Python panel: the question before
 * deleting puts the name into the page as HTML. Tables escape it for that,
 * this page does not, and the name is the image owner's choice.
 */
(function ($) {
  'use strict';

  horizon.addInitFunction(function () {
    if (window.location.pathname.indexOf('/images/') < 0) { return; }
    $('dd[data-display]').attr('data-display', function (index, name) {
      return $('<i>').text(name).html();
    });
  });
})(jQuery);
