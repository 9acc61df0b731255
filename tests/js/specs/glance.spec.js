/* SPDX-License-Identifier: Apache-2.0 */
describe('Glance in AngularJS', function () {
  'use strict';

  var glance, newImageAccess, sharedAgain, $q, $rootScope;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function ($injector) {
    $q = $injector.get('$q');
    $rootScope = $injector.get('$rootScope');
    newImageAccess = $injector.get('xloud.images.new-image-access.service');
    sharedAgain = $injector.get('xloud.images.shared-again.service');
    spyOn(newImageAccess, 'share').and.returnValue($q.resolve());
    glance = $injector.get('horizon.app.core.openstack-service-api.glance');
  }));

  /* Returns the value of a promise. */
  function given(promise) {
    var value;
    promise.then(function (answer) { value = answer; });
    $rootScope.$apply();
    return value;
  }

  it('keeps the visibility in lists as Glance gave it', function () {
    var kept = given(glance.getImages()).data.items.map(function (image) {
      return image.glanceVisibility;
    });
    expect(kept).toEqual(['shared', 'private']);
  });

  it('shares a new image with what was chosen when its creation began', function () {
    var chosen = {changes: [{verb: 'add', id: '1'}]};
    spyOn(newImageAccess, 'chosen').and.returnValues(chosen, null);
    expect(given(glance.createImage({visibility: 'shared'})).data).toEqual({id: 'new'});
    expect(newImageAccess.share).toHaveBeenCalledWith({id: 'new'}, chosen);
  });

  it('shares no new image of another visibility', function () {
    spyOn(newImageAccess, 'chosen').and.returnValue({});
    given(glance.createImage({visibility: 'private'}));
    expect(newImageAccess.share).not.toHaveBeenCalled();
  });

  it('shares no new image with nobody', function () {
    spyOn(newImageAccess, 'chosen').and.returnValue(null);
    given(glance.createImage({visibility: 'shared'}));
    expect(newImageAccess.share).not.toHaveBeenCalled();
  });

  describe('when an image becomes shared', function () {
    var $httpBackend, toast;

    beforeEach(angular.mock.inject(function ($injector) {
      spyOn($injector.get('xloud.images.addresses.service'), 'addresses').and.returnValue(
        $q.resolve({
          shared_again: '/horizon/project/images/IMAGE_ID/shared-again/',
          shared_again_before: '/horizon/project/images/IMAGE_ID/shared-again/before/'
        })
      );
      $httpBackend = $injector.get('$httpBackend');
      toast = $injector.get('horizon.framework.widgets.toast.service');
      spyOn(toast, 'add');
    }));

    afterEach(function () {
      $httpBackend.verifyNoOutstandingExpectation();
      $httpBackend.verifyNoOutstandingRequest();
    });

    function edit(visibility) {
      given(glance.getImage('a/b'));
      glance.updateImage({id: 'a/b', visibility: visibility});
      $rootScope.$apply();
    }

    it('tells who came back, when the dashboard saw it before', function () {
      $httpBackend.expectPOST('/horizon/project/images/a%2Fb/shared-again/before/').respond(204);
      $httpBackend.expectPOST('/horizon/project/images/a%2Fb/shared-again/').respond({message: 'Back'});
      edit('shared');
      $httpBackend.flush();
      expect(toast.add).toHaveBeenCalledWith('info', 'Back');
    });

    it('tells nothing when the dashboard found it shared already', function () {
      $httpBackend.expectPOST('/horizon/project/images/a%2Fb/shared-again/before/').respond(200);
      edit('shared');
      $httpBackend.flush();
      expect(toast.add).not.toHaveBeenCalled();
    });

    it('edits it also when the dashboard does not answer', function () {
      $httpBackend.expectPOST('/horizon/project/images/a%2Fb/shared-again/before/').respond(500);
      var done = false;
      given(glance.getImage('a/b'));
      glance.updateImage({id: 'a/b', visibility: 'shared'}).then(function () { done = true; });
      $httpBackend.flush();
      expect(done).toBe(true);
    });

    it('asks nothing when it becomes something else', function () {
      edit('public');
      expect(toast.add).not.toHaveBeenCalled();
    });

    it('asks nothing about an image whose visibility was never seen', function () {
      given(sharedAgain.look({id: 'unseen', visibility: 'shared'}));
      expect(toast.add).not.toHaveBeenCalled();
    });
  });
});

describe('The visibility in lists', function () {
  'use strict';

  beforeEach(angular.mock.module('xloud.images'));

  it('is shown as it is, whoever the owner is', angular.mock.inject(function ($filter) {
    expect($filter('imageVisibility')({visibility: 'shared'}, 'another')).toBe('shared');
  }));
});
