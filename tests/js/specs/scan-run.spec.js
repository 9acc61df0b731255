/* SPDX-License-Identifier: Apache-2.0 */
describe('the way of a scan', function () {
  'use strict';

  var PARTS = ['bar', 'told', 'stop', 'continue', 'again', 'failed', 'unread', 'retry'];
  var $scan, requests, run, shown;

  beforeEach(function () {
    window.sessionStorage.clear();
    $scan = $('<div data-images-url="/images/" data-members-url="/members/" data-user="u">')
      .appendTo('body');
    PARTS.forEach(function (name) {
      $('<button>').attr('data-role', 'scan-' + name).appendTo($scan);
    });
    requests = [];
    spyOn($, 'getJSON').and.callFake(function (url, query) {
      var answer = $.Deferred();
      answer.abort = function () {};
      requests.push({url: url, query: query, answer: answer});
      return answer;
    });
    run = window.horizon.xloud.runScan($scan, {show: function (scan) { shown = scan; }});
    run.begin();
    reply({images: ['1', '2', '3'].map(function (id) { return {id: id}; }), after: ''});
  });

  afterEach(function () { $scan.remove(); });

  function part(name) {
    return $scan.find('[data-role=scan-' + name + ']');
  }

  function last() {
    return requests[requests.length - 1];
  }

  function reply(answer) {
    last().answer.resolve(answer, 'success', {getResponseHeader: function () { return null; }});
  }

  function members(ids, more) {
    var rows = {};
    ids.forEach(function (id) { rows[id] = 'of ' + id; });
    return $.extend({rows: rows, gone: [], unread: {}, left: []}, more);
  }

  it('lists the images, and then reads their members', function () {
    expect(requests.map(function (asked) { return asked.url; })).toEqual(['/images/', '/members/']);
    expect(last().query.ids).toBe('1,2,3');
    reply(members(['1', '2', '3']));
    expect(requests.length).toBe(2);
    expect(shown.row('3')).toBe('of 3');
    expect(part('stop').prop('hidden')).toBe(true);
  });

  it('stops, keeps what it has read, and goes on', function () {
    reply(members(['1']));
    part('stop').trigger('click');
    reply(members(['2', '3'])); // too late
    expect(shown.row('1')).toBe('of 1');
    expect(shown.row('2')).toBe(undefined);
    part('continue').trigger('click');
    expect(last().query.ids).toBe('2,3');
  });

  it('stays stopped when a row is read again', function () {
    reply(members(['1']));
    part('stop').trigger('click');
    run.readAgain('1');
    expect(last().query.ids).toBe('1');
    reply(members(['1']));
    expect(requests.length).toBe(4);
    expect(part('stop').prop('hidden')).toBe(true);
    expect(part('continue').prop('hidden')).toBe(false);
  });

  it('reads each row again that is changed while another one is read', function () {
    reply(members(['1', '2']));
    part('stop').trigger('click');
    run.readAgain('1');
    run.readAgain(['2']);
    expect(last().query.ids).toBe('1,2');
    reply(members(['1', '2']));
    expect(shown.isComplete()).toBe(false);
    expect(part('stop').prop('hidden')).toBe(true);
  });

  it('goes on with the others when a row is read again under way', function () {
    reply(members(['1']));
    run.readAgain('1');
    expect(last().query.ids).toBe('1,2,3');
  });

  it('keeps that it was stopped', function () {
    part('stop').trigger('click');
    expect(shown.toKeep().isStopped).toBe(true);
    part('continue').trigger('click');
    expect(shown.toKeep().isStopped).toBe(false);
  });

  it('tries again what could not be read', function () {
    reply(members(['1', '2'], {unread: {3: 'Late.'}}));
    expect(part('unread').text()).toContain('Late.');
    part('retry').trigger('click');
    expect(last().query.ids).toBe('3');
    reply(members(['3']));
    expect(part('unread').text()).toBe('');
    expect(shown.isComplete()).toBe(true);
  });
});
