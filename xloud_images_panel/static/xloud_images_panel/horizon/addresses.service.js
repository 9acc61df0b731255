/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses that the page's scripts request. The page gets them from the dashboard, once for
 * Admin and once for Project.
 */
(function () {
  'use strict';

  angular.module('xloud.images').factory('xloud.images.addresses.service', addressesService);

  addressesService.$inject = ['$location', '$q', '$rootScope', '$window'];

  function addressesService($location, $q, $rootScope, $window) {
    var answers = {}; // promises by dashboard

    return {addresses: addresses, isInAdmin: isInAdmin, of: of};

    /* Returns whether the page is Admin > Images, or is reached from it. */
    function isInAdmin() {
      var adminImages = '/admin/images';
      return $location.path().indexOf(adminImages) === 0 ||
        ($location.search().nav || '').indexOf(adminImages) === 0;
    }

    /* Returns a promise of the addresses by name. */
    function addresses() {
      var dashboard = isInAdmin() ? 'admin' : 'project';
      answers[dashboard] = answers[dashboard] || ask(dashboard);
      return answers[dashboard];
    }

    /* Uses jQuery: Horizon's own requests show an error message to users who get a 403. */
    function ask(dashboard) {
      var done = $q.defer();
      $window.jQuery.getJSON($window.WEBROOT + dashboard + '/images/access/')
        .done(function (found) {
          $rootScope.$evalAsync(function () { done.resolve(found); });
        })
        .fail(function () {
          $rootScope.$evalAsync(function () {
            answers[dashboard] = null; // retry on the next call
            done.reject();
          });
        });
      return done.promise;
    }

    /* Returns the address of an image's page. */
    function of(address, imageId) {
      return address.replace('IMAGE_ID', encodeURIComponent(imageId));
    }
  }
})();
