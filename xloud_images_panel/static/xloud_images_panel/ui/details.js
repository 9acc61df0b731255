/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The details page of an image in Horizon's Python panel. The question before deletion inserts the
 * name as HTML. Tables escape the name, but this page does not, and the image's owner chooses it.
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
