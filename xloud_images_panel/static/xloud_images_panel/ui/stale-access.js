/* SPDX-License-Identifier: Apache-2.0 */
/* Stale Access: lists rows as they are found, and removes ticked ones after a question. */
(function ($) {
  'use strict';

  var SHOWN = 20; // rows that a question names

  horizon.addInitFunction(function () {
    $('.xloud-stale-access').each(function () { start($(this)); });
  });

  function start($page) {
    var rules = horizon.xloud.staleRows;
    var most = Number($page.attr('data-most-removed'));
    var scan = null;
    var ticked = {}; // by row ID
    var failed = {}; // sentences by row ID
    var asked = []; // IDs of the rows that the question is about
    var work = null; // the current removal
    var pager = horizon.xloud.pager($page, draw);
    var filter = horizon.xloud.addressFilter($page.find('form').first(), function () {
      pager.first();
      draw();
    });
    var run = horizon.xloud.runScan($page.find('.xloud-scan'), {
      name: 'stale',
      query: function (ids, of) { return rules.query(ids.map(of.image)); },
      show: function (current) {
        scan = current;
        draw();
      }
    });

    role('tick-all').on('click', function () {
      rules.tickable(found()).forEach(function (row) { ticked[row.id] = true; });
      draw();
    });
    role('tick-page').on('change', function () {
      var isTicked = this.checked;
      var rows = pager.cut(found());
      (isTicked ? rules.tickable(rows) : rows).forEach(function (row) { tick(row.id, isTicked); });
      draw();
    });
    role('stale').on('change', 'tbody :checkbox', function () {
      tick($(this).closest('tr').attr('data-id'), this.checked);
      draw();
    });
    role('review').on('click', ask);
    role('cancel').on('click', function () { close(role('review')); });
    role('question').on('keydown', function (event) {
      if (event.key === 'Escape') { close(role('review')); }
    });
    role('confirm').on('click', remove);
    role('work-stop').on('click', function () {
      if (work) { work.isStopped = true; }
    });
    run.begin();

    function role(name) {
      return $page.find('[data-role=' + name + ']');
    }

    function found() {
      return rules.rows(scan, filter(), failed);
    }

    /* Returns the ticked rows, including those that the filter hides. */
    function chosen() {
      return rules.rows(scan, {}, failed).filter(function (row) { return ticked[row.id]; });
    }

    function tick(id, isTicked) {
      if (isTicked) {
        ticked[id] = true;
      } else {
        delete ticked[id];
      }
    }

    function draw() {
      var rows = found();
      var count = chosen().length;
      horizon.xloud.redraw(role('stale').find('tbody'), withHeading(pager.cut(rows)), rowOf);
      // A pressed box may differ from its drawn row.
      role('stale').find('tbody tr').each(function () {
        $(this).find(':checkbox').prop('checked', Boolean(ticked[$(this).attr('data-id')]));
      });
      var onPage = rules.tickable(pager.cut(rows));
      role('tick-page').prop({
        checked: onPage.length > 0 && onPage.every(function (row) { return ticked[row.id]; }),
        disabled: Boolean(work) || !onPage.length
      });
      role('tick-all').prop('disabled', Boolean(work) || !rules.tickable(rows).length);
      role('review').prop('disabled', Boolean(work) || !count).text(count ?
        interpolate(gettext('Remove %s Selected…'), [count]) :
        gettext('Remove Selected…'));
      role('none').text(rows.length ? '' : nothing());
    }

    function nothing() {
      if (!scan.isComplete() || Object.keys(scan.unread()).length) {
        return gettext('None so far.');
      }
      return filter().name || filter().kind ? gettext('No stale access matches.') :
        gettext('There is no stale access.');
    }

    /* Disabled projects come last, below a heading: they may be enabled again. */
    function withHeading(rows) {
      var firsts = rows.filter(rules.isByHand).slice(0, 1);
      return rows.reduce(function (all, row) {
        return all.concat(row === firsts[0] ? [{id: 'heading', isHeading: true}, row] : [row]);
      }, []);
    }

    function heading() {
      var text = role('tick-page').length ?
        gettext('Disabled projects: they may be enabled again, so each is selected by hand.') :
        gettext('Disabled projects: they may be enabled again.');
      var count = role('stale').find('thead th').length;
      return $('<tr>').append($('<th scope="rowgroup">').attr('colspan', count).text(text));
    }

    function rowOf(row) {
      if (row.isHeading) { return heading(); }
      var $box = $('<input type="checkbox">').prop('disabled', row.stuck || Boolean(work))
        .attr('aria-label', interpolate(gettext('Select %(project)s of %(image)s'),
          {project: row.name || row.member, image: row.image.name}, true));
      var $image = $('<a>').attr({
        href: $page.attr('data-detail-url').replace('IMAGE_ID', row.image.id), target: '_self'
      }).append($('<bdi>').text(row.image.name));
      var $project = $('<span>').append($('<bdi>').text(row.name || row.member));
      if (row.name) { $project.append($('<div class="small">').text(row.member)); }
      var $why = $('<span>').text(reason(row.kind));
      if (row.stuck) {
        $why.append($('<div class="small">').text(
          gettext('Glance has no address for it: only the database can remove it.')
        ));
      }
      if (row.failed) {
        $why.append($('<div class="text-danger">').text(row.failed));
      }
      var cells = [
        $image, $project, $why, $('<span>').text(answers()[row.status] || row.status),
        $('<span>').text(row.since ? new Date(row.since).toLocaleString() : '–')
      ];
      // Users who may only read have no boxes.
      if (role('tick-page').length) { cells.unshift($box); }
      return $('<tr>').append(cells.map(function ($cell) { return $('<td>').append($cell); }));
    }

    function reason(kind) {
      return $page.find('[name=kind] option').filter(function () {
        return this.value === kind;
      }).text();
    }

    function answers() {
      return {accepted: gettext('Accepted'), pending: gettext('Pending'),
        rejected: gettext('Rejected')};
    }

    function ask() {
      var rows = chosen();
      var images = rules.jobs(rows, Infinity).length;
      asked = rows.map(function (row) { return row.id; });
      role('asked').text(interpolate(
        gettext('Clean up %(memberships)s on %(images)s? Access of deleted projects cannot be ' +
          'given back.'),
        {
          memberships: interpolate(
            ngettext('%s membership', '%s memberships', rows.length), [rows.length]
          ),
          images: interpolate(ngettext('%s image', '%s images', images), [images])
        }, true
      ));
      role('asked-rows').empty().append(rows.slice(0, SHOWN).map(function (row) {
        return $('<li>').append(
          $('<bdi>').text(row.name || row.member), ' – ', $('<bdi>').text(row.image.name), ': ',
          document.createTextNode(reason(row.kind))
        );
      }));
      if (rows.length > SHOWN) {
        role('asked-rows').append($('<li>').text(
          interpolate(gettext('and %s more'), [rows.length - SHOWN])
        ));
      }
      role('question').prop('hidden', false).trigger('focus');
    }

    function close($next) {
      role('question').prop('hidden', true);
      $next.trigger('focus');
    }

    function remove() {
      var rows = chosen().filter(function (row) { return asked.indexOf(row.id) >= 0; });
      work = {jobs: rules.jobs(rows, most), all: 0, done: 0, failed: 0, why: {}, isStopped: false};
      work.all = work.jobs.length;
      failed = {};
      close(role('work-stop'));
      role('working').prop('hidden', false);
      role('work-stop').trigger('focus');
      role('told').text('');
      draw();
      next();
    }

    function next() {
      var going = work;
      if (!going || !going.jobs.length) {
        finish(going);
        return;
      }
      var job = going.jobs[0];
      role('work-bar').attr({max: going.all, value: going.all - going.jobs.length});
      $.ajax($page.attr('data-remove-url'), {method: 'POST', traditional: true, data: {
        csrfmiddlewaretoken: $page.find('[name=csrfmiddlewaretoken]').first().val(),
        made_for_region: $page.find('.xloud-scan').attr('data-region'),
        image: job.image.id,
        member: job.members.map(function (item) { return item.member; }),
        kind: job.members.map(function (item) { return item.kind; })
      }}).done(function (answer, status, jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        take(going, job, answer);
      }).fail(function (jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        take(going, job, {told: gettext('The dashboard did not answer, so it is not known what ' +
          'was removed.')});
      });
    }

    function take(going, job, answer) {
      var left = answer.left || []; // members for which the slice had no time
      going.jobs.shift();
      if (left.length) {
        going.jobs.unshift({image: job.image, members: job.members.filter(isLeft)});
      }
      job.members.filter(function (item) { return !isLeft(item); }).forEach(function (item) {
        var id = job.image.id + '/' + item.member;
        var why = answer.done ? (answer.failed || {})[item.member] : answer.told;
        if (why) {
          failed[id] = why;
          going.why[why] = true;
          going.failed += 1;
        } else {
          delete ticked[id];
          going.done += 1;
        }
      });

      function isLeft(item) { return left.indexOf(item.member) >= 0; }

      run.readAgain(job.image.id);
      if (going.isStopped) {
        finish(going);
      } else {
        next();
      }
    }

    function finish(going) {
      work = null;
      role('working').prop('hidden', true);
      if (going) {
        var text = interpolate(ngettext('%s membership is cleaned up.',
          '%s memberships are cleaned up.', going.done), [going.done]);
        if (going.failed) {
          text += ' ' + interpolate(ngettext('%s is not:', '%s are not:', going.failed),
            [going.failed]) + ' ' + Object.keys(going.why).join(' ');
        }
        if (going.jobs.length) {
          text += ' ' + gettext('Stopped: what is left is still selected.');
        }
        role('told').text(text);
      }
      draw();
      var $next = role('review').is(':enabled') ? role('review') : $page.find('[name=name]');
      $next.trigger('focus');
    }
  }
})(jQuery);
