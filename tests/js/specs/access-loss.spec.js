/* SPDX-License-Identifier: Apache-2.0 */
describe('Who loses access', function () {
  'use strict';

  describe('in a dialog', function () {
    var $where, answers, asked;

    beforeEach(function () {
      $where = $('<div>');
      asked = [];
      answers = [];
      spyOn($, 'getJSON').and.callFake(function (url) {
        var answer = $.Deferred();
        asked.push(url);
        answers.push(answer);
        return answer.promise({abort: function () { answer.reject(); }});
      });
    });

    function told() {
      return $where.children('[role=status]').text();
    }

    function tell(loss, ids) {
      horizon.xloud.tellLoss($where, '/loss/', ids || ['1'], loss);
    }

    it('is said once the dashboard knows', function () {
      tell('delete');
      expect(asked).toEqual(['/loss/?loss=delete&images=1']);
      expect(told()).toBe('Looking up who has access...');
      answers[0].resolve({message: 'Two <b>'});
      expect(told()).toBe('Two <b>');
    });

    it('is nothing when the dashboard has nothing to say', function () {
      tell('delete');
      answers[0].resolve(undefined);
      expect(told()).toBe('');
    });

    it('is said to be unknown when the dashboard does not answer', function () {
      tell('delete');
      answers[0].reject();
      expect(told()).toBe('It could not be determined how many projects have access.');
    });

    it('is what was asked last', function () {
      tell('private');
      tell('community');
      answers[1].resolve({message: 'Community'});
      answers[0].resolve({message: 'Private'});
      expect(told()).toBe('Community');
    });

    it('is nothing any more when nothing is lost', function () {
      tell('private');
      answers[0].resolve({message: 'Private'});
      tell('');
      expect(told()).toBe('');
      expect(asked.length).toBe(1);
    });

    it('is asked in an address that every web server takes', function () {
      var ids = [];
      for (var number = 0; number < 500; number++) {
        ids.push('00000000-0000-4000-8000-000000000000');
      }
      tell('deactivate', ids);
      expect(asked[0].length).toBeLessThan(4000);
    });
  });

  describe('in the questions of AngularJS', function () {
    var $rootScope, $injector, addresses, opened;

    beforeEach(angular.mock.module('xloud.images'));

    beforeEach(angular.mock.inject(function (_$injector_, $q) {
      $injector = _$injector_;
      $rootScope = $injector.get('$rootScope');
      addresses = $q.resolve({access_loss: '/loss/'});
      spyOn($injector.get('xloud.images.addresses.service'), 'addresses').and.callFake(function () {
        return addresses;
      });
      spyOn(horizon.xloud, 'tellLoss');
      var $modal = $('<div><div class="modal-body" id="question"></div></div>');
      var simpleModal = $injector.get('horizon.framework.widgets.modal.simple-modal.service');
      var modal = simpleModal.modal;
      simpleModal.modal = function () {
        opened = modal();
        return opened;
      };
      $injector.get('$uibModalStack').getTop = function () {
        return {key: opened, value: {modalDomEl: $modal}};
      };
    }));

    function perform(action, images, isAllowed) {
      $injector.get('horizon.app.core.images.actions.' + action + '-image.service')
        .perform(images, isAllowed).catch(angular.noop);
      $rootScope.$apply();
    }

    function lastTold() {
      var given = horizon.xloud.tellLoss.calls.mostRecent().args;
      return [given[0].attr('id')].concat(given.slice(1));
    }

    it('is said of the image that is to be deleted', function () {
      perform('delete', {id: '1'});
      expect(lastTold()).toEqual(['question', '/loss/', ['1'], 'delete']);
    });

    it('is said of all images that are to be deleted', function () {
      perform('delete', [{id: '1'}, {id: '2'}]);
      expect(lastTold()).toEqual(['question', '/loss/', ['1', '2'], 'delete']);
    });

    it('is not said of protected images, which Horizon does not delete', function () {
      perform('delete', [{id: '1', protected: true}, {id: '2', protected: false}]);
      expect(lastTold()).toEqual(['question', '/loss/', ['2'], 'delete']);
      perform('deactivate', {id: '1', protected: true});
      expect(lastTold()).toEqual(['question', '/loss/', ['1'], 'deactivate']);
    });

    it('is said of an image that is to be deactivated', function () {
      perform('deactivate', {id: '1'});
      expect(lastTold()).toEqual(['question', '/loss/', ['1'], 'deactivate']);
    });

    it('is not said in the questions of others', function () {
      perform('delete', {id: '1'}, false); // there was no question
      $injector.get('horizon.framework.widgets.modal.simple-modal.service').modal();
      $rootScope.$apply();
      expect(horizon.xloud.tellLoss).not.toHaveBeenCalled();
    });

    it('is not said where the dashboard gives no address', function () {
      addresses = $injector.get('$q').reject();
      perform('delete', {id: '1'});
      expect(horizon.xloud.tellLoss).not.toHaveBeenCalled();
    });
  });
});
