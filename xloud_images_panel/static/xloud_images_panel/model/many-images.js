/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access of projects to many images as a plain object. A project's access is a text with one
 * letter per image, in the order of the images: a(ccepted), p(ending), r(ejected), o(wner), - for
 * none.
 */
(function () {
  'use strict';

  // Letters of the cells that a verb changes.
  var CHANGES = {'add': '-', 'remove': 'apr', 'accept-for': 'p', 'ask-again': 'r'};

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.manyImages = {create: create};

  /* images: [{id, name}]; access: texts by project ID. */
  function create(images, access) {
    var letters = new Map(Object.entries(access)); // an ID may be any text, even `constructor`
    var none = '-'.repeat(images.length);

    return {cells: cells, has: has, of: of, says: says, state: state};

    function of(project) {
      return letters.get(project) || none;
    }

    function count(project, wanted) {
      return of(project).split('').filter(function (letter) {
        return wanted.indexOf(letter) >= 0;
      }).length;
    }

    /* Returns {some: how many images a project has, of: how many it does not own}. */
    function has(project) {
      return {some: count(project, 'apr'), of: count(project, 'apr-')};
    }

    /* Returns a project's access: 'all', 'some' or 'none' of the images, or 'owner' of all. */
    function state(project) {
      var counts = has(project);
      if (!counts.of) { return 'owner'; }
      if (!counts.some) { return 'none'; }
      return counts.some === counts.of ? 'all' : 'some';
    }

    /* Returns a project's access to each image: [{name, letter}]. */
    function says(project) {
      return of(project).split('').map(function (letter, index) {
        return {name: images[index].name, letter: letter};
      });
    }

    /* Returns the cells for changes of projects: [{image, verb, project}]. */
    function cells(changes) {
      var found = [];
      images.forEach(function (image, index) {
        changes.forEach(function (change) {
          if (CHANGES[change.verb].indexOf(of(change.id)[index]) >= 0) {
            found.push({image: image.id, verb: change.verb, project: change.id});
          }
        });
      });
      return found;
    }
  }
})();
