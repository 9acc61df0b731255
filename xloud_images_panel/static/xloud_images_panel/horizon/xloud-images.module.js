/* SPDX-License-Identifier: Apache-2.0 */
/* The panel's AngularJS module; its parts hang themselves on Horizon's Images panel. */
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

  // The pages of images, and the details page that all kinds of things have in common.
  var PAGES_OF_IMAGES = /\/images(\/|$)|\/ngdetails\/OS(::|%3A%3A)Glance(::|%3A%3A)Image\//i;

  comeBack.$inject = ['$q', '$window'];

  /* Horizon leads to the login page and forgets where the user was; on the pages of images that
     is remembered, and so is what is selected in Manage Access. Later than Horizon's own, so
     this one is asked first. */
  function comeBack($q, $window) {
    return {
      responseError: function (error) {
        if (error.status !== 401 || !PAGES_OF_IMAGES.test($window.location.pathname)) {
          return $q.reject(error);
        }
        $window.horizon.xloud.logIn($window.WEBROOT + 'auth/login/');
        return $q(angular.noop); // never kept nor broken: the page is about to go
      }
    };
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
