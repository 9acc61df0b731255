/* SPDX-License-Identifier: Apache-2.0 */
describe('The scripts of the project table', function () {
  'use strict';

  var $ = window.jQuery;
  var asked;

  beforeEach(function () {
    asked = [];
    spyOn($, 'ajax').and.callFake(function (options) {
      var answer = $.Deferred();
      asked.push({address: options.url, answer: answer});
      return answer.promise();
    });
  });

  /* Returns an element with a table that names scripts. */
  function table() {
    var scripts = Array.from(arguments, function (address) {
      return '<script src="' + address + '"></script>';
    });
    return $('<div><div class="xloud-projects"><template data-role="scripts">' + scripts.join('') +
      '</template></div></div>');
  }

  function addresses() {
    return asked.map(function (item) { return item.address; });
  }

  /* jQuery resolves its promises a moment later. */
  function whenAsked(count, act) {
    if (asked.length >= count) {
      act(asked[count - 1].answer);
    } else {
      setTimeout(whenAsked, 1, count, act);
    }
  }

  it('are loaded one after the other', function (done) {
    var promise = horizon.xloud.withTable(table('/one/a.js', '/one/b.js'));
    whenAsked(1, function (answer) {
      expect(addresses()).toEqual(['/one/a.js']);
      answer.resolve();
    });
    whenAsked(2, function (answer) {
      expect(addresses()).toEqual(['/one/a.js', '/one/b.js']);
      answer.resolve();
      promise.done(done);
    });
  });

  it('are loaded once in a page', function (done) {
    var first = horizon.xloud.withTable(table('/once.js'));
    whenAsked(1, function (answer) { answer.resolve(); });
    first.done(function () {
      horizon.xloud.withTable(table('/once.js')).done(function () {
        expect(addresses()).toEqual(['/once.js']);
        done();
      });
    });
  });

  it('are asked for again when they did not come', function (done) {
    var first = horizon.xloud.withTable(table('/lost.js'));
    whenAsked(1, function (answer) { answer.reject(); });
    first.fail(function () {
      expect(addresses()).toEqual(['/lost.js']);
      horizon.xloud.withTable(table('/lost.js'));
      whenAsked(2, done.bind(null, undefined));
    });
  });

  it('are no matter of what has no table', function () {
    horizon.xloud.withTable($('<div>'));
    expect(asked).toEqual([]);
  });
});
