/* SPDX-License-Identifier: Apache-2.0 */
describe('Checking the access of a project', function () {
  'use strict';

  var service, $location, $rootScope, $window, answer;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function ($injector) {
    $location = $injector.get('$location');
    $rootScope = $injector.get('$rootScope');
    $window = $injector.get('$window');
    $window.WEBROOT = '/horizon/';
    spyOn($window, 'open');
    answer = $.Deferred().resolve({
      manage_access: '/horizon/admin/images/IMAGE_ID/access/',
      why: '/horizon/admin/images/access/why/'
    });
    spyOn($, 'getJSON').and.callFake(function () { return answer; });
    service = $injector.get('xloud.images.check-access.service');
  }));

  /* Returns whether the action is offered for an image on a page. */
  function offered(page, image) {
    var is = false;
    $location.url(page);
    service.allowed(image).then(function () { is = true; }, angular.noop);
    $rootScope.$apply();
    return is;
  }

  it('is offered for each image in Admin, whatever its visibility', function () {
    ['shared', 'private', 'public', 'community'].forEach(function (visibility) {
      expect(offered('/admin/images', {visibility: visibility})).toBe(true);
    });
  });

  it('is not offered in Project', function () {
    expect(offered('/project/images', {visibility: 'shared'})).toBe(false);
    expect($.getJSON).not.toHaveBeenCalled();
  });

  it('is not offered to users to whom the dashboard gives no address', function () {
    answer = $.Deferred().resolve({});
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(false);
  });

  it('leads to the page of the image, and is not taken for a deletion', function () {
    expect(service.perform({id: 'a&b'})).toBe(false);
    $rootScope.$apply();
    expect($window.open)
      .toHaveBeenCalledWith('/horizon/admin/images/access/why/?image=a%26b', '_self');
  });
});
