/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The projects for a new image: the project table in Admin's Create Image, and the request that
 * shares the image once it exists.
 */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .factory('xloud.images.new-image-access.service', newImageAccess);

  newImageAccess.$inject = [
    '$q',
    '$rootScope',
    '$timeout',
    '$window',
    'horizon.framework.widgets.toast.service',
    'xloud.images.administrator.service'
  ];

  function newImageAccess($q, $rootScope, $timeout, $window, toast, administrator) {
    var $ = $window.jQuery;
    var xloud = $window.horizon.xloud;
    var addresses = null;
    var $table = null; // while Create Image is open in Admin, even while hidden
    var dialog = null; // remaining changes, until Create Image is closed

    return {open: open, show: show, hide: hide, chosen: chosen, share: share, close: close};

    /* given: the addresses of the administrator's service. */
    function open(given) {
      addresses = given;
      $table = $('<div class="xloud-new-image">');
      dialog = null;
      load();
    }

    function show(element) {
      element.append($table);
      $table.find('.xloud-new-image-access').trigger('xloud:shown');
    }

    /* The detached table keeps its content and its selection. */
    function hide() {
      $table.detach();
    }

    /* Opens Manage Access with the remaining changes after Create Image has closed: its closing
       would take the scroll bar from a dialog that is already open. */
    function close(gone) {
      var next = dialog;
      $table.remove();
      $table = null;
      dialog = null;
      if (next) {
        gone.then(function () { openDialog(next); });
      }
    }

    /* AngularJS compiles the dialog, which it cannot do during a digest. */
    function openDialog(html) {
      $timeout(angular.bind(null, $window.horizon.modals.success, html), 0, false);
    }

    function load() {
      var $wanted = $table;
      $wanted.text(gettext('Loading'));
      $.get(addresses.new_image_projects).done(function (html, status, jqXHR) {
        if (xloud.leave(jqXHR)) { return; }
        var $new = $('<div>').append($.parseHTML(html.trim()));
        xloud.withTable($new).done(function () {
          $wanted.empty().append($new.contents());
          xloud.projectTable($wanted.find('.xloud-projects'));
        }).fail(failed);
      }).fail(function (jqXHR) {
        if (!xloud.leave(jqXHR)) { failed(); }
      });

      function failed() {
        $wanted.empty();
        xloud.fail($wanted, gettext('The projects could not be loaded.'));
        $('<button type="button" class="btn btn-default">')
          .text(gettext('Try again')).on('click', load).appendTo($wanted);
      }
    }

    /* Returns the selection, or null when it is empty. */
    function chosen() {
      var projects = $table && $table.find('.xloud-projects');
      var selected = projects && projects.length ? xloud.projectTable(projects).changes() : [];
      return selected.length ? {
        user: projects.attr('data-user'),
        region: projects.attr('data-region'),
        accept: $table.find('[name=accept]').prop('checked'),
        changes: selected,
        fields: $table.find(':input').serialize(),
        table: $table
      } : null;
    }

    /* Returns a promise that never rejects: failures are shown in a separate dialog. */
    function share(image, selection) {
      var url = administrator.manageAccess(addresses, image.id);
      var done = $q.defer();
      $.post(url, selection.fields + '&receipt=1')
        .done(function (html, status, jqXHR) {
          if (xloud.leave(jqXHR)) { return; }
          if (xloud.isReceipt(html)) {
            xloud.showReceipt(html);
          } else {
            leftToDo(html, selection);
          }
          $rootScope.$evalAsync(done.resolve);
        })
        .fail(function (jqXHR) {
          if (logInAgain(jqXHR, url, selection)) { return; }
          askAgain(url, selection).then(done.resolve);
        });
      return done.promise;
    }

    /* Create Image may be closed by now, or open for another image. */
    function leftToDo(html, selection) {
      if ($table === selection.table) {
        dialog = html;
      } else {
        openDialog(html);
      }
    }

    /* The image exists: its Manage Access opens after login, with the selection. */
    function logInAgain(jqXHR, url, selection) {
      if (jqXHR.status === 401) {
        xloud.keep(url, {
          user: selection.user,
          region: selection.region,
          accept: selection.accept,
          changes: selection.changes
        });
      }
      return xloud.leave(jqXHR, url);
    }

    /* Without an answer: Manage Access knows the changes made, and gets the rest. */
    function askAgain(url, selection) {
      var done = $q.defer();
      $.get(url).done(function (html) {
        var $modal = $($.parseHTML(html.trim()));
        xloud.projectTable($modal.find('.xloud-projects')).select(selection.changes);
        $modal.find('[name=accept]').prop('checked', selection.accept);
        leftToDo($modal, selection);
      }).fail(function (jqXHR) {
        if (logInAgain(jqXHR, url, selection)) { return; }
        toast.add('error', interpolate(
          gettext('The image was created, but the dashboard did not answer when it was to be ' +
            'shared. Share it by Manage Access: %s'),
          [selection.changes.map(function (project) { return project.name; }).join(', ')]
        ));
      }).always(function () { $rootScope.$evalAsync(done.resolve); });
      return done.promise;
    }
  }
})();
