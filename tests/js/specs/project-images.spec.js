/* SPDX-License-Identifier: Apache-2.0 */
describe('the images of a project', function () {
  'use strict';

  var rules = window.horizon.xloud.projectImages;
  var scan;

  function scanOf(rows) {
    var found = window.horizon.xloud.scan.create();
    found.list({images: [
      {id: '1', name: 'Debian 13', owner: 'platform'},
      {id: '2', name: 'ubuntu', owner: 'platform'},
      {id: '3', name: 'débian old', owner: 'platform'},
      {id: '4', name: 'own', owner: 'team'},
      {id: '5', name: 'not read yet', owner: 'platform'}
    ], after: ''});
    found.put({rows: rows, gone: [], unread: {}, left: []});
    return found;
  }

  function membership(status) {
    return {status: status, since: '2026-11-01T00:00:00Z', member: 'team'};
  }

  function ids(images) {
    return images.map(function (image) { return image.id; });
  }

  beforeEach(function () {
    scan = scanOf({
      '1': membership('accepted'), '2': null, '3': membership('pending'), '4': null
    });
  });

  it('are those that it is a member of', function () {
    expect(ids(rules.select(scan, {}))).toEqual(['1', '3']);
  });

  it('are found by part of the name, whatever case and accents, and by the ID', function () {
    expect(ids(rules.select(scan, {name: 'DEBIAN'}))).toEqual(['1', '3']);
    expect(ids(rules.select(scan, {name: '3'}))).toContain('3');
  });

  it('are filtered by its answer', function () {
    expect(ids(rules.select(scan, {access: 'pending'}))).toEqual(['3']);
    expect(ids(rules.select(scan, {access: 'rejected'}))).toEqual([]);
  });

  it('can be accepted on its behalf where it has not answered', function () {
    expect(rules.pending(scan, ['1', '2', '3', '5'])).toEqual(['3']);
  });

  it('become a plan, a change for each, with the project as Glance lists it', function () {
    scan.row('3').member = 'TEAM';
    expect(rules.changes(scan, 'remove', ['1', '3'], 'team')).toEqual([
      {image: '1', verb: 'remove', projects: ['team']},
      {image: '3', verb: 'remove', projects: ['TEAM']}
    ]);
    expect(rules.changes(scan, 'add', ['2'], 'team')).toEqual([
      {image: '2', verb: 'add', projects: ['team']}
    ]);
  });

  describe('that it has not', function () {
    it('can be added, but its own, and those of which it is not known', function () {
      expect(ids(rules.toAdd(scan, 'team', '', null))).toEqual(['2']);
      expect(ids(rules.toAdd(scan, 'team', 'debian', null))).toEqual([]);
    });

    it('are those that another project has', function () {
      var others = scanOf({'1': membership('accepted'), '2': null});
      expect(ids(rules.toAdd(scan, 'team', '', others))).toEqual([]);
      others.put({rows: {'2': membership('rejected')}, gone: [], unread: {}, left: []});
      expect(ids(rules.toAdd(scan, 'team', '', others))).toEqual(['2']);
    });
  });

  describe('with ticks', function () {
    var ticks;

    beforeEach(function () {
      ticks = rules.ticks();
      ticks.set(['1', '2', '3'], true);
    });

    it('keep them in the order in which they came', function () {
      ticks.set('2', false);
      expect(ticks.ids()).toEqual(['1', '3']);
      expect(ticks.has('2')).toBe(false);
    });

    it('lose them where the image is not the project\'s any more', function () {
      ticks.keep(function (id) { return scan.row(id); });
      expect(ticks.ids()).toEqual(['1', '3']);
      ticks.clear();
      expect(ticks.ids()).toEqual([]);
    });
  });
});
