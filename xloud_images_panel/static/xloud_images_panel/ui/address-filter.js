/* SPDX-License-Identifier: Apache-2.0 */
/* A filter whose fields are in the page's address: a reload, or a colleague, sees the same. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {addressFilter: addressFilter});

  /*
   * $form: has the fields, which are filled in from the address
   * changed: is called when one of them has changed
   *
   * Returns a function that gives their values by name.
   */
  function addressFilter($form, changed) {
    var given = new URLSearchParams(window.location.search);
    $form.find('[name]').each(function () {
      var $field = $(this);
      var value = given.get(this.name) || '';
      if (!$field.is('select') || $field.find('option').is(function () {
        return this.value === value;
      })) { $field.val(value); }
    });
    $form.on('submit', function (event) { event.preventDefault(); })
      .on('input change', function () {
        remember();
        changed();
      });
    return values;

    function values() {
      var found = {};
      $form.find('[name]').each(function () { found[this.name] = $(this).val(); });
      return found;
    }

    function remember() {
      var url = new URL(window.location.href);
      $.each(values(), function (name, value) {
        if (value) {
          url.searchParams.set(name, value);
        } else {
          url.searchParams.delete(name);
        }
      });
      window.history.replaceState(window.history.state, '', url);
    }
  }
})(jQuery);
