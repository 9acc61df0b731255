/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project table: searching and paging projects, and a selection that
 * survives both. What is selected is kept as hidden inputs, one for each project
 * that is added or removed, inside the label that shows it; the form around the
 * table sends them. Tells its container of every change by the event
 * "xloud:selection".
 */
(function ($) {
  'use strict';

  var TYPING_PAUSE = 300; // milliseconds after the last key until Keystone is asked
  var MOST_LOOKED_UP = 50; // each name is a request of its own

  horizon.xloud = $.extend(horizon.xloud, {
    typing: typing,
    fail: fail,
    projectTable: projectTable
  });

  horizon.addInitFunction(function () {
    $('.xloud-projects').each(function () { projectTable(this); });
    horizon.modals.addModalInitFunction(function (modal) {
      $(modal).find('.xloud-projects').each(function () { projectTable(this); });
    });
  });

  /* Calls search soon after the last key, and at once at Enter, which would submit. */
  function typing($input, search) {
    var timer = null;
    $input.on('input', function () {
      clearTimeout(timer);
      timer = setTimeout(search, TYPING_PAUSE);
    }).on('keydown', function (event) {
      if (event.key === 'Enter') {
        event.preventDefault();
        clearTimeout(timer);
        search();
      }
    });
  }

  /* Returns the message; whoever was not typing meanwhile may want the focus there. */
  function fail($where, message) {
    $where.children('.xloud-failure').remove();
    return $('<div class="alert alert-danger xloud-failure" role="alert" tabindex="-1">')
      .text(message).prependTo($where);
  }

  /* Returns the table in a container, which is brought to life the first time. */
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
    // What the rows on screen are: cursors are good for no other search.
    var query = {search: '', domain_id: ''};
    var cursors = [''];
    var request = null;
    var $search = part('search');
    var $domain = part('domain');
    var $table = part('projects');

    typing($search, search);
    $domain.on('change', search);
    part('next').on('click', function () { turn(cursors.concat(nextCursor())); });
    part('previous').on('click', function () { turn(cursors.slice(0, -1)); });
    part('undo').on('click', undoAll);
    $table.on('change', ':checkbox', toggle);
    $table.on('keydown', 'tr[data-project]', toggleAtEnter);
    $container.on('keydown', escape);
    part('changes').on('click', '[data-role=take-back]', takeBack);
    showRows();
    showSummary();
    if ($table.children('tbody').is('[data-unnamed]')) {
      load(query, [''], true);
    }

    return {
      changed: changed,
      changes: changes,
      select: select,
      focus: function () { $search.trigger('focus'); }
    };

    function part(role) {
      return $container.find('[data-role=' + role + ']');
    }

    // -- searching and paging

    function search() {
      load({search: $.trim($search.val()), domain_id: $domain.val() || ''}, ['']);
    }

    /* Takes the search back before anything else, and does not take Create Image away with all
       that is selected: Horizon's forms do not ask. */
    function escape(event) {
      if (event.key !== 'Escape') { return; }
      if ($search.is(event.target) && $search.val()) {
        event.stopPropagation();
        $search.val('');
        search();
      } else if ($container.is('[data-new-image]') && changed()) {
        event.stopPropagation();
      }
    }

    /* A search under way replaces the page that is to be turned. */
    function turn(path) {
      if (!request || request.query === query) {
        load(query, path);
      }
    }

    /*
     * Shows the page that the last of the cursors names; the others lead back. In
     * place: it is the page that is there, with more in it.
     */
    function load(wanted, path, inPlace) {
      if (request) {
        request.abort();
      }
      part('busy').prop('hidden', false);
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
          $table.children('tbody').replaceWith($rows);
          $table.parent().scrollTop(0);
        }
        showRows();
      });
      current.fail(function (jqXHR) {
        if (jqXHR.statusText === 'abort' || horizon.xloud.leave(jqXHR)) { return; }
        fail($container, gettext('The projects could not be loaded: the dashboard did not ' +
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

    /* Leaves each row where it is: somebody may be about to click it. */
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

    function showRows() {
      part('next').prop('disabled', !nextCursor());
      part('previous').prop('disabled', cursors.length < 2);
      $table.find('tr[data-project]').each(function () {
        var $row = $(this);
        var $change = changeOf($row.attr('data-project'));
        var verb = $change.attr('data-verb');
        if (verb) {
          $row.find(':checkbox').prop('checked', verb === 'add');
          nameChange($change, $row.attr('data-name'));
        }
        showChanged($row, verb);
      });
      showNames();
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

    function changed() {
      return part('changes').children().length;
    }

    function changes() {
      return part('changes').children().map(function () {
        return {
          verb: $(this).attr('data-verb'),
          id: $(this).children('input').val(),
          name: $(this).attr('data-name')
        };
      }).get();
    }

    /* Selects what would change something, as far as the rows on screen tell. A project without
       a name is called by its ID until the name is known. */
    function select(wanted) {
      var unnamed = [];
      wanted.forEach(function (change) {
        var $row = rowOf(change.id);
        var needless = $row.length && rules.isNeedless(change.verb, $row.is('[data-member]'));
        if (!needless && !changeOf(change.id).length) {
          addChange(change.verb, change.id, change.name || change.id);
          if (!change.name && !$row.length) {
            unnamed.push(change.id);
          }
        }
      });
      showRows();
      showSummary();
      lookUp(unnamed.slice(0, MOST_LOOKED_UP));
    }

    /* One after the other, until there is no answer: a label has the ID then. */
    function lookUp(ids) {
      if (!ids.length) { return; }
      $.get($container.data('projects-url'), {search: ids[0]}).done(function (html) {
        var $rows = $($.parseHTML($.trim(html))).find('tr[data-project]');
        $rows.each(function () {
          nameChange(changeOf($(this).attr('data-project')), $(this).attr('data-name'));
        });
        showNames();
        lookUp(ids.slice(1));
      });
    }

    function changeOf(id) {
      return part('changes').children().filter(function () {
        return $(this).children('input').val() === id;
      });
    }

    /* Otherwise it would submit. */
    function toggleAtEnter(event) {
      if (event.key !== 'Enter' || $(event.target).is('a, button')) { return; }
      event.preventDefault();
      if (!event.originalEvent.repeat) {
        $(this).find(':checkbox:enabled').each(function () { this.click(); });
      }
    }

    function toggle() {
      var $row = $(this).closest('tr');
      var id = $row.attr('data-project');
      var isMember = $row.is('[data-member]');
      var verb = rules.staged(isMember, this.checked);
      changeOf(id).remove();
      if (verb) {
        addChange(verb, id, $row.attr('data-name'));
      }
      showChanged($row, changeOf(id).attr('data-verb'));
      showSummary();
    }

    function addChange(verb, id, name) {
      var $change = $(part('change').prop('content')).children().first().clone();
      $change.attr('data-verb', verb);
      $change.children('input').attr('name', verb).val(id);
      $change.attr('data-name', name);
      if (verb === 'remove') {
        $change.find('.label').removeClass('label-success').addClass('label-danger');
        $change.find('[data-role=sign]').text('−');
      }
      part('changes').append($change);
    }

    /* Members that have only their IDs yet take nobody's name away. */
    function nameChange($change, name) {
      if (name !== $change.children('input').val()) {
        $change.attr('data-name', name);
      }
    }

    function showNames() {
      var texts = rules.labels(changes());
      part('changes').children().each(function (index) { showName($(this), texts[index]); });
    }

    /* The end of a long name is an element of its own, which is not cut off. */
    function showName($change, name) {
      var $button = $change.find('[data-role=take-back]');
      var $name = $change.find('[data-role=name]');
      if ($name.children().length && $name.attr('title') === name) { return; }
      $name.attr('title', name).empty();
      rules.pieces(name).forEach(function (piece) {
        $('<span>').text(piece).appendTo($name);
      });
      $button.attr('aria-label', $button.attr('data-label') + ' ' + name);
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
      var listed = Number($container.data('listed'));
      var over = rules.beyondQuota(added, removed, listed, $container.data('quota'));
      part('summary').text(over ? interpolate(
        gettext('%(summary)s; %(over)s more than the quota of %(quota)s allows'),
        {summary: summary(added, removed), over: over, quota: $container.data('quota')},
        true
      ) : summary(added, removed));
      part('beyond-quota').prop('hidden', !over);
      part('undo').prop('hidden', !(added + removed));
      showNames();
      $container.trigger('xloud:selection');
    }

    function summary(added, removed) {
      if ($container.is('[data-new-image]')) {
        return interpolate(
          ngettext('%(count)s project selected', '%(count)s projects selected', added),
          {count: added},
          true
        );
      }
      return interpolate(
        gettext('%(selected)s selected: %(added)s to add, %(removed)s to remove'),
        {selected: $container.data('members') + added - removed, added: added, removed: removed},
        true
      );
    }
  }
})(jQuery);
