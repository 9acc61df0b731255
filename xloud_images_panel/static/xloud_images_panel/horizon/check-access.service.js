/* SPDX-License-Identifier: Apache-2.0 */
/* Check a Project's Access in the rows of Admin > Compute > Images and on an image's details. */
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
      actions.after(neighbour, action); // not last, which is Delete Image
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

    /* One registry serves Project and Admin; in Project the dashboard is not even asked. */
    function allowed() {
      return administrator.isOnPage() ? administrator.addresses() : $q.reject();
    }

    /* A page of its own. The details page takes `undefined` for a deleted image. */
    function perform(image) {
      administrator.addresses().then(function (addresses) {
        $window.open(administrator.checkAccess(addresses, image.id), '_self');
      });
      return false;
    }
  }
})();
