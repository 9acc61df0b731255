/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Horizon's question before Reject, for keyboards and screen readers: it has neither role nor
 * name, and neither takes nor returns the focus.
 */
(function ($) {
  'use strict';

  $(document).on('show.bs.modal', '#modal_wrapper > .modal:has(.modal-title)', function (event) {
    var isOurs = $('.xloud-received, .xloud-shared-image').length > 0;
    if (event.target !== this || !isOurs) { return; }
    var opener = horizon.xloud.opener();
    horizon.xloud.nameModal($(this).attr('tabindex', -1), 'xloud_question_title');
    $(this).on('shown.bs.modal', function () {
      $(this).find('.cancel').trigger('focus');
    }).on('hidden.bs.modal', function () {
      horizon.xloud.giveFocusBack(opener);
    });
  });
})(jQuery);
