/* SPDX-License-Identifier: Apache-2.0 */
/* Horizon, as far as the panel's AngularJS module needs it. */
(function () {
  'use strict';

  window.horizon = {};
  window.gettext = function (text) { return text; };

  angular.module('horizon.framework.conf', [])
    .factory('horizon.framework.conf.resource-type-registry.service', function () {
      var actions = [{id: 'updateMetadataService'}, {id: 'deleteImage'}];
      actions.after = function (id, action) {
        var at = actions.findIndex(function (item) { return item.id === id; });
        actions.splice(at + 1, 0, action);
      };
      actions.append = function (action) { actions.push(action); };
      return {getResourceType: function () { return {itemActions: actions}; }};
    })
    .factory('horizon.framework.util.q.extensions', ['$q', function ($q) {
      return {booleanAsPromise: function (is) { return is ? $q.resolve() : $q.reject(); }};
    }]);

  angular.module('horizon.app.core.images', [])
    .constant('horizon.app.core.images.resourceType', 'OS::Glance::Image')
    .factory('horizon.app.core.openstack-service-api.policy', ['$q', function ($q) {
      return {ifAllowed: function () { return $q.resolve(); }};
    }])
    .factory('horizon.app.core.openstack-service-api.glance', ['$q', function ($q) {
      return {
        getImages: function () {
          return $q.resolve({data: {items: [{visibility: 'shared'}, {visibility: 'private'}]}});
        }
      };
    }])
    .filter('imageVisibility', function () {
      return function (image, project) {
        return project ? 'Image from Other Project - Non-Public' : image.visibility;
      };
    });

  angular.module('horizon.app.core.images.actions', []);
})();
