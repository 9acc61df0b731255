/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of pages that keep their content when the session ends: a user who logs in again in
 * another tab continues in this one.
 */
(function ($) {
  'use strict';

  var CSRF_COOKIE = /(?:^|; )csrftoken=([^;]+)/;

  horizon.xloud = $.extend(horizon.xloud, {loginPage: loginPage, post: post, postJson: postJson});

  /* Sends form fields by name. $page has the page's token. A Blob is sent as a file. */
  function post(url, $page, fields) {
    var form = new FormData();
    $.each(fields, function (name, value) { form.append(name, value); });
    // Login changes the token; the cookie has the current one.
    var cookie = CSRF_COOKIE.exec(document.cookie);
    return $.ajax({
      type: 'POST',
      url: url,
      data: form,
      processData: false,
      contentType: false,
      dataType: 'json',
      headers: {
        'X-CSRFToken': cookie ? decodeURIComponent(cookie[1]) :
          $page.find('[name=csrfmiddlewaretoken]').val()
      }
    });
  }

  /* Sends content as JSON in a file, which may be larger than a body. */
  function postJson(url, $page, content) {
    return post(url, $page, {
      content: new Blob([JSON.stringify(content)], {type: 'application/json'})
    });
  }

  /* Returns the login page that leads back to this page, '' if the session lasts. */
  function loginPage(jqXHR) {
    var named = jqXHR && jqXHR.getResponseHeader('X-Horizon-Location');
    if (!named) { return ''; }
    var url = new URL(named, window.location.href);
    if (jqXHR.status !== 401 && url.pathname.indexOf(window.WEBROOT + 'auth/') !== 0) { return ''; }
    url.searchParams.set('next', window.location.pathname + window.location.search);
    return url.href;
  }
})(jQuery);
