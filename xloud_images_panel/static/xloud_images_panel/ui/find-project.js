/* SPDX-License-Identifier: Apache-2.0 */
/* A search for projects, which lists its results to choose from. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {findProject: findProject});

  horizon.addInitFunction(function () {
    $('.xloud-projects-to-choose').each(function () { startPage($(this)); });
  });

  /* The page to choose a project: each project is a link, and the address has the search. */
  function startPage($page) {
    var $finder = $page.find('.xloud-find-project');
    var $search = $finder.find('[name=search]');
    horizon.xloud.addressFilter($finder, $.noop);
    findProject($finder, function (project) {
      return $('<a>').attr({
        href: '?' + $.param({project: project.id}), target: '_self'
      });
    });
    $search.trigger('focus');
  }

  /*
   * Searches while the user types.
   *
   * choice: returns the link or the button that chooses a project, without the project's name
   * without: the ID of a project that is not offered
   *
   * Returns {search}, which searches for the field's current text.
   */
  function findProject($finder, choice, without) {
    var $search = $finder.find('[name=search]');
    var waiting = null;
    horizon.xloud.typing($search, search);
    search();
    return {search: search};

    function part(role) {
      return $finder.find('[data-role=' + role + ']');
    }

    function search() {
      var last = waiting;
      waiting = $.getJSON($finder.attr('data-projects-url'), {
        search: $.trim($search.val()), region: $finder.attr('data-region')
      });
      if (last) { last.abort(); }
      var asked = waiting;
      asked.done(function (answer, status, jqXHR) {
        if (asked !== waiting || leave(jqXHR)) { return; }
        part('find-failed').text(answer && answer.failed || '');
        if (answer && !answer.failed) { show(answer); }
      }).fail(function (jqXHR, status) {
        if (asked !== waiting || status === 'abort' || leave(jqXHR)) { return; }
        part('find-failed').text(gettext('The dashboard did not answer.'));
      });
    }

    function leave(jqXHR) {
      return horizon.xloud.leave(jqXHR, window.location.pathname + window.location.search);
    }

    function show(answer) {
      var projects = answer.projects.filter(function (found) { return found.id !== without; });
      part('found').empty().append(projects.map(function (project) {
        return $('<li>').append(
          choice(project).append($('<bdi>').text(project.name)), ' ',
          project.enabled ? '' : $('<span class="xloud-fact">').text(gettext('Disabled')),
          $('<small>').append($('<bdi>').text(project.domain), ' · ', document.createTextNode(project.id))
        );
      }));
      if (answer.unknown) {
        part('found').append($('<li>').append(
          choice({id: answer.unknown, label: answer.unknown}).text(answer.unknown)
        ));
      }
      part('find-told').text(told(answer, projects));
    }

    function told(answer, projects) {
      if (answer.unknown) {
        return gettext('There is no project with this ID (any more). It may still have images:');
      }
      if (!projects.length) { return gettext('No project matches.'); }
      return answer.more ?
        gettext('There are more. Type more of the name, or the project\'s ID.') : '';
    }
  }
})(jQuery);
