/* The panel's AngularJS module; its parts hang themselves on Horizon's Images panel. */
(function () {
  'use strict';

  angular
    .module('xloud.images', [
      'ngRoute',
      'horizon.framework.conf',
      'horizon.app.core.images',
      'horizon.app.core.images.actions'
    ])
    .config(config);

  config.$inject = ['$provide', '$routeProvider', '$windowProvider'];

  function config($provide, $routeProvider, $windowProvider) {
    var basePath = $windowProvider.$get().STATIC_URL + 'xloud_images_panel/';
    $provide.decorator('horizon.app.core.openstack-service-api.glance', keepVisibility);
    $provide.decorator('imageVisibilityFilter', showVisibility);
    // Later than Horizon's own route, so this one holds.
    $routeProvider.when('/project/images', {templateUrl: basePath + 'images-panel.html'});
  }

  keepVisibility.$inject = ['$delegate'];

  /* Horizon overwrites an image's visibility in lists with a translated text;
     what an action may do depends on the value that Glance gave. */
  function keepVisibility($delegate) {
    var getImages = $delegate.getImages;
    $delegate.getImages = function () {
      return getImages.apply($delegate, arguments).then(function (response) {
        response.data.items.forEach(function (image) {
          image.glanceVisibility = image.visibility;
        });
        return response;
      });
    };
    return $delegate;
  }

  showVisibility.$inject = ['$delegate'];

  /* Horizon calls private and shared images of other projects alike "Image from
     Other Project - Non-Public". Without the project's ID its filter tells the truth. */
  function showVisibility($delegate) {
    return function (image) {
      return $delegate(image);
    };
  }
})();
