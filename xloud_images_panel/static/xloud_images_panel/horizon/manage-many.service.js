/* SPDX-License-Identifier: Apache-2.0 */
/* The action Manage Access for images ticked in Admin > Compute > Images. */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .factory('xloud.images.manage-many.service', manageManyService)
    .run(registerAction);

  registerAction.$inject = [
    '$window',
    'horizon.framework.conf.resource-type-registry.service',
    'horizon.app.core.images.resourceType',
    'xloud.images.manage-many.service'
  ];

  function registerAction($window, registry, imageResourceType, service) {
    registry.getResourceType(imageResourceType).batchActions.append({
      id: 'manageManyAction',
      service: service,
      template: {
        text: gettext('Manage Access'),
        url: $window.STATIC_URL + 'xloud_images_panel/horizon/manage-many-button.html'
      }
    });
  }

  manageManyService.$inject = [
    '$q',
    '$window',
    'horizon.framework.widgets.toast.service',
    'xloud.images.administrator.service'
  ];

  function manageManyService($q, $window, toast, administrator) {
    return {allowed: allowed, perform: perform};

    /* One registry serves Project and Admin, and does not report the ticked images. Users who
       may only read get no address. */
    function allowed() {
      if (!administrator.isOnPage()) { return $q.reject(); }
      return administrator.addresses().then(function (addresses) {
        return addresses.manage_many ? addresses : $q.reject();
      });
    }

    /* The page itself shows which images are not shared. Nothing has changed for Horizon's
       list. */
    function perform(images) {
      var nothing = {created: [], updated: [], deleted: [], failed: []};
      var imageIds = $window.horizon.xloud.imageIds;
      var ids = images.map(function (image) { return image.id; });
      if (ids.length > imageIds.MOST) {
        toast.add('error', $window.interpolate($window.gettext(
          '%(count)s images are selected; Manage Access takes %(most)s at once.'
        ), {count: ids.length, most: imageIds.MOST}, true));
        return $q.resolve(nothing);
      }
      return administrator.addresses().then(function (addresses) {
        if (ids.length) {
          $window.location.href = imageIds.address(addresses.manage_many, ids);
        }
        return nothing;
      });
    }
  }
})();
