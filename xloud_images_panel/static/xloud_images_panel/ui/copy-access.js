/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy access from image, in Manage Access and in Create Image: searches shared images and puts
 * the projects of the chosen one into the selection. Triggers "xloud:copying" on its form when
 * copying begins and ends.
 */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {copyAccess: copyAccess});

  function copyAccess($form, table) {
    var request = null;
    var copying = false; // a late search must not discard the answer
    var $search = part('copy-search');
    var $images = part('copy-images');

    part('copy-open').on('click', toggle);
    part('copy').on('keydown', closeAtEscape);
    horizon.xloud.typing($search, search);
    part('copy').on('click', '[data-role=copy-from]', copy);
    if (part('copy').data('offer-url')) {
      offer();
    }

    return {underWay: function () { return copying; }};

    function part(role) {
      return $form.find('[data-role=' + role + ']');
    }

    function toggle() {
      var open = part('copy-panel').prop('hidden');
      show(open);
      if (open) {
        part('copy-told').empty();
        $search.val('').trigger('focus');
        search();
      }
    }

    /* Keeps the dialog open. */
    function closeAtEscape(event) {
      if (event.key !== 'Escape' || part('copy-panel').prop('hidden')) { return; }
      event.stopPropagation();
      show(false);
      part('copy-open').trigger('focus');
    }

    function show(open) {
      part('copy-panel').prop('hidden', !open);
      part('copy-open').attr('aria-expanded', String(open));
    }

    function search() {
      if (copying) { return; }
      ask($.get(part('copy').data('images-url'), {search: $.trim($search.val())}), function (html) {
        $images.html($.parseHTML($.trim(html)));
      });
    }

    function copy() {
      if (copying) { return; }
      // In Create Image the token is beside the table, among Horizon's own fields.
      var fields = ($form.closest('form')[0] ? $form.closest('form') : $form)
        .find('[name=changes], [name=made_for_region], [name=csrfmiddlewaretoken]')
        .serializeArray();
      var isEqual = $(this).is('[data-equal]');
      fields.push({name: 'source', value: $(this).attr('data-image')});
      if (isEqual) { // the current selection would change the result
        fields = fields.filter(function (field) { return field.name !== 'changes'; });
        fields.push({name: 'equal', value: '1'});
      }
      var sent = $.post(part('copy').data('copy-url'), fields);
      setCopying(true);
      ask(sent, function (html) {
        var $answer = $($.parseHTML($.trim(html)));
        if (isEqual && !$answer.is('[data-refused]')) { table.clear(); }
        table.select($answer.data('changes'));
        show(false);
        part('offer').prop('hidden', true);
        part('copy-told').empty().append($answer.children('p'));
        part('copy-open').trigger('focus');
      });
    }

    /* Offers the projects of an image with the new image's name. AngularJS's Create Image triggers
       "xloud:shown" when it shows the table. */
    function offer() {
      var asked = '';
      look();
      $form.on('xloud:shown', look);
      $(document).off('change.xloud-offer').on('change.xloud-offer', 'input[name=name]', look);

      function look() {
        var $around = part('copy').closest('.modal-content, form, body');
        var name = $.trim($around.find('input[name=name]').val());
        if (name === asked) { return; }
        asked = name;
        part('offer').prop('hidden', true);
        if (!name) { return; }
        $.getJSON(part('copy').data('offer-url'), {name: name}).done(function (found) {
          if (!found.image || name !== asked) { return; }
          part('offered').text(found.told);
          part('offer').prop('hidden', false).find('[data-image]').attr('data-image', found.image);
        });
      }
    }

    function setCopying(underWay) {
      copying = underWay;
      $form.trigger('xloud:copying');
    }

    /* Only the last request counts. */
    function ask(current, done) {
      var last = request;
      request = current; // first, because abort() calls the last request's handlers at once
      if (last) {
        last.abort();
      }
      part('copy-busy').prop('hidden', false);
      current.done(function (html, status, jqXHR) {
        if (!horizon.xloud.leave(jqXHR)) {
          done(html);
        }
      }).fail(function (jqXHR) {
        if (jqXHR.statusText === 'abort' || horizon.xloud.leave(jqXHR)) { return; }
        var $where = part('copy-panel').prop('hidden') ? part('copy-told') : $images;
        $where.html($('<p class="text-danger" role="alert">').text(
          gettext('The dashboard did not answer. Your selection is kept.')
        ));
      }).always(function () {
        if (request === current) {
          request = null;
          setCopying(false);
          part('copy-busy').prop('hidden', true);
        }
      });
    }
  }
})(jQuery);
