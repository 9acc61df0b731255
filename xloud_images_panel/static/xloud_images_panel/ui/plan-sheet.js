/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sheet of a plan: the additions and removals of each image, with the quota before and after.
 * Users can take out each change. The sheet is based on the current access, so it omits changes
 * already made by this plan before a reload or by another user.
 */
(function ($) {
  'use strict';

  var AT_ONCE = 20; // images per request, as the server accepts them
  var MOST_CELLS = 900; // and changes per request
  var MOST_OPEN = 200; // with more changes, all images start closed

  horizon.xloud = $.extend(horizon.xloud, {plan: plan, planTally: planTally});

  /* Returns a plan's changes in one line. tally: the result of the model's tally(). */
  function planTally(tally) {
    if (!tally.projects) { return gettext('Nothing changes.'); }
    var parts = [
      [tally.add, gettext('%s to add')], [tally.remove, gettext('%s to remove')],
      [tally['accept-for'], gettext('%s to accept for')], [tally['ask-again'], gettext('%s to ask again')]
    ].filter(function (part) { return part[0]; }).map(function (part) {
      return interpolate(part[1], [part[0]]);
    });
    return interpolate(gettext('%(projects)s on %(images)s: %(changes)s'), {
      projects: interpolate(ngettext('%s project', '%s projects', tally.projects), [tally.projects]),
      images: interpolate(ngettext('%s image', '%s images', tally.images), [tally.images]),
      changes: parts.join(', ')
    }, true);
  }

  /*
   * Starts a .xloud-plan, and returns {review(plan), offerKept()}. Triggers "xloud:plan-review",
   * "xloud:plan-cells" with the sheet's current cells, and "xloud:plan-back" when the user goes
   * back to the source of the plan.
   *
   * plan: {accept, changes, names: {images: by ID, projects: by ID}}
   */
  function plan(element) {
    var $plan = $(element);
    var rules = horizon.xloud.planRun;
    var runner = horizon.xloud.planRunner($plan);
    var removals = horizon.xloud.planRemovals($plan, allow);
    var wanted = null;
    var cells = [];
    var sorted = {}; // the same cells, by image
    var unreadable = []; // cells of images that could not be read, with the reason
    var images = [];
    var quota = 0;
    var opener = null; // had the focus before the sheet

    part('plan-back').on('click', back);
    part('plan-confirm').on('click', confirm);
    offer('plan-resume').on('click', resume);
    offer('plan-drop').on('click', function () {
      runner.drop();
      offer('plan-kept').prop('hidden', true);
    });
    part('plan-images').on('click', '[data-role=plan-take-out]', takeOut);
    // `toggle` does not bubble.
    part('plan-images')[0].addEventListener('toggle', function (event) { fill($(event.target)); }, true);

    return {offerKept: offerKept, review: review};

    function part(role) {
      return $plan.find('[data-role=' + role + ']');
    }

    /* Returns a part of the offer to continue, which is above the page's own content. */
    function offer(role) {
      return $plan.parent().find('[data-role=' + role + ']');
    }

    function offerKept() {
      var kept = runner.kept();
      if (!kept) { return; }
      var count = kept.undo ? kept.undo.length : rules.cellsOf(kept.changes).length;
      offer('plan-kept-said').text(interpolate(kept.undo ?
        ngettext('%s part is left of an undo.', '%s parts are left of an undo.', count) :
        ngettext(
          '%s change is left of what was begun here.', '%s changes are left of what was begun here.',
          count
        ), [count]));
      offer('plan-kept').prop('hidden', false);
    }

    function resume() {
      var kept = runner.kept();
      offer('plan-kept').prop('hidden', true);
      if (!kept) { return; } // too old by now
      if (kept.undo) {
        $plan.trigger('xloud:plan-review');
        runner.startUndo(kept);
        return;
      }
      review($.extend(kept, {names: {images: {}, projects: {}}}));
    }

    function back() {
      wanted = null;
      part('plan-sheet').prop('hidden', true);
      $plan.trigger('xloud:plan-back');
      offerKept();
      if ($(opener).is(':visible:enabled')) {
        $(opener).trigger('focus');
      } else {
        horizon.xloud.focusContent();
      }
    }

    function confirm() {
      part('plan-sheet').prop('hidden', true);
      offer('plan-kept').prop('hidden', true);
      runner.start({
        accept: wanted.accept, changes: rules.changesOf(cells), unread: unreadable,
        names: wanted.names, mostRemovals: removals.most(), receipts: wanted.receipts
      });
    }

    // -- reading

    function review(asked) {
      // The ID of a member may be any text, such as "constructor".
      wanted = $.extend({}, asked, {names: {
        images: Object.assign(Object.create(null), asked.names.images),
        projects: Object.assign(Object.create(null), asked.names.projects)
      }});
      cells = [];
      unreadable = [];
      images = [];
      opener = document.activeElement;
      offer('plan-kept').prop('hidden', true);
      part('plan-run').prop('hidden', true); // the receipt of the previous plan, and its Undo
      part('plan-sheet').prop('hidden', false);
      part('plan-images').empty();
      part('plan-unread').prop('hidden', true);
      part('plan-summary').text('');
      removals.show([], wanted.names);
      part('plan-confirm').prop('disabled', true);
      $plan.trigger('xloud:plan-review');
      part('plan-title').trigger('focus');
      read(parts(asked.changes), 0);
    }

    /* Returns the changes in parts that fit a request, each image in one part if possible. */
    function parts(changes) {
      var found = [];
      var current = null;
      byImage(rules.cellsOf(changes)).forEach(function (some) {
        for (var at = 0; at < some.length; at += MOST_CELLS) {
          var piece = some.slice(at, at + MOST_CELLS);
          if (!current || current.images === AT_ONCE ||
              current.cells.length + piece.length > MOST_CELLS) {
            current = {cells: [], images: 0};
            found.push(current);
          }
          current.cells = current.cells.concat(piece);
          current.images += 1;
        }
      });
      return found.map(function (item) { return item.cells; });
    }

    function read(left, number) {
      var asked = wanted;
      if (!left.length) {
        show();
        return;
      }
      part('plan-reading').text(interpolate(gettext('Reading what is there: %s images so far.'),
        [number]));
      $.ajax({
        type: 'POST',
        url: $plan.attr('data-sheet-url'),
        contentType: 'application/json',
        dataType: 'json',
        headers: {'X-CSRFToken': $plan.find('[name=csrfmiddlewaretoken]').val()},
        data: JSON.stringify({
          region: $plan.attr('data-region'),
          accept: wanted.accept,
          changes: rules.changesOf(left[0]),
          unnamed: unnamed(left[0])
        })
      }).done(function (answer) {
        if (asked !== wanted) { return; } // the user has gone back
        if (answer.refused || answer.failed) {
          unread(answer.refused || answer.failed);
          return;
        }
        var again = take(answer, left[0]);
        read(left.slice(1).concat(again.length ? [again] : []), number + answer.images.length);
      }).fail(function (jqXHR) {
        if (asked !== wanted || horizon.xloud.leave(jqXHR)) { return; }
        unread(gettext('The dashboard did not answer. Nothing was changed; go back, and try again.'));
      });
    }

    function unnamed(asked) {
      return Array.from(new Set(asked.map(function (cell) { return cell.project; })))
        .filter(function (id) { return !wanted.names.projects[id]; });
    }

    function unread(why) {
      part('plan-reading').text('');
      part('plan-unread').text(why).prop('hidden', false);
    }

    /* Returns the cells to request again, because there was no time for their images. */
    function take(answer, asked) {
      var again = [];
      $.extend(wanted.names.projects, answer.names);
      quota = answer.quota || 0;
      cells = cells.concat(rules.cellsOf(answer.changes));
      answer.images.forEach(function (image) {
        wanted.names.images[image.id] = image.name || image.id;
        if (!images.some(function (known) { return known.id === image.id; })) { images.push(image); }
      });
      answer.left_out.forEach(function (image) {
        var those = asked.filter(function (cell) { return cell.image === image.id; });
        if (image.again && answer.images.length) {
          again = again.concat(those);
          return;
        }
        images.push($.extend({isLeftOut: true}, image));
        if (image.again) {
          unreadable = unreadable.concat(those.map(function (cell) {
            return $.extend({why: image.why}, cell);
          }));
        }
      });
      return again;
    }

    // -- display

    function show() {
      part('plan-reading').text('');
      var $images = part('plan-images').empty();
      var isOpen = cells.length <= MOST_OPEN;
      images.forEach(function (image) {
        $images.append(image.isLeftOut ? leftOut(image) : entry(image, isOpen));
      });
      showSummary();
    }

    function leftOut(image) {
      return $('<p class="text-danger" data-role="plan-left-out">')
        .append($('<bdi>').text(image.name || image.id))
        .append(document.createTextNode(': ' + image.why));
    }

    function own(image) {
      if (sorted.cells !== cells) { sorted = {cells: cells, byImage: byImage(cells)}; }
      return sorted.byImage.get(image.id) || [];
    }

    function byImage(some) {
      var found = new Map();
      some.forEach(function (cell) {
        if (!found.has(cell.image)) { found.set(cell.image, []); }
        found.get(cell.image).push(cell);
      });
      return found;
    }

    function entry(image, isOpen) {
      var $image = $('<details>').attr('data-image', image.id).data('image', image);
      var $summary = $('<summary>').append($('<bdi class="xloud-plan-name">').text(image.name || image.id));
      $('<small>').append(document.createTextNode(' ')).append($('<bdi>').text(image.owner || '–'))
        .appendTo($summary);
      $('<span data-role="plan-counts">').appendTo($summary);
      $image.append($summary).append('<ul class="list-inline xloud-plan-changes">');
      showCounts($image);
      if (isOpen && own(image).length) {
        $image.prop('open', true);
        fill($image);
      }
      return $image;
    }

    function showCounts($image) {
      var image = $image.data('image');
      var tally = rules.tally(own(image));
      var then = image.projects + tally.add - tally.remove;
      var text = interpolate(ngettext('%s project', '%s projects', image.projects), [image.projects]);
      if (then !== image.projects) { text += ' → ' + then; }
      var changes = [];
      ['add', 'remove', 'accept-for', 'ask-again'].forEach(function (verb) {
        if (tally[verb]) { changes.push(horizon.xloud.selection.SIGNS[verb] + tally[verb]); }
      });
      text += changes.length ? ' (' + changes.join(' ') + ')' : ', ' + gettext('nothing changes');
      if (quota) { text += ', ' + interpolate(gettext('quota %s'), [quota]); }
      var over = horizon.xloud.selection.beyondQuota(tally.add, tally.remove, image.listed, quota);
      var $counts = $image.find('[data-role=plan-counts]').text(' ' + text);
      if (over) {
        $('<strong class="text-danger">').text(': ' + interpolate(
          ngettext('%s too many', '%s too many', over), [over]
        )).appendTo($counts);
      }
    }

    /* A closed image has no list: a hundred images may have a hundred changes each. */
    function fill($image) {
      var image = $image.data('image');
      var $list = $image.find('.xloud-plan-changes');
      if (!image || !$image.prop('open') || $list.children().length) { return; }
      own(image).forEach(function (cell) {
        var name = wanted.names.projects[cell.project] || cell.project;
        var $change = $(part('plan-change').prop('content')).children().first().clone();
        $change.attr('data-verb', cell.verb).data('cell', cell);
        $change.find('[data-role=sign]').text(horizon.xloud.selection.SIGNS[cell.verb]);
        $change.find('[data-role=name]').text(name);
        $change.toggleClass('text-danger', removals.isSaid && cell.verb === 'remove');
        var $button = $change.find('button');
        $button.attr('aria-label', $button.attr('data-label') + ' ' + name);
        $list.append($change, ' ');
      });
    }

    function takeOut() {
      var $change = $(this).closest('li');
      var $image = $change.closest('details');
      var taken = $change.data('cell');
      var $next = $change.next().add($change.prev()).first().find('button');
      cells = cells.filter(function (cell) { return cell !== taken; });
      $change.remove();
      ($next.length ? $next : $image.children('summary')).trigger('focus');
      showCounts($image);
      showSummary();
    }

    function showSummary() {
      part('plan-summary').text(horizon.xloud.planTally(rules.tally(cells)));
      $plan.trigger('xloud:plan-cells', [cells]);
      removals.show(cells, wanted.names);
      allow();
    }

    function allow() {
      part('plan-confirm').prop('disabled', !cells.length || !removals.allowed());
    }
  }
})(jQuery);
