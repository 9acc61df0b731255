/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts about an image on its details page: visibility, owner, who has access. They load after
 * the page, and again after a change of access. Without an answer the page keeps the old facts.
 */
(function ($) {
  'use strict';

  var FACTS = '.xloud-facts[data-facts-url]';

  horizon.xloud = $.extend(horizon.xloud, {loadFacts: loadFacts});

  horizon.addInitFunction(function () {
    $('.xloud-facts[aria-busy=true]').each(function () { loadFacts($(this)); });
  });
  $(document)
    .on('click', '[data-role=unfold]', unfold)
    .on('click', '[data-role=load-facts]', function () { loadFacts($(this).closest(FACTS)); })
    .on('click', '[data-role=copy-image-id]', copyId)
    .on('hidden.bs.modal', '#manage_access_modal', loadAll)
    .on('xloud:undone', loadAll);

  function loadAll() {
    $(FACTS).each(function () { loadFacts($(this)); });
  }

  /* Replaces the facts with current ones. */
  function loadFacts($facts) {
    var hadFocus = $facts.find(':focus').length > 0;
    $facts.attr('aria-busy', 'true');
    $.get($facts.attr('data-facts-url')).done(function (html, status, jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      var $new = $($.parseHTML($.trim(html)));
      var $problem = $new.filter('.xloud-facts').children('[data-role=facts-problem]');
      if ($problem.length) {
        fail($facts, $problem.text(), hadFocus);
      } else {
        $facts.replaceWith($new);
        if (hadFocus) { $new.filter('.xloud-facts').attr('tabindex', -1).trigger('focus'); }
      }
    }).fail(function (jqXHR) {
      if (horizon.xloud.leave(jqXHR)) { return; }
      fail($facts, gettext('It could not be loaded who has access: the dashboard did not answer.'),
        hadFocus);
    });
  }

  function fail($facts, why, hadFocus) {
    $facts.removeAttr('aria-busy').find('[data-role=loading]').empty();
    $facts.children('.xloud-failure').remove();
    $('<div class="xloud-failure" role="alert" data-role="facts-problem">')
      .append($('<span class="text-danger">').text(why), ' ')
      .append($('<button type="button" class="btn btn-default btn-xs" data-role="load-facts">')
        .text(gettext('Try again')))
      .appendTo($facts);
    if (hadFocus) { $facts.find('[data-role=load-facts]').trigger('focus'); }
  }

  function unfold() {
    var $rest = $(this).closest('.xloud-facts').find('[data-role=folded]').prop('hidden', false);
    $(this).remove();
    $rest.first().attr('tabindex', -1).trigger('focus');
  }

  function copyId() {
    horizon.xloud.copyText(
      $(this).siblings('[data-role=image-id]'), $(this).siblings('[data-role=id-copied]')
    );
  }
})(jQuery);
