# SPDX-License-Identifier: Apache-2.0
"""Pages show names of projects and images that contain code, and never run that code."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.pages import (
    DIALOG,
    choose,
    confirm,
    image_row,
    in_one_panel,
    labels,
    messages,
    page_actions,
    page_is_quiet,
    project_names,
    search,
    shared_images,
    tick,
    unique,
    wait,
)

# A name contains all of them, so the tests find a single one that runs.
PROGRAMS = (
    "<img src=x onerror=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    # With Horizon's brackets and with AngularJS's own.
    "{$ constructor.constructor('window.hacked=1')() $}",
    "{{ constructor.constructor('window.hacked=1')() }}",
)
# An invisible character that our messages put between the brackets of an expression.
INVISIBLE = "\u200b"


@pytest.fixture
def hostile():
    """Return a name that must not run, with a word to search for."""
    return f"{unique('x')} {' '.join(PROGRAMS)}"


@pytest.fixture
def never_run(browser):
    """Check after the test that no name was run on the open page."""
    yield
    page_is_quiet(browser)
    assert browser.execute_script("return window.hacked") is None


def seen(text):
    """Return the visible characters of a text."""
    return text.replace(INVISIBLE, "")


def as_shown(name):
    """Return a name as Horizon writes it; Horizon's escaping replaces the brackets."""
    return name.replace("{$", "{%").replace("$}", "%}")


def says(text, name):
    """Return whether a text has the name, either as Horizon writes it or unchanged."""
    return name in seen(text) or as_shown(name) in seen(text)


def body(browser):
    """Return the text of the page."""
    return browser.find_element(By.TAG_NAME, "body").text


def ran(browser):
    """Return whether a name was run since the page was loaded."""
    return browser.execute_script("return window.hacked") is not None


@pytest.mark.usefixtures("never_run")
def test_in_the_dialog_and_its_message(browser, manage_access, new_image, new_project, hostile):
    """The field, table, labels, search and message show hostile names of image and projects."""
    image = new_image(hostile)
    # A project's name has at most 64 characters.
    projects = [new_project(f"{unique('x')} {program}"[:64]) for program in PROGRAMS]

    modal = manage_access(image)
    assert modal.find_element(By.ID, "id_image_name").get_property("value") == as_shown(hostile)
    for project in projects:
        search(browser, project.name)
        assert project_names(browser) == [as_shown(project.name)]
        tick(browser, project.id)
    names = {as_shown(project.name) for project in projects}
    assert set(labels(browser)) == {f"+ {name}" for name in names}
    confirm(browser)

    (message,) = messages(browser)
    assert says(message, hostile)
    assert all(says(message, project.name) for project in projects)


# The character that makes all text after it run from right to left.
OVERRIDE = "\u202e"


def test_sentences_are_not_turned_around(browser, manage_access, visit, new_image, project_ids):
    """Messages omit the override character; in lists its effect ends with the name."""
    image = new_image(f"{unique('x')}{OVERRIDE}", members={project_ids["app-team-a"]: "pending"})
    manage_access(image)
    tick(browser, project_ids["research"])
    confirm(browser)
    name = image.name.strip(OVERRIDE)
    assert messages(browser) == [f'"{name}" is now shared with research.']

    visit("ann", f"/project/images/shared/?name={name}")
    assert image_row(browser, image).find_element(By.CSS_SELECTOR, "a bdi").text == image.name


@in_one_panel
@pytest.mark.usefixtures("never_run")
def test_as_members_that_only_the_database_can_remove(browser, manage_access, new_image, members):
    """The dialog cannot remove members that Glance accepts but that do not fit into an address."""
    odd = [*PROGRAMS, "nobody\nat all"]
    image = new_image(members=dict.fromkeys(odd, "pending"))
    manage_access(image)

    rows = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tr[data-member]")
    assert len(rows) == len(odd)
    for row in rows:
        assert "Not a project" in row.text
        assert "Can only be removed in Glance's database." in row.text
        box = row.find_element(By.CSS_SELECTOR, ":checked")
        assert not box.is_enabled()
    assert set(members(image)) == set(odd)


