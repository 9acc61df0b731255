/* SPDX-License-Identifier: Apache-2.0 */
/* The list of changes below the project table, and the line that counts them. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {changeList: changeList, summary: summary});

  /* taken: is called with the changes that are taken back in the list. */
  function changeList($container, selection, taken) {
    var rules = horizon.xloud.selection;
    var isOpen = false;
    var $list = part('changes');

    $list.on('click', '[data-role=take-back]', takeBack);
    part('more-changes').on('click', open);
    part('undo').on('click', undoAll);

    return {show: show};

    function part(role) {
      return $container.find('[data-role=' + role + ']');
    }

    function show() {
      var changes = selection.all();
      var labels = rules.labels(changes);
      var shown = isOpen ? changes.length : Math.min(changes.length, rules.FOLDED);
      var more = changes.length - shown;
      var focused = $list.find(':focus').closest('li').data('change');
      $list.empty();
      changes.slice(0, shown).forEach(function (change, index) {
        $list.append(entry(change, labels[index]));
      });
      $list.children().filter(function () { return $(this).data('change') === focused; })
        .find('[data-role=take-back]').trigger('focus');
      part('more-changes').attr('aria-expanded', String(isOpen))
        .prop('hidden', changes.length <= rules.FOLDED)
        .text(isOpen ? gettext('Show fewer') : interpolate(gettext('and %s more'), [more]));
      part('undo').prop('hidden', !changes.length);
    }

    function entry(change, label) {
      var $entry = $(part('change').prop('content')).children().first().clone();
      $entry.attr('data-verb', change.verb).data('change', change.id);
      $entry.find('[data-role=sign]').text(rules.SIGNS[change.verb]);
      var $name = $entry.find('[data-role=name]').attr('title', label);
      // The end of a long name is an element of its own, which is not cut off.
      rules.pieces(label).forEach(function (piece) { $('<span>').text(piece).appendTo($name); });
      var $reason = $entry.find('[data-role=reason]');
      if (change.reason) {
        $reason.text(change.reason).attr('title', change.why);
      } else {
        $reason.remove();
      }
      var $button = $entry.find('[data-role=take-back]');
      $button.attr('aria-label', $button.attr('data-label') + ' ' + label);
      return $entry;
    }

    function open() {
      isOpen = !isOpen;
      show();
    }

    /* Moves the focus to the next change, or to the list itself. */
    function takeBack() {
      var $entry = $(this).closest('li');
      var index = $entry.index();
      var change = selection.get($entry.data('change'));
      selection.forget(change.id);
      taken([change]);
      var $buttons = $list.find('[data-role=take-back]');
      var $next = $buttons.eq(Math.min(index, $buttons.length - 1));
      ($next.length ? $next : $container.find('.xloud-changes')).trigger('focus');
    }

    function undoAll() {
      var all = selection.all();
      selection.clear();
      taken(all);
      $container.find('.xloud-changes').trigger('focus');
    }
  }

  /* Returns the current and the future state, in one line. */
  function summary(counts) {
    if (counts.isNew) {
      return interpolate(
        ngettext('%(count)s project selected', '%(count)s projects selected', counts.added),
        {count: counts.added},
        true
      ) + quota(counts);
    }
    var then = counts.now + counts.added - counts.removed;
    var changes = [];
    if (counts.added) { changes.push('+' + counts.added); }
    if (counts.removed) { changes.push('−' + counts.removed); }
    var text = interpolate(
      ngettext('%(now)s project now', '%(now)s projects now', counts.now), {now: counts.now}, true
    );
    if (changes.length) {
      text += ' → ' + then + ' (' + changes.join(' ') + ')';
    }
    if (counts.accepted) {
      text += ', ' + interpolate(gettext('%s accepted for'), [counts.accepted]);
    }
    if (counts.asked) {
      text += ', ' + interpolate(gettext('%s asked again'), [counts.asked]);
    }
    return text + quota(counts);
  }

  function quota(counts) {
    if (!counts.quota) { return ''; }
    var text = ', ' + interpolate(gettext('quota %s'), [counts.quota]);
    if (counts.over) {
      text += ': ' + interpolate(
        ngettext('%s too many', '%s too many', counts.over), [counts.over]
      );
    }
    return text;
  }
})(jQuery);
