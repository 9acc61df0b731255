# SPDX-License-Identifier: Apache-2.0
"""The number of requests from the dialog while somebody types."""

from selenium.webdriver.common.by import By

from tests.browser.pages import DIALOG, in_one_panel, part, project_names, rows_are_new

# Types faster than any person, so that a slow machine adds no pauses between the keys.
TYPE = """
    window.searches = [];
    jQuery(document).on('ajaxSend', (event, request, sent) => {
        window.searches.push(new URL(sent.url, location).searchParams.get('search'));
    });
    const [field, text] = arguments;
    for (let length = 1; length <= text.length; length++) {
        field.value = text.slice(0, length);
        field.dispatchEvent(new Event('input', {bubbles: true}));
    }
"""


@in_one_panel
def test_typing_causes_one_request(browser, manage_access, new_image):
    """The dialog sends one request with the whole word, after the last key."""
    manage_access(new_image())
    before = browser.find_element(By.CSS_SELECTOR, f"{DIALOG} tbody")

    browser.execute_script(TYPE, part(browser, "search"), "data-science")
    rows_are_new(browser, before)

    assert browser.execute_script("return window.searches") == ["data-science"]
    assert project_names(browser) == ["data-science"]
