/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The step Projects in Create Image. It exists only in Admin > Images, while the visibility is
 * Shared.
 */
(function () {
  'use strict';

  angular
    .module('xloud.images')
    .controller('xloud.images.ProjectsStepController', ProjectsStepController)
    .directive('xloudNewImageAccess', newImageAccess)
    .config(addStep);

  addStep.$inject = ['$provide'];

  function addStep($provide) {
    $provide.decorator('horizon.app.core.images.actions.createWorkflow', decorate);

    decorate.$inject = ['$delegate'];

    function decorate($delegate) {
      return $delegate.addController('xloud.images.ProjectsStepController');
    }
  }

  ProjectsStepController.$inject = [
    '$location',
    '$scope',
    '$uibModalStack',
    '$window',
    'xloud.images.administrator.service',
    'xloud.images.new-image-access.service'
  ];

  /* Adds and removes the step. Horizon's wizard supports only steps that exist from the
     beginning, but it shows the content of $scope.steps. */
  function ProjectsStepController($location, $scope, $uibModalStack, $window, administrator, access) {
    var basePath = $window.STATIC_URL + 'xloud_images_panel/horizon/';
    var step = {
      id: 'xloud-projects',
      title: gettext('Projects'),
      templateUrl: basePath + 'projects-step.html',
      helpUrl: basePath + 'projects-step.help.html',
      formName: 'xloudProjectsForm',
      ready: true
    };

    if ($location.path().indexOf('/admin/images') !== 0) { return; }
    var modal = $uibModalStack.getTop();
    // All Create Image dialogs share one workflow; this one gets its own steps.
    var known = $scope.workflow.steps.slice();
    $scope.workflow = angular.extend({}, $scope.workflow, {steps: known});
    administrator.addresses().then(begin, angular.noop);

    function begin(addresses) {
      if (!addresses.new_image_projects) { return; } // the user may only read
      // Create Image may have been closed and reopened during the request.
      if (!modal || $uibModalStack.getTop() !== modal) { return; }
      access.open(addresses);
      $scope.$on('$destroy', function () { access.close(modal.key.closed); });
      $scope.$watch(isShared, function (shared) {
        if (shared) {
          putIn();
        } else {
          takeOut();
        }
      });
    }

    function isShared() {
      var image = ($scope.stepModels || {}).imageForm;
      return Boolean($scope.viewModel.ready && image && image.visibility === 'shared');
    }

    /* Follows Image Details, which has the visibility. */
    function putIn() {
      setSteps([$scope.steps[0], step].concat($scope.steps.slice(1)));
    }

    function takeOut() {
      if ($scope.steps.indexOf(step) < 0) { return; }
      access.hide();
      setSteps($scope.steps.filter(function (item) { return item !== step; }));
    }

    function setSteps(steps) {
      var current = $scope.steps[$scope.currentIndex];
      $scope.steps = steps;
      // The wizard looks here for the help of a step that it goes to.
      known.splice.apply(known, [0, known.length].concat(steps));
      if (current) {
        $scope.currentIndex = Math.max(0, steps.indexOf(current));
      }
    }
  }

  newImageAccess.$inject = ['xloud.images.new-image-access.service'];

  function newImageAccess(access) {
    return {
      restrict: 'A',
      link: function (scope, element) { access.show(element); }
    };
  }
})();
