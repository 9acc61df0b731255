/* SPDX-License-Identifier: Apache-2.0 */
/* The dialog Manage Access: Confirm, its result, and leaving without it. */
(function ($) {
  'use strict';

  horizon.xloud.onTable(function ($root) {
    $root.find('form.xloud-manage-access').each(function () {
      init($(this));
      if ($(this).is('[data-reload]') && !$root.is('body')) {
        reloadWhenClosed($root);
      }
    });
  });

  function init($form) {
    var $projects = $form.find('.xloud-projects');
    var table = horizon.xloud.projectTable($projects);
    var $confirm = $form.find(':submit');
    var $dialog = $form.closest('[tabindex="-1"]');
    var sending = false;
    var closing = false; // the dialog closes without a question
    var returnTo = null; // had the focus before the question
    var opener = horizon.xloud.opener(); // gets the focus after the dialog closes

    $form.on('submit', submit);
    $form.on('keydown', 'input, select', onlyConfirmSubmits);
    askBeforeLeaving();
    $projects.on('xloud:selection', showConfirm);
    $form.on('click', '[data-role=log-in-again]', horizon.xloud.keepDialog);
    var copy = horizon.xloud.copyAccess($form, table);
    $form.on('xloud:copying', showConfirm);
    part('copy-id').on('click', function () {
      horizon.xloud.copyText(part('image-id'), part('id-copied'));
    });
    nameDialog();
    restoreKept();
    showConfirm();
    table.focus();

    function nameDialog() {
      if (!$dialog.is('.modal')) { return; }
      horizon.xloud.nameModal($dialog, 'manage_access_title');
      $dialog.off('hidden.bs.modal.xloud').on('hidden.bs.modal.xloud', function () {
        horizon.xloud.giveFocusBack(opener);
      });
    }

    function showConfirm() {
      $confirm.prop('disabled', sending || copy.underWay() || !table.size());
    }

    /* Browsers submit a form on Enter in any of its fields. */
    function onlyConfirmSubmits(event) {
      if (event.key === 'Enter') {
        event.preventDefault();
      }
    }

    /* During Confirm, a new selection would be neither sent nor kept, and a closed dialog could not
       show the result. */
    function freeze(frozen) {
      sending = frozen;
      $dialog.children().prop('inert', frozen);
      if (frozen) {
        $dialog.trigger('focus'); // inert elements lose it, and the page behind must not get it
      }
    }

    // -- leaving with changes

    function askBeforeLeaving() {
      $dialog.off('.xloud').on('hide.bs.modal.xloud', function (event) {
        if (sending || isToAsk()) {
          event.preventDefault();
          ask();
        }
      });
      // As a separate page the dialog cannot be hidden: its Cancel is a link.
      $form.on('click', '.cancel', function (event) {
        if (!$dialog.is('.modal') && isToAsk()) {
          event.preventDefault();
          ask();
        }
      });
      part('keep-editing').on('click', keepEditing);
      part('discard').on('click', discard);
      part('discard-question').on('keydown', function (event) {
        if (event.key === 'Escape') {
          event.stopPropagation();
          keepEditing();
        }
      });
      horizon.xloud.askBeforeUnload(function () {
        return $.contains(document.documentElement, $form[0]) && (sending || isToAsk());
      });
    }

    /* Horizon hides a dialog while another one is on top. */
    function isToAsk() {
      var isOnTop = !$dialog.is('.modal') || $('#modal_wrapper .modal').last().is($dialog);
      return !closing && isOnTop && table.size() > 0;
    }

    function ask() {
      if (sending) { return; }
      if (part('discard-question').prop('hidden')) {
        returnTo = document.activeElement;
      }
      part('discard-text').text(interpolate(
        ngettext('Discard %(count)s change?', 'Discard %(count)s changes?', table.size()),
        {count: table.size()},
        true
      ));
      showQuestion(true);
      part('keep-editing').trigger('focus');
    }

    function keepEditing() {
      showQuestion(false);
      $(returnTo).trigger('focus');
    }

    function showQuestion(shown) {
      var $question = part('discard-question');
      $question.prop('hidden', !shown);
      $question.siblings().add($dialog.find('.modal-header, .modal-footer')).prop('inert', shown);
    }

    function discard() {
      if ($dialog.is('.modal')) {
        close();
      } else {
        horizon.xloud.mayUnload();
        window.location.href = $form.find('.cancel').prop('href');
      }
    }

    function close() {
      closing = true;
      horizon.xloud.mayUnload();
      $dialog.modal('hide');
    }

    function part(role) {
      return $form.find('[data-role=' + role + ']');
    }

    // -- Confirm

    /* Restores the selection made before login. */
    function restoreKept() {
      var kept = horizon.xloud.restoreKept($form.attr('action'), $projects);
      if (!kept) { return; }
      $form.find('[name=accept]').prop('checked', kept.accept);
      table.select(kept.changes);
      if (table.size()) {
        $('<div class="alert alert-info" role="status" data-role="taken-back">')
          .text(gettext('You have logged in again: what was selected is selected as before.'))
          .prependTo($form.find('.modal-body'));
      }
    }

    /* Horizon's own handler would close the dialog before an answer, and lose the selection
       without one. */
    function submit(event) {
      event.preventDefault();
      event.stopPropagation();
      if (!$confirm.length || $confirm.prop('disabled')) { return; }
      $confirm.prepend('<span class="fa fa-spinner fa-spin"></span> ');
      // A separate page and the reloaded list show messages instead of a receipt.
      var stays = $dialog.is('.modal') && !$form.is('[data-reload]');
      var fields = $form.serialize() + (stays ? '&receipt=1' : '&reload=1');
      freeze(true);
      showConfirm();
      $.post($form.attr('action'), fields).done(function (html, status, jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        freeze(false);
        if (horizon.xloud.isReceipt(html)) {
          close();
          horizon.xloud.showReceipt(html);
        } else {
          var $new = $($.parseHTML($.trim(html))).find('form.xloud-manage-access');
          $form.replaceWith($new);
          init($new);
          $dialog.scrollTop(0);
          $new.find('.alert').first().trigger('focus');
        }
      }).fail(function (jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        freeze(false);
        showConfirm();
        $confirm.children('.fa-spinner').remove();
        // Django counts a form's fields before it reads any (DATA_UPLOAD_MAX_NUMBER_FIELDS).
        horizon.xloud.fail($form.find('.modal-body'), jqXHR.status === 400 ?
          gettext('Nothing was changed: these are more changes than the dashboard takes at ' +
            'once. Take some of them back, and confirm the others first.') :
          gettext('The dashboard did not answer, ' +
            'so it is not known what was changed. Your selection is kept; Confirm can be ' +
            'pressed again.')).trigger('focus');
      });
    }
  }

  /* The dialog answers Create Image: the list below does not have the image yet. */
  function reloadWhenClosed($modal) {
    $modal.on('hidden.bs.modal', function () { window.location.reload(); });
  }
})(jQuery);
