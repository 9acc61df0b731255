/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the project table's selection, on plain values: what a box stands for, how the
 * staged changes are labelled, how many of them Glance would refuse. No DOM.
 *
 * A change is {verb: 'add' or 'remove', id: a project's ID, name: its name}.
 */
(function () {
  'use strict';

  var LONG_NAME = 20; // characters of a name whose end a label always shows
  var END_OF_NAME = 10; // characters of that end

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.selection = {
    beyondQuota: beyondQuota,
    isNeedless: isNeedless,
    labels: labels,
    pieces: pieces,
    staged: staged
  };

  /* Returns the verb that a box stands for, empty when ticking it changes nothing. */
  function staged(isMember, isTicked) {
    if (isTicked === isMember) { return ''; }
    return isTicked ? 'add' : 'remove';
  }

  /* Tells whether a change would change nothing. */
  function isNeedless(verb, isMember) {
    return isMember === (verb === 'add');
  }

  /* Returns the labels of changes, in order; those that look alike have their IDs. */
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

  /* Returns a name in one or two pieces, of which the second one is not cut off. */
  function pieces(name) {
    var letters = Array.from(name.replace(/\s+/g, ' ')); // no pair of surrogates is torn apart
    var cut = letters.length > LONG_NAME ? letters.length - END_OF_NAME : letters.length;
    return [letters.slice(0, cut), letters.slice(cut)]
      .filter(function (piece) { return piece.length; })
      .map(function (piece) { return piece.join(''); });
  }

  /*
   * Returns how many of the projects to be added Glance would refuse, which removes first.
   * listed: members that Glance lists; quota: 0 or undefined where it is not known.
   */
  function beyondQuota(added, removed, listed, quota) {
    var wanted = listed - removed + added;
    return quota ? Math.min(added, Math.max(0, wanted - quota)) : 0;
  }
})();
