/* SPDX-License-Identifier: Apache-2.0 */
/* The action Check Access in the rows of Admin > Compute > Images and on an image's details. */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .factory('xloud.images.check-access.service', checkAccessService)
    .run(registerAction);

  registerAction.$inject = [
    'horizon.framework.conf.resource-type-registry.service',
    'horizon.app.core.images.resourceType',
    'xloud.images.check-access.service'
  ];

  function registerAction(registry, imageResourceType, service) {
    var actions = registry.getResourceType(imageResourceType).itemActions;
    var action = {
      id: 'checkAccessAction',
      service: service,
      template: {text: gettext('Check Access')}
    };
    var neighbour = 'updateMetadataService';
    if (actions.some(function (item) { return item.id === neighbour; })) {
      actions.after(neighbour, action); // Delete Image stays last
    } else {
      actions.append(action);
    }
  }

  checkAccessService.$inject = [
    '$q',
    '$window',
    'xloud.images.administrator.service'
  ];

  function checkAccessService($q, $window, administrator) {
    return {allowed: allowed, perform: perform};

    /* One registry serves Project and Admin. In Project, nothing is requested. */
    function allowed() {
      return administrator.isOnPage() ? administrator.addresses() : $q.reject();
    }

    /* Opens a page. The details page takes `undefined` for a deleted image. */
    function perform(image) {
      administrator.addresses().then(function (addresses) {
        $window.open(administrator.checkAccess(addresses, image.id), '_self');
      });
      return false;
    }
  }
})();
