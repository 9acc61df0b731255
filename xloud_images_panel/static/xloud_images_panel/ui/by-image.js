/* SPDX-License-Identifier: Apache-2.0 */
/* Access by Image: lists shared images as they are read, filtered by the page's address. */
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
    var list = horizon.xloud.tickedList($page, {rowOf: rowOf, changed: showTicked});
    var exporter = horizon.xloud.accessExporter($page.find('.xloud-export'));
    var filter = horizon.xloud.addressFilter($page.find('form').first(), function () {
      list.firstPage();
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

    $page.on('click', '[data-export]', function (event) {
      event.preventDefault();
      startExport($(this).attr('data-export'));
    });
    role('manage-ticked').on('click', function () {
      window.location.href = horizon.xloud.imageIds.address($(this).attr('data-url'), list.ticks.ids());
    });
    $page.on('xloud:export-closed', function () { role('export-open').trigger('focus'); });

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
      // A restarted scan has no images yet.
      if (scan.isListed()) { list.ticks.keep(function (id) { return scan.image(id); }); }
      list.show(found);
      role('none').text(found.length ? '' : nothing());
    }

    // -- export of ticked images, or of all that match the filter

    function wanted() {
      var ticked = list.ticks.ids();
      var listed = scan.images().map(function (image) { return image.id; }).filter(list.ticks.has);
      return ticked.length ? {
        ids: Array.from(new Set(listed.concat(ticked))), without: {unread: {}, areMore: false}
      } : rules.toExport(scan, filter(), quota, names.of);
    }

    function showTicked() {
      var count = list.ticks.ids().length;
      var most = horizon.xloud.imageIds.MOST;
      role('manage-ticked').prop('disabled', !count || count > most).text(count ?
        interpolate(gettext('Manage Access (%s)'), [count]) : gettext('Manage Access'));
      role('too-many').text(role('manage-ticked').length && count > most ? interpolate(
        gettext('%(count)s images are selected; Manage Access takes %(most)s at once.'),
        {count: count, most: most}, true
      ) : '');
      role('export-of').text(count ? interpolate(
        ngettext('%s ticked image', '%s ticked images', count), [count]
      ) : gettext('All images that the filter finds'));
    }

    function startExport(format) {
      var found = wanted();
      var called = new Map();
      scan.images().forEach(function (image) { called.set(image.id, image.name); });
      exporter.start(found.ids, format, found.without, function (id) { return called.get(id) || id; });
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
