/* SPDX-License-Identifier: Apache-2.0 */
describe('the scan of all shared images', function () {
  'use strict';

  var scan;

  function image(number) {
    return {id: 'id-' + number, name: 'image ' + number, owner: 'owner-' + number % 2};
  }

  function listed(first, last, after) {
    var images = [];
    for (var number = first; number <= last; number += 1) { images.push(image(number)); }
    return {images: images, after: after || '', passed_over: 0};
  }

  function answer(rows, more) {
    return Object.assign({rows: rows, gone: [], unread: {}, left: []}, more);
  }

  function row(accepted, pending, rejected) {
    return {accepted: accepted, pending: pending || 0, rejected: rejected || 0, changed: ''};
  }

  beforeEach(function () {
    scan = window.horizon.xloud.scan.create();
  });

  it('lists all images before it reads their members', function () {
    scan.list(listed(1, 2, 'marker'));
    expect(scan.isListed()).toBe(false);
    expect(scan.after()).toBe('marker');
    scan.list(listed(3, 3));
    expect(scan.isListed()).toBe(true);
    expect(scan.total()).toBe(3);
    expect(scan.done()).toBe(0);
    expect(scan.next()).toEqual(['id-1', 'id-2', 'id-3']);
  });

  it('lists an image once that has moved to another page', function () {
    scan.list(listed(1, 2, 'marker'));
    scan.list(listed(2, 3));
    expect(scan.total()).toBe(3);
  });

  it('reads no more at once than the server takes', function () {
    scan.list(listed(1, 200));
    scan.put(answer({'id-1': row(1)}));
    expect(scan.next().length).toBe(window.horizon.xloud.scan.AT_ONCE);
  });

  it('reads some images alone while it is stopped', function () {
    scan.list(listed(1, 4));
    scan.put(answer({'id-1': row(1), 'id-2': row(1)}));
    scan.readAgain(['id-2', 'gone']);
    expect(scan.next(['id-2', 'gone'])).toEqual(['id-2']);
    scan.put(answer({'id-2': row(2)}));
    expect(scan.next(['id-2', 'gone'])).toEqual([]);
    expect(scan.next()).toEqual(['id-3', 'id-4']);
  });

  it('begins with a few images, so that there is something to look at soon', function () {
    scan.list(listed(1, 200));
    expect(scan.next().length).toBe(20);
  });

  it('reads again what the server had no time for', function () {
    scan.list(listed(1, 2));
    scan.put(answer({'id-1': row(1)}, {left: ['id-2']}));
    expect(scan.done()).toBe(1);
    expect(scan.next()).toEqual(['id-2']);
    scan.put(answer({'id-2': row(0)}));
    expect(scan.isComplete()).toBe(true);
  });

  it('forgets images that are not shared any more', function () {
    scan.list(listed(1, 2));
    scan.put(answer({'id-1': row(1)}, {gone: ['id-2']}));
    expect(scan.total()).toBe(1);
    expect(scan.isComplete()).toBe(true);
  });

  it('keeps why an image could not be read, until it is', function () {
    scan.list(listed(1, 2));
    scan.put(answer({'id-1': row(1)}, {unread: {'id-2': 'Glance is busy.'}}));
    expect(scan.isComplete()).toBe(true);
    expect(scan.unread()).toEqual({'id-2': 'Glance is busy.'});
    scan.readAgain();
    expect(scan.next()).toEqual(['id-2']);
    scan.put(answer({'id-2': row(0)}));
    expect(scan.unread()).toEqual({});
  });

  it('reads one image again that was changed', function () {
    scan.list(listed(1, 2));
    scan.put(answer({'id-1': row(1), 'id-2': row(0)}));
    scan.readAgain('id-1');
    expect(scan.isComplete()).toBe(false);
    expect(scan.next()).toEqual(['id-1']);
    expect(scan.row('id-1')).toEqual(row(1));
  });

  it('goes on from what was kept', function () {
    scan.list(listed(1, 3));
    scan.put(answer({'id-1': row(1)}));
    var other = window.horizon.xloud.scan.create(JSON.parse(JSON.stringify(scan.toKeep())));
    expect(other.next()).toEqual(['id-2', 'id-3']);
    expect(other.row('id-1')).toEqual(row(1));
    expect(other.image('id-1').name).toBe('image 1');
    expect(other.isListed()).toBe(true);
  });

  it('lets several images be read again', function () {
    scan.list(listed(1, 3));
    scan.put(answer({'id-1': row(1), 'id-2': row(0), 'id-3': row(0)}));
    scan.readAgain(['id-1', 'id-3']);
    expect(scan.next().sort()).toEqual(['id-1', 'id-3']);
  });

  it('begins another scan with the images that are listed, of which nothing is read', function () {
    scan.list(listed(1, 2, 'marker'));
    scan.put(answer({'id-1': row(1)}));
    var other = window.horizon.xloud.scan.create(scan.ofTheSameImages());
    expect(other.next()).toEqual(['id-1', 'id-2']);
    expect(other.row('id-1')).toBe(undefined);
    expect(other.after()).toBe('marker');
    other.put(answer({'id-1': row(0), 'id-2': row(0)}));
    expect(scan.next()).toEqual(['id-2']);
  });

  describe('by image', function () {
    function names(filter, quota) {
      return window.horizon.xloud.imageRows.select(scan, filter, quota || 0, function (id) {
        return id === 'owner-1' ? 'Überprojekt' : id;
      }).map(function (found) { return found.name; });
    }

    beforeEach(function () {
      scan.list(listed(1, 5));
      scan.put(answer({
        'id-1': row(2, 1), 'id-2': row(0), 'id-3': row(8, 0, 1),
        'id-4': Object.assign(row(1), {changed: '2026-11-01T00:00:00Z'})
      }, {left: ['id-5']}));
    });

    it('shows images that are shared with somebody', function () {
      expect(names({})).toEqual(['image 1', 'image 3', 'image 4']);
    });

    it('shows those that are shared with nobody', function () {
      expect(names({show: 'nobody'})).toEqual(['image 2']);
    });

    it('shows those where something is pending', function () {
      expect(names({show: 'pending'})).toEqual(['image 1']);
    });

    it('shows those over nine tenths of the quota, where it is known', function () {
      expect(names({show: 'quota'}, 9)).toEqual(['image 3']);
      expect(names({show: 'quota'}, 10)).toEqual([]);
      expect(names({show: 'quota'})).toEqual([]);
    });

    it('does not show an image whose members are not read', function () {
      expect(names({show: 'all'})).not.toContain('image 5');
    });

    it('finds part of a name in any case, and an ID', function () {
      expect(names({name: 'IMAGE 3'})).toEqual(['image 3']);
      expect(names({name: 'id-4'})).toEqual(['image 4']);
    });

    it('finds the owner by part of the name without accents, and by its ID', function () {
      expect(names({owner: 'uber'})).toEqual(['image 1', 'image 3']);
      expect(names({owner: 'owner-0'})).toEqual(['image 4']);
    });

    it('has the most projects first, or the last change', function () {
      expect(names({sort: 'projects'})).toEqual(['image 3', 'image 1', 'image 4']);
      expect(names({sort: 'changed'})[0]).toBe('image 4');
    });
  });
});
