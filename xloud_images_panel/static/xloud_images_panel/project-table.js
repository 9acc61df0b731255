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
          showName($change, $row.attr('data-name'));
        }
        showChanged($row, verb);
      });
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
          name: $(this).find('[data-role=name]').text()
        };
      }).get();
    }

    /* Selects what would change something, as far as the rows on screen tell. */
    function select(wanted) {
      wanted.forEach(function (change) {
        var $row = rowOf(change.id);
        var needless = $row.length && $row.is('[data-member]') === (change.verb === 'add');
        if (!needless && !changeOf(change.id).length) {
          addChange(change.verb, change.id, change.name);
        }
      });
      showRows();
      showSummary();
    }

    function changeOf(id) {
      return part('changes').children().filter(function () {
        return $(this).children('input').val() === id;
      });
    }

    function toggle() {
      var $row = $(this).closest('tr');
      var id = $row.attr('data-project');
      var isMember = $row.is('[data-member]');
      changeOf(id).remove();
      if (this.checked !== isMember) {
        addChange(isMember ? 'remove' : 'add', id, $row.attr('data-name'));
      }
      showChanged($row, changeOf(id).attr('data-verb'));
      showSummary();
    }

    function addChange(verb, id, name) {
      var $change = $(part('change').prop('content')).children().first().clone();
      $change.attr('data-verb', verb);
      $change.children('input').attr('name', verb).val(id);
      showName($change, name);
      if (verb === 'remove') {
        $change.find('.label').removeClass('label-success').addClass('label-danger');
        $change.find('[data-role=sign]').text('−');
      }
      part('changes').append($change);
    }

    function showName($change, name) {
      var $button = $change.find('[data-role=take-back]');
      $change.find('[data-role=name]').text(name).attr('title', name);
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
      part('summary').text(summary(added, removed));
      part('undo').prop('hidden', !(added + removed));
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
