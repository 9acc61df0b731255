/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tab strips above Project > Compute > Images and Admin > Compute > Images. Each tab is a
 * separate page.
 *
 * A strip goes before the table of images in any template: a route has one template, and a plugin
 * that sets its own discards the additions of other plugins.
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
        // Deferred, because the badge has no address yet.
        $timeout(function () { $window.horizon.xloud.showPending(element); }, 0, false);
      }
    };
  }

  adminImageTabs.$inject = ['$window', 'xloud.images.administrator.service'];

  /* For users who may see access. Others have only one page, and so no strip. */
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
