/* SPDX-License-Identifier: Apache-2.0 */
/* The Python panel's Create Image: shows the project table for Shared only. */
(function ($) {
  'use strict';

  $(document).on('change', 'select[name=visibility]', function () { show($(this)); });

  horizon.addInitFunction(function () {
    $('select[name=visibility]').each(function () { show($(this)); });
    horizon.modals.addModalInitFunction(function (modal) {
      $(modal).find('select[name=visibility]').each(function () { show($(this)); });
    });
  });

  function show($visibility) {
    $visibility.closest('form').find('[data-role=new-image-access]')
      .prop('hidden', $visibility.val() !== 'shared');
  }
})(jQuery);
