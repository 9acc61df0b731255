/* SPDX-License-Identifier: Apache-2.0 */
describe('Manage Access', function () {
  'use strict';

  var service, $injector, $location, $rootScope, asked, answer;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_, _$location_, _$rootScope_) {
    $injector = _$injector_;
    $location = _$location_;
    $rootScope = _$rootScope_;
    $injector.get('$window').WEBROOT = '/horizon/';
    asked = [];
    answer = $.Deferred().resolve({manage_access: '/horizon/admin/images/IMAGE_ID/access/'});
    spyOn($, 'getJSON').and.callFake(function (url) {
      asked.push(url);
      return answer;
    });
    service = $injector.get('xloud.images.manage-access.service');
  }));

  /* Returns whether the action is offered for an image on a page. */
  function offered(page, image) {
    var is = false;
    $location.url(page);
    service.allowed(image).then(function () { is = true; }, angular.noop);
    $rootScope.$apply();
    return is;
  }

  it('is offered for a shared image in Admin', function () {
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(true);
  });

  it('is offered on the details page that Admin leads to', function () {
    var page = '/ngdetails/OS::Glance::Image/1?nav=%2Fadmin%2Fimages%2F';
    expect(offered(page, {visibility: 'shared'})).toBe(true);
  });

  it('is not offered in Project', function () {
    expect(offered('/project/images', {visibility: 'shared'})).toBe(false);
  });

  it('is not offered for an image that is not shared', function () {
    expect(offered('/admin/images', {visibility: 'private'})).toBe(false);
  });

  it('goes by the visibility that Glance gave, not by its translation', function () {
    var shared = {glanceVisibility: 'shared', visibility: 'Gemeinsam verwendet'};
    var isPrivate = {glanceVisibility: 'private', visibility: 'shared'};
    expect(offered('/admin/images', shared)).toBe(true);
    expect(offered('/admin/images', isPrivate)).toBe(false);
  });

  it('is not offered to users to whom the dashboard gives no address', function () {
    answer = $.Deferred().resolve({});
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(false);
  });

  it('is not offered while the dashboard does not answer, and asks again', function () {
    answer = $.Deferred().reject();
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(false);
    answer = $.Deferred().resolve({manage_access: '/'});
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(true);
  });

  it('asks the dashboard once for all images, and in Project not at all', function () {
    offered('/project/images', {visibility: 'shared'});
    expect(asked).toEqual([]);
    offered('/admin/images', {visibility: 'shared'});
    offered('/admin/images', {visibility: 'shared'});
    expect(asked).toEqual(['/horizon/admin/images/access/']);
  });

  it('stands before Delete Image', function () {
    var registry = $injector.get('horizon.framework.conf.resource-type-registry.service');
    var ids = registry.getResourceType().itemActions.map(function (item) { return item.id; });
    expect(ids).toEqual(
      ['updateMetadataService', 'manageAccessAction', 'checkAccessAction', 'deleteImage']
    );
  });

  it('opens the dialog of the image and leaves the details page where it is', function () {
    var opened = [];
    function open(event) {
      event.preventDefault();
      opened.push(event.target.getAttribute('href'));
    }
    $(document).on('click', '.ajax-modal', open);
    expect(service.perform({id: 'a/b'})).toBe(false);
    $rootScope.$apply();
    $(document).off('click', '.ajax-modal', open);
    expect(opened).toEqual(['/horizon/admin/images/a%2Fb/access/']);
    expect($('.ajax-modal').length).toBe(0);
  });
});

describe('A session that a service does not accept any more', function () {
  'use strict';

  beforeEach(angular.mock.module('xloud.images'));

  it('is an error like any other on pages that are not of images',
    angular.mock.inject(function ($http, $httpBackend) {
      var status;
      $httpBackend.expectGET('/api/').respond(401);
      $http.get('/api/').catch(function (error) { status = error.status; });
      $httpBackend.flush();
      expect(status).toBe(401);
    }));
});
