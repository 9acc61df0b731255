/* The tab strip above Project > Compute > Images; its tabs are pages of their own. */
(function () {
  'use strict';

  angular.module('xloud.images').directive('xloudImageTabs', imageTabs);

  imageTabs.$inject = ['$window'];

  function imageTabs($window) {
    return {
      restrict: 'E',
      templateUrl: $window.STATIC_URL + 'xloud_images_panel/image-tabs.html',
      link: function (scope) {
        scope.imagesUrl = $window.WEBROOT + 'project/images/';
      }
    };
  }
})();
