/* SPDX-License-Identifier: Apache-2.0 */
/* Delete and Deactivate in Horizon's AngularJS panel: their questions show who loses access. */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .factory('xloud.images.access-loss.service', accessLoss)
    .config(config);

  config.$inject = ['$provide'];

  function config($provide) {
    var actions = 'horizon.app.core.images.actions.';
    $provide.decorator(actions + 'delete-image.service', asking('delete'));
    $provide.decorator(actions + 'deactivate-image.service', asking('deactivate'));
    $provide.decorator('horizon.framework.widgets.modal.simple-modal.service', decorateModal);
  }

  accessLoss.$inject = ['$uibModalStack', '$window', 'xloud.images.addresses.service'];

  function accessLoss($uibModalStack, $window, dashboard) {
    var expected = null; // the started action, until its question opens

    return {expect: expect, forget: forget, opened: opened, tell: tell};

    function expect(images, loss) {
      expected = {
        // Horizon leaves protected images out of its question, because it cannot delete them.
        ids: [].concat(images).filter(function (image) {
          return loss !== 'delete' || !image.protected;
        }).map(function (image) { return image.id; }),
        loss: loss
      };
      return expected;
    }

    /* An action can end without a question. */
    function forget(action) {
      if (expected === action) {
        expected = null;
      }
    }

    /* Ties a question that Horizon opened to the started action, if any. */
    function opened(modal) {
      var action = expected;
      expected = null;
      if (!action || !modal) { return; }
      modal.rendered.then(function () {
        var top = $uibModalStack.getTop();
        if (top && top.key === modal) {
          tell(top.value.modalDomEl.find('.modal-body'), action.ids, action.loss);
        }
      });
    }

    /* Shows the loss at the end of an element. An empty loss is none. */
    function tell(element, ids, loss) {
      dashboard.addresses().then(function (addresses) {
        $window.horizon.xloud.tellLoss(element, addresses.access_loss, ids, loss);
      }, angular.noop);
    }
  }

  function asking(loss) {
    decorate.$inject = ['$delegate', 'xloud.images.access-loss.service'];
    return decorate;

    function decorate($delegate, accessLossService) {
      var perform = $delegate.perform;
      return angular.extend($delegate, {perform: performAsking});

      function performAsking(images) {
        var action = accessLossService.expect(images, loss);
        return perform.apply($delegate, arguments).finally(function () {
          accessLossService.forget(action);
        });
      }
    }
  }

  decorateModal.$inject = ['$delegate', 'xloud.images.access-loss.service'];

  function decorateModal($delegate, accessLossService) {
    var modal = $delegate.modal;
    return angular.extend($delegate, {modal: openModal});

    function openModal() {
      var opened = modal.apply($delegate, arguments);
      accessLossService.opened(opened);
      return opened;
    }
  }
})();
