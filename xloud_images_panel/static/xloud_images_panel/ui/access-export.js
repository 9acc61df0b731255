/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The export of the access to images. It reads slice by slice, shows its progress in the bar, and
 * offers the file at the end, or an incomplete file after a stop.
 */
(function ($) {
  'use strict';

  var MOST_NAMED = 10; // images per reason
  var TYPES = {csv: 'text/csv', yaml: 'text/yaml'};

  horizon.xloud = $.extend(horizon.xloud, {accessExporter: accessExporter});

  /*
   * Returns the exporter of an .xloud-export: {start(ids, format, without, nameOf)}. The first
   * three are those of the model's create(); nameOf(id) returns an image's name.
   */
  function accessExporter($export) {
    var work = null;
    var format = '';
    var nameOf = null;
    var waiting = null; // the current request
    var address = ''; // of the file in the browser's memory

    part('stop').on('click', stop);
    part('continue').on('click', goOn);
    part('retry').on('click', function () {
      work.readAgain();
      goOn();
    });
    part('close').on('click', function () {
      stop();
      work = null;
      forget();
      $export.prop('hidden', true).trigger('xloud:export-closed');
    });

    return {start: start};

    function part(role) {
      return $export.find('[data-role=export-' + role + ']');
    }

    function start(ids, as, without, called) {
      halt();
      format = as;
      nameOf = called;
      work = horizon.xloud.accessExport.create(ids, format, without);
      $export.prop('hidden', false);
      goOn();
      part('title').trigger('focus');
    }

    function goOn() {
      part('failed').prop('hidden', true);
      forget();
      step();
    }

    function stop() {
      halt();
      if (work) { show(); }
    }

    function halt() {
      var before = waiting;
      waiting = null;
      if (before) { before.abort(); }
    }

    function step() {
      var asked = work.next();
      if (!asked) {
        show();
        part(part('link').is(':visible') ? 'link' : 'title').trigger('focus');
        return;
      }
      var region = {region: $export.attr('data-region')};
      waiting = asked.content ?
        horizon.xloud.postJson(urlOf(asked), $export, $.extend(region, asked.content)) :
        $.getJSON(urlOf(asked), $.extend(region, asked.query));
      show();
      var request = waiting;
      request.done(function (answer, status, jqXHR) {
        if (request === waiting) { take(asked, answer, jqXHR); }
      }).fail(function (jqXHR) {
        if (request === waiting) { fail('', jqXHR); }
      });
    }

    function urlOf(asked) {
      return $export.attr('data-' + asked.what + '-url');
    }

    function take(asked, answer, jqXHR) {
      waiting = null;
      if (!answer || answer.failed || answer.refused || horizon.xloud.loginPage(jqXHR)) {
        fail(answer ? answer.failed || answer.refused : '', jqXHR);
        return;
      }
      work.take(asked, answer);
      step();
    }

    function fail(why, jqXHR) {
      var login = horizon.xloud.loginPage(jqXHR);
      halt();
      show();
      part('why').text(login ?
        gettext('Your session has ended. Log in again in another tab; then continue here.') :
        why || gettext('The dashboard did not answer. What was read so far is kept.'));
      part('log-in').attr('href', login || '#').prop('hidden', !login);
      part('failed').prop('hidden', false);
      part('continue').trigger('focus');
    }

    // -- display

    function show() {
      var counts = work.counts();
      var isOver = !waiting;
      part('bar').attr({max: counts.all || 1, value: counts.done}).prop('hidden', isOver);
      part('told').text(isOver ? '' : interpolate(
        gettext('%(done)s of %(all)s images are read.'), counts, true
      ));
      part('stop').prop('hidden', isOver);
      part('continue').prop('hidden', !isOver || work.isComplete());
      part('close').prop('hidden', !isOver);
      part('result').prop('hidden', !isOver);
      if (isOver) { showResult(counts); }
    }

    function showResult(counts) {
      var missing = work.missing();
      var isAgain = Object.keys(work.unread()).length > 0;
      var file = work.file(gettext('Incomplete. These images are missing:'));
      showFile(file, counts);
      showNotes(file, counts);
      part('incomplete').prop('hidden', file ? !file.isIncomplete : work.isComplete());
      part('retry').prop('hidden', !isAgain || !work.isComplete());
      part('lacks').text(file ? gettext('The file is incomplete. These images are not in it:') :
        gettext('These images are still to be read:'));
      showMissing(missing);
    }

    function showFile(file, counts) {
      forget();
      part('link').prop('hidden', !file);
      if (!file) {
        part('contents').text(gettext('Nothing was read yet, so there is no file.'));
        return;
      }
      var content = new Blob(file.parts, {type: TYPES[format] + ';charset=utf-8'});
      var day = new Date().toISOString().slice(0, 10);
      var name = 'image-access-' + day + (file.isIncomplete ? '-incomplete.' : '.') + format;
      address = URL.createObjectURL(content);
      part('link').attr({href: address, download: name});
      part('name').text(name);
      part('contents').text(interpolate(gettext('It has %(images)s with %(members)s.'), {
        images: interpolate(ngettext('%s image', '%s images', counts.images), [counts.images]),
        members: interpolate(
          ngettext('%s membership', '%s memberships', counts.members), [counts.members]
        )
      }, true));
      part('large').prop('hidden', format !== 'yaml' || !isTooLarge(content, file.parts));
    }

    function isTooLarge(content, parts) {
      var lines = parts.reduce(function (sum, text) { return sum + text.split('\n').length - 1; }, 0);
      return content.size > Number($export.attr('data-most-bytes')) ||
        lines > Number($export.attr('data-most-lines'));
    }

    function showNotes(file, counts) {
      var gone = work.gone().length;
      var empty = counts.done - counts.images - gone - Object.keys(work.unread()).length;
      var notes = [];
      if (empty > 0) {
        notes.push(interpolate(ngettext('%s image is shared with nobody, and is not in it.',
          '%s images are shared with nobody, and are not in it.', empty), [empty]));
      }
      if (gone) {
        notes.push(interpolate(ngettext('%s image is not shared any more, and is not in it.',
          '%s images are not shared any more, and are not in it.', gone), [gone]));
      }
      if (work.forbidden()) {
        notes.push(gettext('It has the IDs of projects without their names:') + ' ' +
          work.forbidden());
      }
      part('notes').text(file ? notes.join(' ') : '');
    }

    function showMissing(missing) {
      var reasons = new Map();
      Object.keys(missing).forEach(function (id) {
        var why = missing[id] || gettext('not read yet');
        reasons.set(why, (reasons.get(why) || []).concat(id));
      });
      var $list = part('missing').empty();
      if (work.areMore()) {
        $list.append($('<li>').text(gettext('Not all shared images of the cloud could be listed, ' +
          'so there may be more.')));
      }
      reasons.forEach(function (ids, why) {
        var $reason = $('<li>').appendTo($list);
        ids.slice(0, MOST_NAMED).forEach(function (id, at) {
          $reason.append(at ? ', ' : '', $('<bdi>').text(nameOf(id)).attr('title', id));
        });
        if (ids.length > MOST_NAMED) {
          $reason.append(' ', document.createTextNode(
            interpolate(gettext('and %s more'), [ids.length - MOST_NAMED])
          ));
        }
        $reason.append(document.createTextNode(': ' + why));
      });
    }

    function forget() {
      if (address) { URL.revokeObjectURL(address); }
      address = '';
    }
  }
})(jQuery);
