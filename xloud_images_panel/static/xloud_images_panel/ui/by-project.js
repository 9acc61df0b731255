/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access by Project: lists the images that are shared with one project as they are found. Changes
 * to ticked images are a plan (plan-sheet.js, plan-run.js), after which its images are read again.
 */
(function ($) {
  'use strict';

  var MOST_NAMED = 5; // images in a question

  horizon.addInitFunction(function () {
    $('.xloud-by-project').each(function () { start($(this)); });
  });

  function start($page) {
    var rules = horizon.xloud.projectImages;
    var project = $page.attr('data-project');
    var $list = role('list');
    var $scan = $page.find('.xloud-scan').first();
    var cells = horizon.xloud.imageCells($page);
    var names = horizon.xloud.projectNames($scan, draw);
    var list = horizon.xloud.tickedList($list, {rowOf: rowOf, changed: showButtons});
    var filter = horizon.xloud.addressFilter(role('filter'), function () {
      list.firstPage();
      draw();
    });
    var $plan = $page.find('.xloud-plan'); // none for users who may only read
    var plan = $plan.length ? horizon.xloud.plan($plan[0]) : null;
    var adding = role('adding').length ? horizon.xloud.addImages(role('adding'), {
      cells: cells, names: names, project: project,
      scan: function () { return scan; },
      review: function (ids, accept) { review('add', ids, accept); },
      closed: function () {
        $list.prop('hidden', false);
        $opener.trigger('focus');
      }
    }) : null;
    var scan = null;
    var $opener = $();
    var question = null; // {verb, ids} of the question
    var run = horizon.xloud.runScan($scan, {
      name: project, query: function () { return {project: project}; }, show: show
    });

    role('remove').on('click', function () { review('remove', list.ticks.ids()); });
    role('accept-for').on('click', function () { review('accept-for', pending()); });
    role('add-open').on('click', openAdding);
    role('same-open').on('click', openAdding);
    $page.on('xloud:plan-review', function () { showPlan(true); });
    $page.on('xloud:plan-back', function () { showPlan(false); });
    $page.on('xloud:plan-state', followPlan);
    $page.on('xloud:plan-cells', followSheet);
    run.begin();
    if (plan) { plan.offerKept(); }

    function role(name) {
      return $page.find('[data-role=' + name + ']');
    }

    // -- images

    function show(found) {
      scan = found;
      names.ask(scan.images().filter(function (image) { return scan.row(image.id); })
        .map(function (image) { return image.owner; }));
      draw();
    }

    function draw() {
      var found = rules.select(scan, filter());
      list.ticks.keep(function (id) { return scan.row(id); });
      list.show(found);
      $list.find('[data-role=none]').text(found.length ? '' : nothing());
      if (adding) { adding.draw(); }
    }

    function nothing() {
      if (!scan.isComplete()) { return gettext('None so far.'); }
      return filter().name || filter().access ? gettext('No image matches.') :
        gettext('No image is shared with this project.');
    }

    function rowOf(image) {
      var row = scan.row(image.id);
      return cells.row([cells.name(image), names.cell(image.owner), cells.visibility(image),
        cells.status(image), cells.access(row), cells.time(row.since), why(image)]);
    }

    /* Returns a link to the page that explains the project's access to an image. */
    function why(image) {
      return $('<a class="btn btn-default btn-xs" target="_self">').attr({
        href: $page.attr('data-why-url').replace('IMAGE_ID', image.id),
        'aria-label': interpolate(gettext('Check Access: %s'), [image.name || image.id])
      }).text(gettext('Check Access'));
    }

    function pending() {
      return rules.pending(scan, list.ticks.ids());
    }

    function showButtons() {
      counted(role('remove'), gettext('Remove Access (%s)'), list.ticks.ids().length);
      counted(role('accept-for'), gettext('Accept on Behalf (%s)'), pending().length);
    }

    function counted($button, text, count) {
      if (!$button.data('text')) { $button.data('text', $button.text()); }
      $button.prop('disabled', !count)
        .text(count ? interpolate(text, [count]) : $button.data('text'));
    }

    function openAdding() {
      $opener = $(this);
      $list.prop('hidden', true);
      adding.open($opener.is('[data-role=same-open]'));
    }

    // -- plan

    function review(verb, ids, accept) {
      var images = {};
      var projects = {};
      var changes = rules.changes(scan, verb, ids, project);
      changes.forEach(function (change) {
        images[change.image] = scan.image(change.image).name;
        projects[change.projects[0]] = $page.attr('data-label');
      });
      question = {verb: verb, ids: ids};
      plan.review({
        accept: Boolean(accept), changes: changes, names: {images: images, projects: projects}
      });
    }

    function showPlan(isShown) {
      role('browsing').prop('hidden', isShown);
      role('question').prop('hidden', true);
      if (!isShown) { question = null; }
    }

    /* Counts the changes on the sheet, which omits those already in effect or taken out. */
    function followSheet(event, left) {
      if (!question) { return; } // the rest of an earlier plan
      question.ids = left.map(function (cell) { return cell.image; });
      role('question').prop('hidden', !left.length);
      if (left.length) { ask(); }
    }

    function ask() {
      var named = question.ids.slice(0, MOST_NAMED);
      var more = question.ids.length - named.length;
      var $question = role('question').text(asked(question.verb, question.ids.length) + ' ');
      named.forEach(function (id, at) {
        $question.append(at ? ', ' : '', $('<bdi>').text(scan.image(id).name || id));
      });
      if (more) {
        $question.append(' ', document.createTextNode(
          interpolate(ngettext('and %s more', 'and %s more', more), [more])
        ));
      }
    }

    function asked(verb, count) {
      var given = {count: count, project: $page.attr('data-label')};
      var text = {
        'add': ngettext('Share %(count)s image with %(project)s?',
          'Share %(count)s images with %(project)s?', count),
        'remove': ngettext('Remove the access of %(project)s to %(count)s image?',
          'Remove the access of %(project)s to %(count)s images?', count),
        'accept-for': ngettext('Accept %(count)s image on behalf of %(project)s?',
          'Accept %(count)s images on behalf of %(project)s?', count)
      }[verb];
      return interpolate(text, given, true);
    }

    /* The sheet's rows may have changed by now, even if the plan was stopped. */
    function followPlan(event, state) {
      var isOver = state === 'ended';
      role('question').prop('hidden', true);
      role('browsing').prop('hidden', !isOver);
      role('after-plan').prop('hidden', state !== 'halted');
      if (!isOver && state !== 'halted') { return; }
      list.ticks.clear();
      if (isOver && adding) { adding.close(); }
      $list.prop('hidden', false);
      run.readAgain(role('plan-images').find('[data-image]').map(function () {
        return $(this).attr('data-image');
      }).get());
      draw();
    }
  }
})(jQuery);
