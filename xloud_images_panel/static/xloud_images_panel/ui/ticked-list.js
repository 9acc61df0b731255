/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of images with ticks, page by page. A tick stays when its row is on another page. Tables
 * without a box in the header, for users who may only read, have no ticks.
 */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {tickedList: tickedList});

  /*
   * $list: has the table, its pager and the buttons for many ticks
   * options: {rowOf: returns the row of an image, changed: is called when ticks change}
   *
   * Returns {firstPage, show, ticks}. show(images) replaces the shown images.
   */
  function tickedList($list, options) {
    var ticks = horizon.xloud.projectImages.ticks();
    var found = [];
    var shown = [];
    var pager = horizon.xloud.pager($list, function () { show(found); });

    part('tick-page').on('change', function () { set(shown, this.checked); });
    part('tick-all').on('click', function () { set(found, true); });
    part('tick-none').on('click', function () {
      ticks.clear();
      tell();
    });
    $list.on('change', 'tbody input[type=checkbox]', function () {
      ticks.set($(this).attr('data-tick'), this.checked);
      tell();
    });
    return {firstPage: pager.first, show: show, ticks: ticks};

    function part(role) {
      return $list.find('[data-role=' + role + ']');
    }

    function set(images, areTicked) {
      ticks.set(images.map(function (image) { return image.id; }), areTicked);
      tell();
    }

    function show(images) {
      found = images;
      shown = pager.cut(found);
      horizon.xloud.redraw($list.find('tbody'), shown, rowOf);
      tell();
    }

    function rowOf(image) {
      var $row = options.rowOf(image);
      if (!part('tick-page').length) { return $row; }
      return $row.prepend($('<td>').append($('<input type="checkbox">').attr({
        'data-tick': image.id, 'aria-label': image.name || image.id
      })));
    }

    function tell() {
      var count = ticks.ids().length;
      var isAll = found.length > 0 && found.every(isTicked);
      $list.find('tbody input[type=checkbox]').each(function () {
        this.checked = ticks.has($(this).attr('data-tick'));
      });
      part('tick-page').prop({
        checked: shown.length > 0 && shown.every(isTicked), disabled: !shown.length
      });
      part('tick-all').prop('hidden', isAll || found.length <= shown.length)
        .text(interpolate(gettext('Tick all %s'), [found.length]));
      part('tick-none').prop('hidden', !count);
      part('ticked').text(count ? interpolate(
        ngettext('%s image is ticked.', '%s images are ticked.', count), [count]
      ) : '');
      options.changed();
    }

    function isTicked(image) {
      return ticks.has(image.id);
    }
  }
})(jQuery);
