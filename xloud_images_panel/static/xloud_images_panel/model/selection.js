/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project table's selection as a plain object, and its rules: the meaning of a box, the labels
 * of staged changes, and how many of them Glance would refuse. No DOM.
 *
 * A change is {verb: the action, id: a project's ID, name: its name, reason: why it failed the last
 * time, why: the full sentence for that}. Verbs are add, remove, accept-for, ask-again.
 */
(function () {
  'use strict';

  var LONG_NAME = 20; // characters; a longer name always shows its end
  var END_OF_NAME = 10; // characters of that end
  var FOLDED = 20; // changes that are shown; the rest is folded
  // The sign before a project in a list of changes, by verb.
  var SIGNS = {'add': '+', 'remove': '−', 'accept-for': '✓', 'ask-again': '↻'};

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.selection = {
    FOLDED: FOLDED,
    SIGNS: SIGNS,
    beyondQuota: beyondQuota,
    create: create,
    isNeedless: isNeedless,
    labels: labels,
    pieces: pieces,
    staged: staged
  };

  /* Returns an empty selection. */
  function create() {
    var changes = new Map(); // in the order in which they were made

    return {
      all: function () { return Array.from(changes.values()); },
      clear: function () { changes.clear(); },
      count: count,
      forget: function (id) { changes.delete(id); },
      get: function (id) { return changes.get(id); },
      name: name,
      put: function (change) { changes.set(change.id, change); },
      size: function () { return changes.size; },
      text: text
    };

    function count(verb) {
      return Array.from(changes.values()).filter(function (change) {
        return change.verb === verb;
      }).length;
    }

    /* Keeps a known name when a member still has only its ID. */
    function name(id, given) {
      var change = changes.get(id);
      if (change && given !== id) {
        change.name = given;
      }
    }

    /* Returns the text that the form sends. */
    function text() {
      var ids = {};
      changes.forEach(function (change) {
        ids[change.verb] = (ids[change.verb] || []).concat(change.id);
      });
      return changes.size ? JSON.stringify(ids) : '';
    }
  }

  /*
   * Returns the verb for a box, empty when its tick changes nothing.
   * access: 'all', 'none', or 'some' of several images
   */
  function staged(access, isTicked) {
    if (isTicked) { return access === 'all' ? '' : 'add'; }
    return access === 'none' ? '' : 'remove';
  }

  /* Returns whether a change has no effect. */
  function isNeedless(verb, access) {
    return access === (verb === 'add' ? 'all' : 'none');
  }

  /* Returns the labels of changes, in order. Labels that look alike have IDs. */
  function labels(changes) {
    var alike = new Map();
    changes.forEach(function (change) {
      var looks = looksOf(change.name);
      alike.set(looks, (alike.get(looks) || 0) + 1);
    });
    return changes.map(function (change) {
      var isAlone = alike.get(looksOf(change.name)) === 1;
      return isAlone ? change.name : change.name + ' (' + change.id + ')';
    });
  }

  function looksOf(name) {
    return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  }

  /* Returns a name in one or two pieces. The second one is not cut off. */
  function pieces(name) {
    var letters = Array.from(name.replace(/\s+/g, ' ')); // keeps surrogate pairs together
    var cut = letters.length > LONG_NAME ? letters.length - END_OF_NAME : letters.length;
    return [letters.slice(0, cut), letters.slice(cut)]
      .filter(function (piece) { return piece.length; })
      .map(function (piece) { return piece.join(''); });
  }

  /*
   * Returns how many added projects Glance would refuse after the removals.
   * listed: members that Glance lists; quota: 0 or undefined if unknown.
   */
  function beyondQuota(added, removed, listed, quota) {
    var wanted = listed - removed + added;
    return quota ? Math.min(added, Math.max(0, wanted - quota)) : 0;
  }
})();
