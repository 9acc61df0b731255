/* SPDX-License-Identifier: Apache-2.0 */
/* Edit Image: shows who loses access if a shared image gets another visibility. */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .controller('xloud.images.EditImageController', EditImageController)
    .config(addController);

  addController.$inject = ['$provide'];

  function addController($provide) {
    $provide.decorator('horizon.app.core.images.actions.editWorkflow', decorate);

    decorate.$inject = ['$delegate'];

    function decorate($delegate) {
      return $delegate.addController('xloud.images.EditImageController');
    }
  }

  EditImageController.$inject = ['$scope', '$uibModalStack', 'xloud.images.access-loss.service'];

  function EditImageController($scope, $uibModalStack, accessLoss) {
    var modal = $uibModalStack.getTop();
    var before = null; // the image's original visibility

    $scope.$watch(visibility, function (chosen) {
      before = before || chosen;
      if (!modal || before !== 'shared') { return; }
      accessLoss.tell(
        modal.value.modalDomEl.find('.btn-group[name=visibility]').parent(), [image().id],
        chosen === 'shared' ? '' : chosen
      );
    });

    /* Horizon's step puts the image there once it is loaded. */
    function image() {
      return ($scope.stepModels || {}).imageForm || {};
    }

    function visibility() {
      return image().visibility;
    }
  }
})();
