/* SPDX-License-Identifier: Apache-2.0 */
describe('a plan on its way', function () {
  'use strict';

  var rules = window.horizon.xloud.planRun;

  function change(image, verb, projects) {
    return {image: image, verb: verb, projects: projects};
  }

  function done(image, project, more) {
    return Object.assign({image: image, project: project, state: 'done', changed: true}, more);
  }

  function failed(image, project, why) {
    return {image: image, project: project, state: 'failed', why: why, mendable: true};
  }

  describe('of two images', function () {
    var run;

    beforeEach(function () {
      run = rules.create({accept: true, changes: [
        change('1', 'add', ['a', 'b']), change('2', 'add', ['a']), change('1', 'remove', ['c'])
      ]});
    });

    it('finishes one image before the next, and removes first', function () {
      expect(run.next()).toEqual({accept: true, changes: [
        change('1', 'remove', ['c']), change('1', 'add', ['a', 'b']), change('2', 'add', ['a'])
      ]});
    });

    it('says with each slice how many removals are still allowed, where the user was asked', function () {
      expect(run.next().most_removals).toBe(undefined);
      run = rules.create({accept: true, mostRemovals: 2, changes: [
        change('1', 'remove', ['a', 'b']), change('1', 'add', ['c'])
      ]});
      expect(run.next().most_removals).toBe(2);
      run.take({cells: [done('1', 'a')]});
      expect(run.next().most_removals).toBe(1);
      run.take({cells: [done('1', 'b', {changed: false})]});
      expect(run.next().most_removals).toBe(1);
    });

    it('leaves to the next slice what the answer does not name', function () {
      expect(run.take({cells: [done('1', 'c'), done('1', 'a')]})).toBe(2);
      expect(run.next().changes).toEqual([change('1', 'add', ['b']), change('2', 'add', ['a'])]);
      expect(run.counts()).toEqual({total: 4, done: 2, failed: 0, left: 2});
    });

    it('sends nothing when nothing is left', function () {
      run.take({cells: [done('1', 'c'), done('1', 'a'), done('1', 'b'), failed('2', 'a', 'no')]});
      expect(run.next()).toBe(null);
    });

    it('says each reason once, with what it is about', function () {
      run.take({cells: [failed('1', 'a', 'busy'), failed('1', 'b', 'busy'), failed('2', 'a', 'no')]});
      expect(run.failures().map(function (reason) {
        return [reason.why, reason.cells.length];
      })).toEqual([['busy', 2], ['no', 1]]);
    });

    it('tries again what failed, and only that', function () {
      run.take({cells: [done('1', 'c'), done('1', 'a'), done('1', 'b'), failed('2', 'a', 'busy')]});
      run.retry();
      expect(run.next().changes).toEqual([change('2', 'add', ['a'])]);
      expect(run.counts().failed).toBe(0);
    });

    it('keeps what is not done, and no names', function () {
      run.take({cells: [done('1', 'c'), failed('1', 'a', 'busy')]});
      expect(run.kept()).toEqual({accept: true, receipts: [], changes: [
        change('1', 'add', ['a', 'b']), change('2', 'add', ['a'])
      ]});
    });

    it('does not take the answer to something else for its own', function () {
      expect(run.take({cells: [done('3', 'a')]})).toBe(0);
      expect(run.counts().total).toBe(4);
    });

    it('counts by image what was changed, and what was so already', function () {
      run.take({cells: [
        done('1', 'c'), done('1', 'a', {changed: false}), done('1', 'b'), failed('2', 'a', 'no')
      ]});
      var results = run.results();
      expect(results[0].done).toEqual({remove: 1, add: 1});
      expect(results[0].unchanged).toBe(1);
      expect(results[1].failed).toBe(1);
    });

    it('counts as accepted for what an addition has found there', function () {
      run.take({cells: [done('1', 'a', {did: 'accept-for'}), done('1', 'b', {did: 'add'})]});
      expect(run.results()[0].done).toEqual({'accept-for': 1, 'add': 1});
    });

    it('keeps the receipts in the order in which they came', function () {
      run.take({cells: [done('1', 'c')], receipts: ['first']});
      run.take({cells: [done('1', 'a')], receipts: ['second']});
      expect(run.receipts()).toEqual(['first', 'second']);
    });
  });

  it('has failed for images that could not be read, until they are tried again', function () {
    var run = rules.create({accept: true, changes: [change('1', 'add', ['a'])], unread: [
      {image: '2', verb: 'remove', project: 'b', why: 'late'}
    ]});
    expect(run.next().changes).toEqual([change('1', 'add', ['a'])]);
    run.take({cells: [done('1', 'a')]});
    expect(run.failures()[0].why).toBe('late');
    expect(run.kept().changes).toEqual([change('2', 'remove', ['b'])]);
    run.retry();
    expect(run.next().changes).toEqual([change('2', 'remove', ['b'])]);
  });

  it('does not keep what failed for good', function () {
    var run = rules.create({accept: true, changes: [change('1', 'add', ['a', 'b'])]});
    run.take({cells: [Object.assign(failed('1', 'a', 'no such project'), {mendable: false})]});
    expect(run.kept().changes).toEqual([change('1', 'add', ['b'])]);
  });

  it('is counted by projects, images, and what is done', function () {
    var cells = rules.cellsOf([change('1', 'add', ['a', 'b']), change('2', 'remove', ['a'])]);
    expect(rules.tally(cells)).toEqual(
      {projects: 2, images: 2, 'add': 2, 'remove': 1, 'accept-for': 0, 'ask-again': 0}
    );
  });

  it('offers a slice a bounded number of cells', function () {
    var projects = Array.from({length: 350}, function (_none, index) { return String(index); });
    var run = rules.create({accept: true, changes: [change('1', 'add', projects)]});
    expect(run.next().changes[0].projects.length).toBe(300);
  });

  describe('backwards', function () {
    it('begins with what was done last', function () {
      var undo = rules.createUndo(['first', 'second']);
      expect(undo.next()).toEqual({receipts: ['second', 'first']});
      expect(undo.take({cells: [done('1', 'a')], through: 1})).toBe(1);
      expect(undo.next()).toEqual({receipts: ['first']});
    });

    it('ends when all receipts are through, and counts what was not undone', function () {
      var undo = rules.createUndo(['first']);
      undo.take({cells: [failed('1', 'a', 'changed since'), done('1', 'b')], through: 1});
      expect(undo.next()).toBe(null);
      expect(undo.counts().failed).toBe(1);
      expect(undo.canRetry()).toBe(false);
    });

    it('tries again the receipts by which nothing was done', function () {
      var undo = rules.createUndo(['first', 'second']);
      undo.take({cells: [failed('2', 'a', 'busy'), done('1', 'a')], through: 2, again: ['second']});
      expect(undo.canRetry()).toBe(true);
      expect(undo.counts()).toEqual({total: 2, done: 1, failed: 1, left: 0});
      undo.retry();
      expect(undo.next()).toEqual({receipts: ['second']});
      expect(undo.counts()).toEqual({total: 2, done: 1, failed: 0, left: 1});
      undo.take({cells: [done('2', 'a')], through: 1, again: []});
      expect([undo.next(), undo.canRetry(), undo.counts().failed]).toEqual([null, false, 0]);
    });
  });

  describe('that was kept', function () {
    var whose = {user: 'u', region: 'r', project: 'p'};

    it('is good for the same user, region and project', function () {
      var kept = Object.assign({at: 0}, whose);
      expect(rules.isFresh(kept, whose, 1000)).toBe(true);
      ['user', 'region', 'project'].forEach(function (name) {
        var other = Object.assign({}, kept);
        other[name] = 'other';
        expect(rules.isFresh(other, whose, 1000)).toBe(false);
      });
    });

    it('is dropped after a day', function () {
      var kept = Object.assign({at: 0}, whose);
      expect(rules.isFresh(kept, whose, 24 * 60 * 60 * 1000)).toBe(false);
    });

    it('is not there where nothing was kept', function () {
      expect(rules.isFresh(null, whose, 0)).toBe(false);
    });
  });
});
