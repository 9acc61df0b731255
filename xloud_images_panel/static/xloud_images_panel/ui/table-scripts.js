/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripts of the project table come with the table: most pages of Horizon have none. A
 * <template data-role="scripts"> beside it names them; each is loaded once in a page.
 */
(function ($) {
  'use strict';

  var inits = [];
  var loaded = {}; // promises by the script's address

  horizon.xloud = $.extend(horizon.xloud, {onTable: onTable, withTable: withTable});

  horizon.addInitFunction(function () {
    start(document.body);
    horizon.modals.addModalInitFunction(start);
  });

  /* Has init called with each page or dialog that has a table, once the scripts are there. */
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

  /* Returns a promise of the scripts of the table in an element. */
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
    // crossDomain: as an element in the page, which needs no permission to evaluate text.
    loaded[address] = loaded[address] || $.ajax({
      url: address, dataType: 'script', cache: true, crossDomain: true
    }).fail(function () { loaded[address] = null; });
    return loaded[address];
  }
})(jQuery);
