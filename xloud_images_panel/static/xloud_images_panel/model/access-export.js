/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An export of the access to images as a plain object: the next request, the missing images and the
 * file. No DOM.
 *
 * It reads images with their members in batches, then the projects that are still unknown. Then the
 * server writes the lines. For many projects, it reads all projects of the cloud.
 */
(function () {
  'use strict';

  var MOST_IMAGES = 80; // per request, as the server accepts them
  var MOST_PROJECTS = 40;
  var MOST_ROWS = 2000; // members per request for lines; a single image may have any number
  var MOST_ALONE = 60; // projects that are requested by ID
  var PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/; // an ID that Keystone could have issued

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.accessExport = {create: create};

  /*
   * ids: the images, in the order of the file
   * format: 'csv' or 'yaml'
   * without: {unread: why other images are not in the file, by ID; areMore: whether there may be
   *   unknown images}
   */
  function create(ids, format, without) {
    var queue = ids.slice();
    var waiting = []; // images that are read but have no lines yet
    var texts = {};
    var unread = {}; // sentences by ID
    var gone = [];
    var projects = new Map(); // by ID; null if missing or unreadable
    var alone = 0;
    var after = ''; // the marker of the next page of all projects
    var isWalked = false;
    var forbidden = '';
    var frame = null;
    var members = 0;

    return {
      areMore: function () { return without.areMore; },
      counts: counts,
      file: file,
      forbidden: function () { return forbidden; },
      gone: function () { return gone.slice(); },
      isComplete: function () { return !next(); },
      missing: missingNow,
      unread: unreadNow,
      next: next,
      readAgain: readAgain,
      take: take
    };

    /* Returns the next request, {what, query} or {what, content}, or null at the end. */
    function next() {
      var unknown = unknownProjects();
      var isMuch = rowsOf(waiting) >= MOST_ROWS || !queue.length;
      if (isMuch && unknown.length) {
        return alone + unknown.length > MOST_ALONE && !isWalked ?
          {what: 'projects', query: {after: after}} :
          {what: 'projects', query: {ids: unknown.slice(0, MOST_PROJECTS).join(',')}};
      }
      if (isMuch && waiting.length || !queue.length && !frame) { return linesOf(lot()); }
      return queue.length ?
        {what: 'members', query: {ids: queue.slice(0, MOST_IMAGES).join(',')}} : null;
    }

    function unknownProjects() {
      return projectsOf(waiting).filter(function (id) { return !projects.has(id); });
    }

    function projectsOf(images) {
      var found = new Set();
      images.forEach(function (image) {
        found.add(image.owner);
        image.rows.forEach(function (row) { found.add(row[0]); });
      });
      return Array.from(found).filter(function (id) { return PROJECT_ID.test(id); });
    }

    function rowsOf(images) {
      return images.reduce(function (sum, image) { return sum + image.rows.length; }, 0);
    }

    function lot() {
      var found = [];
      waiting.some(function (image) {
        found.push(image);
        return rowsOf(found) >= MOST_ROWS;
      });
      return found;
    }

    function linesOf(images) {
      var named = Object.create(null);
      projectsOf(images).forEach(function (id) {
        if (projects.get(id)) { named[id] = projects.get(id); }
      });
      return {what: 'lines', content: {format: format, images: images, projects: named}};
    }

    /* Takes the answer to a request from next(). */
    function take(asked, answer) {
      ({members: takeMembers, projects: takeProjects, lines: takeLines})[asked.what](answer, asked);
    }

    function takeMembers(answer) {
      Object.keys(answer.images).forEach(function (id) {
        waiting.push(Object.assign({id: id}, answer.images[id]));
        delete unread[id];
      });
      Object.assign(unread, answer.unread);
      gone = gone.concat(answer.gone);
      var read = new Set(Object.keys(answer.images).concat(Object.keys(answer.unread), answer.gone));
      queue = queue.filter(function (id) { return !read.has(id); });
    }

    function takeProjects(answer, asked) {
      Object.keys(answer.projects).forEach(function (id) { projects.set(id, answer.projects[id]); });
      forbidden = answer.forbidden || forbidden;
      if (answer.forbidden) {
        unknownProjects().forEach(function (id) { projects.set(id, null); });
      } else if (asked.query.ids === undefined) {
        after = answer.after;
        isWalked = !after;
      } else {
        asked.query.ids.split(',').forEach(function (id) {
          projects.set(id, projects.get(id) || null);
          alone += 1;
        });
      }
    }

    function takeLines(answer) {
      frame = answer;
      waiting = waiting.filter(function (image) {
        if (answer.texts[image.id] === undefined) { return true; }
        texts[image.id] = answer.texts[image.id];
        members += image.rows.length;
        return false;
      });
    }

    /* Queues the unread images again. */
    function readAgain() {
      queue = Object.keys(unread).concat(queue);
      unread = {};
    }

    /* Returns the numbers of all images, of finished images, and of images and members in the
       file. */
    function counts() {
      return {
        all: ids.length,
        done: ids.length - queue.length - waiting.length,
        images: ids.filter(function (id) { return texts[id]; }).length,
        members: members
      };
    }

    /* Returns why listed images could not be read, by ID. */
    function unreadNow() {
      return Object.assign({}, unread);
    }

    /* Returns why images are not in the file, by ID; '' if they are not read yet. */
    function missingNow() {
      var found = Object.assign({}, without.unread, unread);
      queue.concat(waiting.map(function (image) { return image.id; })).forEach(function (id) {
        found[id] = '';
      });
      return found;
    }

    /*
     * Returns {parts, isIncomplete} of the file so far, or null if it has nothing yet.
     *
     * comment: the first line of an incomplete YAML file; CSV has no comments
     */
    function file(comment) {
      if (!frame) { return null; }
      var lost = Object.keys(missingNow());
      var found = ids.map(function (id) { return texts[id]; }).filter(Boolean);
      var isIncomplete = without.areMore || lost.length > 0;
      var notes = isIncomplete && format === 'yaml' ? ['# ' + oneLine(comment) + '\n'].concat(
        lost.map(function (id) { return '#   ' + oneLine(id) + '\n'; })
      ) : [];
      return {
        parts: notes.concat(frame.head, found.length ? found : frame.nothing, frame.end),
        isIncomplete: isIncomplete
      };
    }

    function oneLine(text) {
      return String(text).replace(/[\n\r\u0085\u2028\u2029]+/g, ' ');
    }
  }
})();
