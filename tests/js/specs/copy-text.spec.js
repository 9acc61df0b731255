/* SPDX-License-Identifier: Apache-2.0 */
describe('copying a text of the page', function () {
  'use strict';

  var $text, $told;

  beforeEach(function () {
    $text = $('<span>an ID</span>').appendTo('body');
    $told = $('<span>');
  });

  afterEach(function () { $text.remove(); });

  function copied(isDone) {
    spyOn(document, 'execCommand').and.returnValue(isDone);
    window.horizon.xloud.copyText($text, $told);
    expect(document.execCommand).toHaveBeenCalledWith('copy');
    expect(window.getSelection().toString()).toBe('an ID');
    return $told.text();
  }

  it('says that it is done', function () {
    expect(copied(true)).toBe('Copied');
  });

  it('leaves the text selected for the keyboard where the browser refuses', function () {
    expect(copied(false)).toBe('Press Ctrl+C to copy');
  });
});
