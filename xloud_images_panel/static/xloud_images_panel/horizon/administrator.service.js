/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the user may see and manage access, and at which addresses. The dashboard knows both:
 * it is asked once in a page.
 */
(function () {
  'use strict';

  angular.module('xloud.images').factory('xloud.images.administrator.service', administrator);

  administrator.$inject = ['$location', '$q', '$rootScope', '$window'];

  function administrator($location, $q, $rootScope, $window) {
    var answer = null;

    return {
      addresses: addresses,
      checkAccess: checkAccess,
      isOnPage: isOnPage,
      manageAccess: manageAccess
    };

    /* Returns whether this is Admin > Images, or a page that it leads to. */
    function isOnPage() {
      var adminImages = '/admin/images';
      return $location.path().indexOf(adminImages) === 0 ||
        ($location.search().nav || '').indexOf(adminImages) === 0;
    }

    /* Returns a promise of the addresses, which is broken for those who may not even read. */
    function addresses() {
      answer = answer || ask();
      return answer;
    }

    /* By jQuery: Horizon's own way would tell others of a page that is closed to them. */
    function ask() {
      var done = $q.defer();
      $window.jQuery.getJSON($window.WEBROOT + 'admin/images/access/')
        .done(function (found) {
          $rootScope.$evalAsync(function () {
            if (found.manage_access) {
              done.resolve(found);
            } else {
              done.reject();
            }
          });
        })
        .fail(function () {
          $rootScope.$evalAsync(function () {
            answer = null; // perhaps the next time
            done.reject();
          });
        });
      return done.promise;
    }

    /* Returns the address of an image's dialog, from what addresses() gives. */
    function manageAccess(given, imageId) {
      return given.manage_access.replace('IMAGE_ID', encodeURIComponent(imageId));
    }

    /* Returns the address of the page that explains a project's access to an image. */
    function checkAccess(given, imageId) {
      return given.why + '?image=' + encodeURIComponent(imageId);
    }
  }
})();
