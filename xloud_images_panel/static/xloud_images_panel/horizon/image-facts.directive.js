/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts about an image in Horizon's AngularJS overview. They replace its rows Owner and
 * Visibility.
 *
 * The overview keeps Horizon's template: a directive beside ng-controller edits it before AngularJS
 * compiles it. Other rows, which depend on the release, stay.
 */
(function () {
  'use strict';

  var OVERVIEW = /^ImageOverviewController\b/;
  // Matches the values of these rows in the template.
  var ROWS = /\.owner\b|\|\s*imageVisibility\b/;

  angular
    .module('xloud.images')
    .directive('ngController', editOverview)
    .directive('xloudImageFacts', imageFacts);

  function editOverview() {
    return {
      restrict: 'A',
      priority: 501, // before ng-controller itself
      compile: function (element, attributes) {
        if (!OVERVIEW.test(attributes.ngController)) { return; }
        angular.forEach(element.find('dd'), function (value) {
          var title = value.previousElementSibling;
          if (ROWS.test(value.textContent) && title && title.nodeName === 'DT') {
            angular.element(title).remove();
            angular.element(value).remove();
          }
        });
        element.prepend('<xloud-image-facts></xloud-image-facts>');
      }
    };
  }

  imageFacts.$inject = ['$filter', '$window', 'xloud.images.addresses.service'];

  function imageFacts($filter, $window, addresses) {
    return {
      restrict: 'E',
      link: function (scope, element) {
        scope.context.loadPromise.then(function (response) { show(element, response.data); });
      }
    };

    /* Shows the known facts until the dashboard answers. */
    function show(element, image) {
      var $ = $window.jQuery;
      var images = $window.WEBROOT + (addresses.isInAdmin() ? 'admin' : 'project') + '/images/';
      var $facts = $('<div class="detail xloud-facts" data-role="access" ng-non-bindable>')
        .attr('data-facts-url', images + encodeURIComponent(image.id) + '/facts/');
      $('<dl class="dl-horizontal">')
        .append(row(gettext('Visibility'), 'visibility', $filter('imageVisibility')(image)))
        .append(row(gettext('Owner'), 'owner', image.owner || '–'))
        .append(row(gettext('Access'), 'loading', gettext('Loading')))
        .appendTo($facts);
      element.empty().append($facts);
      $window.horizon.xloud.loadFacts($facts);

      function row(title, role, value) {
        return $('<dt>').text(title).add($('<dd>').attr('data-role', role).text(value));
      }
    }
  }
})();
