/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripts of the project table load with the table: most pages of Horizon have none. A
 * <template data-role="scripts"> beside it names them. Each is loaded once per page.
 */
(function ($) {
  'use strict';

  var inits = [];
  var loaded = {}; // promises by script address

  horizon.xloud = $.extend(horizon.xloud, {onTable: onTable, withTable: withTable});

  horizon.addInitFunction(function () {
    start(document.body);
    horizon.modals.addModalInitFunction(start);
  });

  /* Calls init with each page or dialog that has a table, once the scripts are loaded. */
  function onTable(init) {
    inits.push(init);
  }

  function start(root) {
    var $root = $(root);
    if (!scripts($root).length) { return; }
    withTable($root).done(function () {
      inits.forEach(function (init) { init($root); });
    }).fail(function () {
      horizon.xloud.fail($root.find('.xloud-projects').first().parent(), gettext(
        'The dashboard did not answer. Load the page again.'
      ));
    });
  }

  /* Loads the scripts of an element's table; returns a promise. */
  function withTable($root) {
    return scripts($root).reduce(function (before, address) {
      return before.then(function () { return load(address); });
    }, $.Deferred().resolve().promise());
  }

  function scripts($root) {
    return $root.find('template[data-role=scripts]').first().map(function () {
      return $(this.content).find('script').map(function () { return $(this).attr('src'); }).get();
    }).get();
  }

  function load(address) {
    // crossDomain adds a script element, which needs no permission to evaluate text.
    loaded[address] = loaded[address] || $.ajax({
      url: address, dataType: 'script', cache: true, crossDomain: true
    }).fail(function () { loaded[address] = null; });
    return loaded[address];
  }
})(jQuery);
