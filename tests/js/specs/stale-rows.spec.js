/* SPDX-License-Identifier: Apache-2.0 */
describe('the rows of Stale Access', function () {
  'use strict';

  var rules = window.horizon.xloud.staleRows;
  var scan;

  function member(id, kind, more) {
    return Object.assign({member: id, name: '', kind: kind, status: 'pending', since: '',
      stuck: false}, more);
  }

  function names(filter) {
    return rules.rows(scan, filter, {}).map(function (row) { return row.id; });
  }

  beforeEach(function () {
    scan = window.horizon.xloud.scan.create();
    scan.list({images: [
      {id: 'i1', name: 'Golden', owner: 'o'}, {id: 'i2', name: 'silver', owner: 'o'}
    ], after: '', passed_over: 0});
    scan.put({rows: {
      i1: [member('p1', 'deleted'), member('p2', 'disabled', {name: 'Research'})],
      i2: [member('p1', 'deleted'), member('ä/b', 'no project', {stuck: true})]
    }, gone: [], unread: {}, left: []});
  });

  it('are one for each member of each image', function () {
    expect(names({}).sort()).toEqual(['i1/p1', 'i1/p2', 'i2/p1', 'i2/ä/b']);
  });

  it('have disabled projects at their end', function () {
    expect(names({})).toEqual(['i1/p1', 'i2/p1', 'i2/ä/b', 'i1/p2']);
    expect(rules.rows(scan, {}, {}).map(rules.isByHand)).toEqual([false, false, false, true]);
  });

  it('are found by the name or ID of the image or the project', function () {
    expect(names({name: 'gold'})).toEqual(['i1/p1', 'i1/p2']);
    expect(names({name: 'RESEARCH'})).toEqual(['i1/p2']);
    expect(names({name: 'p1'})).toEqual(['i1/p1', 'i2/p1']);
  });

  it('are found by the reason', function () {
    expect(names({kind: 'deleted'})).toEqual(['i1/p1', 'i2/p1']);
  });

  it('are asked for with the owner of each image, an owner named once', function () {
    expect(rules.query([{id: 'i1', owner: 'o'}, {id: 'i2', owner: 'n'}, {id: 'i3', owner: 'o'}]))
      .toEqual({ids: 'i2,i1,i3', owners: 'n,o,'});
  });

  it('are asked for fewer images where many owners make the address too long', function () {
    var images = Array.from({length: 80}, function (_none, at) {
      return {id: String(at).padStart(36, '0'), owner: String(at).padStart(32, '0')};
    });
    var ids = rules.query(images).ids.split(',');
    expect(ids.length).toBeGreaterThan(40);
    expect(ids).toEqual(images.slice(0, ids.length).map(function (image) { return image.id; }));
    expect($.param(rules.query(images)).length).toBeLessThan(3700);
    var ofOne = images.map(function (image) { return {id: image.id, owner: images[1].owner}; });
    expect(rules.query(ofOne).ids.split(',').length).toBe(80);
  });

  it('have why one was not removed', function () {
    expect(rules.rows(scan, {}, {'i1/p1': 'Busy.'})[0].failed).toBe('Busy.');
  });

  it('are all ticked but for disabled projects and what Glance cannot remove', function () {
    var all = rules.tickable(rules.rows(scan, {}, {}));
    expect(all.map(function (row) { return row.id; })).toEqual(['i1/p1', 'i2/p1']);
  });

  it('are removed image by image, so many at once', function () {
    var found = rules.rows(scan, {}, {});
    var jobs = rules.jobs([found[0], found[3], found[1]], 1);
    expect(jobs.map(function (job) { return [job.image.id, job.members.length]; }))
      .toEqual([['i1', 1], ['i1', 1], ['i2', 1]]);
    expect(rules.jobs(rules.rows(scan, {}, {}), 100)[0].members).toEqual([
      {member: 'p1', kind: 'deleted'}, {member: 'p2', kind: 'disabled'}
    ]);
  });
});
