# SPDX-License-Identifier: Apache-2.0
"""When a session ends in the dialog, the login page leads back to it with the selection."""

import base64
import contextlib
import datetime
import pickle
import sqlite3

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect

from tests.browser.pages import (
    DIALOG,
    choose,
    confirm_button,
    image_row,
    in_one_panel,
    is_gone,
    labels,
    messages,
    page_is_quiet,
    page_size,
    part,
    search,
    shared_images,
    summary,
    tick,
    told,
    unique,
    wait,
)
from tests.environment import CLOUD
from tests.faults import FAULTS, WRITES, Proxy

(UNAUTHENTICATED,) = (fault for fault in FAULTS if fault.name == "401")
BACK = "You have logged in again: what was selected is selected as before."
TAB = "/project/images/shared/"
SELECTED = ["+ research", "− app-team-b"]  # noqa: RUF001


@pytest.fixture
def image(new_image, project_ids):
    """Return a shared image that app-team-b has access to."""
    return new_image(members={project_ids["app-team-b"]: "accepted"})


@pytest.fixture
def open_dialog(browser, enter, image):
    """Return a function that opens the image's dialog in a new session."""

    def open_dialog():
        enter("admin", "/admin/images/")
        choose(browser, image_row(browser, image), "Manage Access")
        wait(browser).until(expect.visibility_of_element_located((By.CSS_SELECTOR, DIALOG)))
        page_is_quiet(browser)

    return open_dialog


@pytest.fixture
def selected(browser, open_dialog, project_ids):
    """Open the dialog, add research, remove app-team-b, and switch off accepting on behalf."""
    open_dialog()
    for name in ("research", "app-team-b"):
        search(browser, project_ids[name])
        tick(browser, project_ids[name])
    accept(browser).click()


def accept(browser):
    """Return the checkbox that accepts on behalf of the projects."""
    return browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [name=accept]")


@contextlib.contextmanager
def session(browser):
    """Yield the data of the browser's session in Horizon, and write changes back."""
    (key,) = (
        cookie["value"]
        for cookie in browser.get_cookies()
        if cookie["name"].startswith("sessionid")
    )
    with sqlite3.connect(CLOUD.folder / "horizon" / "horizon.db", timeout=20) as database:
        query = "SELECT cache_key, value FROM cache WHERE cache_key LIKE ?"
        ((key, value),) = database.execute(query, [f"%{key}"]).fetchall()
        content = pickle.loads(base64.b64decode(value))  # noqa: S301 - Horizon's own
        yield content
        value = base64.b64encode(pickle.dumps(content, pickle.HIGHEST_PROTOCOL)).decode()
        database.execute("UPDATE cache SET value = ? WHERE cache_key = ?", [value, key])
    database.close()


@pytest.fixture
def end_session(admin, browser):
    """Return a function that ends the browser's session in one of several ways."""

    def end_session(how):
        if how == "cookie lost":
            for cookie in browser.get_cookies():
                if cookie["name"].startswith("sessionid"):
                    browser.delete_cookie(cookie["name"])
            return
        with session(browser) as content:
            token = content["token"]
            if how == "expired":
                token.expires = datetime.datetime.now(datetime.UTC)
            else:
                revoke = {"X-Subject-Token": token.id}
                assert admin.identity.delete("/auth/tokens", headers=revoke).status_code == 204
                # Glance and other processes of Keystone accept a revoked token that they have
                # cached, but refuse at once a token that never existed.
                token.id = "revoked"

    return end_session


def log_in(browser, user, password):
    """Log in on the open page, and return the page's message."""
    wait(browser).until(expect.url_contains("/auth/login/"))
    said = browser.find_element(By.TAG_NAME, "body").text
    browser.find_element(By.NAME, "username").send_keys(user)
    browser.find_element(By.NAME, "password").send_keys(password)
    browser.find_element(By.ID, "loginBtn").click()
    wait(browser).until_not(expect.url_contains("/auth/login/"))
    page_is_quiet(browser)
    return said


def is_back(browser, horizon, image):
    """Assert that the dialog is open as a page, with the whole selection."""
    assert browser.current_url == f"{horizon}/admin/images/{image.id}/access/"
    assert told(browser) == BACK
    assert sorted(labels(browser)) == SELECTED
    assert summary(browser) == "1 project now → 1 (+1 −1)"  # noqa: RUF001
    assert not accept(browser).is_selected()


