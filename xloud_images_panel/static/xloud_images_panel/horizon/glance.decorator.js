/* SPDX-License-Identifier: Apache-2.0 */
/* The panel's work before and after calls of Horizon's AngularJS client for Glance. */
(function () {
  'use strict';

  angular.module('xloud.images').config(config);

  config.$inject = ['$provide'];

  function config($provide) {
    $provide.decorator('horizon.app.core.openstack-service-api.glance', decorate);
  }

  decorate.$inject = [
    '$delegate',
    'xloud.images.new-image-access.service',
    'xloud.images.shared-again.service'
  ];

  function decorate($delegate, newImageAccess, sharedAgain) {
    var createImage = $delegate.createImage;
    var getImage = $delegate.getImage;
    var getImages = $delegate.getImages;
    var updateImage = $delegate.updateImage;

    return angular.extend($delegate, {
      createImage: shareCreated,
      getImage: seeVisibility,
      getImages: keepVisibility,
      updateImage: tellWhoCameBack
    });

    /* Horizon overwrites an image's visibility in lists with a translated text, but actions depend
       on the value from Glance. */
    function keepVisibility() {
      return getImages.apply($delegate, arguments).then(function (response) {
        response.data.items.forEach(function (image) {
          image.glanceVisibility = image.visibility;
        });
        return response;
      });
    }

    /* The image exists even if sharing fails. The selection is read before the upload, during which
       Create Image can be closed and reopened for another image. */
    function shareCreated(image) {
      var chosen = image.visibility === 'shared' ? newImageAccess.chosen() : null;
      return createImage.apply($delegate, arguments).then(function (response) {
        if (!response || !chosen) { return response; }
        return newImageAccess.share(response.data, chosen).then(function () { return response; });
      });
    }

    function seeVisibility(id) {
      return getImage.apply($delegate, arguments).then(function (response) {
        if (response) {
          sharedAgain.see(id, response.data.visibility);
        }
        return response;
      });
    }

    function tellWhoCameBack(image) {
      var given = arguments;
      return sharedAgain.look(image).then(function (seen) {
        return updateImage.apply($delegate, given).then(function (response) {
          if (response) {
            sharedAgain.see(image.id, image.visibility);
            if (seen) {
              sharedAgain.tell(image.id);
            }
          }
          return response;
        });
      });
    }
  }
})();
