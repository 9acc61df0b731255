/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Returns the focus to the opener of a dialog. If Horizon's list has replaced its row, the focus
 * goes to the row in the same place, or to the page's content. Horizon's dialogs also get the role
 * and the name that they lack.
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

  var last = null; // the link or button clicked before a dialog, also by Enter

  document.addEventListener('click', note, true);

  function note(event) {
    if (!$(event.target).closest('.modal').length) {
      last = $(event.target).closest('a, button')[0] || last;
    }
  }

  /* Returns the opener of a new dialog, or its menu's button, since the menu is closed by then. */
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
