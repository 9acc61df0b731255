/*
 * Tells who has access from before when Edit Image makes an image shared that
 * was not: Glance lets its old members in again without a word.
 */
(function () {
  'use strict';

  angular.module('xloud.images').config(config);

  config.$inject = ['$provide'];

  function config($provide) {
    $provide.decorator('horizon.app.core.openstack-service-api.glance', tellWhoCameBack);
  }

  tellWhoCameBack.$inject = [
    '$delegate',
    'horizon.framework.util.http.service',
    'horizon.framework.widgets.toast.service'
  ];

  function tellWhoCameBack($delegate, http, toast) {
    var visibilities = {}; // as Glance gave them last, by the image's ID
    var getImage = $delegate.getImage;
    var updateImage = $delegate.updateImage;

    $delegate.getImage = function (id) {
      return getImage.apply($delegate, arguments).then(function (response) {
        if (response) {
          visibilities[id] = response.data.visibility;
        }
        return response;
      });
    };

    $delegate.updateImage = function (image) {
      var before = visibilities[image.id];
      return updateImage.apply($delegate, arguments).then(function (response) {
        if (response) {
          visibilities[image.id] = image.visibility;
          if (before && before !== 'shared' && image.visibility === 'shared') {
            tell(image.id);
          }
        }
        return response;
      });
    };

    return $delegate;

    /* Says nothing when it cannot be learned: Manage Access shows who has access. */
    function tell(id) {
      http.post('/project/images/' + encodeURIComponent(id) + '/shared-again/')
        .then(function (response) {
          if (response.data && response.data.message) {
            toast.add('info', response.data.message);
          }
        }, angular.noop);
    }
  }
})();
