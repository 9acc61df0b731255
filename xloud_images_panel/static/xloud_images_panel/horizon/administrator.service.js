/* SPDX-License-Identifier: Apache-2.0 */
/* The user's permission to see and manage access, and the addresses. */
(function () {
  'use strict';

  angular.module('xloud.images').factory('xloud.images.administrator.service', administrator);

  administrator.$inject = ['$q', 'xloud.images.addresses.service'];

  function administrator($q, dashboard) {
    return {
      addresses: addresses,
      checkAccess: checkAccess,
      isOnPage: dashboard.isInAdmin,
      manageAccess: manageAccess
    };

    /* Returns a promise of the addresses, rejected for users who may not even read. */
    function addresses() {
      return dashboard.addresses().then(function (found) {
        return found.manage_access ? found : $q.reject();
      });
    }

    /* Returns the address of an image's dialog from the result of addresses(). */
    function manageAccess(given, imageId) {
      return dashboard.of(given.manage_access, imageId);
    }

    /* Returns the address of the page that explains a project's access to an image. */
    function checkAccess(given, imageId) {
      return given.why + '?image=' + encodeURIComponent(imageId);
    }
  }
})();
