/* SPDX-License-Identifier: Apache-2.0 */
describe('many images', function () {
  'use strict';

  var IMAGES = [{id: '1', name: 'one'}, {id: '2', name: 'two'}, {id: '3', name: 'three'}];
  var model;

  beforeEach(function () {
    model = window.horizon.xloud.manyImages.create(
      IMAGES, {all: 'apr', some: '-a-', owner: 'oa-', owns: 'ooo'}
    );
  });

  it('are shared with a project all, some, or not at all', function () {
    expect(['all', 'some', 'owner', 'owns', 'nobody', 'constructor'].map(model.state))
      .toEqual(['all', 'some', 'some', 'owner', 'none', 'none']);
  });

  it('count what a project has without its own', function () {
    expect(model.has('owner')).toEqual({some: 1, of: 2});
  });

  it('each say what a project has', function () {
    expect(model.says('some')[1]).toEqual({name: 'two', letter: 'a'});
  });

  it('are changed where a change changes something', function () {
    expect(model.cells([{verb: 'add', id: 'some'}, {verb: 'remove', id: 'all'}])).toEqual([
      {image: '1', verb: 'add', project: 'some'}, {image: '1', verb: 'remove', project: 'all'},
      {image: '2', verb: 'remove', project: 'all'},
      {image: '3', verb: 'add', project: 'some'}, {image: '3', verb: 'remove', project: 'all'}
    ]);
  });

  it('take an answer on behalf where it is lacking', function () {
    expect(model.cells([{verb: 'accept-for', id: 'all'}]))
      .toEqual([{image: '2', verb: 'accept-for', project: 'all'}]);
    expect(model.cells([{verb: 'ask-again', id: 'all'}]))
      .toEqual([{image: '3', verb: 'ask-again', project: 'all'}]);
  });

  it('are not shared with their owner', function () {
    expect(model.cells([{verb: 'add', id: 'owner'}]))
      .toEqual([{image: '3', verb: 'add', project: 'owner'}]);
  });

  it('have an address of 22 characters each', function () {
    var ids = window.horizon.xloud.imageIds;
    expect(ids.address('/many/', [
      '00112233-4455-6677-8899-aabbccddeeff', 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    ])).toBe('/many/?images=ABEiM0RVZneImaq7zN3u_w._____________________w');
  });

  it('keep an ID in capitals as it is: it is another one', function () {
    var ID = '00112233-4455-6677-8899-AABBCCDDEEFF';
    expect(window.horizon.xloud.imageIds.short(ID)).toBe(ID);
  });
});
