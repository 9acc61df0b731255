/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells who has access from before when Edit Image makes an image shared that
 * was not: Glance lets its old members in again without a word.
 *
 * The dashboard believes only what it has seen: it looks at the image before the
 * change, and again after it.
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
    var visibilities = {}; // as Glance gave them last, by the image's ID

    return {look: look, see: see, tell: tell};

    function see(id, visibility) {
      visibilities[id] = visibility;
    }

    /* Asks at one of the dashboard's addresses, by its name. */
    function ask(name, id) {
      return dashboard.addresses().then(function (addresses) {
        return $http.post(dashboard.of(addresses[name], id));
      });
    }

    /* Returns a promise that is always kept: whether the dashboard saw that the image is not
       shared yet. The change itself does not depend on it. */
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

    /* Says nothing when it cannot be learned: Manage Access shows who has access. */
    function tell(id) {
      ask('shared_again', id).then(function (response) {
        if (response.data && response.data.message) {
          toast.add('info', response.data.message);
        }
      }, angular.noop);
    }
  }
})();
