/* SPDX-License-Identifier: Apache-2.0 */
describe('the step Projects in Create Image', function () {
  'use strict';

  var $injector, $location, $scope, access, addresses, modal, details, metadata, workflow;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_) {
    $injector = _$injector_;
    $location = $injector.get('$location');
    $injector.get('$window').STATIC_URL = '/static/';
    addresses = {new_image_projects: '/projects/'};
    spyOn($injector.get('xloud.images.administrator.service'), 'addresses').and.callFake(
      function () { return $injector.get('$q').resolve(addresses); }
    );
    access = $injector.get('xloud.images.new-image-access.service');
    ['open', 'close', 'hide'].forEach(function (name) { spyOn(access, name); });
    modal = {key: {closed: 'closed'}};
    spyOn($injector.get('$uibModalStack'), 'getTop').and.callFake(function () { return modal; });
    details = {id: 'details'};
    metadata = {id: 'metadata'};
  }));

  function begin(path, visibility) {
    $location.url(path);
    $scope = $injector.get('$rootScope').$new();
    workflow = {steps: [details, metadata]};
    $scope.workflow = workflow;
    $scope.steps = workflow.steps.slice();
    $scope.currentIndex = 0;
    $scope.viewModel = {ready: true};
    $scope.stepModels = {imageForm: {visibility: visibility}};
    $injector.get('$controller')('xloud.images.ProjectsStepController', {$scope: $scope});
    $scope.$apply();
  }

  function steps() {
    return $scope.steps.map(function (step) { return step.id; });
  }

  it('has its controller in the workflow', function () {
    var given = $injector.get('horizon.app.core.images.actions.createWorkflow');
    expect(given.controllers).toEqual(['xloud.images.ProjectsStepController']);
  });

  it('comes after the details of a shared image, and goes with another visibility', function () {
    begin('/admin/images', 'shared');
    expect(steps()).toEqual(['details', 'xloud-projects', 'metadata']);
    $scope.stepModels.imageForm.visibility = 'private';
    $scope.$apply();
    expect(steps()).toEqual(['details', 'metadata']);
    expect(access.hide).toHaveBeenCalled();
  });

  it('leaves the wizard at the step where it is', function () {
    begin('/admin/images', 'private');
    $scope.currentIndex = 1;
    $scope.stepModels.imageForm.visibility = 'shared';
    $scope.$apply();
    expect($scope.steps[$scope.currentIndex]).toBe(metadata);
  });

  it('changes the steps of no other Create Image', function () {
    begin('/admin/images', 'shared');
    expect($scope.workflow.steps.length).toBe(3);
    expect(workflow.steps).toEqual([details, metadata]);
  });

  it('is in Admin alone', function () {
    begin('/project/images', 'shared');
    expect(steps()).toEqual(['details', 'metadata']);
    expect(access.open).not.toHaveBeenCalled();
  });

  it('is not there for those who may only read', function () {
    addresses = {};
    begin('/admin/images', 'shared');
    expect(steps()).toEqual(['details', 'metadata']);
  });

  it('does not come into a wizard that was closed in the meantime', function () {
    var first = {key: {closed: 'closed'}};
    modal = first;
    $injector.get('xloud.images.administrator.service').addresses.and.callFake(function () {
      modal = {key: {}};
      return $injector.get('$q').resolve(addresses);
    });
    begin('/admin/images', 'shared');
    expect(access.open).not.toHaveBeenCalled();
  });

  it('ends with the wizard', function () {
    begin('/admin/images', 'shared');
    $scope.$destroy();
    expect(access.close).toHaveBeenCalledWith('closed');
  });
});
