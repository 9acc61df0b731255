/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversion of an access file to a plan, as a plain object. It looks up the names in the file,
 * then compares some images at a time with the cloud. No DOM.
 *
 * An image of the file is {line, text, mode, name, entries: [line, kind, text, name] each}. Texts
 * come from other people, so only Maps use them as keys.
 */
(function () {
  'use strict';

  var MOST = {images: 100, projects: 100, compare: 40}; // per request, as the server accepts them
  var MOST_ENTRIES = 2000; // per comparison; a single image may have any number
  var MOST_IDLE = 3; // slices without progress

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.accessFile = {create: create};

  function create(images) {
    var texts = {
      images: textsOf(images.map(function (image) { return image.text; })),
      projects: textsOfKind('project'), domains: textsOfKind('domain'), tags: textsOfKind('tag')
    };
    var found = {images: new Map(), projects: new Map(), domains: new Map(), tags: new Map()};
    var most = Object.assign({}, MOST);
    var place = texts.domains.length || texts.tags.length ? [0, ''] : null;
    var groups = null; // images of the file, grouped by image of the cloud, to be compared
    var findings = [];
    var changes = [];
    var names = {images: {}, projects: {}};
    var idle = 0;

    return {
      counts: counts,
      failed: failed,
      findings: sortedFindings,
      isIdle: function () { return idle >= MOST_IDLE; },
      next: next,
      plan: function () { return {changes: changes, names: names}; },
      take: take
    };

    function textsOf(some) {
      return Array.from(new Set(some));
    }

    function textsOfKind(kind) {
      return textsOf(entriesOf(images, kind));
    }

    /* Returns the texts of entries of a kind. */
    function entriesOf(some, kind) {
      var named = [];
      some.forEach(function (image) {
        image.entries.forEach(function (entry) {
          if (entry[1] === kind) { named.push(entry[2]); }
        });
      });
      return named;
    }

    /* Returns the next request, {what, content}, or null at the end. */
    function next() {
      var what = ['images', 'projects'].find(function (name) { return left(name).length; });
      if (what) { return {what: what, content: single(what, left(what).slice(0, most[what]))}; }
      if (place) {
        return {what: 'rules', content: {domains: texts.domains, tags: texts.tags, place: place}};
      }
      groups = groups || grouped();
      return groups.length ? {what: 'compare', content: partOf(lot())} : null;
    }

    function single(name, value) {
      var content = {};
      content[name] = value;
      return content;
    }

    function left(name) {
      return texts[name].filter(function (text) { return !found[name].has(text); });
    }

    /* Puts an image that the file has twice, by name and by ID for example, into one comparison. */
    function grouped() {
      var byImage = new Map();
      images.forEach(function (image) {
        var shared = found.images.get(image.text).filter(function (item) {
          return item[3] === 'shared';
        });
        var key = shared.length === 1 ? shared[0][0] : image;
        byImage.set(key, (byImage.get(key) || []).concat(image));
      });
      return Array.from(byImage.values());
    }

    function lot() {
      var some = [];
      var entries = 0;
      groups.slice(0, most.compare).some(function (group) {
        some = some.concat(group);
        entries += group.reduce(function (sum, image) { return sum + image.entries.length; }, 0);
        return entries >= MOST_ENTRIES;
      });
      return some;
    }

    /* Returns images with their lookup results, as the server compares them. */
    function partOf(some) {
      function pairs(name, wanted) {
        return textsOf(wanted).map(function (text) { return [text, found[name].get(text)]; });
      }
      return {
        images: some,
        there: pairs('images', some.map(function (image) { return image.text; })),
        projects: pairs('projects', entriesOf(some, 'project')),
        domains: pairs('domains', entriesOf(some, 'domain')),
        tags: pairs('tags', entriesOf(some, 'tag'))
      };
    }

    /* Takes the answer to a request from next(). */
    function take(asked, answer) {
      Object.assign(names.projects, answer.labels);
      var isDone;
      if (asked.what === 'rules') {
        isDone = true; // a page of projects may have no match
        takeRules(answer);
      } else if (asked.what === 'compare') {
        isDone = answer.left.length < asked.content.images.length;
        takeComparison(asked.content.images, answer);
      } else {
        isDone = answer.found.length > 0;
        answer.found.forEach(function (pair) { found[asked.what].set(pair[0], pair[1]); });
      }
      idle = isDone ? 0 : idle + 1;
    }

    function takeRules(answer) {
      ['domains', 'tags'].forEach(function (name) {
        answer[name].forEach(function (pair) {
          found[name].set(pair[0], (found[name].get(pair[0]) || []).concat(pair[1]));
        });
      });
      place = answer.place;
    }

    function takeComparison(some, answer) {
      var late = new Set(answer.left.map(function (number) { return some[number]; }));
      var done = new Set(some.filter(function (image) { return !late.has(image); }));
      groups = groups.filter(function (group) { return !done.has(group[0]); });
      findings = findings.concat(answer.findings);
      changes = changes.concat(answer.changes);
      Object.assign(names.images, answer.names);
    }

    /* Makes the next slice smaller after one that took too long. */
    function failed(asked) {
      if (most[asked.what]) { most[asked.what] = Math.max(1, Math.floor(most[asked.what] / 2)); }
    }

    function sortedFindings() {
      return findings.slice().sort(function (one, other) { return one.line - other.line; });
    }

    /* Returns the progress in steps of about equal length. */
    function counts() {
      var all = texts.images.length + texts.projects.length + images.length;
      var compared = groups ? images.length - groups.reduce(function (sum, group) {
        return sum + group.length;
      }, 0) : 0;
      return {
        all: all,
        done: all - left('images').length - left('projects').length - images.length + compared
      };
    }
  }
})();
