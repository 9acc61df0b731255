/* SPDX-License-Identifier: Apache-2.0 */
describe('a file of access on its way to a plan', function () {
  'use strict';

  function image(line, text, entries, mode) {
    return {line: line, text: text, mode: mode || 'add', name: '', entries: entries || []};
  }

  function start(images) {
    return window.horizon.xloud.accessFile.create(images);
  }

  /* Answers like the server, and returns the requests. */
  function run(work, answers) {
    var asked = [];
    for (var step = work.next(); step && asked.length < 500; step = work.next()) {
      asked.push(step);
      work.take(step, (answers && answers[step.what] || {}).call ? answers[step.what](step.content) :
        answer(step));
    }
    return asked;
  }

  function answer(step) {
    if (step.what === 'rules') {
      return {domains: pairs(step.content.domains), tags: pairs(step.content.tags), place: null};
    }
    if (step.what === 'compare') {
      return {findings: [], changes: [], names: {}, left: []};
    }
    return {found: pairs(step.content[step.what])};
  }

  function pairs(texts) {
    return texts.map(function (text) { return [text, [['id of ' + text, text, '', 'shared']]]; });
  }

  function words(asked) {
    return asked.map(function (step) { return step.what; });
  }

  it('looks up what it names, and then compares', function () {
    var work = start([image(1, 'one', [[2, 'project', 'a', ''], [3, 'tag', 'gpu', ''],
      [4, 'member', 'x', '']])]);
    var asked = run(work);
    expect(words(asked)).toEqual(['images', 'projects', 'rules', 'compare']);
    expect(asked[3].content.projects).toEqual(pairs(['a']));
    expect(asked[3].content.tags).toEqual(pairs(['gpu']));
    expect(asked[3].content.domains).toEqual([]);
    expect(work.counts()).toEqual({all: 3, done: 3});
  });

  it('asks for no text twice, and for no rule where there is none', function () {
    var entries = [[2, 'project', 'a', '']];
    var asked = run(start([image(1, 'one', entries), image(3, 'two', entries)]));
    expect(words(asked)).toEqual(['images', 'projects', 'compare']);
    expect(asked[1].content).toEqual({projects: ['a']});
  });

  it('takes texts that are keys of every object for what they are', function () {
    var work = start([image(1, '__proto__', [[2, 'project', 'constructor', '']])]);
    var asked = run(work);
    expect(asked[2].content.there).toEqual(pairs(['__proto__']));
    expect(asked[2].content.projects).toEqual(pairs(['constructor']));
  });

  it('asks again for what a slice had no time for', function () {
    var work = start(['a', 'b', 'c'].map(function (text, at) { return image(at, text); }));
    var asked = run(work, {
      images: function (content) { return {found: pairs(content.images.slice(0, 1))}; },
      compare: function (content) {
        return {findings: [], names: {}, changes: [content.images[0].text],
          left: content.images.slice(1).map(function (_image, at) { return at + 1; })};
      }
    });
    expect(words(asked)).toEqual(
      ['images', 'images', 'images', 'compare', 'compare', 'compare']
    );
    expect(work.plan().changes).toEqual(['a', 'b', 'c']);
    expect(work.isIdle()).toBe(false);
  });

  it('knows when nothing is done in the time that there is', function () {
    var work = start([image(1, 'one')]);
    for (var slice = 0; slice < 3; slice += 1) {
      expect(work.isIdle()).toBe(false);
      work.take(work.next(), {found: []});
    }
    expect(work.isIdle()).toBe(true);
  });

  it('asks for less at once after a failure', function () {
    var work = start(Array.from({length: 90}, function (_none, at) { return image(at, 'i' + at); }));
    work.failed(work.next());
    expect(work.next().content.images.length).toBe(50);
  });

  it('goes on where the projects of rules ended', function () {
    var places = [[0, 'marker'], [0, 'more'], null];
    var work = start([image(1, 'one', [[2, 'domain', 'partners', '']])]);
    var asked = run(work, {rules: function (content) {
      return {domains: [['partners', [[content.place[1], true]]]], tags: [], place: places.shift()};
    }});
    expect(words(asked)).toEqual(['images', 'rules', 'rules', 'rules', 'compare']);
    expect(asked[4].content.domains)
      .toEqual([['partners', [['', true], ['marker', true], ['more', true]]]]);
  });

  it('compares an image at once that it has under two names', function () {
    var images = [image(1, 'name')].concat(
      Array.from({length: 60}, function (_none, at) { return image(at + 2, 'other ' + at); }),
      image(90, 'id of name')
    );
    var asked = run(start(images), {images: function (content) {
      return {found: content.images.map(function (text) {
        return [text, [[text === 'name' ? 'id of name' : text, text, '', 'shared']]];
      })};
    }}).filter(function (step) { return step.what === 'compare'; });
    expect(asked.length).toBe(2);
    expect(asked[0].content.images.slice(0, 2).map(function (item) { return item.line; }))
      .toEqual([1, 90]);
  });

  it('has no more entries in one comparison than one image has', function () {
    var many = Array.from({length: 1500}, function (_none, at) { return [at, 'member', 'm' + at, '']; });
    var asked = run(start(['a', 'b', 'c'].map(function (text) { return image(1, text, many); })));
    expect(words(asked)).toEqual(['images', 'compare', 'compare']);
  });

  it('has the findings in the order of the lines', function () {
    var work = start([image(5, 'one'), image(1, 'two')]);
    run(work, {compare: function (content) {
      return {findings: content.images.map(function (item) { return {line: item.line}; }),
        changes: [], names: {}, left: []};
    }});
    expect(work.findings().map(function (finding) { return finding.line; })).toEqual([1, 5]);
  });
});
