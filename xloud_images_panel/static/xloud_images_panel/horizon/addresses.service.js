/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses that a page asks for by itself: the dashboard knows them, and is asked once in a
 * page, in Admin and in Project apart.
 */
(function () {
  'use strict';

  angular.module('xloud.images').factory('xloud.images.addresses.service', addressesService);

  addressesService.$inject = ['$location', '$q', '$rootScope', '$window'];

  function addressesService($location, $q, $rootScope, $window) {
    var answers = {}; // promises by the dashboard

    return {addresses: addresses, isInAdmin: isInAdmin, of: of};

    /* Returns whether this is Admin > Images, or a page that it leads to. */
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

    /* By jQuery: Horizon's own way would tell others of a page that is closed to them. */
    function ask(dashboard) {
      var done = $q.defer();
      $window.jQuery.getJSON($window.WEBROOT + dashboard + '/images/access/')
        .done(function (found) {
          $rootScope.$evalAsync(function () { done.resolve(found); });
        })
        .fail(function () {
          $rootScope.$evalAsync(function () {
            answers[dashboard] = null; // perhaps the next time
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
