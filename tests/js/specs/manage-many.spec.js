/* SPDX-License-Identifier: Apache-2.0 */
describe('Manage Access of ticked images', function () {
  'use strict';

  var service, $injector, $location, $rootScope, answer;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_, _$location_, _$rootScope_) {
    $injector = _$injector_;
    $location = _$location_;
    $rootScope = _$rootScope_;
    $injector.get('$window').WEBROOT = '/horizon/';
    answer = {manage_access: '/x/IMAGE_ID/', manage_many: '/horizon/admin/images/access/many/'};
    spyOn($, 'getJSON').and.callFake(function () { return $.Deferred().resolve(answer); });
    service = $injector.get('xloud.images.manage-many.service');
  }));

  function offered(page) {
    var is = false;
    $location.url(page);
    service.allowed().then(function () { is = true; }, angular.noop);
    $rootScope.$apply();
    return is;
  }

  it('is offered in Admin alone', function () {
    expect(offered('/admin/images')).toBe(true);
    expect(offered('/project/images')).toBe(false);
  });

  it('is not offered to users to whom the dashboard gives no address', function () {
    answer = {};
    expect(offered('/admin/images')).toBe(false);
  });

  it('is not offered to those who may only read', function () {
    answer = {manage_access: '/x/IMAGE_ID/'};
    expect(offered('/admin/images')).toBe(false);
  });

  it('takes no more images than the page does', function () {
    var toast = $injector.get('horizon.framework.widgets.toast.service');
    spyOn(toast, 'add');
    service.perform(Array.from({length: 101}, function (_none, index) { return {id: index}; }));
    expect(toast.add.calls.argsFor(0)[1]).toContain('101');
  });
});
