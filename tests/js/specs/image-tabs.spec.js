/* SPDX-License-Identifier: Apache-2.0 */
describe('the tab strips in AngularJS', function () {
  'use strict';

  var $injector, $location, $scope;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_) {
    $injector = _$injector_;
    $location = $injector.get('$location');
    $scope = $injector.get('$rootScope').$new();
    $injector.get('$window').WEBROOT = '/horizon/';
    $injector.get('$window').horizon.xloud.showPending = jasmine.createSpy('showPending');
    $injector.get('$templateCache').put(
      $injector.get('$window').STATIC_URL + 'xloud_images_panel/horizon/image-tabs.html',
      '<a href="{{ imagesUrl }}"></a>'
    );
    $injector.get('$templateCache').put(
      $injector.get('$window').STATIC_URL + 'xloud_images_panel/horizon/admin-image-tabs.html',
      '<a href="{{ addresses.by_image }}"></a>'
    );
    spyOn($injector.get('xloud.images.administrator.service'), 'addresses').and.returnValue(
      $injector.get('$q').resolve({by_image: '/horizon/admin/by-image/'})
    );
  }));

  /* Returns the elements above the table of a resource type. */
  function above(path, kind) {
    $location.url(path);
    var $page = $('<div><hz-resource-table resource-type-name="' + kind + '"></div>');
    $injector.get('$compile')($page)($scope);
    $scope.$apply();
    return $page.children().not('hz-resource-table');
  }

  it('stand above the list of images', function () {
    var $strip = above('/project/images', 'OS::Glance::Image');
    expect($strip.prop('tagName')).toBe('XLOUD-IMAGE-TABS');
    expect($strip.find('a').attr('href')).toBe('/horizon/project/images/');
    $injector.get('$timeout').flush();
    expect(window.horizon.xloud.showPending).toHaveBeenCalledTimes(1);
  });

  it('are others in Admin', function () {
    var $strip = above('/admin/images/', 'OS::Glance::Image');
    expect($strip.prop('tagName')).toBe('XLOUD-ADMIN-IMAGE-TABS');
    expect($strip.find('a').attr('href')).toBe('/horizon/admin/by-image/');
  });

  it('stand above no other table', function () {
    expect(above('/project/images', 'OS::Nova::Server').length).toBe(0);
    expect(above('/project/instances', 'OS::Glance::Image').length).toBe(0);
    expect(above('/project/images/details', 'OS::Glance::Image').length).toBe(0);
  });
});
