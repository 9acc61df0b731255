/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows who regains access when Edit Image makes an image shared: Glance silently lets its old
 * members in again.
 *
 * The dashboard trusts only its own reads. It reads the image before and after the change.
 */
(function () {
  'use strict';

  angular.module('xloud.images').factory('xloud.images.shared-again.service', sharedAgain);

  sharedAgain.$inject = [
    '$http',
    '$q',
    'horizon.framework.widgets.toast.service',
    'xloud.images.addresses.service'
  ];

  function sharedAgain($http, $q, toast, dashboard) {
    var visibilities = {}; // last values from Glance, by image ID

    return {look: look, see: see, tell: tell};

    function see(id, visibility) {
      visibilities[id] = visibility;
    }

    /* Posts to one of the dashboard's addresses, by name. */
    function ask(name, id) {
      return dashboard.addresses().then(function (addresses) {
        return $http.post(dashboard.of(addresses[name], id));
      });
    }

    /* Returns a promise of whether the dashboard saw that the image is not shared yet. It never
       rejects: the change itself does not depend on it. */
    function look(image) {
      var before = visibilities[image.id];
      if (!before || before === 'shared' || image.visibility !== 'shared') {
        return $q.when(false);
      }
      return ask('shared_again_before', image.id).then(
        function (response) { return response.status === 204; },
        function () { return false; }
      );
    }

    /* Stays silent on failure: Manage Access shows who has access. */
    function tell(id) {
      ask('shared_again', id).then(function (response) {
        if (response.data && response.data.message) {
          toast.add('info', response.data.message);
        }
      }, angular.noop);
    }
  }
})();
