/* SPDX-License-Identifier: Apache-2.0 */
/* Launch in our tables, whose rows AngularJS does not compile: opens Horizon's own wizard. */
(function ($) {
  'use strict';

  $(document).on('click', '[data-launch-image]', function (event) {
    var image = $(this).attr('data-launch-image');
    event.preventDefault();
    angular.element('[ng-app]').injector().invoke([
      '$rootScope',
      'horizon.dashboard.project.workflow.launch-instance.modal.service',
      function ($rootScope, wizard) {
        $rootScope.$apply(function () {
          wizard.open({imageId: image, successUrl: window.location.href});
        });
      }
    ]);
  });
})(jQuery);
