/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running plan as a plain object: its cells, their states (done, failed or left), and the content
 * of the next slice. No DOM.
 *
 * A cell is one project of one image: {image: ID, verb: the action, project: ID}. A change combines
 * cells of one image and verb: {image, verb, projects: IDs}.
 */
(function () {
  'use strict';

  var MOST = 300; // cells sent with one slice; it completes as many as time allows
  var MOST_RECEIPTS = 20;
  // Within one image, changes that free quota come first.
  var VERBS = ['remove', 'ask-again', 'add', 'accept-for'];
  var LIFETIME = 24 * 60 * 60 * 1000; // milliseconds to keep remaining changes

  window.horizon.xloud = window.horizon.xloud || {};
  window.horizon.xloud.planRun = {
    cellsOf: cellsOf,
    changesOf: changesOf,
    create: create,
    createUndo: createUndo,
    isFresh: isFresh,
    tally: tally
  };

  /* Returns the changes for cells, in their order. */
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

  /* Returns whether a kept plan belongs to this user, region and project, and is not too old. */
  function isFresh(kept, whose, now) {
    return Boolean(kept) && kept.user === whose.user && kept.region === whose.region &&
      kept.project === whose.project && now - kept.at < LIFETIME;
  }

  /* Returns the numbers of projects, images, and cells of each verb. */
  function tally(cells) {
    var counts = {projects: 0, images: 0, 'add': 0, 'remove': 0, 'accept-for': 0, 'ask-again': 0};
    cells.forEach(function (cell) { counts[cell.verb] += 1; });
    ['project', 'image'].forEach(function (name) {
      counts[name + 's'] = new Set(cells.map(function (cell) { return cell[name]; })).size;
    });
    return counts;
  }

  /* Counts and results, shared by a plan and its undo. */
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

    /* Returns the reasons for failures, with their cells: [{why, mendable, cells}]. */
    function failures() {
      var reasons = new Map();
      inState('failed').forEach(function (cell) {
        var reason = reasons.get(cell.why) || {why: cell.why, mendable: cell.mendable, cells: []};
        reason.cells.push(cell);
        reasons.set(cell.why, reason);
      });
      return Array.from(reasons.values());
    }

    /* Takes answers, and returns how many are about known cells. */
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
   *   unread: cells of images that could not be read, each with why; they start as failed,
   *   receipts: of slices before a reload}
   */
  function create(plan) {
    var states = cellsByState();
    var receipts = plan.receipts ? plan.receipts.slice() : [];
    var asked = []; // cells of the current slice
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

    /* Returns the content of the next slice, or null if nothing is left. */
    function next() {
      asked = states.inState('left').slice(0, MOST);
      if (!asked.length) { return null; }
      var slice = {accept: Boolean(plan.accept), changes: changesOf(asked)};
      if (plan.mostRemovals !== undefined) { slice.most_removals = removalsLeft(); }
      return slice;
    }

    /* Marks a slice as unanswered: its changes are on no receipt. */
    function unanswered() {
      asked.forEach(function (cell) { cell.unanswered = true; });
    }

    /* Returns whether an unanswered slice, perhaps from before a reload, may have made changes. */
    function isUnsure() {
      return plan.receipts !== undefined || states.inState('done').some(maybeDone);
    }

    function maybeDone(cell) {
      return Boolean(cell.unanswered) && !cell.changed;
    }

    /* Returns the number of allowed removals that are not done yet. */
    function removalsLeft() {
      return plan.mostRemovals - states.inState('done').filter(function (cell) {
        return cell.verb === 'remove' && cell.changed;
      }).length;
    }

    /* Takes a slice's answer, and returns the number of its cells. */
    function take(answer) {
      receipts = receipts.concat(answer.receipts || []);
      return states.take(answer.cells);
    }

    function canRetry() {
      return states.failures().some(function (reason) { return reason.mendable; });
    }

    /* Queues failed cells again. */
    function retry() {
      states.inState('failed').forEach(function (cell) { cell.state = 'left'; });
    }

    /* Returns the remaining and the mendable failed changes, and the receipts, without names. */
    function kept() {
      var open = states.all().filter(function (cell) {
        return cell.state === 'left' || (cell.state === 'failed' && cell.mendable);
      });
      return {accept: Boolean(plan.accept), changes: changesOf(open), receipts: receipts};
    }

    /* Returns numbers of cells by image: {image, done: by verb, unchanged, maybe, failed, left,
       notes: cells}. */
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
   * The undo of a plan. The browser cannot read receipts, so it counts them and learns their cells
   * from the answers.
   */
  function createUndo(receipts) {
    var left = receipts.slice().reverse(); // newest first
    var again = []; // receipts with failures that can be retried
    var states = cellsByState();

    return {
      canRetry: function () { return again.length > 0; },
      counts: counts,
      failures: states.failures,
      /* Returns the remaining receipts, in the order in which the plan got them. */
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

    /* Returns the number of finished receipts. */
    function take(answer) {
      answer.cells.forEach(states.put);
      again = again.concat(answer.again || []);
      left = left.slice(answer.through);
      return answer.through;
    }
  }
})();
