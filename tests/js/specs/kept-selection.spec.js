/* SPDX-License-Identifier: Apache-2.0 */
describe('A selection kept over the login page', function () {
  'use strict';

  var ADDRESS = '/admin/images/1/access/';
  var xloud = window.horizon.xloud;

  beforeEach(function () { window.sessionStorage.clear(); });
  afterEach(function () { window.sessionStorage.clear(); });

  /* Returns the project table of a user's open dialog in a region. */
  function table(user, region) {
    return $('<div>').attr({'data-user': user, 'data-region': region});
  }

  function keep(user, region) {
    xloud.keep(ADDRESS, {
      user: user,
      region: region,
      accept: true,
      changes: [{verb: 'add', id: 'p1', name: 'secret'}, {verb: 'remove', id: 'p2', name: 'b'}]
    });
  }

  it('comes back to the same dialog', function () {
    keep('ann', 'one');
    var back = xloud.restoreKept(ADDRESS, table('ann', 'one'));
    expect(back.accept).toBe(true);
    expect(back.changes).toEqual([{verb: 'add', id: 'p1'}, {verb: 'remove', id: 'p2'}]);
  });

  it('has no names of projects in it', function () {
    keep('ann', 'one');
    expect(JSON.stringify(window.sessionStorage)).not.toContain('secret');
  });

  it('comes back once', function () {
    keep('ann', 'one');
    xloud.restoreKept(ADDRESS, table('ann', 'one'));
    expect(xloud.restoreKept(ADDRESS, table('ann', 'one'))).toBe(null);
  });

  it('does not come to another dialog, and waits', function () {
    keep('ann', 'one');
    expect(xloud.restoreKept('/admin/images/2/access/', table('ann', 'one'))).toBe(null);
    expect(xloud.restoreKept(ADDRESS, table('ann', 'one'))).not.toBe(null);
  });

  it('does not come to another region, and waits', function () {
    keep('ann', 'one');
    expect(xloud.restoreKept(ADDRESS, table('ann', 'two'))).toBe(null);
    expect(xloud.restoreKept(ADDRESS, table('ann', 'one'))).not.toBe(null);
  });

  it('comes back where no region is named', function () {
    keep('ann', undefined);
    expect(xloud.restoreKept(ADDRESS, table('ann', undefined))).not.toBe(null);
  });

  it('is forgotten when another user is there', function () {
    keep('ann', 'one');
    expect(xloud.restoreKept(ADDRESS, table('rita', 'one'))).toBe(null);
    expect(xloud.restoreKept(ADDRESS, table('ann', 'one'))).toBe(null);
  });

  it('leaves alone what others keep in the tab', function () {
    window.sessionStorage.setItem('another', 'kept');
    keep('ann', 'one');
    xloud.restoreKept(ADDRESS, table('rita', 'one'));
    expect(window.sessionStorage.getItem('another')).toBe('kept');
  });

  it('is nothing when what is kept cannot be read', function () {
    window.sessionStorage.setItem('xloud_images_panel:' + ADDRESS, '{');
    expect(xloud.restoreKept(ADDRESS, table('ann', 'one'))).toBe(null);
  });
});

describe('What a new image is shared with', function () {
  'use strict';

  var access, sent, answer, $rootScope;
  var ADDRESSES = {
    manage_access: '/admin/images/IMAGE_ID/access/', new_image_projects: '/admin/images/access/'
  };
  var SELECTED = {changes: [{verb: 'add', id: 'p1', name: 'research'}], fields: 'add=p1'};

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function ($injector) {
    $rootScope = $injector.get('$rootScope');
    sent = [];
    spyOn($, 'get').and.callFake(function () { return $.Deferred(); });
    spyOn($, 'post').and.callFake(function (url, fields) {
      sent.push([url, fields]);
      return answer;
    });
    access = $injector.get('xloud.images.new-image-access.service');
    access.open(ADDRESSES);
  }));

  it('is nothing while no table is there', function () {
    expect(access.chosen()).toBe(null);
  });

  it('is sent to the image\'s own address, and kept no longer', function () {
    var done = false;
    answer = $.Deferred().resolve('<div class="xloud-receipt"></div>', 'success', {
      status: 200, getResponseHeader: function () { return null; }
    });
    spyOn(window.horizon.xloud, 'showReceipt');
    access.share({id: 'a/b'}, SELECTED).then(function () { done = true; });
    $rootScope.$apply();
    expect(sent).toEqual([['/admin/images/a%2Fb/access/', 'add=p1&receipt=1']]);
    expect(done).toBe(true);
    expect(window.horizon.xloud.showReceipt).toHaveBeenCalled();
  });
});
