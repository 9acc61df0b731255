/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the route of Project > Compute > Images, with a template of its own. */
(function () {
  'use strict';

  angular.module('neighbour', ['ngRoute', 'horizon.app.core.images']).config(config);

  config.$inject = ['$routeProvider', '$windowProvider'];

  function config($routeProvider, $windowProvider) {
    $routeProvider.when('/project/images', {
      templateUrl: $windowProvider.$get().STATIC_URL + 'neighbour/images.html'
    });
  }
})();
