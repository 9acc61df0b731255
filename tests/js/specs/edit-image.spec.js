/* SPDX-License-Identifier: Apache-2.0 */
describe('Edit Image in AngularJS', function () {
  'use strict';

  var $injector, $scope, accessLoss, $form;

  beforeEach(angular.mock.module('xloud.images'));

  beforeEach(angular.mock.inject(function (_$injector_) {
    $injector = _$injector_;
    $scope = $injector.get('$rootScope').$new();
    accessLoss = $injector.get('xloud.images.access-loss.service');
    spyOn(accessLoss, 'tell');
    $form = $('<div><p><span class="btn-group" name="visibility"></span></p></div>');
    spyOn($injector.get('$uibModalStack'), 'getTop').and.returnValue({value: {modalDomEl: $form}});
  }));

  function begin(visibility) {
    $injector.get('$controller')('xloud.images.EditImageController', {$scope: $scope});
    $scope.stepModels = {imageForm: {id: 'i1', visibility: visibility}};
    $scope.$apply();
  }

  function choose(visibility) {
    $scope.stepModels.imageForm.visibility = visibility;
    $scope.$apply();
  }

  it('has the controller in its workflow', function () {
    var workflow = $injector.get('horizon.app.core.images.actions.editWorkflow');
    expect(workflow.controllers).toEqual(['xloud.images.EditImageController']);
  });

  it('says beside the choice who loses access to a shared image', function () {
    begin('shared');
    choose('private');
    var told = accessLoss.tell.calls.mostRecent().args;
    expect(told[0][0]).toBe($form.children()[0]);
    expect(told.slice(1)).toEqual([['i1'], 'private']);
  });

  it('takes the sentence back when the image is to stay shared', function () {
    begin('shared');
    choose('public');
    choose('shared');
    expect(accessLoss.tell.calls.mostRecent().args[2]).toBe('');
  });

  it('says nothing of an image that is not shared', function () {
    begin('private');
    choose('shared');
    choose('public');
    expect(accessLoss.tell).not.toHaveBeenCalled();
  });
});
