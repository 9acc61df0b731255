/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running plan: sends slice by slice, shows its progress in the bar, and offers Stop, Continue
 * and, at the end, a receipt with Undo.
 *
 * The tab's own storage keeps the rest of a plan, IDs only, for the same user, project and region.
 * Closing the tab, or a reload, stops after the current slice, and the page offers to continue. The
 * rest is dropped at logout, after a day, and when another user logs in (log-in-again.js).
 */
(function ($) {
  'use strict';

  var PLAN = 'xloud_images_panel:plan:';
  var PAUSE = 1000; // milliseconds before the only retry of an unanswered slice
  var SAID_EVERY = 5000; // milliseconds between two announcements
  var MOST_NAMED = 10; // projects per reason
  var MOST_IDLE = 3; // slices without progress

  horizon.xloud = $.extend(horizon.xloud, {planRunner: planRunner});

  /*
   * Returns the runner of a .xloud-plan: {start(plan), startUndo(kept), kept(), drop()}.
   *
   * plan: {accept, changes, names: {images: by ID, projects: by ID}, receipts: those from before a
   *   reload}
   */
  function planRunner($plan) {
    var rules = horizon.xloud.planRun;
    var address = PLAN + $plan.attr('data-name');
    var names = {images: Object.create(null), projects: Object.create(null)};
    var run = null; // the plan
    var work = null; // the plan, or its undo
    var state = '';
    var isUnsure = false; // whether the plan may have made changes without a receipt
    var isSecondTry = false;
    var idle = 0;
    var saidAt = 0;

    part('run-stop').on('click', function () { state = 'stopping'; show(); });
    part('run-continue').on('click', goOn);
    part('run-retry').on('click', function () { work.retry(); goOn(); });
    part('run-undo').on('click', undo);
    part('run-log-in').on('click', logIn);

    return {drop: drop, kept: kept, start: start, startUndo: startUndo};

    function part(role) {
      return $plan.find('[data-role=' + role + ']');
    }

    function start(plan) {
      names = plan.names;
      run = work = rules.create(plan);
      part('plan-run').prop('hidden', false);
      goOn();
    }

    function undo() {
      isUnsure = run.isUnsure();
      work = rules.createUndo(run.receipts());
      goOn();
    }

    /* Continues an undo that a reload has ended. */
    function startUndo(left) {
      run = null;
      isUnsure = left.isUnsure;
      work = rules.createUndo(left.undo);
      part('plan-run').prop('hidden', false);
      goOn();
    }

    function goOn() {
      horizon.xloud.askBeforeUnload(isUnderWay);
      part('run-halted').prop('hidden', true);
      part('run-receipt').prop('hidden', true); // its text and its Undo are outdated
      state = 'running';
      idle = 0;
      isSecondTry = false;
      saidAt = 0;
      step();
      part('run-stop').trigger('focus');
    }

    function isUnderWay() {
      return state === 'running' || state === 'stopping';
    }

    function isUndo() {
      return work !== run;
    }

    /* pause: milliseconds before the next slice, during which Stop works */
    function step(pause) {
      keep();
      var asked = work.next();
      if (!asked) {
        end();
      } else if (state === 'stopping') {
        halt(gettext('Stopped. Continue goes on with what is left.'));
      } else if (pause) {
        setTimeout(step, pause);
        show();
      } else {
        send(asked);
        show();
      }
    }

    function send(asked) {
      $.ajax({
        type: 'POST',
        url: $plan.attr(isUndo() ? 'data-undo-url' : 'data-slice-url'),
        contentType: 'application/json',
        dataType: 'json',
        headers: {'X-CSRFToken': $plan.find('[name=csrfmiddlewaretoken]').val()},
        data: JSON.stringify($.extend({region: $plan.attr('data-region')}, asked))
      }).done(take).fail(noAnswer);
    }

    function take(answer) {
      isSecondTry = false;
      if (answer.refused) {
        halt(answer.refused);
        return;
      }
      idle = work.take(answer) ? 0 : idle + 1;
      if (answer.log_in) {
        haltForLogin(answer.log_in);
      } else if (idle === MOST_IDLE) {
        halt(gettext('The services are so slow that nothing is done in the time that there is. ' +
          'Try again later.'));
      } else {
        step(answer.pause);
      }
    }

    /* Retries once: if a node has stopped, another one may answer. */
    function noAnswer(jqXHR) {
      var loginPage = jqXHR.getResponseHeader('X-Horizon-Location');
      if (!loginPage && !isUndo()) { run.unanswered(); }
      if (loginPage) { // with 401, or with 200 by older releases of Horizon
        haltForLogin(loginPage);
      } else if (!isSecondTry) {
        isSecondTry = true;
        setTimeout(step, PAUSE);
      } else {
        halt(gettext('The dashboard did not answer, so it is not known what was done of the part ' +
          'that was under way. Continue sends it again, which does no harm where it was done.'));
      }
    }

    function halt(why) {
      keep();
      state = 'halted';
      part('run-halted').prop('hidden', false);
      part('run-why').text(why);
      part('run-log-in').prop('hidden', true);
      show();
      part('run-continue').trigger('focus');
    }

    function haltForLogin(loginPage) {
      halt(gettext('Your session has ended. What is left is kept: log in again, and continue.'));
      part('run-log-in').attr('href', loginPage).prop('hidden', false).trigger('focus');
    }

    function logIn(event) {
      event.preventDefault();
      horizon.xloud.logIn($(this).attr('href'), window.location.pathname + window.location.search);
    }

    function end() {
      state = 'ended';
      horizon.xloud.mayUnload();
      show();
      showReceipt();
    }

    // -- display

    function show() {
      var counts = work.counts();
      var percent = counts.total ?
        Math.round(100 * (counts.total - counts.left) / counts.total) : 100;
      part('run-bar').css('width', percent + '%').attr('aria-valuenow', percent);
      part('run-counts').text(said(counts));
      part('run-stop').prop('hidden', !isUnderWay()).prop('disabled', state === 'stopping');
      part('run-continue').prop('hidden', state !== 'halted');
      part('run-retry').prop('hidden', isUnderWay() || !work.canRetry());
      showFailures();
      if (!isUnderWay() || Date.now() - saidAt > SAID_EVERY) {
        saidAt = Date.now();
        part('run-said').text(said(counts));
      }
      $plan.trigger('xloud:plan-state', [state]);
    }

    function said(counts) {
      var text = interpolate(isUndo() ?
        gettext('%(done)s of %(total)s parts undone') : gettext('%(done)s of %(total)s done'),
      counts, true);
      if (counts.failed) {
        text += ', ' + interpolate(
          ngettext('%s failed', '%s failed', counts.failed), [counts.failed]
        );
      }
      return text;
    }

    function showFailures() {
      var $list = part('run-failures').empty();
      work.failures().forEach(function (reason) {
        var named = reason.cells.slice(0, MOST_NAMED).map(nameOf);
        var more = reason.cells.length - named.length;
        var $reason = $('<li class="alert alert-danger">').appendTo($list);
        $('<strong>').text(interpolate(
          ngettext('%(count)s was not done: %(why)s', '%(count)s were not done: %(why)s',
            reason.cells.length), {count: reason.cells.length, why: reason.why}, true
        )).appendTo($reason);
        var $cells = $('<ul>').appendTo($reason);
        named.forEach(function (name) { $('<li>').append($('<bdi>').text(name)).appendTo($cells); });
        if (more) { $('<li>').text(interpolate(gettext('and %s more'), [more])).appendTo($cells); }
      });
    }

    function nameOf(cell) {
      return (names.images[cell.image] || cell.image) + ': ' +
        (names.projects[cell.project] || cell.project);
    }

    function showReceipt() {
      var counts = work.counts();
      part('run-headline').text(isUndo() ? undone(counts) : headline(counts));
      part('run-images').empty();
      if (!isUndo()) { run.results().forEach(showImage); }
      part('run-undo').prop('hidden', isUndo() || !run.receipts().length);
      part('run-receipt').prop('hidden', false)
        .toggleClass('alert-success', !counts.failed).toggleClass('alert-warning', counts.failed > 0)
        .trigger('focus');
      part('run-said').text(part('run-headline').text());
    }

    function headline(counts) {
      var totals = {};
      var unchanged = 0;
      var maybe = 0;
      run.results().forEach(function (result) {
        unchanged += result.unchanged;
        maybe += result.maybe;
        Object.keys(result.done).forEach(function (verb) {
          totals[verb] = (totals[verb] || 0) + result.done[verb];
        });
      });
      return sentence(totals, unchanged, maybe, counts.failed) + '.';
    }

    function undone(counts) {
      if (counts.failed) { return gettext('Undone, but for what is below.'); }
      return isUnsure ?
        gettext('Undone, but for changes by a part whose answer did not arrive, if it made any.') :
        gettext('Undone: the access is as it was before.');
    }

    function showImage(result) {
      var text = sentence(result.done, result.unchanged, result.maybe, result.failed);
      var $image = $('<li>').append($('<bdi>').text(names.images[result.image] || result.image));
      $image.append(document.createTextNode(': ' + text)).appendTo(part('run-images'));
      result.notes.forEach(function (cell) {
        $('<div>').append($('<bdi>').text(names.projects[cell.project] || cell.project))
          .append(document.createTextNode(': ' + cell.note)).appendTo($image);
      });
    }

    function sentence(done, unchanged, maybe, failed) {
      var words = [
        [done.add, gettext('%s added')], [done.remove, gettext('%s removed')],
        [done['accept-for'], gettext('%s accepted for')], [done['ask-again'], gettext('%s asked again')],
        [unchanged, gettext('%s as it was')],
        [maybe, gettext('%s perhaps done by a part whose answer did not arrive')],
        [failed, gettext('%s failed')]
      ];
      return words.filter(function (word) { return word[0]; }).map(function (word) {
        return interpolate(word[1], [word[0]]);
      }).join(', ') || gettext('nothing changed');
    }

    // -- storage

    function whose() {
      return {
        user: $plan.attr('data-user'),
        project: $plan.attr('data-project'),
        region: $plan.attr('data-region')
      };
    }

    function keep() {
      var left = isUndo() ? {undo: work.kept(), isUnsure: isUnsure} : run.kept();
      try {
        if ((left.undo || left.changes).length) {
          window.sessionStorage.setItem(address, JSON.stringify($.extend(
            {at: Date.now()}, whose(), left
          )));
        } else {
          drop();
        }
      } catch {
        // Storage is full or forbidden: a reload ends the plan.
      }
    }

    /*
     * Returns the rest of this page's earlier work, null if there is none: a plan,
     * {accept, changes, receipts}, or an undo, {undo: receipts, isUnsure}.
     */
    function kept() {
      var found = null;
      try {
        found = JSON.parse(window.sessionStorage.getItem(address));
      } catch {
        return null;
      }
      if (found && !rules.isFresh(found, whose(), Date.now())) {
        drop();
        return null;
      }
      return found;
    }

    function drop() {
      try {
        window.sessionStorage.removeItem(address);
      } catch {
        // Storage is forbidden: nothing was kept.
      }
    }
  }
})(jQuery);
