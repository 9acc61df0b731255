/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The focus goes back to where a dialog was opened from. Horizon's list may have put a new row in
 * its place; then it goes to the row of the same image, or to the page's content. And
 * Horizon's dialogs get the role and the name that they lack.
 */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {
    focusContent: focusContent,
    giveFocusBack: giveFocusBack,
    nameModal: nameModal,
    opener: opener,
    pause: pause
  });

  var last = null; // what was clicked, or had Enter, before a dialog came

  document.addEventListener('click', note, true);

  function note(event) {
    if (!$(event.target).closest('.modal').length) {
      last = $(event.target).closest('a, button')[0] || last;
    }
  }

  /* Returns what a dialog that comes now was opened from: its menu, which is closed by then. */
  function opener() {
    var $from = $(last);
    var $menu = $from.closest('.dropdown-menu').siblings('.dropdown-toggle')
      .add($from.closest('.btn-group').children('.dropdown-toggle')).first();
    return {element: ($menu[0] || $from[0]) || null, row: $from.closest('tr').index()};
  }

  function giveFocusBack(from) {
    var element = from.element;
    if (!element || !document.contains(element) || !$(element).is(':visible')) {
      element = $('tbody tr').eq(from.row).find('a, button').filter(':visible')[0];
    }
    if (element) {
      $(element).trigger('focus');
    } else {
      focusContent();
    }
  }

  function focusContent() {
    $('#content_body').attr('tabindex', -1).trigger('focus');
  }

  /* Disables a button and returns the function that enables it again. A disabled button loses
     the focus, and gets it back unless the user has moved it. */
  function pause($button) {
    var hadFocus = $button.is(':focus');
    $button.prop('disabled', true);
    return function () {
      $button.prop('disabled', false);
      if (hadFocus && (document.activeElement || document.body) === document.body) {
        $button.trigger('focus');
      }
    };
  }

  function nameModal($modal, id) {
    $modal.find('.modal-title').attr('id', id);
    $modal.attr({role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': id});
    $modal.find('.close').attr('aria-label', gettext('Close'));
  }
})(jQuery);
