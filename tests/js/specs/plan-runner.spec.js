/* SPDX-License-Identifier: Apache-2.0 */
describe('the way of a plan', function () {
  'use strict';

  var ROLES = ['plan-run', 'run-bar', 'run-counts', 'run-said', 'run-halted', 'run-why',
    'run-log-in', 'run-stop', 'run-continue', 'run-retry', 'run-receipt', 'run-headline',
    'run-images', 'run-undo', 'run-failures'];
  var NAMES = {images: {1: 'golden', 2: 'silver'}, projects: {a: 'research'}};
  var KEY = 'xloud_images_panel:plan:here';
  var $plan, requests, runner;

  beforeEach(function () {
    jasmine.clock().install();
    window.sessionStorage.clear();
    $plan = $('<div data-slice-url="/slice/" data-undo-url="/undo/" data-name="here" ' +
      'data-user="u" data-project="p" data-region="r">').appendTo('body');
    ROLES.forEach(function (role) { $('<div>').attr('data-role', role).appendTo($plan); });
    requests = [];
    spyOn($, 'ajax').and.callFake(function (asked) {
      var answer = $.Deferred();
      requests.push({url: asked.url, body: JSON.parse(asked.data), answer: answer});
      return answer;
    });
    runner = window.horizon.xloud.planRunner($plan);
  });

  afterEach(function () {
    $plan.remove();
    jasmine.clock().uninstall();
    window.horizon.xloud.mayUnload();
  });

  function start() {
    runner.start({accept: true, names: NAMES, changes: [
      {image: '1', verb: 'add', projects: ['a']}, {image: '2', verb: 'add', projects: ['a']}
    ]});
  }

  function part(role) {
    return $plan.find('[data-role=' + role + ']');
  }

  function last() {
    return requests[requests.length - 1];
  }

  function cell(image, state, more) {
    return $.extend({image: image, project: 'a', state: state, changed: true}, more);
  }

  function done(image) {
    return cell(image, 'done');
  }

  function noAnswer(status, location) {
    return {status: status, getResponseHeader: function () { return location || null; }};
  }

  it('sends what an answer has left, and ends with a receipt', function () {
    start();
    expect(last().body.region).toBe('r');
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    expect(part('run-counts').text()).toBe('1 of 2 done');
    expect(last().body.changes).toEqual([{image: '2', verb: 'add', projects: ['a']}]);
    last().answer.resolve({cells: [done('2')], receipts: ['y']});
    expect(requests.length).toBe(2);
    expect(part('run-headline').text()).toBe('2 added.');
    expect(part('run-images').text()).toBe('golden: 1 addedsilver: 1 added');
  });

  it('stops after the slice that is under way, and goes on', function () {
    start();
    part('run-stop').trigger('click');
    last().answer.resolve({cells: [done('1')], receipts: []});
    expect(requests.length).toBe(1);
    expect(part('run-why').text()).toContain('Stopped');
    part('run-continue').trigger('click');
    expect(last().body.changes[0].image).toBe('2');
  });

  it('waits before the next slice as long as the answer says', function () {
    start();
    last().answer.resolve({cells: [done('1')], receipts: [], pause: 700});
    expect(part('run-counts').text()).toBe('1 of 2 done');
    jasmine.clock().tick(699);
    expect(requests.length).toBe(1);
    jasmine.clock().tick(1);
    expect(last().body.changes[0].image).toBe('2');
  });

  it('can be stopped while it waits', function () {
    start();
    last().answer.resolve({cells: [done('1')], receipts: [], pause: 700});
    part('run-stop').trigger('click');
    jasmine.clock().tick(700);
    expect(requests.length).toBe(1);
    expect(part('run-why').text()).toContain('Stopped');
  });

  it('ends at once when nothing is left', function () {
    start();
    last().answer.resolve({cells: [done('1'), done('2')], receipts: [], pause: 700});
    expect(part('run-headline').text()).toBe('2 added.');
  });

  it('names what failed, and sends just that again', function () {
    start();
    last().answer.resolve({receipts: [], cells: [
      done('1'), cell('2', 'failed', {why: 'Busy.', mendable: true})
    ]});
    expect(part('run-failures').text()).toContain('1 was not done: Busy.');
    expect(part('run-failures').text()).toContain('silver: research');
    part('run-retry').trigger('click');
    expect(last().body.changes).toEqual([{image: '2', verb: 'add', projects: ['a']}]);
  });

  it('tries once more where there is no answer, and then stops', function () {
    start();
    last().answer.reject(noAnswer(502));
    expect(requests.length).toBe(1);
    jasmine.clock().tick(1000);
    expect(requests.length).toBe(2);
    last().answer.reject(noAnswer(502));
    jasmine.clock().tick(10000);
    expect(requests.length).toBe(2);
    expect(part('run-why').text()).toContain('it is not known');
  });

  it('offers to log in when the session has ended, and keeps what is left', function () {
    start();
    last().answer.reject(noAnswer(401, '/auth/login/'));
    expect(part('run-log-in').attr('href')).toBe('/auth/login/');
    expect(part('run-log-in').prop('hidden')).toBe(false);
    expect(runner.kept().changes.length).toBe(2);
  });

  it('stops where slice after slice does nothing', function () {
    start();
    for (var number = 0; number < 5 && requests.length > number; number += 1) {
      requests[number].answer.resolve({cells: [], receipts: []});
    }
    expect(requests.length).toBe(3);
    expect(part('run-why').text()).toContain('so slow');
  });

  it('says why a slice was refused', function () {
    start();
    last().answer.resolve({refused: 'The region was switched.'});
    expect(part('run-why').text()).toBe('The region was switched.');
    expect(requests.length).toBe(1);
  });

  it('keeps IDs and no names, until all is done', function () {
    start();
    expect(window.sessionStorage.getItem(KEY)).not.toContain('research');
    expect(runner.kept().changes.length).toBe(2);
    last().answer.resolve({cells: [done('1'), done('2')], receipts: []});
    expect(window.sessionStorage.getItem(KEY)).toBe(null);
  });

  it('keeps nothing for another project', function () {
    start();
    $plan.attr('data-project', 'other');
    expect(runner.kept()).toBe(null);
    expect(window.sessionStorage.getItem(KEY)).toBe(null);
  });

  it('drops what is kept at logout', function () {
    start();
    var $form = $('<form action="/auth/logout/" method="post">').appendTo($plan);
    $form.on('submit', function (event) { event.preventDefault(); }).trigger('submit');
    expect(window.sessionStorage.getItem(KEY)).toBe(null);
  });

  it('offers no undo while what failed is sent again', function () {
    start();
    last().answer.resolve({receipts: ['x'], cells: [
      done('1'), cell('2', 'failed', {why: 'Busy.', mendable: true})
    ]});
    expect(part('run-receipt').prop('hidden')).toBe(false);
    part('run-retry').trigger('click');
    expect(part('run-receipt').prop('hidden')).toBe(true);
    last().answer.resolve({cells: [done('2')], receipts: ['y']});
    part('run-undo').trigger('click');
    expect(last().body.receipts).toEqual(['y', 'x']);
  });

  it('keeps nothing of an answer that comes after logout, once the page goes', function () {
    start();
    var $logout = $('<form action="/auth/logout/">').appendTo('body');
    $logout.on('submit', function (event) { event.preventDefault(); }).trigger('submit');
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    expect(window.sessionStorage.getItem(KEY)).not.toBe(null);
    $(window).trigger('pagehide');
    expect(window.sessionStorage.getItem(KEY)).toBe(null);
    $logout.remove();
  });

  it('keeps what is left for a user who stays after all', function () {
    start();
    var $logout = $('<form action="/auth/logout/">').appendTo('body');
    $logout.on('submit', function (event) { event.preventDefault(); }).trigger('submit');
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    jasmine.clock().tick(11 * 1000);
    $(window).trigger('pagehide');
    expect(window.sessionStorage.getItem(KEY)).not.toBe(null);
    $logout.remove();
  });

  it('undoes after a reload what was done before it, too', function () {
    start();
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    runner.start($.extend({names: NAMES}, runner.kept()));
    last().answer.resolve({cells: [done('2')], receipts: ['y']});
    part('run-undo').trigger('click');
    expect(last().body.receipts).toEqual(['y', 'x']);
    last().answer.resolve({cells: [done('2'), done('1')], receipts: [], through: 2});
    expect(part('run-headline').text()).toContain('whose answer did not arrive');
  });

  it('does not call its own what a part without an answer may have done', function () {
    start();
    last().answer.reject(noAnswer(502));
    jasmine.clock().tick(1000);
    last().answer.resolve({receipts: ['y'], cells: [cell('1', 'done', {changed: false}), done('2')]});
    expect(part('run-headline').text())
      .toBe('1 added, 1 perhaps done by a part whose answer did not arrive.');
    part('run-undo').trigger('click');
    last().answer.resolve({cells: [done('2')], receipts: [], through: 1});
    expect(part('run-headline').text()).toContain('whose answer did not arrive');
  });

  it('goes on with an undo after a reload', function () {
    start();
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    last().answer.resolve({cells: [done('2')], receipts: ['y']});
    part('run-undo').trigger('click');
    last().answer.resolve({cells: [done('2')], receipts: [], through: 1});
    expect(runner.kept().undo).toEqual(['x']);
    runner.startUndo(runner.kept());
    expect(last().url).toBe('/undo/');
    expect(last().body.receipts).toEqual(['x']);
    last().answer.resolve({cells: [done('1')], receipts: [], through: 1});
    expect(part('run-headline').text()).toContain('as it was before');
    expect(runner.kept()).toBe(null);
  });

  it('undoes what was done last first', function () {
    start();
    last().answer.resolve({cells: [done('1')], receipts: ['x']});
    last().answer.resolve({cells: [done('2')], receipts: ['y']});
    part('run-undo').trigger('click');
    expect(last().url).toBe('/undo/');
    expect(last().body.receipts).toEqual(['y', 'x']);
    last().answer.resolve({cells: [done('2'), done('1')], receipts: [], through: 2});
    expect(part('run-headline').text()).toContain('as it was before');
  });
});
