/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells who has access from before when Edit Image makes an image shared that
 * was not: Glance lets its old members in again without a word.
 *
 * The dashboard believes only what it has seen: it looks at the image before the
 * change, and again after it.
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
    '$q',
    'horizon.framework.util.http.service',
    'horizon.framework.widgets.toast.service'
  ];

  function tellWhoCameBack($delegate, $q, http, toast) {
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
      var given = arguments;
      return look(image).then(function (seen) {
        return updateImage.apply($delegate, given).then(function (response) {
          if (response) {
            visibilities[image.id] = image.visibility;
            if (seen) {
              tell(image.id);
            }
          }
          return response;
        });
      });
    };

    return $delegate;

    function address(id) {
      return '/project/images/' + encodeURIComponent(id) + '/shared-again/';
    }

    /* Returns a promise that is always kept: whether the dashboard saw that the image is not
       shared yet. The change itself does not depend on it. */
    function look(image) {
      var before = visibilities[image.id];
      if (!before || before === 'shared' || image.visibility !== 'shared') {
        return $q.when(false);
      }
      return http.post(address(image.id) + 'before/').then(
        function (response) { return response.status === 204; },
        function () { return false; }
      );
    }

    /* Says nothing when it cannot be learned: Manage Access shows who has access. */
    function tell(id) {
      http.post(address(id)).then(function (response) {
        if (response.data && response.data.message) {
          toast.add('info', response.data.message);
        }
      }, angular.noop);
    }
  }
})();
