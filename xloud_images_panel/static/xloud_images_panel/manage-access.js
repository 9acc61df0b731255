/* The dialog Manage Access: Confirm, and what comes of it. */
(function ($) {
  'use strict';

  horizon.addInitFunction(function () {
    $('form.xloud-manage-access').each(function () { init($(this)); });
    horizon.modals.addModalInitFunction(function (modal) {
      $(modal).find('form.xloud-manage-access').each(function () {
        init($(this));
        if ($(this).is('[data-reload]')) {
          reloadWhenClosed($(modal));
        }
      });
    });
  });

  function init($form) {
    var $projects = $form.find('.xloud-projects');
    var table = horizon.xloud.projectTable($projects);
    var $confirm = $form.find(':submit');
    var sending = false;

    $form.on('submit', submit);
    $projects.on('xloud:selection', showConfirm);
    $form.on('click', '[data-role=log-in-again]', horizon.xloud.keepDialog);
    var copy = horizon.xloud.copyAccess($form, table);
    $form.on('xloud:copying', showConfirm);
    takeBack();
    showConfirm();
    table.focus();

    function showConfirm() {
      $confirm.prop('disabled', sending || copy.underWay() || !table.changed());
    }

    /* What is selected while Confirm is under way would be neither sent nor there afterwards, and
       a dialog that is closed could not say what came of it. */
    function freeze(frozen) {
      var $dialog = $form.closest('[tabindex="-1"]');
      sending = frozen;
      $dialog.children().prop('inert', frozen);
      $dialog.off('hide.bs.modal', stay); // the keys and what is beside it close it as well
      if (frozen) {
        $dialog.on('hide.bs.modal', stay);
        $dialog.trigger('focus'); // what had it cannot keep it, and the page behind must not get it
      }
    }

    function stay(event) {
      event.preventDefault();
    }

    /* What was selected before the login page. */
    function takeBack() {
      var kept = horizon.xloud.takeBack($form.attr('action'), $projects.attr('data-user'));
      if (!kept) { return; }
      $form.find('[name=accept]').prop('checked', kept.accept);
      table.select(kept.changes);
      if (table.changed()) {
        $('<div class="alert alert-info" role="status" data-role="taken-back">')
          .text(gettext('You have logged in again: what was selected is selected as before.'))
          .prependTo($form.find('.modal-body'));
      }
    }

    /* Horizon's own handler would take the dialog away before there is an answer,
       and the selection with it when there is none. */
    function submit(event) {
      var $modal = $form.closest('.modal');
      event.preventDefault();
      event.stopPropagation();
      if ($confirm.prop('disabled')) { return; }
      $confirm.prepend('<span class="fa fa-spinner fa-spin"></span> ');
      // A page of its own has the list to go to; from above the list the dialog just goes away.
      var fields = $form.serialize() + ($modal.length ? '' : '&reload=1');
      freeze(true);
      showConfirm();
      $.post($form.attr('action'), fields).done(function (html, status, jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        freeze(false);
        if (jqXHR.status === 204) {
          $modal.modal('hide');
        } else {
          var $new = $($.parseHTML($.trim(html))).find('form.xloud-manage-access');
          $form.replaceWith($new);
          init($new);
          $modal.scrollTop(0);
          $new.find('.alert').first().trigger('focus');
        }
      }).fail(function (jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        freeze(false);
        showConfirm();
        $confirm.children('.fa-spinner').remove();
        // Django counts the fields of a form before it looks at any (DATA_UPLOAD_MAX_NUMBER_FIELDS).
        horizon.xloud.fail($form.find('.modal-body'), jqXHR.status === 400 ?
          gettext('Nothing was changed: these are more changes than the dashboard takes at ' +
            'once. Take some of them back, and confirm the others first.') :
          gettext('The dashboard did not answer, ' +
            'so it is not known what was changed. Your selection is kept; Confirm can be ' +
            'pressed again.')).trigger('focus');
      });
    }
  }

  /* The dialog came in answer to Create Image: the list below does not have the image yet. */
  function reloadWhenClosed($modal) {
    $modal.on('hidden.bs.modal', function () { window.location.reload(); });
  }
})(jQuery);
