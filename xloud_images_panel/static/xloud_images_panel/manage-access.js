/*
 * The dialog Manage Access: searching and paging projects, and a selection that
 * survives both. What Confirm will do is kept in the form as hidden inputs, one
 * for each project that is added or removed, inside the label that shows it.
 */
(function ($) {
  'use strict';

  var TYPING_PAUSE = 300; // milliseconds after the last key until Keystone is asked

  horizon.addInitFunction(function () {
    $('form.xloud-manage-access').each(function () { init($(this)); });
    horizon.modals.addModalInitFunction(function (modal) {
      $(modal).find('form.xloud-manage-access').each(function () { init($(this)); });
    });
  });

  function init($form) {
    var cursors = [''];
    var request = null;
    var typing = null;
    var $search = part('search');
    var $domain = part('domain');
    var $table = part('projects');

    $search.on('input', searchSoon).on('keydown', searchAtOnce);
    $domain.on('change', function () { load(['']); });
    part('next').on('click', function () { load(cursors.concat(nextCursor())); });
    part('previous').on('click', function () { load(cursors.slice(0, -1)); });
    part('undo').on('click', undoAll);
    $table.on('change', ':checkbox', toggle);
    part('changes').on('click', '[data-role=take-back]', takeBack);
    $form.on('submit', submit);
    showRows();
    showSummary();
    $search.trigger('focus');

    function part(role) {
      return $form.find('[data-role=' + role + ']');
    }

    // -- searching and paging

    function searchSoon() {
      clearTimeout(typing);
      typing = setTimeout(function () { load(['']); }, TYPING_PAUSE);
    }

    function searchAtOnce(event) {
      if (event.key === 'Enter') {
        event.preventDefault(); // Enter would confirm
        clearTimeout(typing);
        load(['']);
      }
    }

    /* Shows the page that the last of the cursors names; the others lead back. */
    function load(wanted) {
      if (request) {
        request.abort();
      }
      part('busy').prop('hidden', false);
      var current = request = $.get($form.data('projects-url'), {
        cursor: wanted[wanted.length - 1],
        search: $.trim($search.val()),
        domain_id: $domain.val() || ''
      });
      current.done(function (html, status, jqXHR) {
        if (leave(jqXHR)) { return; }
        cursors = wanted;
        $table.children('tbody').replaceWith($.parseHTML($.trim(html)));
        showRows();
        $table.parent().scrollTop(0);
      });
      current.fail(function (jqXHR) {
        if (jqXHR.statusText === 'abort' || leave(jqXHR)) { return; }
        fail(gettext('The projects could not be loaded: the dashboard did not answer. ' +
          'Your selection is kept.'));
      });
      current.always(function () {
        if (request === current) {
          request = null;
          part('busy').prop('hidden', true);
        }
      });
    }

    function nextCursor() {
      return $table.children('tbody').attr('data-cursor');
    }

    function showRows() {
      part('next').prop('disabled', !nextCursor());
      part('previous').prop('disabled', cursors.length < 2);
      $table.find('tr[data-project]').each(function () {
        var $row = $(this);
        var verb = changeOf($row.attr('data-project')).attr('data-verb');
        if (verb) {
          $row.find(':checkbox').prop('checked', verb === 'add');
        }
        showChanged($row, verb);
      });
    }

    function showChanged($row, verb) {
      $row.toggleClass('success', verb === 'add').toggleClass('danger', verb === 'remove');
    }

    function rowOf(id) {
      return $table.find('tr[data-project]').filter(function () {
        return $(this).attr('data-project') === id;
      });
    }

    // -- the selection

    function changeOf(id) {
      return part('changes').children().filter(function () {
        return $(this).children('input').val() === id;
      });
    }

    function toggle() {
      var $row = $(this).closest('tr');
      var id = $row.attr('data-project');
      var isMember = $row.is('[data-member]');
      changeOf(id).remove();
      if (this.checked !== isMember) {
        addChange(isMember ? 'remove' : 'add', id, $row.attr('data-name'));
      }
      showChanged($row, changeOf(id).attr('data-verb'));
      showSummary();
    }

    function addChange(verb, id, name) {
      var $change = $(part('change').prop('content')).children().first().clone();
      var $button = $change.find('[data-role=take-back]');
      $change.attr('data-verb', verb);
      $change.children('input').attr('name', verb).val(id);
      $change.find('[data-role=name]').text(name);
      $button.attr('aria-label', $button.attr('aria-label') + name);
      if (verb === 'remove') {
        $change.find('.label').removeClass('label-success').addClass('label-danger');
        $change.find('[data-role=sign]').text('−');
      }
      part('changes').append($change);
    }

    function takeBack() {
      forget($(this).closest('li'));
      showSummary();
      $search.trigger('focus');
    }

    function undoAll() {
      part('changes').children().each(function () { forget($(this)); });
      showSummary();
      $search.trigger('focus');
    }

    function forget($change) {
      var $row = rowOf($change.children('input').val());
      $change.remove();
      $row.find(':checkbox').prop('checked', $row.is('[data-member]'));
      showChanged($row);
    }

    function showSummary() {
      var added = part('changes').children('[data-verb=add]').length;
      var removed = part('changes').children('[data-verb=remove]').length;
      part('summary').text(interpolate(
        gettext('%(selected)s selected: %(added)s to add, %(removed)s to remove'),
        {selected: $form.data('members') + added - removed, added: added, removed: removed},
        true
      ));
      part('undo').prop('hidden', !(added + removed));
      $form.find(':submit').prop('disabled', !(added + removed));
    }

    // -- Confirm

    /* Horizon's own handler would take the dialog away before there is an answer,
       and the selection with it when there is none. */
    function submit(event) {
      var $modal = $form.closest('.modal');
      var $confirm = $form.find(':submit');
      if ($confirm.prop('disabled')) {
        event.preventDefault();
        return;
      }
      if (!$modal.length) { return; }
      event.preventDefault();
      event.stopPropagation();
      $confirm.prop('disabled', true).prepend('<span class="fa fa-spinner fa-spin"></span> ');
      $.post($form.attr('action'), $form.serialize()).done(function (html, status, jqXHR) {
        if (leave(jqXHR)) { return; }
        if (jqXHR.status === 204) {
          $modal.modal('hide');
        } else {
          var $dialog = $($.parseHTML($.trim(html))).find('.modal-content');
          $modal.find('.modal-content').replaceWith($dialog);
          init($dialog.find('form.xloud-manage-access'));
          $modal.scrollTop(0).find('.alert').first().trigger('focus');
        }
      }).fail(function (jqXHR) {
        if (leave(jqXHR)) { return; }
        $confirm.prop('disabled', false).children('.fa-spinner').remove();
        fail(gettext('The dashboard did not answer, so it is not known what was changed. ' +
          'Your selection is kept; Confirm can be pressed again.'));
      });
    }

    /* Horizon names another page when the session has ended. */
    function leave(jqXHR) {
      var url = jqXHR.getResponseHeader('X-Horizon-Location');
      if (url) {
        window.location.href = url;
      }
      return Boolean(url);
    }

    function fail(message) {
      $form.find('.xloud-failure').remove();
      $('<div class="alert alert-danger xloud-failure" role="alert" tabindex="-1">')
        .text(message).prependTo($form.find('.modal-body')).trigger('focus');
    }
  }
})(jQuery);
