/* The tab strip above Project > Compute > Images; its tabs are pages of their own. */
(function () {
  'use strict';

  angular.module('xloud.images').directive('xloudImageTabs', imageTabs);

  imageTabs.$inject = ['$timeout', '$window'];

  function imageTabs($timeout, $window) {
    return {
      restrict: 'E',
      templateUrl: $window.STATIC_URL + 'xloud_images_panel/image-tabs.html',
      link: function (scope, element) {
        scope.imagesUrl = $window.WEBROOT + 'project/images/';
        // Only then is the address in the badge.
        $timeout(function () { $window.horizon.xloud.showPending(element); }, 0, false);
      }
    };
  }
})();
