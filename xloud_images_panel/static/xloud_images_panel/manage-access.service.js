/* SPDX-License-Identifier: Apache-2.0 */
/* Manage Access in the rows of Admin > Compute > Images and on an image's details page. */
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
      actions.after(neighbour, action); // not last, which is Delete Image
    } else {
      actions.append(action);
    }
  }

  manageAccessService.$inject = [
    '$location',
    '$q',
    '$window',
    'horizon.app.core.openstack-service-api.policy',
    'horizon.framework.util.q.extensions'
  ];

  function manageAccessService($location, $q, $window, policy, $qExtensions) {
    return {allowed: allowed, perform: perform};

    /* One registry serves Project and Admin, and add_member alone is true for members. */
    function allowed(image) {
      return $q.all([
        $qExtensions.booleanAsPromise(isAdminPage()),
        $qExtensions.booleanAsPromise((image.glanceVisibility || image.visibility) === 'shared'),
        policy.ifAllowed({rules: [
          ['image', 'context_is_admin'],
          ['image', 'get_members'],
          ['image', 'add_member'],
          ['image', 'delete_member']
        ]})
      ]);
    }

    function isAdminPage() {
      var adminImages = '/admin/images';
      return $location.path().indexOf(adminImages) === 0 ||
        ($location.search().nav || '').indexOf(adminImages) === 0;
    }

    /* Horizon's modals open the dialog; without a target $location would take the click.
       The details page takes `undefined` for a deleted image and leaves; on `false` it stays. */
    function perform(image) {
      var url = $window.WEBROOT + 'admin/images/' + encodeURIComponent(image.id) + '/access/';
      var link = angular.element('<a class="ajax-modal" target="_self">').attr('href', url);
      link.appendTo('body').trigger('click').remove();
      return false;
    }
  }
})();
