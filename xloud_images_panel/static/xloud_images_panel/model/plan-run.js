/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan on its way, as a plain object: its cells, which of them are done, failed or left, and the
 * part of it that the next slice is sent. No DOM.
 *
 * A cell is one project of one image: {image: ID, verb: what is done, project: ID}. A change is
 * what cells of one image and verb have in common: {image, verb, projects: IDs}.
 */
(function () {
  'use strict';

  var MOST = 300; // cells that one slice is offered; it does as many as it has time for
  var MOST_RECEIPTS = 20;
  // Of one image, what frees a place of the quota comes first.
  var VERBS = ['remove', 'ask-again', 'add', 'accept-for'];
  var LIFETIME = 24 * 60 * 60 * 1000; // milliseconds for which what is left is kept

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.planRun = {
    cellsOf: cellsOf,
    changesOf: changesOf,
    create: create,
    createUndo: createUndo,
    isFresh: isFresh,
    tally: tally
  };

  /* Returns the changes that cells are, in their order. */
  function changesOf(cells) {
    return cells.reduce(function (changes, cell) {
      var last = changes[changes.length - 1];
      if (last && last.image === cell.image && last.verb === cell.verb) {
        last.projects.push(cell.project);
      } else {
        changes.push({image: cell.image, verb: cell.verb, projects: [cell.project]});
      }
      return changes;
    }, []);
  }

  /* Returns the cells of changes, in their order. */
  function cellsOf(changes) {
    var cells = [];
    changes.forEach(function (change) {
      change.projects.forEach(function (project) {
        cells.push({image: change.image, verb: change.verb, project: project});
      });
    });
    return cells;
  }

  /* Tells whether what was kept is a plan of this user here and now, and not too old. */
  function isFresh(kept, whose, now) {
    return Boolean(kept) && kept.user === whose.user && kept.region === whose.region &&
      kept.project === whose.project && now - kept.at < LIFETIME;
  }

  /* Returns how many projects, images, and cells of each verb there are. */
  function tally(cells) {
    var counts = {projects: 0, images: 0, 'add': 0, 'remove': 0, 'accept-for': 0, 'ask-again': 0};
    cells.forEach(function (cell) { counts[cell.verb] += 1; });
    ['project', 'image'].forEach(function (name) {
      counts[name + 's'] = new Set(cells.map(function (cell) { return cell[name]; })).size;
    });
    return counts;
  }

  /* Counts and results, which a plan and its undo have in common. */
  function cellsByState() {
    var cells = new Map();

    return {
      all: function () { return Array.from(cells.values()); },
      counts: counts,
      failures: failures,
      inState: inState,
      put: function (cell) { cells.set(cell.image + ' ' + cell.project, cell); },
      take: take
    };

    function inState(state) {
      return Array.from(cells.values()).filter(function (cell) { return cell.state === state; });
    }

    function counts() {
      return {
        total: cells.size,
        done: inState('done').length,
        failed: inState('failed').length,
        left: inState('left').length
      };
    }

    /* Returns the reasons of what failed, with their cells: [{why, mendable, cells}]. */
    function failures() {
      var reasons = new Map();
      inState('failed').forEach(function (cell) {
        var reason = reasons.get(cell.why) || {why: cell.why, mendable: cell.mendable, cells: []};
        reason.cells.push(cell);
        reasons.set(cell.why, reason);
      });
      return Array.from(reasons.values());
    }

    /* Returns how many cells the dashboard has said something about. */
    function take(answers) {
      return answers.filter(function (answer) {
        var cell = cells.get(answer.image + ' ' + answer.project);
        if (!cell) { return false; }
        ['state', 'did', 'status', 'changed', 'note', 'why', 'mendable', 'uncertain'].forEach(
          function (name) { cell[name] = answer[name]; }
        );
        return true;
      }).length;
    }
  }

  /*
   * plan: {accept: whether to accept on behalf of added projects, changes: in any order,
   *   unread: cells of images that could not be read, each with why; they have failed so far,
   *   receipts: of its slices before a reload}
   */
  function create(plan) {
    var states = cellsByState();
    var receipts = plan.receipts ? plan.receipts.slice() : [];
    var asked = []; // cells of the slice that is under way
    var images = new Map(); // in the order of the plan, so that each is finished before the next
    cellsOf(plan.changes).forEach(function (cell) {
      if (!images.has(cell.image)) { images.set(cell.image, []); }
      images.get(cell.image).push(cell);
    });
    (plan.unread || []).forEach(function (cell) {
      images.set(cell.image, images.get(cell.image) || []);
      states.put(Object.assign({state: 'failed', mendable: true}, cell));
    });
    images.forEach(function (cells) {
      VERBS.forEach(function (verb) {
        cells.filter(function (cell) { return cell.verb === verb; }).forEach(function (cell) {
          states.put({image: cell.image, verb: verb, project: cell.project, state: 'left'});
        });
      });
    });

    return {
      canRetry: canRetry,
      counts: states.counts,
      failures: states.failures,
      isUnsure: isUnsure,
      kept: kept,
      next: next,
      receipts: function () { return receipts.slice(); },
      results: results,
      retry: retry,
      take: take,
      unanswered: unanswered
    };

    /* Returns what the next slice is sent, null when nothing is left. */
    function next() {
      asked = states.inState('left').slice(0, MOST);
      if (!asked.length) { return null; }
      var slice = {accept: Boolean(plan.accept), changes: changesOf(asked)};
      if (plan.mostRemovals !== undefined) { slice.most_removals = removalsLeft(); }
      return slice;
    }

    /* Notes that a slice has got no answer: what it did is on no receipt. */
    function unanswered() {
      asked.forEach(function (cell) { cell.unanswered = true; });
    }

    /* Tells whether a slice without an answer, perhaps the last before a reload, may have done some. */
    function isUnsure() {
      return plan.receipts !== undefined || states.inState('done').some(maybeDone);
    }

    function maybeDone(cell) {
      return Boolean(cell.unanswered) && !cell.changed;
    }

    /* Returns how many of the removals that the user has allowed are not done yet. */
    function removalsLeft() {
      return plan.mostRemovals - states.inState('done').filter(function (cell) {
        return cell.verb === 'remove' && cell.changed;
      }).length;
    }

    /* Notes what a slice has answered, and returns how many cells that were. */
    function take(answer) {
      receipts = receipts.concat(answer.receipts || []);
      return states.take(answer.cells);
    }

    function canRetry() {
      return states.failures().some(function (reason) { return reason.mendable; });
    }

    /* Leaves to the next slices what failed. */
    function retry() {
      states.inState('failed').forEach(function (cell) { cell.state = 'left'; });
    }

    /* Returns what is left, what can still be done of what failed, and the receipts: no names. */
    function kept() {
      var open = states.all().filter(function (cell) {
        return cell.state === 'left' || (cell.state === 'failed' && cell.mendable);
      });
      return {accept: Boolean(plan.accept), changes: changesOf(open), receipts: receipts};
    }

    /* Returns by image: {image, done: cells by verb, unchanged, maybe, failed, left: their numbers}. */
    function results() {
      return Array.from(images.keys()).map(function (image) {
        var own = states.all().filter(function (cell) { return cell.image === image; });
        var result = {image: image, done: {}, unchanged: 0, maybe: 0, failed: 0, left: 0, notes: []};
        own.forEach(function (cell) {
          var did = cell.did || cell.verb;
          if (cell.state !== 'done') {
            result[cell.state] += 1;
          } else if (cell.changed) {
            result.done[did] = (result.done[did] || 0) + 1;
          } else if (maybeDone(cell)) {
            result.maybe += 1;
          } else {
            result.unchanged += 1;
          }
          if (cell.note) { result.notes.push(cell); }
        });
        return result;
      });
    }
  }

  /*
   * The undo of a plan. Receipts say nothing to the browser: it learns what they are about from the
   * answers, and counts receipts.
   */
  function createUndo(receipts) {
    var left = receipts.slice().reverse(); // what was done last goes first
    var again = []; // those by which something was not done, though it can be
    var states = cellsByState();

    return {
      canRetry: function () { return again.length > 0; },
      counts: counts,
      failures: states.failures,
      /* Returns the receipts that are left, in the order in which the plan got them. */
      kept: function () { return left.concat(again).reverse(); },
      next: function () {
        return left.length ? {receipts: left.slice(0, MOST_RECEIPTS)} : null;
      },
      retry: retry,
      take: take
    };

    function retry() {
      left = left.concat(again);
      again = [];
      states.inState('failed').forEach(function (cell) {
        if (cell.mendable) { cell.state = 'left'; }
      });
    }

    function counts() {
      return {
        total: receipts.length,
        done: receipts.length - left.length - again.length,
        failed: states.counts().failed,
        left: left.length
      };
    }

    /* Returns how many receipts are through. */
    function take(answer) {
      answer.cells.forEach(states.put);
      again = again.concat(answer.again || []);
      left = left.slice(answer.through);
      return answer.through;
    }
  }
})();
