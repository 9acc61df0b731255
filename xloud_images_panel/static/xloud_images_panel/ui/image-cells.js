/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of image tables that the browser fills. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {imageCells: imageCells});

  /* $page: has the address of an image's details; the names of statuses are beside it */
  function imageCells($page) {
    var statuses = JSON.parse(document.getElementById('xloud-image-statuses').textContent);
    var answers = {
      accepted: gettext('Accepted'), pending: gettext('Pending'), rejected: gettext('Rejected')
    };
    return {access: access, name: name, row: row, status: status, time: time,
      visibility: visibility};

    function row(cells) {
      return $('<tr>').append(cells.map(function (cell) {
        return cell instanceof $ ? $('<td>').append(cell) : $('<td>').text(cell);
      }));
    }

    function name(image) {
      return $('<a>').attr({
        href: $page.attr('data-detail-url').replace('IMAGE_ID', image.id), target: '_self'
      }).append($('<bdi>').text(image.name || image.id));
    }

    /* Only shared images have members. Horizon lists no hidden images. */
    function visibility(image) {
      return image.hidden ? gettext('Shared, hidden') : gettext('Shared');
    }

    function status(image) {
      return statuses[image.status] || image.status;
    }

    function access(membership) {
      return answers[membership.status] || membership.status;
    }

    function time(text) {
      return text ? new Date(text).toLocaleString() : '–';
    }
  }
})(jQuery);
