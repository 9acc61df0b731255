/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More images for a project: from all shared images of the cloud that have been read, or only from
 * those of another project.
 */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {addImages: addImages});

  /*
   * options: {cells, names, project; scan: returns the scan of the project; review: is called with
   *   the IDs of images and whether to accept on behalf; closed: is called after closing}
   *
   * Returns {close, draw, open}. open() offers all images, open(true) another project's.
   */
  function addImages($panel, options) {
    var rules = horizon.xloud.projectImages;
    var other = null; // {run, scan} of the other project
    var isOfOther = false;
    var finder = null;
    var list = horizon.xloud.tickedList(part('adding-list'), {
      rowOf: rowOf, changed: showButton
    });

    part('adding-filter').on('submit', function (event) { event.preventDefault(); })
      .on('input', function () {
        list.firstPage();
        draw();
      });
    part('adding-choose-again').on('click', choose);
    part('adding-close').on('click', function () {
      close();
      options.closed();
    });
    part('adding-review').on('click', function () {
      // A restarted scan does not know all of them yet.
      options.review(list.ticks.ids().filter(isListed), $panel.find('[name=accept]').prop('checked'));
    });
    $panel.on('keydown', function (event) {
      if (event.key === 'Escape') { part('adding-close').trigger('click'); }
    });
    return {close: close, draw: draw, open: open};

    function part(role) {
      return $panel.find('[data-role=' + role + ']');
    }

    function open(ofOther) {
      isOfOther = Boolean(ofOther);
      part('adding-title').text(isOfOther ?
        gettext('The same images as another project') : gettext('Add images'));
      part('adding-from').prop('hidden', !isOfOther);
      part('adding-access').prop('hidden', !isOfOther);
      part('adding-filter').find('[name=adding_name]').val('');
      $panel.prop('hidden', false);
      list.ticks.clear();
      list.firstPage();
      if (isOfOther) {
        choose();
      } else {
        draw();
        part('adding-filter').find('[name=adding_name]').trigger('focus');
      }
    }

    function close() {
      forgetOther();
      list.ticks.clear();
      $panel.prop('hidden', true);
    }

    function forgetOther() {
      if (other) { other.run.stop(); }
      other = null;
    }

    // -- other project

    function choose() {
      forgetOther();
      list.ticks.clear();
      part('adding-choose').prop('hidden', false);
      part('adding-chosen').prop('hidden', true);
      draw();
      var $finder = $panel.find('.xloud-find-project');
      finder = finder || horizon.xloud.findProject($finder, choice, options.project);
      $finder.find('[name=search]').trigger('focus');
    }

    function choice(project) {
      return $('<button type="button" class="btn btn-link">').on('click', function () {
        chosen(project);
      });
    }

    function chosen(project) {
      var current = other = {scan: null};
      part('adding-choose').prop('hidden', true);
      part('adding-chosen').prop('hidden', false);
      part('adding-other').empty().append(
        document.createTextNode(gettext('Images that only the other project has:') + ' '),
        $('<bdi>').append($('<strong>').text(project.label))
      );
      current.run = horizon.xloud.runScan($panel.find('.xloud-scan'), {
        name: project.id,
        query: function () { return {project: project.id}; },
        begin: function () { return options.scan().ofTheSameImages(); },
        show: function (scan) {
          current.scan = scan;
          if (current === other) { draw(); }
        }
      });
      current.run.begin();
      part('adding-title').trigger('focus');
    }

    // -- images

    function found() {
      if (isOfOther && !(other && other.scan)) { return []; }
      return rules.toAdd(
        options.scan(), options.project, part('adding-filter').find('[name=adding_name]').val(),
        isOfOther ? other.scan : null
      );
    }

    function draw() {
      if ($panel.prop('hidden')) { return; }
      part('adding-list').prop('hidden', isOfOther && !other);
      var images = found();
      if (options.scan().isComplete()) { list.ticks.keep(isListed); }
      options.names.ask(images.map(function (image) { return image.owner; }));
      list.show(images);
      part('none').text(images.length ? '' : nothing());
    }

    function isListed(id) {
      return Boolean(options.scan().image(id));
    }

    function nothing() {
      if (!options.scan().isComplete() || isOfOther && other && !other.scan.isComplete()) {
        return gettext('None so far.');
      }
      return isOfOther ? gettext('The other project has no image that this one has not.') :
        gettext('No image matches that could be added.');
    }

    function rowOf(image) {
      var cells = options.cells;
      var shown = [cells.name(image), options.names.cell(image.owner), cells.visibility(image),
        cells.status(image)];
      return cells.row(isOfOther ? shown.concat(cells.access(other.scan.row(image.id))) : shown);
    }

    function showButton() {
      part('adding-review').prop('disabled', !list.ticks.ids().some(isListed));
    }
  }
})(jQuery);
