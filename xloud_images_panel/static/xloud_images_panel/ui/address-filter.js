/* SPDX-License-Identifier: Apache-2.0 */
/* A filter that keeps its fields in the page's address, for a reload or a colleague. */
(function ($) {
  'use strict';

  horizon.xloud = $.extend(horizon.xloud, {addressFilter: addressFilter});

  /*
   * $form: contains the fields, which the address fills in
   * changed: is called when a field changes
   *
   * Returns a function that returns the values by name.
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
