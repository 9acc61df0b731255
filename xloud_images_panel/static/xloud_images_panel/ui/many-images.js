/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manage Access of many images: the project table with boxes that are on, off or mixed, and each
 * project's access to each image. Review leads to the sheet (plan-sheet.js).
 */
(function ($) {
  'use strict';

  horizon.xloud.onTable(function ($root) {
    $root.find('.xloud-many').each(function () { start($(this)); });
  });

  function start($page) {
    var $form = part('many-form');
    if (!$form.length) { return; }
    var images = $page.data('images');
    var rules = horizon.xloud.planRun;
    var model = horizon.xloud.manyImages.create(images, $page.data('access'));
    var isOver = false; // the page may unload without a question

    $page.on('xloud:rows', decorate);
    var $projects = $form.find('.xloud-projects');
    var table = horizon.xloud.projectTable($projects);
    var plan = horizon.xloud.plan($page.find('.xloud-plan')[0]);
    table.redraw();
    cover();

    $form.on('submit', function (event) { event.preventDefault(); });
    $form.on('xloud:selection xloud:copying', showSummary);
    var copy = horizon.xloud.copyAccess($form, table);
    $form.on('click', '[data-role=many-open]', toggleSays);
    part('many-review').on('click', review);
    $page.on('xloud:plan-review', function () { $form.prop('hidden', true); });
    $page.on('xloud:plan-back', back);
    $page.on('xloud:plan-state', function (event, state) {
      isOver = true;
      part('many-again').prop('hidden', state !== 'ended' && state !== 'halted');
    });
    horizon.xloud.askBeforeUnload(function () { return !isOver && table.size() > 0; });
    restoreKept();
    showSummary();
    plan.offerKept();

    function part(role) {
      return $page.find('[data-role=' + role + ']');
    }

    /* Restores the selection made before login. */
    function restoreKept() {
      var kept = horizon.xloud.restoreKept($form.attr('action'), $projects);
      if (!kept) { return; }
      $form.find('[name=accept]').prop('checked', kept.accept);
      table.select(kept.changes);
    }

    function back() {
      $form.prop('hidden', false);
    }

    /* Covers the rows that scroll under the footer. */
    function cover() {
      $form.find('.xloud-many-footer').css('background-color', horizon.xloud.groundOf($form));
    }

    // -- rows

    function decorate() {
      $projects.find('tr[data-project]').each(function () {
        var $row = $(this);
        if ($row.attr('data-access')) { return; }
        var project = $row.attr('data-project');
        var state = model.state(project);
        var $status = $row.find('.xloud-status');
        $row.attr('data-access', state === 'owner' ? 'all' : state);
        if (state === 'owner') {
          $row.find(':checkbox').prop({checked: false, disabled: true});
          $status.prepend(document.createTextNode(gettext('Owner')));
        } else if (state !== 'none' || model.of(project).indexOf('o') >= 0) {
          $status.prepend(saying(project));
          verb($status, $row, 'accept-for', 'p', gettext('Accept for it'),
            gettext('Accept on behalf of %s'));
          verb($status, $row, 'ask-again', 'r', gettext('Ask again'), gettext('Ask %s again'));
        }
      });
    }

    function saying(project) {
      var counts = model.has(project);
      return template('many-says').text(interpolate(gettext('%(some)s of %(of)s'), counts, true));
    }

    function template(role) {
      return $(part(role).prop('content')).children().first().clone();
    }

    function verb($status, $row, name, letter, text, label) {
      if (model.of($row.attr('data-project')).indexOf(letter) < 0) { return; }
      template('many-verb').attr({
        'data-verb': name, 'aria-label': interpolate(label, [$row.attr('data-name')])
      }).text(text).appendTo($status);
    }

    /* Shows or hides the project's access to each image. */
    function toggleSays() {
      var $status = $(this).closest('td');
      var isOpen = $(this).attr('aria-expanded') === 'true';
      $(this).attr('aria-expanded', String(!isOpen));
      $status.find('.xloud-many-says').remove();
      if (isOpen) { return; }
      var $list = $('<ul class="list-unstyled xloud-many-says">').appendTo($status);
      model.says($(this).closest('tr').attr('data-project')).forEach(function (said) {
        $('<li>').append($('<bdi>').text(said.name))
          .append(document.createTextNode(': ' + word(said.letter))).appendTo($list);
      });
    }

    function word(letter) {
      return {
        'a': gettext('Accepted'),
        'p': gettext('Pending'),
        'r': gettext('Rejected'),
        'o': gettext('Owner')
      }[letter] || gettext('no access');
    }

    // -- summary

    function cells() {
      return model.cells(table.changes());
    }

    function showSummary() {
      var found = cells();
      part('many-summary').text(horizon.xloud.planTally(rules.tally(found)));
      part('many-review').prop('disabled', copy.underWay() || !found.length);
    }

    function review() {
      var names = {images: {}, projects: {}};
      images.forEach(function (image) { names.images[image.id] = image.name; });
      table.changes().forEach(function (change) { names.projects[change.id] = change.name; });
      plan.review({
        accept: $form.find('[name=accept]').prop('checked'),
        changes: rules.changesOf(cells()),
        names: names
      });
    }
  }
})(jQuery);
