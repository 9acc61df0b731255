/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared Images: hints that load after the rows, and Reject for all pending images of one owner on
 * a page.
 */
(function ($) {
  'use strict';

  horizon.addInitFunction(function () {
    $('[data-hints-url]').each(function () { ask($(this)); });
    nameBoxes();
  });
  $(document).on('click', '[data-role=reject-pending]', rejectPending);

  function rows() {
    return $('#shared_images tbody tr[data-access]');
  }

  /* Horizon's boxes do not name what they tick. */
  function nameBoxes() {
    $('#shared_images .multi-select-header').attr('aria-label', gettext('All on this page'));
    rows().each(function () {
      $(this).find(':checkbox').attr('aria-label', $(this).attr('data-image-name'));
    });
  }

  function ask($page) {
    function values(attribute, $rows) {
      return $rows.map(function () { return $(this).attr(attribute); }).get();
    }
    $.ajax($page.attr('data-hints-url'), {
      method: 'POST',
      traditional: true,
      data: {
        owner: values('data-owner', rows().filter('[data-access=pending]')),
        name: values('data-image-name', rows()),
        csrfmiddlewaretoken: $page.find('[name=csrfmiddlewaretoken]').first().val()
      }
    }).done(function (hints) {
      if (!hints) { return; } // 204
      showCounts($page, hints.counts || {});
      rows().each(function () { mark($(this), hints); });
    });
  }

  function showCounts($page, counts) {
    $page.find('[data-role=count]').each(function () {
      var found = counts[$(this).attr('data-status')];
      $(this).text(found ? '(' + found.count + (found.more ? '+' : '') + ')' : '');
    });
  }

  function mark($row, hints) {
    var owner = $row.attr('data-owner');
    var name = $row.attr('data-image-name'); // any text, such as "constructor"
    var ofName = Object.prototype.hasOwnProperty.call(hints.public || {}, name) ?
      hints.public[name] : [];
    var others = ofName.filter(function (other) { return other !== owner; });
    var isTrusted = $row.is('[data-trusted]');
    var isFirst = !isTrusted && $row.attr('data-access') === 'pending' &&
      (hints.first || []).indexOf(owner) >= 0;
    if (others.length && !isTrusted) {
      add($row, gettext('A public image has this name'),
        gettext('Another project owns the public image: make sure which one you want.'));
    }
    if (isFirst) {
      add($row, gettext('First share from this project'),
        gettext('Nothing that this project shares was accepted before.'));
    }
  }

  function add($row, text, why) {
    $('<span class="xloud-fact xloud-mark">').attr('title', why).text(text)
      .appendTo($row.find('td').has('a').first());
  }

  /* Horizon's own button asks first and lists the names. */
  function rejectPending() {
    rows().each(function () {
      $(this).find(':checkbox').prop('checked', $(this).is('[data-access=pending]'))
        .trigger('change');
    });
    $('#shared_images__action_reject, #shared_images [name=action][value=shared_images__reject]')
      .first().trigger('click');
  }
})(jQuery);
