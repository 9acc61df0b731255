/* SPDX-License-Identifier: Apache-2.0 */
describe('the images that an export is about', function () {
  'use strict';

  var scan;

  function row(accepted, pending) {
    return {accepted: accepted, pending: pending || 0, rejected: 0, changed: ''};
  }

  function toExport(filter) {
    return window.horizon.xloud.imageRows.toExport(scan, filter, 0, function (id) { return id; });
  }

  beforeEach(function () {
    scan = window.horizon.xloud.scan.create();
    scan.list({passed_over: 0, after: '', images: ['a', 'b', 'c', 'd'].map(function (id) {
      return {id: id, name: 'image ' + id, owner: 'owner'};
    })});
    scan.put({rows: {a: row(1), b: row(0), d: row(1, 1)}, gone: [], left: [],
      unread: {c: 'Glance is busy.'}});
  });

  it('are those of the filter, in the order of the scan', function () {
    expect(toExport({sort: 'projects', show: 'pending', name: 'image'}).ids).toEqual(['d']);
    expect(toExport({sort: 'projects'}).ids).toEqual(['a', 'c', 'd']);
    expect(toExport({name: 'image b', show: 'all'}).ids).toEqual(['b']);
  });

  it('may have members that are not read yet, unless the filter is about these', function () {
    expect(toExport({}).without).toEqual({unread: {}, areMore: false});
    expect(toExport({show: 'nobody'}))
      .toEqual({ids: ['b'], without: {unread: {c: 'Glance is busy.'}, areMore: false}});
  });

  it('may be more where not all are listed', function () {
    scan.list({images: [], after: 'marker', passed_over: 0});
    expect(toExport({}).without.areMore).toBe(true);
    scan.list({images: [], after: '', passed_over: 1});
    expect(toExport({}).without.areMore).toBe(true);
  });
});
