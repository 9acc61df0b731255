/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access File: checks a chosen or pasted file slice by slice, and shows it as a plan
 * (plan-sheet.js). The input stays, whatever the result.
 */
(function ($) {
  'use strict';

  var MOST_SHOWN = 500; // findings
  var MOST_KEPT = 1000000; // characters of a text
  // Dropped at logout with the results of scans, and when another user logs in (log-in-again.js).
  var KEPT = 'xloud_images_panel:scan:file';

  horizon.addInitFunction(function () {
    $('.xloud-access-file').each(function () { start($(this)); });
  });

  function start($page) {
    var plan = horizon.xloud.plan($page.find('.xloud-plan')[0]);
    var work = null;
    var waiting = null; // the current request
    var isOver = true; // the page may unload without a question

    part('form').on('submit', check);
    part('chosen').on('change', showChosen);
    part('clear').on('click', function () {
      part('chosen').val('');
      showChosen();
      part('text').trigger('focus');
    });
    part('stop').on('click', function () {
      stop();
      part('why').text(gettext('Stopped. Nothing was changed.'));
      showFailure('', true);
    });
    part('continue').on('click', goOn);
    part('back').on('click', back);
    $page.on('xloud:plan-review', function () { showForm(false); });
    $page.on('xloud:plan-back', back);
    $page.on('xloud:plan-state', function (event, state) {
      isOver = true;
      part('findings').prop('hidden', true);
      part('again').prop('hidden', state !== 'ended' && state !== 'halted');
    });
    part('text').on('input', function () { isOver = !this.value; });
    horizon.xloud.askBeforeUnload(function () { return !isOver; });
    $(window).on('pagehide.xloudScan', keep);
    restoreKept();
    showChosen(); // the browser may restore it on going back
    plan.offerKept();

    function part(role) {
      return $page.find('[data-role=file-' + role + ']');
    }

    function showChosen() {
      var isFile = part('chosen')[0].files.length > 0;
      part('text').prop('disabled', isFile);
      part('clear').prop('hidden', !isFile);
    }

    // -- text storage in the tab, for a reload or the login page

    function whose() {
      return {
        user: $page.find('.xloud-plan').attr('data-user'), region: $page.attr('data-region')
      };
    }

    function keep() {
      var text = part('text').val();
      try {
        window.sessionStorage.removeItem(KEPT);
        if (text && text.length <= MOST_KEPT) {
          window.sessionStorage.setItem(KEPT, JSON.stringify(
            $.extend(whose(), {text: text, at: Date.now()})
          ));
        }
      } catch {
        // Storage is full or forbidden: nothing can be restored.
      }
    }

    function restoreKept() {
      try {
        var kept = JSON.parse(window.sessionStorage.getItem(KEPT));
        if (kept && kept.user === whose().user && kept.region === whose().region) {
          part('text').val(kept.text).trigger('input');
        }
      } catch {
        // Storage is forbidden: nothing was kept.
      }
    }

    function showForm(isShown) {
      part('form').prop('hidden', !isShown);
      part('again').prop('hidden', true);
    }

    function back() {
      showForm(true);
      $page.find('[data-role=plan-run]').prop('hidden', true);
      part('check').trigger('focus');
    }

    // -- reading

    function check(event) {
      event.preventDefault();
      var file = part('chosen')[0].files[0];
      var content = file || new Blob([part('text').val()]);
      stop();
      work = null;
      showFindings([], '', '');
      part('nothing').prop('hidden', true);
      if (!content.size) {
        showProblem(file ? gettext('The file is empty.') :
          gettext('Choose a file, or paste its text.'));
        return;
      }
      if (content.size > Number($page.attr('data-most-bytes'))) {
        showProblem(interpolate(gettext('The file has more than %s MB.'),
          [Number($page.attr('data-most-bytes')) / 1000000]));
        return;
      }
      send(horizon.xloud.post($page.attr('data-read-url'), $page, {
        made_for_region: $page.attr('data-region'), file: content
      }), function (answer) {
        if (answer.findings) {
          stop();
          showFindings(answer.findings, gettext('The file cannot be used. Nothing was changed.'), '');
          part('headline').trigger('focus');
          return;
        }
        work = horizon.xloud.accessFile.create(answer.images);
        goOn();
      });
      showProgress();
    }

    function showProblem(why) {
      part('why').text(why);
      showFailure('', false);
    }

    /* Sends a request. A later one replaces it. */
    function send(request, done) {
      part('failed').prop('hidden', true);
      waiting = request;
      request.done(function (answer, status, jqXHR) {
        if (request !== waiting) { return; }
        if (answer.failed || answer.refused || horizon.xloud.loginPage(jqXHR)) {
          fail(answer.failed || answer.refused, jqXHR);
        } else {
          done(answer);
        }
      }).fail(function (jqXHR) {
        if (request === waiting) { fail('', jqXHR); }
      });
    }

    function fail(why, jqXHR) {
      var login = horizon.xloud.loginPage(jqXHR);
      stop();
      if (work && work.next()) { work.failed(work.next()); }
      part('why').text(login ? gettext('Your session has ended. Nothing was changed, and what you ' +
        'have chosen is kept: log in again in another tab, and go on here.') : why ||
        gettext('The dashboard did not answer, perhaps because the file could not be read any ' +
          'more. Nothing was changed.'));
      showFailure(login, Boolean(work));
    }

    function showFailure(login, mayContinue) {
      part('log-in').attr('href', login || '#').prop('hidden', !login);
      part('continue').prop('hidden', !mayContinue || !work);
      part('failed').prop('hidden', false);
    }

    function stop() {
      var before = waiting;
      waiting = null;
      if (before) { before.abort(); }
      part('working').prop('hidden', true);
      part('check').prop('disabled', false);
    }

    // -- lookups and comparison

    function goOn() {
      var asked = work.next();
      if (!asked) {
        stop();
        showPlan();
        return;
      }
      send(horizon.xloud.postJson(
        $page.attr(asked.what === 'compare' ? 'data-compare-url' : 'data-look-up-url'), $page,
        $.extend({region: $page.attr('data-region')}, asked.content)
      ), function (answer) {
        work.take(asked, answer);
        if (work.isIdle()) {
          fail(gettext('The services are so slow that nothing is done in the time that there is. ' +
            'Try again later.'), null);
        } else {
          goOn();
        }
      });
      showProgress(asked.what);
    }

    function showProgress(what) {
      var counts = work ? work.counts() : null;
      var told = {
        images: gettext('Looking up images'),
        projects: gettext('Looking up projects'),
        rules: gettext('Looking up the projects of domains and tags'),
        compare: gettext('Comparing with the access that there is')
      }[what] || gettext('Reading the file');
      if (counts) {
        part('bar').attr({max: counts.all || 1, value: counts.done});
      } else {
        part('bar').removeAttr('value');
      }
      part('told').text(told);
      part('working').prop('hidden', false);
      part('check').prop('disabled', true);
    }

    // -- result

    function showPlan() {
      var found = work.findings();
      var made = work.plan();
      showFindings(found, headline(found), gettext('Not done:'));
      if (made.changes.length) {
        plan.review({
          accept: part('form').find('[name=accept]').prop('checked'),
          changes: made.changes,
          names: made.names
        });
        return;
      }
      part('nothing').prop('hidden', found.some(isError));
      part(found.length ? 'headline' : 'check').trigger('focus');
    }

    function isError(finding) {
      return finding.severity === 'error';
    }

    function headline(found) {
      var errors = found.filter(isError).length;
      var others = found.length - errors;
      var words = [];
      if (errors) {
        words.push(interpolate(ngettext('%s line cannot be carried out',
          '%s lines cannot be carried out', errors), [errors]));
      }
      if (others) {
        words.push(interpolate(ngettext('%s remark', '%s remarks', others), [others]));
      }
      return words.join(', ');
    }

    /* text: the headline above them; mark: the text before each error */
    function showFindings(found, text, mark) {
      var $rows = part('findings').find('tbody').empty();
      part('headline').text(text);
      found.slice(0, MOST_SHOWN).forEach(function (finding) {
        var $why = $('<td>');
        if (isError(finding) && mark) {
          $why.append($('<strong class="text-danger">').text(mark), ' ');
        }
        $why.append(document.createTextNode(finding.why));
        $('<tr>').append($('<td>').text(finding.line || '–'),
          $('<td>').append($('<bdi>').text(finding.text || '–')), $why).appendTo($rows);
      });
      if (found.length > MOST_SHOWN) {
        $('<tr>').append($('<td colspan="3">').text(
          interpolate(gettext('and %s more'), [found.length - MOST_SHOWN])
        )).appendTo($rows);
      }
      part('findings').prop('hidden', !found.length);
    }
  }
})(jQuery);
