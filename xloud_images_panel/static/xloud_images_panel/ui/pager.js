/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of rows that are all in the browser. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {pager: pager});

  /*
   * $page: has the pager's parts, and the number of rows per page
   * draw: is called when the page is turned
   *
   * Returns {first, cut}. first() goes to the first page, cut(rows) returns the page's rows.
   */
  function pager($page, draw) {
    var size = Number($page.attr('data-page-size'));
    var place = 0;

    role('previous').on('click', function () { turn(-size); });
    role('next').on('click', function () { turn(size); });
    return {cut: cut, first: function () { place = 0; }};

    function role(name) {
      return $page.find('[data-role=' + name + ']');
    }

    function turn(by) {
      place = Math.max(0, place + by);
      draw();
      // At the end, the pressed button is disabled and loses the focus.
      if (role(by > 0 ? 'next' : 'previous').prop('disabled')) {
        role(by > 0 ? 'previous' : 'next').trigger('focus');
      }
      $page.find('table')[0].scrollIntoView({block: 'nearest'});
    }

    function cut(rows) {
      if (place >= rows.length) {
        place = Math.max(0, Math.floor((rows.length - 1) / size) * size);
      }
      var shown = rows.slice(place, place + size);
      role('pager').prop('hidden', rows.length <= size);
      role('place').text(interpolate(gettext('%(first)s–%(last)s of %(all)s'), {
        first: place + 1, last: place + shown.length, all: rows.length
      }, true));
      role('previous').prop('disabled', !place);
      role('next').prop('disabled', place + size >= rows.length);
      return shown;
    }
  }
})(jQuery);
