/* SPDX-License-Identifier: Apache-2.0 */
/* Edit Image: who loses access, while an image that is shared is to be so no more. */
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
    var before = null; // the visibility that the image has

    $scope.$watch(visibility, function (chosen) {
      before = before || chosen;
      if (!modal || before !== 'shared') { return; }
      accessLoss.tell(
        modal.value.modalDomEl.find('.btn-group[name=visibility]').parent(), [image().id],
        chosen === 'shared' ? '' : chosen
      );
    });

    /* Horizon's step puts the image there, once it has it. */
    function image() {
      return ($scope.stepModels || {}).imageForm || {};
    }

    function visibility() {
      return image().visibility;
    }
  }
})();
