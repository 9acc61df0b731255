/* SPDX-License-Identifier: Apache-2.0 */
describe('The line that counts the changes', function () {
  'use strict';

  /* Returns the line for some counts. The others are zero. */
  function line(counts) {
    return window.horizon.xloud.summary($.extend(
      {now: 0, added: 0, removed: 0, accepted: 0, asked: 0, quota: 0, over: 0}, counts
    ));
  }

  it('says what is, where nothing changes', function () {
    expect(line({now: 8})).toBe('8 projects now');
    expect(line({now: 1})).toBe('1 project now');
  });

  it('says what is and what will be', function () {
    expect(line({now: 8, added: 40, removed: 1, quota: 128}))
      .toBe('8 projects now → 47 (+40 −1), quota 128');
    expect(line({now: 8, removed: 7})).toBe('8 projects now → 1 (−7)');
  });

  it('counts what is done without adding or removing', function () {
    expect(line({now: 3, accepted: 2, asked: 1}))
      .toBe('3 projects now, 2 accepted for, 1 asked again');
  });

  it('says how many are too many', function () {
    expect(line({now: 128, added: 2, quota: 128, over: 2}))
      .toBe('128 projects now → 130 (+2), quota 128: 2 too many');
  });

  it('counts what is selected for an image that is yet to be created', function () {
    expect(line({isNew: true, added: 1})).toBe('1 project selected');
    expect(line({isNew: true, added: 2, quota: 1, over: 1}))
      .toBe('2 projects selected, quota 1: 1 too many');
  });
});
