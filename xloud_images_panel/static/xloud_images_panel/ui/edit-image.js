/* SPDX-License-Identifier: Apache-2.0 */
/* The Python panel's Edit Image: shows who loses access if a shared image is no longer shared. */
(function ($) {
  'use strict';

  var SELECT = 'select[name=visibility][data-loss-url]';

  $(document).on('change', SELECT, tell);

  horizon.addInitFunction(function () {
    $(SELECT).each(tell);
    horizon.modals.addModalInitFunction(function (modal) {
      $(modal).find(SELECT).each(tell);
    });
  });

  function tell() {
    var $visibility = $(this);
    var chosen = $visibility.val();
    horizon.xloud.tellLoss(
      $('#' + $visibility.attr('aria-describedby')).parent(), $visibility.attr('data-loss-url'),
      [$visibility.attr('data-loss-image')], chosen === 'shared' ? '' : chosen
    );
  }
})(jQuery);
