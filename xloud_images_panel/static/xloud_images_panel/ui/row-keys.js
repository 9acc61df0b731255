/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyboard navigation in the project table, which is one Tab stop. Arrow keys lead from row to row,
 * and within a row from the box to its button. Home and End lead to the first and last row.
 */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {rowKeys: rowKeys});

  function rowKeys($table) {
    $table.on('keydown', 'tbody :checkbox, tbody button', move);
    $table.on('focusin', 'tbody :checkbox, tbody button', function () { makeStop(this); });

    return {keepFocus: keepFocus, update: update};

    function stops() {
      return $table.find('tbody').find(':checkbox:enabled, button');
    }

    /* Keeps one Tab stop in the rows. */
    function update() {
      var $stops = stops();
      var $current = $stops.filter('[tabindex=0]');
      makeStop(($current.length ? $current : $stops).get(0));
    }

    function makeStop(stop) {
      stops().attr('tabindex', -1);
      $(stop).attr('tabindex', 0);
    }

    /* Replaces the rows, and moves a focus in them to the first new one. */
    function keepFocus(replace) {
      var hadFocus = $table.find('tbody :focus').length > 0;
      replace();
      update();
      if (hadFocus) {
        stops().first().trigger('focus');
      }
    }

    function move(event) {
      var $row = $(this).closest('tr');
      var $rows = $table.find('tbody tr').filter(function () {
        return $(this).find(':checkbox:enabled, button').length;
      });
      var index = $rows.index($row);
      var isRtl = $table.css('direction') === 'rtl';
      var steps = {
        ArrowDown: function () { return inRow($rows.eq(index + 1)); },
        ArrowUp: function () { return index ? inRow($rows.eq(index - 1)) : $(); },
        Home: function () { return inRow($rows.first()); },
        End: function () { return inRow($rows.last()); },
        ArrowRight: function () { return beside($row, this, isRtl ? -1 : 1); }.bind(this),
        ArrowLeft: function () { return beside($row, this, isRtl ? 1 : -1); }.bind(this)
      };
      if (!Object.prototype.hasOwnProperty.call(steps, event.key)) { return; }
      event.preventDefault();
      steps[event.key]().trigger('focus');
    }

    function inRow($row) {
      return $row.find(':checkbox:enabled, button').first();
    }

    function beside($row, stop, step) {
      var $inRow = $row.find(':checkbox:enabled, button');
      var index = $inRow.index(stop) + step;
      return index < 0 ? $() : $inRow.eq(index);
    }
  }
})(jQuery);
