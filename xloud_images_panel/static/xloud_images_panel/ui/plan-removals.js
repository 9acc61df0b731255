/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The removals of a plan in words, for pages that require more than a sheet: which projects lose
 * which images, and the number of removals, which the user must type if it is large.
 */
(function ($) {
  'use strict';

  var MOST_NAMED = 10; // images, and projects per image

  horizon.xloud = $.extend(horizon.xloud, {planRemovals: planRemovals});

  /*
   * changed: is called when another number was typed
   *
   * Returns {allowed, isSaid, most, show} for a .xloud-plan. show(cells, names) lists the removals
   * if isSaid is true. allowed() returns whether that many may be removed, and most() returns the
   * limit, undefined for any number.
   */
  function planRemovals($plan, changed) {
    var free = $plan.attr('data-most-removals');
    var removed = [];

    part('number').on('input', changed);
    return {allowed: allowed, isSaid: free !== undefined, most: most, show: show};

    function part(role) {
      return $plan.find('[data-role=plan-removals' + (role ? '-' + role : '') + ']');
    }

    function isMany() {
      return free !== undefined && removed.length > Number(free);
    }

    function allowed() {
      return !isMany() || part('number').val().trim() === String(removed.length);
    }

    function most() {
      return free === undefined ? undefined : Math.max(Number(free), removed.length);
    }

    function show(cells, names) {
      removed = cells.filter(function (cell) { return cell.verb === 'remove'; });
      part('').prop('hidden', free === undefined || !removed.length);
      part('ask').prop('hidden', !isMany());
      if (!removed.length) { part('number').val(''); }
      if (free === undefined || !removed.length) { return; }
      var images = new Map();
      removed.forEach(function (cell) {
        if (!images.has(cell.image)) { images.set(cell.image, []); }
        images.get(cell.image).push(cell.project);
      });
      part('said').text(interpolate(ngettext(
        '%(count)s membership is removed from %(images)s, because the file says "exact":',
        '%(count)s memberships are removed from %(images)s, because the file says "exact":',
        removed.length
      ), {
        count: removed.length,
        images: interpolate(ngettext('%s image', '%s images', images.size), [images.size])
      }, true));
      var $list = part('images').empty();
      Array.from(images.keys()).slice(0, MOST_NAMED).forEach(function (id) {
        var $image = $('<li>').append($('<bdi>').text(names.images[id] || id), ': ');
        named(images.get(id), names.projects, $image);
        $list.append($image);
      });
      if (images.size > MOST_NAMED) { $list.append($('<li>').text(more(images.size))); }
    }

    function named(ids, names, $image) {
      ids.slice(0, MOST_NAMED).forEach(function (id, at) {
        $image.append(at ? ', ' : '', $('<bdi>').text(names[id] || id));
      });
      if (ids.length > MOST_NAMED) { $image.append(' ', document.createTextNode(more(ids.length))); }
    }

    function more(count) {
      return interpolate(gettext('and %s more'), [count - MOST_NAMED]);
    }
  }
})(jQuery);
