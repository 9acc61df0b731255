/* SPDX-License-Identifier: Apache-2.0 */
/* The panel's AngularJS module. Its parts extend Horizon's Images panel. */
(function () {
  'use strict';

  angular
    .module('xloud.images', [
      'horizon.framework.conf',
      'horizon.framework.widgets.modal',
      'horizon.app.core.images',
      'horizon.app.core.images.actions'
    ])
    .config(config);

  config.$inject = ['$httpProvider', '$provide'];

  function config($httpProvider, $provide) {
    $provide.decorator('imageVisibilityFilter', showVisibility);
    $httpProvider.interceptors.push(comeBack);
  }

  // The pages of images, and the details page that all resource types share.
  var PAGES_OF_IMAGES = /\/images(\/|$)|\/ngdetails\/OS(::|%3A%3A)Glance(::|%3A%3A)Image\//i;

  comeBack.$inject = ['$q', '$window'];

  /* Horizon redirects to the login page and forgets the user's page. On the pages of images, this
     interceptor remembers it and the selection in Manage Access. It is added after Horizon's own,
     so it runs first. */
  function comeBack($q, $window) {
    return {
      responseError: function (error) {
        if (error.status !== 401 || !PAGES_OF_IMAGES.test($window.location.pathname)) {
          return $q.reject(error);
        }
        $window.horizon.xloud.logIn($window.WEBROOT + 'auth/login/');
        return $q(angular.noop); // never settles: the page is about to unload
      }
    };
  }

  showVisibility.$inject = ['$delegate'];

  /* Horizon labels both private and shared images of other projects "Image from Other Project -
     Non-Public". Without the project's ID, its filter shows the true visibility. */
  function showVisibility($delegate) {
    return function (image) {
      return $delegate(image);
    };
  }
})();