@in_one_panel
@pytest.mark.usefixtures("never_run")
def test_in_shared_images(browser, visit, new_image, project_ids, hostile):
    """The tab shows the name, and filters by it."""
    word = hostile.split()[0]
    new_image(hostile, members={project_ids["app-team-a"]: "pending"})

    visit("ann", f"/project/images/shared/?name={word}")

    assert [*shared_images(browser)] == [as_shown(hostile)]
    field = browser.find_element(By.CSS_SELECTOR, "input[name=name]")
    field.clear()
    field.send_keys(hostile)
    field.submit()
    wait(browser).until(lambda page: "%20" in page.current_url or "+" in page.current_url)
    page_is_quiet(browser)
    assert [*shared_images(browser)] == [as_shown(hostile)]
    field = browser.find_element(By.CSS_SELECTOR, "input[name=name]")
    assert field.get_property("value") == as_shown(hostile)


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("path", ["/admin/images/", "/project/images/"])
def test_in_the_lists_of_images(browser, visit, new_image, hostile, path):
    """Horizon's own tables show the name."""
    image = new_image(hostile, owner="admin")

    visit("admin", path)

    assert says(image_row(browser, image).text, hostile)


@pytest.mark.usefixtures("never_run")
def test_in_the_details(browser, visit, new_image, hostile):
    """The details page shows the name in its title, its breadcrumb and its table."""
    image = new_image(hostile)
    visit("admin", "/admin/images/")

    image_row(browser, image).find_element(By.CSS_SELECTOR, f"a[href*='{image.id}']").click()
    wait(browser).until(lambda page: image.id in page.current_url)
    page_actions(browser)
    page_is_quiet(browser)

    assert says(body(browser), hostile)


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize(
    ("panel", "place"),
    [("angular", "the list"), ("angular", "the details"), ("python", "the list")],
    indirect=["panel"],
)
def test_in_the_question_before_deleting(browser, admin, visit, new_image, hostile, place):
    """Delete Image shows the name in its question and in its message."""
    image = new_image(hostile, owner="admin")
    visit("admin", "/admin/images/")
    where = image_row(browser, image)
    if place == "the details":
        where.find_element(By.CSS_SELECTOR, f"a[href*='{image.id}']").click()
        wait(browser).until(lambda page: image.id in page.current_url)
        where = page_actions(browser)
        page_is_quiet(browser)

    choose(browser, where, "Delete Image")
    button = wait(browser).until(
        lambda page: page.find_element(By.CSS_SELECTOR, ".modal .modal-footer .btn-danger")
    )
    wait(browser).until(lambda page: button.is_displayed())
    assert says(body(browser), hostile)
    assert not ran(browser)
    button.click()

    wait(browser).until(lambda _page: admin.image.find_image(image.id) is None)
    page_is_quiet(browser)
    assert any(says(text, hostile) for text in messages(browser))


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("panel", ["python"], indirect=True)
def test_in_a_row_that_was_updated(browser, visit, new_image, hostile):
    """When Horizon replaces the row of an image that is being saved, the new row runs no name."""
    image = new_image(hostile)
    visit("admin", "/admin/images/")
    row = image_row(browser, image)

    # Change the row, so that Horizon replaces it as it does while an image is being saved.
    browser.execute_script(
        """
        jQuery(arguments[0]).addClass('warning').attr('data-test', 'old')
          .find('td').last().prepend('<i>');
        jQuery(arguments[0]).find('td').eq(1).addClass('status_unknown');
        jQuery(arguments[0]).addClass('status_unknown');
        horizon.datatables.update();
        """,
        row,
    )
    wait(browser).until(lambda page: image_row(page, image).get_attribute("data-test") is None)
    page_is_quiet(browser)

    assert says(image_row(browser, image).text, hostile)


@pytest.mark.usefixtures("never_run")
@pytest.mark.parametrize("panel", ["python"], indirect=True)
def test_in_edit_image(browser, visit, new_image, hostile):
    """The administrator's form has the unchanged name in its field."""
    image = new_image(hostile)
    visit("admin", "/admin/images/")

    image_row(browser, image).find_element(By.LINK_TEXT, "Edit Image").click()

    field = wait(browser).until(lambda page: page.find_element(By.CSS_SELECTOR, ".modal #id_name"))
    page_is_quiet(browser)
    assert field.get_property("value") == as_shown(hostile)
