/* SPDX-License-Identifier: Apache-2.0 */
/* Names of projects that a page knows only by ID. Each is looked up once. */
(function ($) {
  'use strict';

  var AT_ONCE = 80; // projects per request, as the server accepts them

  horizon.xloud = $.extend(horizon.xloud, {projectNames: projectNames});

  /*
   * $scan: the element that has the address
   * known: is called when names arrive
   *
   * Returns {ask, cell, of}. of(id) returns the name, or the ID until it is known.
   */
  function projectNames($scan, known) {
    var names = {};
    return {ask: ask, cell: cell, of: of};

    function of(id) {
      return names[id] || id;
    }

    function cell(id) {
      return $('<bdi>').text(of(id) || '–').attr('title', id);
    }

    function ask(ids) {
      var unknown = Array.from(new Set(ids)).filter(function (id) { return id && !(id in names); });
      unknown.forEach(function (id) { names[id] = ''; });
      for (var at = 0; at < unknown.length; at += AT_ONCE) {
        request(unknown.slice(at, at + AT_ONCE));
      }
    }

    function request(ids) {
      $.getJSON($scan.attr('data-names-url'), {
        ids: ids.join(','), region: $scan.attr('data-region')
      }).done(function (answer) {
        $.extend(names, answer && answer.names);
        known();
      });
    }
  }
})(jQuery);
