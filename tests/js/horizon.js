/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of Horizon that the panel's AngularJS module needs. */
(function () {
  'use strict';

  window.horizon = {addInitFunction: function () {}};
  window.gettext = function (text) { return text; };
  window.ngettext = function (one, many, count) { return count === 1 ? one : many; };
  window.interpolate = function (text, given, isNamed) {
    var rest = isNamed ? null : given.slice();
    return text.replace(/%\((\w+)\)s|%s/g, function (_all, name) {
      return String(isNamed ? given[name] : rest.shift());
    });
  };

  angular.module('horizon.framework.conf', [])
    .factory('horizon.framework.conf.resource-type-registry.service', function () {
      var actions = [{id: 'updateMetadataService'}, {id: 'deleteImage'}];
      actions.after = function (id, action) {
        var at = actions.findIndex(function (item) { return item.id === id; });
        actions.splice(at + 1, 0, action);
      };
      actions.append = function (action) { actions.push(action); };
      var batchActions = [];
      batchActions.append = function (action) { batchActions.push(action); };
      return {getResourceType: function () {
        return {batchActions: batchActions, itemActions: actions};
      }};
    })
    .factory('horizon.framework.widgets.toast.service', function () {
      return {add: function () {}};
    });

  angular.module('horizon.framework.widgets.modal', [])
    .factory('horizon.framework.widgets.modal.simple-modal.service', ['$q', function ($q) {
      return {modal: function () { return {rendered: $q.resolve()}; }};
    }])
    .factory('$uibModalStack', function () { return {getTop: function () {}}; });

  // Delete and Deactivate first check whether they are allowed.
  function asks($q, question) {
    return {perform: function (images, isAllowed) {
      return (isAllowed === false ? $q.reject() : $q.resolve()).then(question.modal);
    }};
  }
  asks.$inject = ['$q', 'horizon.framework.widgets.modal.simple-modal.service'];

  angular.module('horizon.app.core.images', [])
    .factory('horizon.app.core.images.actions.delete-image.service', asks)
    .factory('horizon.app.core.images.actions.deactivate-image.service', asks)
    .constant('horizon.app.core.images.resourceType', 'OS::Glance::Image')
    .factory('horizon.app.core.openstack-service-api.glance', ['$q', function ($q) {
      function answer(data) { return function () { return $q.resolve({data: data}); }; }
      return {
        createImage: answer({id: 'new'}),
        getImage: answer({id: 'old', visibility: 'private'}),
        getImages: answer({items: [{visibility: 'shared'}, {visibility: 'private'}]}),
        updateImage: answer({})
      };
    }])
    .filter('imageVisibility', function () {
      return function (image, project) {
        return project ? 'Image from Other Project - Non-Public' : image.visibility;
      };
    });

  /* A workflow remembers the controllers that it is given. */
  function workflow() {
    var made = {controllers: [], addController: function (name) {
      made.controllers.push(name);
      return made;
    }};
    return made;
  }

  angular.module('horizon.app.core.images.actions', [])
    .factory('horizon.app.core.images.actions.createWorkflow', workflow)
    .factory('horizon.app.core.images.actions.editWorkflow', workflow);
})();
