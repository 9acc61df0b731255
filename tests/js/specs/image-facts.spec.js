/* SPDX-License-Identifier: Apache-2.0 */
describe('The facts in the overview of an image', function () {
  'use strict';

  var $compile, $location, $rootScope, loaded;

  beforeEach(angular.mock.module('xloud.images', function ($controllerProvider) {
    function noop() {}
    $controllerProvider.register('ImageOverviewController', noop);
    $controllerProvider.register('OtherController', noop);
  }));

  beforeEach(angular.mock.inject(function ($injector) {
    $compile = $injector.get('$compile');
    $location = $injector.get('$location');
    $rootScope = $injector.get('$rootScope');
    var image = {id: 'a/b', owner: 'o1', visibility: 'shared'};
    $rootScope.context = {loadPromise: $injector.get('$q').resolve({data: image})};
    window.WEBROOT = '/';
    loaded = spyOn(window.horizon.xloud, 'loadFacts');
  }));

  /* Returns an overview like Horizon's. */
  function overview(controller) {
    var element = $compile(
      '<div ng-controller="' + controller + ' as ctrl"><dl>' +
      '<dt>Owner</dt><dd>{$ ctrl.image.owner $}</dd>' +
      '<dt>Filename</dt><dd>{$ ctrl.image.properties.filename | noValue $}</dd>' +
      '<dt>Visibility</dt><dd>{$ ctrl.image | imageVisibility:ctrl.projectId $}</dd>' +
      '</dl></div>'
    )($rootScope);
    $rootScope.$apply();
    return element;
  }

  function texts(found) {
    return Array.from(found, function (item) { return item.textContent; });
  }

  it('stand in place of its rows Owner and Visibility', function () {
    var element = overview('ImageOverviewController');
    expect(texts(element.children('dl').find('dt'))).toEqual(['Filename']);
    expect(texts(element.find('.xloud-facts dt'))).toEqual(['Visibility', 'Owner', 'Access']);
    expect(texts(element.find('.xloud-facts dd'))).toEqual(['shared', 'o1', 'Loading']);
  });

  it('are asked for by the ID of the image', function () {
    overview('ImageOverviewController');
    expect(loaded).toHaveBeenCalledTimes(1);
    expect(loaded.calls.first().args[0].attr('data-facts-url'))
      .toBe('/project/images/a%2Fb/facts/');
  });

  it('come from Admin on the page that Admin leads to', function () {
    $location.search('nav', '/admin/images/');
    overview('ImageOverviewController');
    expect(loaded.calls.first().args[0].attr('data-facts-url')).toBe('/admin/images/a%2Fb/facts/');
  });

  it('leave every other page alone', function () {
    var element = overview('OtherController');
    expect(texts(element.find('dt'))).toEqual(['Owner', 'Filename', 'Visibility']);
    expect(element.find('.xloud-facts').length).toBe(0);
  });
});

describe('The facts about an image', function () {
  'use strict';

  var $ = window.jQuery;
  var answer, $page;

  beforeEach(function () {
    answer = $.Deferred();
    spyOn($, 'get').and.returnValue(answer);
    $page = $('<div><div class="xloud-facts" data-facts-url="/facts/"><dl><dt>Owner</dt>' +
      '<dd data-role="loading">Loading</dd></dl></div></div>').appendTo('body');
  });

  afterEach(function () { $page.remove(); });

  function load() {
    window.horizon.xloud.loadFacts($page.children());
  }

  /* Answers for the dashboard, or fails without HTML. */
  function say(html) {
    var jqXHR = {getResponseHeader: function () { return null; }};
    if (html) {
      answer.resolve(html, 'success', jqXHR);
    } else {
      answer.reject(jqXHR);
    }
  }

  it('are replaced by those of now', function () {
    load();
    expect($.get).toHaveBeenCalledWith('/facts/');
    say('<div class="xloud-facts"><p>All of it</p></div>');
    expect($page.text()).toBe('All of it');
  });

  it('stay without an answer, and can be asked for again', function () {
    load();
    say();
    expect($page.find('dt').text()).toBe('Owner');
    expect($page.find('[data-role=loading]').text()).toBe('');
    expect($page.find('[role=alert]').text()).toContain('the dashboard did not answer');
    answer = $.Deferred();
    $.get.and.returnValue(answer);
    $page.find('[data-role=load-facts]').trigger('click');
    say('<div class="xloud-facts"><p>All of it</p></div>');
    expect($page.text()).toBe('All of it');
  });

  it('stay with the reason that the dashboard gives', function () {
    load();
    say('<div class="xloud-facts"><p data-role="facts-problem">Glance is down.</p></div>');
    expect($page.find('dt').text()).toBe('Owner');
    expect($page.find('[role=alert] .text-danger').text()).toBe('Glance is down.');
  });

  it('are asked for again when a change was undone', function () {
    $(document).trigger('xloud:undone');
    expect($.get).toHaveBeenCalledTimes(1);
  });

  it('show all projects at a press of the button', function () {
    $page.children().html('<ul><li>1</li><li data-role="folded" hidden>2</li></ul>' +
      '<button type="button" data-role="unfold">Show 1 more project</button>');
    $page.find('button').trigger('click');
    expect($page.find('[hidden], button').length).toBe(0);
    expect(document.activeElement.textContent).toBe('2');
  });
});
