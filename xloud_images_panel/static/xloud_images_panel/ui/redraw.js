/* SPDX-License-Identifier: Apache-2.0 */
/* Redraws rows, except unchanged ones, so that the focus stays in place. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {redraw: redraw});

  /* items: each has an id; draw: returns an item's row */
  function redraw($body, items, draw) {
    var before = {};
    $body.children().each(function () { before[$(this).attr('data-id')] = this; });
    items.forEach(function (item, at) {
      var row = draw(item).attr('data-id', item.id)[0];
      var old = before[item.id];
      if (old && old.isEqualNode(row)) { row = old; }
      var there = $body.children()[at];
      if (there !== row) { $body[0].insertBefore(row, there || null); }
    });
    $body.children().slice(items.length).remove();
  }
})(jQuery);