# The AngularJS panel treats all ends of a session in the same way.
@pytest.mark.parametrize(
    ("panel", "how"),
    [
        ("angular", "revoked"),
        ("python", "revoked"),
        ("python", "expired"),
        ("python", "cookie lost"),
    ],
    indirect=["panel"],
)
def test_confirm(browser, cloud, end_session, horizon, how, image, members, project_ids, selected):
    """Confirm without a session changes nothing, and the login restores the selection."""
    end_session(how)

    confirm_button(browser).click()

    said = log_in(browser, "admin", cloud.password)
    if how == "revoked":
        assert "Nothing was changed." in said
        assert "did not accept your session" in said
    assert members(image) == {project_ids["app-team-b"]: "accepted"}
    is_back(browser, horizon, image)
    confirm_button(browser).click()
    assert messages(browser) == [
        f'"{image.name}" is now shared with research.',
        f'"{image.name}" is no longer shared with app-team-b.',
    ]
    assert browser.current_url.rstrip("/") == f"{horizon}/admin/images"
    assert members(image) == {project_ids["research"]: "pending"}


@in_one_panel
def test_search(browser, cloud, end_session, horizon, image, selected):
    """After a search, the login page leads to the dialog, not only to the requested rows."""
    end_session("revoked")

    part(browser, "search").send_keys("x")

    log_in(browser, "admin", cloud.password)
    is_back(browser, horizon, image)


@pytest.mark.parametrize(
    ("panel", "how"),
    [("angular", "revoked"), ("python", "expired"), ("python", "cookie lost")],
    indirect=["panel"],
)
def test_open(browser, cloud, end_session, enter, horizon, how, image):
    """The login page leads to the requested dialog, or back to the list."""
    enter("admin", "/admin/images/")
    row = image_row(browser, image)
    end_session(how)

    choose(browser, row, "Manage Access")

    log_in(browser, "admin", cloud.password)
    dialog = f"{horizon}/admin/images/{image.id}/access/"
    if browser.current_url != dialog:  # AngularJS sends requests of its own as well
        assert browser.current_url.rstrip("/") == f"{horizon}/admin/images"
        return
    assert summary(browser) == "1 project now"
    assert not browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} .alert")


@pytest.mark.parametrize(
    ("panel", "where", "how"),
    [
        ("angular", "project", "revoked"),
        ("angular", "admin", "expired"),
        ("python", "project", "cookie lost"),
        ("python", "admin", "revoked"),
    ],
    indirect=["panel"],
)
def test_details(browser, cloud, end_session, enter, how, new_image, where):
    """The login page leads back to a details page."""
    image = new_image(owner="admin")
    enter("admin", f"/{where}/images/")
    image_row(browser, image).find_element(By.LINK_TEXT, image.name).click()
    wait(browser).until(expect.url_contains(image.id))
    page_is_quiet(browser)
    address = browser.current_url
    end_session(how)

    browser.refresh()

    log_in(browser, "admin", cloud.password)
    assert browser.current_url == address
    heading = (By.CSS_SELECTOR, ".page-header")
    wait(browser).until(expect.text_to_be_present_in_element(heading, image.name))


def test_details_that_are_opened(browser, cloud, end_session, enter, new_image):
    """The login page leads to the details page, not to the list that it was opened from."""
    image = new_image(owner="admin")
    enter("admin", "/project/images/")
    row = image_row(browser, image)
    end_session("revoked")

    row.find_element(By.LINK_TEXT, image.name).click()

    log_in(browser, "admin", cloud.password)
    assert image.id in browser.current_url


@in_one_panel
def test_session_ends_once_more(
    browser, cloud, end_session, horizon, image, members, project_ids, selected
):
    """The dialog as a page keeps the selection when a session ends again."""
    for how in ("cookie lost", "revoked"):
        end_session(how)
        confirm_button(browser).click()
        log_in(browser, "admin", cloud.password)
        is_back(browser, horizon, image)
    assert members(image) == {project_ids["app-team-b"]: "accepted"}


@in_one_panel
def test_cancel_forgets_the_selection(browser, cloud, end_session, horizon, selected, image):
    """A selection that was discarded does not return."""
    end_session("cookie lost")
    confirm_button(browser).click()
    log_in(browser, "admin", cloud.password)
    is_back(browser, horizon, image)

    browser.find_element(By.CSS_SELECTOR, f"{DIALOG} .cancel").click()
    part(browser, "discard").click()
    wait(browser).until(expect.url_matches("/admin/images/?$"))
    page_is_quiet(browser)
    choose(browser, image_row(browser, image), "Manage Access")

    wait(browser).until(expect.visibility_of_element_located((By.CSS_SELECTOR, DIALOG)))
    assert labels(browser) == []
    assert browser.execute_script("return Object.keys(sessionStorage)") == []


