/* SPDX-License-Identifier: Apache-2.0 */
describe('the export of access', function () {
  'use strict';

  var COMPLETE = {unread: {}, areMore: false};
  var OWNER = 'f'.repeat(32);

  function project(number) {
    return String(number).padStart(32, '0');
  }

  function start(ids, format, without) {
    return window.horizon.xloud.accessExport.create(ids, format || 'yaml', without || COMPLETE);
  }

  /* Answers like the server, and returns the requests, one word each. */
  function run(work, members, more) {
    var asked = [];
    for (var step = work.next(); step && asked.length < 100; step = work.next()) {
      asked.push(step.what);
      work.take(step, answer(step, members, more || {}));
    }
    return asked;
  }

  function answer(step, members, more) {
    if (step.what === 'members') {
      var images = {};
      step.query.ids.split(',').forEach(function (id) {
        if (!(id in (more.unread || {})) && (more.gone || []).indexOf(id) < 0) {
          images[id] = {name: 'name of ' + id, owner: OWNER, rows: (members[id] || []).map(
            function (member) { return [member, 'accepted', '', '']; }
          )};
        }
      });
      return {images: images, gone: more.gone || [], unread: more.unread || {}, left: []};
    }
    if (step.what === 'projects') {
      var projects = {};
      var ids = step.query.ids === undefined ? more.everybody : step.query.ids.split(',');
      ids.forEach(function (id) { projects[id] = {name: 'called ' + id}; });
      return more.forbidden ? {projects: {}, after: '', forbidden: more.forbidden} :
        {projects: projects, after: ''};
    }
    var texts = {};
    step.content.images.forEach(function (image) {
      texts[image.id] = image.rows.length ? image.id + ' ' + image.rows.map(function (row) {
        return (step.content.projects[row[0]] || {name: '?'}).name;
      }).join() + '\n' : '';
    });
    return {texts: texts, head: 'head\n', nothing: 'nothing\n', end: 'end\n'};
  }

  function text(work, comment) {
    return work.file(comment || '').parts.join('');
  }

  it('asks for 80 images at once, and for 40 projects', function () {
    var ids = Array.from({length: 100}, function (none, number) { return 'image-' + number; });
    var work = start(ids);
    var images = work.next();
    expect(images.query.ids.split(',')).toEqual(ids.slice(0, 80));
    var members = {'image-99': Array.from({length: 45}, function (none, at) { return project(at); })};
    work.take(images, answer(images, members, {}));
    var rest = work.next();
    expect(rest.query.ids.split(',')).toEqual(ids.slice(80));
    work.take(rest, answer(rest, members, {}));
    expect(work.next().query.ids.split(',').length).toBe(40);
  });

  it('reads members, then their projects, and then has the lines written', function () {
    var work = start(['one', 'two']);
    expect(run(work, {one: [project(1)], two: [project(2)]}))
      .toEqual(['members', 'projects', 'lines']);
    expect(text(work)).toBe('head\none called ' + project(1) + '\ntwo called ' + project(2) +
      '\nend\n');
    expect(work.file('').isIncomplete).toBe(false);
    expect(work.counts()).toEqual({all: 2, done: 2, images: 2, members: 2});
  });

  it('asks for a project once', function () {
    var ids = Array.from({length: 90}, function (_none, at) { return 'image-' + at; });
    var members = {};
    ids.forEach(function (id) {
      members[id] = Array.from({length: 60}, function (_none, at) { return project(at % 9); });
    });
    expect(run(start(ids), members).filter(function (what) { return what === 'projects'; }).length)
      .toBe(1);
  });

  it('reads all projects where there are many, and those alone that are not among them', function () {
    var many = Array.from({length: 80}, function (_none, at) { return project(at); });
    var work = start(['one']);
    expect(run(work, {one: many}, {everybody: many.slice(1).concat(OWNER)}))
      .toEqual(['members', 'projects', 'projects', 'lines']);
    expect(text(work)).toContain('called ' + project(0));
  });

  it('puts no address together of what cannot be the ID of a project', function () {
    var work = start(['one']);
    work.take(work.next(), answer(work.next(), {one: ['a,b', '../x', project(1), '__proto__']}, {}));
    expect(work.next().query.ids.split(',')).toEqual([OWNER, project(1), '__proto__']);
  });

  it('keeps the order of the images, whatever comes first', function () {
    var work = start(['one', 'two']);
    run(work, {one: [project(1)], two: [project(1)]}, {unread: {one: 'Glance is busy.'}});
    work.readAgain();
    run(work, {one: [project(1)]});
    expect(text(work).split('\n').map(function (line) { return line.slice(0, 3); }))
      .toEqual(['hea', 'one', 'two', 'end', '']);
  });

  it('has a file without an image too', function () {
    var work = start([]);
    expect(run(work, {})).toEqual(['lines']);
    expect(text(work)).toBe('head\nnothing\nend\n');
    work = start(['one']);
    run(work, {one: []});
    expect(text(work)).toBe('head\nnothing\nend\n');
    expect(work.counts().images).toBe(0);
  });

  it('says in an incomplete YAML file what is missing', function () {
    var work = start(['one', 'two'], 'yaml', {unread: {three: 'not read'}, areMore: false});
    run(work, {one: [project(1)]}, {unread: {two: 'Glance is busy.'}});
    expect(work.missing()).toEqual({three: 'not read', two: 'Glance is busy.'});
    expect(work.file('').isIncomplete).toBe(true);
    expect(text(work, 'Incomplete:\nimages: []'))
      .toMatch(/^# Incomplete: images: \[\]\n# {3}three\n# {3}two\nhead\n/);
  });

  it('has no comment in CSV, which knows none', function () {
    var work = start(['one'], 'csv', {unread: {}, areMore: true});
    run(work, {one: [project(1)]});
    expect(work.file('').isIncomplete).toBe(true);
    expect(text(work, 'Incomplete')).toMatch(/^head\n/);
  });

  it('gives what there is when it is stopped', function () {
    var ids = Array.from({length: 90}, function (_none, at) { return 'image-' + at; });
    var rows = Array.from({length: 2000}, function () { return project(1); });
    var work = start(ids);
    ['members', 'projects', 'lines'].forEach(function () {
      var step = work.next();
      work.take(step, answer(step, {'image-0': rows}, {}));
    });
    expect(work.counts()).toEqual({all: 90, done: 1, images: 1, members: 2000});
    expect(work.file('').isIncomplete).toBe(true);
    expect(Object.keys(work.missing()).length).toBe(89);
  });

  it('leaves out what is not shared any more, which makes it no less complete', function () {
    var work = start(['one', 'two']);
    run(work, {one: [project(1)]}, {gone: ['two']});
    expect(work.gone()).toEqual(['two']);
    expect(work.file('').isIncomplete).toBe(false);
  });

  it('has IDs alone where projects cannot be read', function () {
    var work = start(['one']);
    run(work, {one: [project(1)]}, {forbidden: 'Keystone did not allow it.'});
    expect(work.forbidden()).toBe('Keystone did not allow it.');
    expect(text(work)).toContain('one ?');
  });
});
