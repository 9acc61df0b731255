/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tab strips above Project > Compute > Images and Admin > Compute > Images; their tabs are pages
 * of their own.
 *
 * It is put before the table of images, in whichever template the page has: a route has one
 * template, and a plugin that sets its own takes away what another one has in it.
 */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .directive('xloudImageTabs', imageTabs)
    .directive('xloudAdminImageTabs', adminImageTabs)
    // A directive beside Horizon's own of this name.
    .directive('hzResourceTable', stripAboveTable);

  stripAboveTable.$inject = [
    '$compile', '$location', 'horizon.app.core.images.resourceType'
  ];

  function stripAboveTable($compile, $location, imageResourceType) {
    return {
      restrict: 'E',
      link: function (scope, element, attributes) {
        var page = /^\/(project|admin)\/images\/?$/.exec($location.path());
        if (attributes.resourceTypeName !== imageResourceType || !page) { return; }
        element.before($compile(page[1] === 'admin' ?
          '<xloud-admin-image-tabs></xloud-admin-image-tabs>' :
          '<xloud-image-tabs></xloud-image-tabs>')(scope));
      }
    };
  }

  imageTabs.$inject = ['$timeout', '$window'];

  function imageTabs($timeout, $window) {
    return {
      restrict: 'E',
      templateUrl: $window.STATIC_URL + 'xloud_images_panel/horizon/image-tabs.html',
      link: function (scope, element) {
        scope.imagesUrl = $window.WEBROOT + 'project/images/';
        // Only then is the address in the badge.
        $timeout(function () { $window.horizon.xloud.showPending(element); }, 0, false);
      }
    };
  }

  adminImageTabs.$inject = ['$window', 'xloud.images.administrator.service'];

  /* For those who may see access: for others there is one page, and so no strip. */
  function adminImageTabs($window, administrator) {
    return {
      restrict: 'E',
      templateUrl: $window.STATIC_URL + 'xloud_images_panel/horizon/admin-image-tabs.html',
      link: function (scope) {
        administrator.addresses().then(function (addresses) { scope.addresses = addresses; }, angular.noop);
      }
    };
  }
})();