@in_one_panel
def test_other_images_and_other_users_do_not_get_it(
    admin, browser, cleanup, cloud, end_session, horizon, image, new_image, project_ids, selected
):
    """The selection belongs to its user and its image."""
    other = admin.identity.create_user(
        name=unique("admin"), password=cloud.password, default_project_id=project_ids["admin"]
    )
    cleanup.callback(admin.identity.delete_user, other)
    role = admin.identity.find_role("admin")
    admin.identity.assign_project_role_to_user(project_ids["admin"], other, role)
    another = new_image()
    end_session("cookie lost")
    confirm_button(browser).click()

    log_in(browser, other.name, cloud.password)

    assert labels(browser) == []
    browser.get(f"{horizon}/admin/images/{another.id}/access/")
    page_is_quiet(browser)
    assert labels(browser) == []
    assert browser.execute_script("return Object.keys(sessionStorage)") == []


@in_one_panel
def test_names_are_not_kept(browser, cloud, end_session, open_dialog, project_ids):
    """Without a session the tab keeps only IDs; the names are read again after the login."""
    # Keystone sorts by ID, so the last of several projects is not on the first page of one row.
    name = max(("app-team-a", "data-science", "research"), key=project_ids.get)
    open_dialog()
    page_size(browser, 1)
    for ticked in (name, "app-team-b"):
        search(browser, project_ids[ticked])
        tick(browser, project_ids[ticked])
    end_session("cookie lost")
    confirm_button(browser).click()
    wait(browser).until(expect.url_contains("/auth/login/"))
    kept = browser.execute_script("return JSON.stringify(sessionStorage)")
    assert project_ids[name] in kept
    assert project_ids["app-team-b"] in kept
    assert name not in kept
    assert "app-team-b" not in kept

    log_in(browser, "admin", cloud.password)

    wait(browser).until(lambda page: sorted(labels(page)) == [f"+ {name}", SELECTED[1]])
    rows = browser.find_elements(By.CSS_SELECTOR, f"{DIALOG} tr[data-project]")
    assert project_ids[name] not in [row.get_attribute("data-project") for row in rows]


def test_another_user_finds_nothing_in_the_tab(browser, cloud, end_session, horizon, selected):
    """The first page that another user opens clears the selection from the tab."""
    end_session("cookie lost")
    confirm_button(browser).click()
    wait(browser).until(expect.url_contains("/auth/login/"))
    browser.get(f"{horizon}/auth/login/?next=/project/images/")
    assert browser.execute_script("return Object.keys(sessionStorage).length") == 1

    log_in(browser, "ann", cloud.password)

    wait(browser).until(
        lambda page: page.execute_script("return Object.keys(sessionStorage)") == []
    )


@in_one_panel
def test_same_user_keeps_it_on_other_pages(browser, cloud, end_session, horizon, image, selected):
    """The selection stays in the tab until the dialog is opened again."""
    end_session("cookie lost")
    confirm_button(browser).click()
    wait(browser).until(expect.url_contains("/auth/login/"))
    browser.get(f"{horizon}/auth/login/?next=/project/images/")
    log_in(browser, "admin", cloud.password)

    browser.get(f"{horizon}/admin/images/{image.id}/access/")
    page_is_quiet(browser)

    is_back(browser, horizon, image)


@in_one_panel
def test_another_region_does_not_get_it(browser, cloud, end_session, horizon, image, selected):
    """Another region, where the ID may be that of another image, does not get the selection."""
    end_session("cookie lost")
    confirm_button(browser).click()
    wait(browser).until(expect.url_contains("/auth/login/"))
    browser.execute_script(
        """
        const [[name, value]] = Object.entries(sessionStorage);
        sessionStorage.setItem(name, JSON.stringify({...JSON.parse(value), region: 'elsewhere'}));
        """
    )

    log_in(browser, "admin", cloud.password)

    assert browser.current_url == f"{horizon}/admin/images/{image.id}/access/"
    assert labels(browser) == []
    browser.execute_script("sessionStorage.clear()")


# -- Glance does not accept the token


@pytest.fixture
def glance_proxy(admin, cleanup):
    """Return a proxy in Glance's place in the catalog; see ``tests/faults.py``."""
    proxy = Proxy(CLOUD.glance_url)
    cleanup.callback(proxy.close)
    service = admin.identity.find_service("glance")
    for endpoint in list(admin.identity.endpoints(service_id=service.id)):
        cleanup.callback(admin.identity.update_endpoint, endpoint.id, url=endpoint.url)
        admin.identity.update_endpoint(endpoint.id, url=proxy.url)
    return proxy


