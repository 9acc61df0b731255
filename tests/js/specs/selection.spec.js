/* SPDX-License-Identifier: Apache-2.0 */
describe('the selection', function () {
  'use strict';

  var rules = window.horizon.xloud.selection;

  function change(id, name) {
    return {verb: 'add', id: id, name: name};
  }

  describe('of projects', function () {
    var selection;

    beforeEach(function () {
      selection = rules.create();
      selection.put(change('2', 'b'));
      selection.put({verb: 'remove', id: '1', name: 'a'});
      selection.put({verb: 'ask-again', id: '3', name: 'c'});
    });

    it('keeps the order in which it was made', function () {
      expect(selection.all().map(function (item) { return item.id; })).toEqual(['2', '1', '3']);
      expect(selection.size()).toBe(3);
    });

    it('is sent as one text, by what is done', function () {
      expect(JSON.parse(selection.text())).toEqual({add: ['2'], remove: ['1'], 'ask-again': ['3']});
    });

    it('is sent as nothing where there is nothing', function () {
      selection.clear();
      expect(selection.text()).toBe('');
    });

    it('has one change of a project, the last one', function () {
      selection.put({verb: 'remove', id: '2', name: 'b'});
      expect(selection.count('add')).toBe(0);
      expect(selection.count('remove')).toBe(2);
    });

    it('forgets one change and no other', function () {
      selection.forget('2');
      expect(selection.get('2')).toBe(undefined);
      expect(selection.get('1').name).toBe('a');
    });

    it('learns a name, and does not take an ID for one', function () {
      selection.name('1', 'alpha');
      selection.name('1', '1');
      selection.name('9', 'nobody');
      expect(selection.get('1').name).toBe('alpha');
      expect(selection.size()).toBe(3);
    });
  });

  describe('a box', function () {
    it('adds a project that has no access when it is ticked', function () {
      expect(rules.staged('none', true)).toBe('add');
    });

    it('removes a member when it is unticked', function () {
      expect(rules.staged('all', false)).toBe('remove');
    });

    it('stages nothing when it is as it was', function () {
      expect(rules.staged('all', true)).toBe('');
      expect(rules.staged('none', false)).toBe('');
    });

    it('adds to the others, or removes from all, where some of several images have it', function () {
      expect(rules.staged('some', true)).toBe('add');
      expect(rules.staged('some', false)).toBe('remove');
    });
  });

  describe('a change', function () {
    it('is needless when the project is as it is to be', function () {
      expect(rules.isNeedless('add', 'all')).toBe(true);
      expect(rules.isNeedless('remove', 'none')).toBe(true);
    });

    it('is not needless otherwise', function () {
      expect(rules.isNeedless('add', 'none')).toBe(false);
      expect(rules.isNeedless('remove', 'all')).toBe(false);
      expect(rules.isNeedless('add', 'some')).toBe(false);
      expect(rules.isNeedless('remove', 'some')).toBe(false);
    });
  });

  describe('labels', function () {
    it('are names, in order', function () {
      expect(rules.labels([change('1', 'dev'), change('2', 'test')])).toEqual(['dev', 'test']);
    });

    it('have their IDs where two look alike', function () {
      var fullwidth = '\uff24ev'; // a letter that looks like D
      expect(rules.labels([change('1', 'dev'), change('2', fullwidth), change('3', 'test')]))
        .toEqual(['dev (1)', fullwidth + ' (2)', 'test']);
    });

    it('take blanks for one blank', function () {
      expect(rules.labels([change('1', 'my  team '), change('2', 'my team')]))
        .toEqual(['my  team  (1)', 'my team (2)']);
    });

    it('do not fail at names that are properties of objects', function () {
      expect(rules.labels([change('1', '__proto__'), change('2', 'constructor')]))
        .toEqual(['__proto__', 'constructor']);
    });

    it('are none for no change', function () {
      expect(rules.labels([])).toEqual([]);
    });
  });

  describe('the pieces of a name', function () {
    it('are one for a short name', function () {
      expect(rules.pieces('exactly-twenty-chars')).toEqual(['exactly-twenty-chars']);
    });

    it('keep the end of a long name apart', function () {
      expect(rules.pieces('exactly-twenty-chars!')).toEqual(['exactly-twe', 'nty-chars!']);
    });

    it('tear no character apart that takes two code units', function () {
      var name = '\ud83d\ude00'.repeat(21);
      expect(rules.pieces(name)).toEqual(['\ud83d\ude00'.repeat(11), '\ud83d\ude00'.repeat(10)]);
    });

    it('are none for no name', function () {
      expect(rules.pieces('')).toEqual([]);
    });
  });

  describe('the quota', function () {
    it('refuses what is beyond it, after the removals', function () {
      expect(rules.beyondQuota(3, 1, 127, 128)).toBe(1);
    });

    it('refuses nothing that fits', function () {
      expect(rules.beyondQuota(1, 0, 127, 128)).toBe(0);
    });

    it('refuses no more than is to be added', function () {
      expect(rules.beyondQuota(2, 0, 140, 128)).toBe(2);
    });

    it('refuses nothing when nothing is to be added', function () {
      expect(rules.beyondQuota(0, 3, 140, 128)).toBe(0);
    });

    it('refuses nothing where it is not known', function () {
      expect(rules.beyondQuota(500, 0, 0, undefined)).toBe(0);
    });
  });
});
