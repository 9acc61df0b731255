/* SPDX-License-Identifier: Apache-2.0 */
describe('Manage Access', function () {
  'use strict';

  var service, $injector, $location, $q, $rootScope, policy;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_, _$location_, _$q_, _$rootScope_) {
    $injector = _$injector_;
    $location = _$location_;
    $q = _$q_;
    $rootScope = _$rootScope_;
    policy = $injector.get('horizon.app.core.openstack-service-api.policy');
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

  it('is not offered to users whom the policy refuses', function () {
    spyOn(policy, 'ifAllowed').and.callFake(function () { return $q.reject(); });
    expect(offered('/admin/images', {visibility: 'shared'})).toBe(false);
    expect(policy.ifAllowed.calls.mostRecent().args[0].rules)
      .toContain(['image', 'context_is_admin']);
  });

  it('stands before Delete Image', function () {
    var registry = $injector.get('horizon.framework.conf.resource-type-registry.service');
    var ids = registry.getResourceType().itemActions.map(function (item) { return item.id; });
    expect(ids).toEqual(['updateMetadataService', 'manageAccessAction', 'deleteImage']);
  });

  it('opens the dialog of the image and leaves the details page where it is', function () {
    var opened = [];
    function open(event) {
      event.preventDefault();
      opened.push(event.target.getAttribute('href'));
    }
    $injector.get('$window').WEBROOT = '/horizon/';
    $(document).on('click', '.ajax-modal', open);
    expect(service.perform({id: 'a/b'})).toBe(false);
    $(document).off('click', '.ajax-modal', open);
    expect(opened).toEqual(['/horizon/admin/images/a%2Fb/access/']);
    expect($('.ajax-modal').length).toBe(0);
  });
});

describe('The visibility in Horizon\'s lists', function () {
  'use strict';

  beforeEach(angular.mock.module('xloud.images'));

  it('is kept as Glance gave it', angular.mock.inject(function ($injector, $rootScope) {
    var glance = $injector.get('horizon.app.core.openstack-service-api.glance');
    var kept;
    glance.getImages().then(function (response) {
      kept = response.data.items.map(function (image) { return image.glanceVisibility; });
    });
    $rootScope.$apply();
    expect(kept).toEqual(['shared', 'private']);
  }));

  it('is shown as it is, whoever the owner is', angular.mock.inject(function ($filter) {
    expect($filter('imageVisibility')({visibility: 'shared'}, 'another')).toBe('shared');
  }));
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
