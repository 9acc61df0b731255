/* SPDX-License-Identifier: Apache-2.0 */
/* A pasted list of projects: selects found projects, and leaves the rest in the box. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {projectList: projectList});

  /* select: is called with the changes for the list. */
  function projectList($container, select) {
    var $panel = part('list-panel');
    var $list = part('list');

    part('list-open').on('click', function () { show($panel.prop('hidden')); });
    part('list-select').on('click', send);
    part('list-ambiguous').on('click', 'button', choose);
    $panel.on('keydown', keys);

    function part(role) {
      return $container.find('[data-role=' + role + ']');
    }

    function show(isOpen) {
      $panel.prop('hidden', !isOpen);
      part('list-open').attr('aria-expanded', String(isOpen));
      (isOpen ? $list : part('list-open')).trigger('focus');
    }

    /* Enter adds a line, Ctrl+Enter sends, and Escape leaves the dialog around it open. */
    function keys(event) {
      if (event.key === 'Escape') {
        event.stopPropagation();
        show(false);
      } else if (event.key === 'Enter') {
        event.stopPropagation();
        if (event.ctrlKey || event.metaKey) { send(); }
      }
    }

    function send() {
      var $button = part('list-select');
      if ($button.prop('disabled')) { return; }
      var goOn = horizon.xloud.pause($button);
      part('list-busy').prop('hidden', false);
      part('list-told').empty();
      $.post($container.data('list-url'), {
        list: $list.val(),
        csrfmiddlewaretoken: $container.closest('form, .xloud-new-image-access')
          .find('[name=csrfmiddlewaretoken]').val()
      }).done(function (answer, status, jqXHR) {
        if (!horizon.xloud.leave(jqXHR)) { tell(answer); }
      }).fail(function (jqXHR) {
        if (horizon.xloud.leave(jqXHR)) { return; }
        tell({failed: true, told: jqXHR.status === 400 ?
          gettext('The list is longer than the dashboard takes at once.') :
          gettext('The dashboard did not answer. Your list and your selection are kept.')});
      }).always(function () {
        goOn();
        part('list-busy').prop('hidden', true);
      });
    }

    function tell(answer) {
      part('list-told').text(answer.told).toggleClass('text-danger', Boolean(answer.failed));
      if (answer.failed) { return; }
      select(answer.projects.map(added));
      $list.val(answer.left);
      part('list-ambiguous').empty();
      answer.ambiguous.forEach(function (item) {
        var $choices = $('<li class="form-inline">').append($('<bdi>').text(item.text), ': ');
        item.projects.forEach(function (project) {
          $('<button type="button" class="btn btn-default btn-xs">')
            .data('project', project).text(project.name).appendTo($choices).after(' ');
        });
        part('list-ambiguous').append($choices);
      });
    }

    function choose() {
      var $next = $(this).closest('li').next().find('button').first();
      select([added($(this).data('project'))]);
      $(this).closest('li').remove();
      ($next.length ? $next : part('list-select')).trigger('focus');
    }

    function added(project) {
      return {verb: 'add', id: project.id, name: project.name};
    }
  }
})(jQuery);
