/* SPDX-License-Identifier: Apache-2.0 */
/* Access by Image: the shared images as they are read, by the filter in the page's address. */
(function ($) {
  'use strict';

  horizon.addInitFunction(function () {
    $('.xloud-by-image').each(function () { start($(this)); });
  });

  function start($page) {
    var rules = horizon.xloud.imageRows;
    var quota = Number($page.attr('data-quota')) || 0;
    var $scan = $page.find('.xloud-scan');
    var names = horizon.xloud.projectNames($scan, draw);
    var scan = null;
    var changing = null; // ID of the image whose dialog is open
    var changed = null; // ID of the image whose dialog was open last
    var pager = horizon.xloud.pager($page, draw);
    var filter = horizon.xloud.addressFilter($page.find('form').first(), function () {
      pager.first();
      draw();
    });
    var run;

    $page.on('click', 'a[data-manage]', function () { changing = $(this).attr('data-manage'); });
    $(document).on('hidden.bs.modal', '#manage_access_modal', function () {
      if (changing) { run.readAgain(changing); }
      changed = changing || changed;
      changing = null;
    });
    $(document).on('xloud:undone', function () {
      if (changed) { run.readAgain(changed); }
    });

    run = horizon.xloud.runScan($scan, {show: function (found) {
      scan = found;
      draw();
      names.ask(scan.images().map(function (image) { return image.owner; }));
    }});
    run.begin();

    function role(name) {
      return $page.find('[data-role=' + name + ']');
    }

    function draw() {
      var found = rules.select(scan, filter(), quota, names.of);
      horizon.xloud.redraw(role('images').find('tbody'), pager.cut(found), rowOf);
      role('none').text(found.length ? '' : nothing());
    }

    function nothing() {
      if (!scan.isComplete()) { return gettext('None so far.'); }
      return scan.total() ? gettext('No shared image matches.') :
        gettext('No image in this region is shared.');
    }

    function rowOf(image) {
      var row = scan.row(image.id);
      var count = rules.projects(row);
      var $name = $('<a>').attr({
        href: $page.attr('data-detail-url').replace('IMAGE_ID', image.id), target: '_self'
      }).append($('<bdi>').text(image.name));
      var $manage = $('<a class="btn btn-default btn-sm ajax-modal">').attr({
        href: $page.attr('data-manage-url').replace('IMAGE_ID', image.id), target: '_self',
        'data-manage': image.id,
        'aria-label': interpolate(gettext('Manage Access of %s'), [image.name])
      }).text(gettext('Manage Access'));
      var cells = [$name, names.cell(image.owner), quota && count > 0.9 * quota ?
        $('<strong>').text(interpolate(gettext('%s, nearly full'), [count])) : count,
      row.accepted, row.pending, row.rejected,
      row.changed ? new Date(row.changed).toLocaleString() : '–', $manage];
      return $('<tr>').append(cells.map(function (cell) {
        return cell instanceof $ ? $('<td>').append(cell) : $('<td>').text(cell);
      }));
    }
  }
})(jQuery);
