/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project table: searches, filters and pages projects, with a selection that survives all of
 * it. A hidden field has the selection, and the form around the table sends it. Each change
 * triggers "xloud:selection" on the container.
 */
(function ($) {
  'use strict';

  var MOST_LOOKED_UP = 50; // each name takes its own request

  horizon.xloud = $.extend(horizon.xloud, {groundOf: groundOf, projectTable: projectTable});

  horizon.xloud.onTable(function ($root) {
    $root.find('.xloud-projects').each(function () { projectTable(this); });
  });

  /* Returns the colour behind an element, which the theme sets. */
  function groundOf($element) {
    return $element.parents().filter(function () {
      return !/^(transparent|rgba\(0, 0, 0, 0\))$/.test($(this).css('background-color'));
    }).first().css('background-color');
  }

  /* Returns the table in a container, and creates it on the first call. */
  function projectTable(container) {
    var $container = $(container);
    var table = $container.data('xloudProjectTable');
    if (!table) {
      table = create($container);
      $container.data('xloudProjectTable', table);
    }
    return table;
  }

  function create($container) {
    var rules = horizon.xloud.selection;
    var selection = rules.create();
    // The query of the rows on screen; cursors belong to one query.
    var query = {search: '', domain_id: '', status: ''};
    var cursors = [''];
    var request = null;
    var $search = part('search');
    var $domain = part('domain');
    var $table = part('projects');
    var changeList = horizon.xloud.changeList($container, selection, takenBack);
    var keys = horizon.xloud.rowKeys($table);
    var lastTicked = null; // the start of a range that is ticked with Shift

    horizon.xloud.typing($search, search);
    $domain.on('change', search);
    $container.on('click', '[data-role=status]', filterByStatus);
    part('next').on('click', function () { turn(cursors.concat(nextCursor())); });
    part('previous').on('click', function () { turn(cursors.slice(0, -1)); });
    part('all').on('click', selectAll);
    part('page').on('change', togglePage);
    part('skip').on('click', skip);
    $table.on('click', 'tbody :checkbox', toggle);
    $table.on('click', '[data-role=other-verb]', toggleOtherVerb);
    $table.on('keydown', 'tr[data-project]', toggleAtEnter);
    $container.on('keydown', escape);
    $container.data('changes').forEach(selection.put);
    horizon.xloud.projectList($container, select);
    copyIntoNewImage();
    showRows();
    showChanges();
    if ($.trim($search.val())) { // the user typed before this script loaded
      search();
    } else if ($table.children('tbody').is('[data-unnamed]')) {
      load(query, [''], true);
    }

    return {
      size: selection.size,
      changes: selection.all,
      clear: selection.clear,
      redraw: showRows,
      select: select,
      focus: function () { $search.trigger('focus'); }
    };

    function part(role) {
      return $container.find('[data-role=' + role + ']');
    }

    /* Manage Access sets up copying itself, and waits for it. */
    function copyIntoNewImage() {
      if (!$container.is('[data-new-image]')) { return; }
      var $around = $container.closest('[data-role=new-image-access], .xloud-new-image-access');
      $around.on('xloud:shown', coverRows); // the table may be created outside the page
      horizon.xloud.copyAccess($around, {clear: selection.clear, select: select});
    }

    /* Covers the rows that scroll under the header. */
    function coverRows() {
      $table.find('thead th').css('background-color', groundOf($table));
    }

    // -- searching, filtering and paging

    function search() {
      load({
        search: $.trim($search.val()),
        domain_id: $domain.val() || '',
        status: part('status').filter('[aria-pressed=true]').attr('data-status') || ''
      }, ['']);
    }

    /* A status is for all members, so it replaces a search. */
    function filterByStatus() {
      var isPressed = $(this).attr('aria-pressed') === 'true';
      part('status').attr('aria-pressed', 'false').removeClass('active');
      if (!isPressed) {
        $(this).attr('aria-pressed', 'true').addClass('active');
        $search.val('');
        $domain.val('');
      }
      search();
    }

    /* Clears the search first. With a selection, keeps Create Image open, because Horizon's forms
       close without a question. */
    function escape(event) {
      if (event.key !== 'Escape') { return; }
      if ($search.is(event.target) && $search.val()) {
        event.stopPropagation();
        $search.val('');
        search();
      } else if ($container.is('[data-new-image]') && selection.size()) {
        event.stopPropagation();
      }
    }

    /* Does nothing during a search, which replaces the page. */
    function turn(path) {
      if (!request || request.query === query) {
        load(query, path);
      }
    }

    /*
     * Shows the page of the last cursor in `path`; the others lead back. `inPlace` means that it is
     * the current page with more content.
     */
    function load(wanted, path, inPlace) {
      if (request) {
        request.abort();
      }
      part('busy').prop('hidden', false);
      part('all-told').empty();
      if (wanted.search || wanted.domain_id) {
        wanted.status = '';
        part('status').attr('aria-pressed', 'false').removeClass('active');
      }
      var current = request = $.get(
        $container.data('projects-url'), $.extend({cursor: path[path.length - 1]}, wanted)
      );
      current.query = wanted;
      current.done(function (html, status, jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        query = wanted;
        cursors = path;
        $container.children('.xloud-failure').remove();
        var $rows = $($.parseHTML($.trim(html)));
        if (inPlace && isInUse()) {
          fillIn($rows);
        } else {
          keys.keepFocus(function () { $table.children('tbody').replaceWith($rows); });
          $table.parent().scrollTop(0);
          lastTicked = null;
        }
        showRows();
      });
      current.fail(function (jqXHR) {
        if (jqXHR.statusText === 'abort' || horizon.xloud.leave(jqXHR)) { return; }
        horizon.xloud.fail($container, gettext('The projects could not be loaded: the dashboard did not ' +
          'answer. Your selection is kept.'));
      });
      current.always(function () {
        if (request === current) {
          request = null;
          part('busy').prop('hidden', true);
        }
      });
    }

    function isInUse() {
      return $table.is(':hover') || $table.find(':focus').length || $table.parent().scrollTop();
    }

    /* Keeps each row in place: the user may be about to click it. */
    function fillIn($rows) {
      var focused = $table.find(':focus').closest('tr').attr('data-project');
      $rows.children('tr[data-project]').each(function () {
        rowOf($(this).attr('data-project')).replaceWith(this);
      });
      $table.children('tbody').attr('data-cursor', $rows.attr('data-cursor'))
        .removeAttr('data-unnamed');
      if (focused) {
        rowOf(focused).find(':checkbox').trigger('focus');
      }
    }

    function nextCursor() {
      return $table.children('tbody').attr('data-cursor');
    }

    function rows() {
      return $table.find('tr[data-project]');
    }

    function rowOf(id) {
      return rows().filter(function () { return $(this).attr('data-project') === id; });
    }

    function showRows() {
      enable('next', Boolean(nextCursor()));
      enable('previous', cursors.length > 1);
      rows().each(function () {
        selection.name($(this).attr('data-project'), $(this).attr('data-name'));
      });
      $container.trigger('xloud:rows');
      coverRows();
      showStaged();
      showRange();
      changeList.show();
      keys.update();
    }

    /* Moves the focus from a disabled button, which would lose it. */
    function enable(role, isEnabled) {
      var $button = part(role);
      var hadFocus = $button.is(':focus');
      $button.prop('disabled', !isEnabled);
      if (hadFocus && !isEnabled) {
        var $other = part(role === 'next' ? 'previous' : 'next');
        ($other.is(':enabled') ? $other : $search).trigger('focus');
      }
    }

    function showRange() {
      var $rows = $table.children('tbody');
      var first = $rows.data('first');
      var total = $rows.data('total');
      var isOrdered = !$rows.is('[data-unordered]');
      var count = rows().length;
      var text = '';
      if (!isOrdered) {
        text = interpolate(gettext('More than %s projects match. They are not in alphabetical ' +
          'order: search for more of the name.'), [total || '']);
      } else if (total && count) {
        text = interpolate(gettext('%(first)s–%(last)s of %(total)s'),
          {first: first, last: first + count - 1, total: total}, true);
      }
      part('range').text(text);
      part('all').prop('hidden', !(isOrdered && total > 0 && query.status !== 'accepted'))
        .text(interpolate(allText(total), [total]));
    }

    function allText(total) {
      if (query.status === 'pending') {
        return ngettext('Accept for the %s that is pending', 'Accept for all %s that are pending',
          total);
      }
      if (query.status === 'rejected') {
        return ngettext('Ask the %s that has rejected again', 'Ask all %s that have rejected again',
          total);
      }
      return ngettext('Select the %s that matches', 'Select all %s that match', total);
    }

    // -- ticking

    /* Ticks a row, and with Shift all rows between it and the last ticked one. */
    function toggle(event) {
      var box = this;
      var range = [box];
      if (event.shiftKey && lastTicked && $.contains($table[0], lastTicked)) {
        range = between($table.find('tbody :checkbox').get(), lastTicked, box);
      }
      if (range.length === 1 && comesBack(box)) {
        stage($(box).closest('tr'), '');
        range = [];
      }
      range.filter(function (item) { return !item.disabled; }).forEach(function (item) {
        item.checked = box.checked;
        stage($(item).closest('tr'), rules.staged(access(item), item.checked));
      });
      lastTicked = box;
      showChanges();
    }

    function between(boxes, one, other) {
      var ends = [boxes.indexOf(one), boxes.indexOf(other)].sort(function (a, b) { return a - b; });
      return boxes.slice(ends[0], ends[1] + 1);
    }

    function togglePage() {
      var isTicked = this.checked;
      rows().find(':checkbox:enabled').each(function () {
        this.checked = isTicked;
        stage($(this).closest('tr'), rules.staged(access(this), isTicked));
      });
      showChanges();
    }

    /* Returns how many of the images a row's project has; of one image, all or none. */
    function access(inRow) {
      var $row = $(inRow).closest('tr');
      return $row.attr('data-access') || ($row.is('[data-member]') ? 'all' : 'none');
    }

    /* A box for some of the images has a third state, unchanged, which returns after on and off. */
    function comesBack(box) {
      var change = selection.get($(box).closest('tr').attr('data-project'));
      return access(box) === 'some' && Boolean(change) && change.verb === 'remove';
    }

    /* Accepts on behalf of a project, or asks it again, without removing it. */
    function toggleOtherVerb() {
      var $row = $(this).closest('tr');
      var verb = $(this).attr('data-verb');
      var current = selection.get($row.attr('data-project'));
      stage($row, current && current.verb === verb ? '' : verb);
      showChanges();
    }

    function stage($row, verb) {
      var id = $row.attr('data-project');
      selection.forget(id);
      if (verb) {
        selection.put({verb: verb, id: id, name: $row.attr('data-name')});
      }
      announce(verb, $row.attr('data-name'));
    }

    /* Enter would otherwise submit. */
    function toggleAtEnter(event) {
      if (event.key !== 'Enter' || $(event.target).is('a, button')) { return; }
      event.preventDefault();
      if (!event.originalEvent.repeat) {
        $(this).find(':checkbox:enabled').each(function () { this.click(); });
      }
    }

    /* Selects the changes that have an effect, as far as the rows on screen show. The ID of an
       unnamed project is its label until the name is known. */
    function select(wanted) {
      var unnamed = [];
      wanted.forEach(function (change) {
        var $row = rowOf(change.id);
        var needless = $row.length && /^(add|remove)$/.test(change.verb) &&
          rules.isNeedless(change.verb, access($row));
        if (!needless && !selection.get(change.id)) {
          selection.put($.extend({}, change, {name: change.name || change.id}));
          if (!change.name && !$row.length) {
            unnamed.push(change.id);
          }
        }
      });
      showRows();
      showChanges();
      lookUp(unnamed.slice(0, MOST_LOOKED_UP));
    }

    /* Looks up one by one until a request fails. Labels then keep the ID. */
    function lookUp(ids) {
      if (!ids.length) { return; }
      $.get($container.data('projects-url'), {search: ids[0]}).done(function (html) {
        $($.parseHTML($.trim(html))).find('tr[data-project]').each(function () {
          selection.name($(this).attr('data-project'), $(this).attr('data-name'));
        });
        changeList.show();
        lookUp(ids.slice(1));
      });
    }

    function selectAll() {
      var goOn = horizon.xloud.pause(part('all'));
      part('busy').prop('hidden', false);
      var verb = {pending: 'accept-for', rejected: 'ask-again'}[query.status] || 'add';
      var asked = {search: query.search, domain_id: query.domain_id, status: query.status};
      $.getJSON($container.data('all-url'), asked).done(function (answer, status, jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        select(answer.projects.map(function (project) {
          return {verb: verb, id: project.id, name: project.name};
        }));
        part('all-told').text(answer.told).toggleClass('text-danger', Boolean(answer.failed));
      }).fail(function (jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        horizon.xloud.fail($container, gettext('The projects could not be loaded: the dashboard did not ' +
          'answer. Your selection is kept.'));
      }).always(function () {
        part('busy').prop('hidden', true);
        goOn();
      });
    }

    // -- selection

    /* Updates the table after changes were taken back in their list. */
    function takenBack(taken) {
      taken.forEach(function (change) { announce('', change.name); });
      showChanges();
    }

    function showChanges() {
      part('selection').val(selection.text());
      showStaged();
      changeList.show();
      showSummary();
      $container.trigger('xloud:selection');
    }

    function showStaged() {
      rows().each(function () {
        var $row = $(this);
        var change = selection.get($row.attr('data-project'));
        var verb = change ? change.verb : '';
        var has = access($row);
        var $box = $row.find(':checkbox');
        if (!$box.prop('disabled')) {
          $box.prop({
            checked: verb === 'add' || (has === 'all' && verb !== 'remove'),
            indeterminate: has === 'some' && verb !== 'add' && verb !== 'remove'
          });
        }
        $row.toggleClass('xloud-added', verb === 'add').toggleClass('xloud-removed', verb === 'remove')
          .toggleClass('xloud-other', Boolean(verb) && verb !== 'add' && verb !== 'remove');
        $row.find('[data-role=staged]').text(words(verb));
        $row.find('[data-role=other-verb]').each(function () {
          $(this).attr('aria-pressed', String($(this).attr('data-verb') === verb));
        });
      });
      var $boxes = rows().find(':checkbox:enabled');
      var ticked = $boxes.filter(':checked').length;
      part('page').prop({
        checked: ticked > 0 && ticked === $boxes.length,
        indeterminate: ticked > 0 && ticked < $boxes.length,
        disabled: !$boxes.length
      });
    }

    /* Colour alone is not enough. */
    function words(verb) {
      return {
        'add': gettext('will be added'),
        'remove': gettext('will be removed'),
        'accept-for': gettext('will be accepted for'),
        'ask-again': gettext('will be asked again')
      }[verb] || '';
    }

    function announce(verb, name) {
      part('announcement').text(
        name + ': ' + (words(verb) || gettext('stays as it is'))
      );
    }

    function skip(event) {
      event.preventDefault();
      $container.find('.xloud-changes').trigger('focus');
    }

    /* The page of many images has its own summary. */
    function showSummary() {
      if ($container.is('[data-many]')) { return; }
      var added = selection.count('add');
      var removed = selection.count('remove');
      var listed = Number($container.data('listed'));
      var quota = $container.data('quota');
      var over = rules.beyondQuota(added, removed, listed, quota);
      var text = horizon.xloud.summary({
        isNew: $container.is('[data-new-image]'),
        now: Number($container.data('members')),
        added: added,
        removed: removed,
        accepted: selection.count('accept-for'),
        asked: selection.count('ask-again'),
        quota: quota,
        over: over
      });
      $container.closest('form, .xloud-new-image-access').find('[data-role=summary]').text(text);
      part('beyond-quota').prop('hidden', !over);
    }
  }
})(jQuery);