@in_one_panel
def test_in_the_middle_of_confirm(
    browser, cloud, glance_proxy, horizon, image, members, project_ids, selected
):
    """The dialog reports completed changes; its link leads to the login and back to the rest."""
    glance_proxy.fail(UNAUTHENTICATED, methods=WRITES, first=2)

    confirm_button(browser).click()

    assert f'"{image.name}" is no longer shared with app-team-b.' in told(browser)
    assert labels(browser) == ["+ research"]
    assert "The image service (Glance) did not accept your session. Log in again." in told(browser)
    assert browser.find_element(By.CSS_SELECTOR, f"{DIALOG} [data-role=reason]").text == "not done"
    glance_proxy.heal()
    part(browser, "log-in-again").click()
    log_in(browser, "admin", cloud.password)
    assert told(browser) == BACK
    assert labels(browser) == ["+ research"]
    confirm_button(browser).click()
    assert messages(browser) == [f'"{image.name}" is now shared with research.']
    assert members(image) == {project_ids["research"]: "pending"}


@in_one_panel
def test_shared_images(browser, cloud, enter, glance_proxy, horizon, new_image, project_ids):
    """Accept leads to the login page and back to the tab, and changes nothing."""
    image = new_image(members={project_ids["app-team-a"]: "pending"})
    enter("ann", f"{TAB}?name={image.name}")
    row = image_row(browser, image)
    glance_proxy.fail(UNAUTHENTICATED)

    row.find_element(By.XPATH, ".//button[normalize-space() = 'Accept']").click()

    wait(browser).until(expect.url_contains("/auth/login/"))
    glance_proxy.heal()
    assert "Nothing was changed." in log_in(browser, "ann", cloud.password)
    assert browser.current_url == f"{horizon}{TAB}?name={image.name}"
    assert shared_images(browser) == {image.name: "Pending"}


@in_one_panel
@pytest.mark.parametrize("action", ["Accept", "Reject"])
def test_ticks_are_kept(
    action, admin, browser, enter, glance_proxy, horizon, new_image, project_ids
):
    """Images whose answer failed stay ticked, the others do not, and the button works again."""
    family, team = unique("ticks"), project_ids["app-team-a"]
    images = [new_image(f"{family}-{number}", members={team: "pending"}) for number in range(3)]
    enter("ann", f"{TAB}?name={family}")
    for image in images[:2]:
        image_row(browser, image).find_element(
            By.CSS_SELECTOR, ".multi_select_column label"
        ).click()
    admin.image.remove_member(team, images[0])

    answer(browser, action)

    assert any(
        f"{action}ed for app-team-a: {images[1].name}." in message for message in messages(browser)
    )
    assert ticked(browser) == []

    # Glance now fails for one of two images.
    for image in images[1:]:
        admin.image.update_member(team, image, status="pending")
    browser.get(f"{horizon}{TAB}?name={family}")
    page_is_quiet(browser)
    for image in images[1:]:
        image_row(browser, image).find_element(
            By.CSS_SELECTOR, ".multi_select_column label"
        ).click()
    (refused,) = (fault for fault in FAULTS if fault.name == "403")
    glance_proxy.fail(refused, methods=WRITES, times=1)

    answer(browser, action)

    assert any("did not allow it" in message for message in messages(browser))
    (failed,) = [name for name, status in shared_images(browser).items() if status == "Pending"]
    assert ticked(browser) == [failed]
    answer(browser, action)
    assert any(f"{action}ed for app-team-a: {failed}." in message for message in messages(browser))
    assert ticked(browser) == []


def answer(browser, action):
    """Click a button above the table, and confirm the question if there is one."""
    actions = browser.find_element(By.CSS_SELECTOR, "#shared_images .table_actions")
    before = browser.find_element(By.TAG_NAME, "html")
    actions.find_element(By.XPATH, f".//button[normalize-space() = '{action}']").click()
    if action == "Reject":
        question = (By.CSS_SELECTOR, "#modal_wrapper .modal.in .btn-danger")
        wait(browser).until(expect.element_to_be_clickable(question)).click()
    is_gone(browser, before)
    page_is_quiet(browser)


def ticked(browser):
    """Return the names of the images whose rows are ticked."""
    boxes = browser.find_elements(By.CSS_SELECTOR, "#shared_images tbody :checked")
    return [box.find_element(By.XPATH, "ancestor::tr//a").text for box in boxes]
