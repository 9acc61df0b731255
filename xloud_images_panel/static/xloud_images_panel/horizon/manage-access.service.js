/* SPDX-License-Identifier: Apache-2.0 */
/* The action Manage Access in the rows of Admin > Compute > Images and on an image's details. */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .factory('xloud.images.manage-access.service', manageAccessService)
    .run(registerAction);

  registerAction.$inject = [
    'horizon.framework.conf.resource-type-registry.service',
    'horizon.app.core.images.resourceType',
    'xloud.images.manage-access.service'
  ];

  function registerAction(registry, imageResourceType, service) {
    var actions = registry.getResourceType(imageResourceType).itemActions;
    var action = {
      id: 'manageAccessAction',
      service: service,
      template: {text: gettext('Manage Access')}
    };
    var neighbour = 'updateMetadataService';
    if (actions.some(function (item) { return item.id === neighbour; })) {
      actions.after(neighbour, action); // Delete Image stays last
    } else {
      actions.append(action);
    }
  }

  manageAccessService.$inject = [
    '$q',
    'xloud.images.administrator.service'
  ];

  function manageAccessService($q, administrator) {
    return {allowed: allowed, perform: perform};

    /* One registry serves Project and Admin. In Project, nothing is requested. */
    function allowed(image) {
      var isOffered = administrator.isOnPage() &&
        (image.glanceVisibility || image.visibility) === 'shared';
      return isOffered ? administrator.addresses() : $q.reject();
    }

    /* Horizon's modals open the dialog. Without a target, $location would handle the click.
       The details page takes `undefined` for a deleted image and leaves. It stays on `false`. */
    function perform(image) {
      administrator.addresses().then(function (addresses) {
        var url = administrator.manageAccess(addresses, image.id);
        var link = angular.element('<a class="ajax-modal" target="_self">').attr('href', url);
        link.appendTo('body').trigger('click').remove();
      });
      return false;
    }
  }
})();
