# SPDX-License-Identifier: Apache-2.0
"""Tests of single shapes of an installation, in addition to the main job."""

import datetime
import gettext
import socket
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver.common.by import By

import xloud_images_panel
from tests.browser.pages import (
    cells,
    confirm,
    image_row,
    listed,
    messages,
    page_is_quiet,
    search,
    tick,
    unique,
    wait,
)
from tests.deployments.shapes import ZONE
from xloud_images_panel.dashboard import caching

TAB = "/project/images/shared/"
LOCALE = Path(xloud_images_panel.__file__).with_name("locale")


def body(browser):
    """Return the text of a page."""
    return browser.find_element(By.TAG_NAME, "body").text


@pytest.fixture
def status(browser):
    """Return a function that fetches a page in the background and returns its HTTP status."""
    script = """
        const done = arguments[1];
        fetch(arguments[0]).then(answer => done(answer.status));
    """
    return lambda url: browser.execute_async_script(script, url)


@pytest.mark.shapes("services behind a private CA", "services behind TLS, not verified")
def test_address_of_the_client_arrives(browser, visit, shape):
    """The panel's requests to Glance carry the client's address in ``Forwarded``."""
    before = len(shape.asked_of_services())
    visit("ann", TAB)
    asked = [line for line in shape.asked_of_services()[before:] if "member_status" in line]
    assert asked
    assert [line for line in asked if '"for=127.0.0.1;' not in line] == []


@pytest.mark.shapes("Glance behind an unknown CA")
@pytest.mark.parametrize("path", [TAB, "/project/images/community/?all=yes"])
def test_unknown_certificate_is_named_after_one_try(browser, visit, shape, path):
    """The page names the problem after one try, as no retry can make a certificate trusted."""
    before = len(shape.log.read_text())
    visit("ann", path)
    sentence = "The image service (Glance) has a certificate that the dashboard does not trust."
    assert sentence in body(browser)
    said = [line for line in shape.log.read_text()[before:].splitlines() if "untrusted" in line]
    assert said
    assert [line for line in said if "(tries: 1)" not in line] == []


@pytest.fixture
def newcomer(cloud, cleanup):
    """Return a function that creates a user with a role on a project, or on a domain alone."""
    identity = cloud.connection("admin").identity

    def newcomer(role, domain, project=""):
        user = identity.create_user(
            name=unique("newcomer"),
            password=cloud.password,
            domain_id=identity.find_domain(domain).id,
        )
        cleanup.callback(identity.delete_user, user)
        role = identity.find_role(role)
        if project:
            where = identity.find_project(project, domain_id=user.domain_id)
            identity.assign_project_role_to_user(where, user, role)
        else:
            identity.assign_domain_role_to_user(user.domain_id, user, role)
        return user.name

    return newcomer


@pytest.mark.shapes("several domains, no upload")
def test_administrator_of_another_domain_shares(
    browser, manage_access, newcomer, new_image, members, project_ids
):
    """Glance treats an administrator of any domain as an administrator."""
    image = new_image()
    manage_access(image, newcomer("admin", "partners", "observatory"), domain="partners")
    search(browser, "resear")
    tick(browser, project_ids["research"])
    confirm(browser)
    assert "research" in messages(browser)[0]
    assert members(image) == {project_ids["research"]: "accepted"}


@pytest.mark.shapes("several domains, no upload")
@pytest.mark.parametrize("role", ["admin", "manager", "member"])
def test_role_on_a_domain_alone_breaks_nothing(
    browser, visit, newcomer, new_image, members, shape, status, role
):
    """A role on a domain alone causes no server error, although Glance knows no domains."""
    image = new_image()
    visit(newcomer(role, "partners"), TAB, domain="partners")
    for path in ("admin/images/", "project/images/shared/", "project/images/community/?all=yes"):
        assert status(f"{shape.url}/{path}") < 500, path
    assert status(f"{shape.url}/admin/images/{image.id}/access/") < 500
    assert members(image) == {}


@pytest.mark.shapes("several domains, no upload")
def test_system_scope_breaks_nothing(browser, visit, new_image, shape, status):
    """No page ends in a server error for an administrator with a token for the whole system."""
    image = new_image()
    visit("admin", "/auth/switch_system_scope/")
    for path in ("admin/images/", "project/images/shared/", "project/images/community/?all=yes"):
        assert status(f"{shape.url}/{path}") < 500, path
    assert status(f"{shape.url}/admin/images/{image.id}/access/") < 500


@pytest.mark.shapes("panels renamed")
@pytest.mark.parametrize("dashboard", ["project", "admin"])
def test_renamed_panel_keeps_its_name(browser, visit, dashboard):
    """The menu shows the name that the operator has set."""
    visit("admin", f"/{dashboard}/images/")
    assert "Golden Images" in browser.find_element(By.ID, "sidebar-accordion").get_property(
        "textContent"
    )


@pytest.mark.shapes("Admin > Images removed")
def test_projects_answer_without_the_administrator_s_panel(
    browser, visit, new_image, members, project_ids
):
    """Shared Images and its Accept work without Admin > Images."""
    project = project_ids["app-team-a"]
    image = new_image(members={project: "pending"})
    visit("ann", f"{TAB}?name={image.name}")
    row = image_row(browser, image)
    row.find_element(By.XPATH, ".//button[normalize-space() = 'Accept']").click()
    page_is_quiet(browser)
    assert messages(browser)[0].startswith("Accepted")
    assert members(image) == {project: "accepted"}


@pytest.mark.shapes("Admin > Images removed")
def test_removed_panel_takes_manage_access_with_it(browser, visit, new_image, shape, status):
    """Without Admin > Images, the dialog answers 404, and Project > Images still works."""
    image = new_image()
    visit("admin", "/project/images/")
    assert status(f"{shape.url}/admin/images/{image.id}/access/") == 404
    assert image.name in listed(browser)


@pytest.mark.shapes("uploads alone, few items, time zone")
def test_day_is_that_of_the_time_zone(browser, visit, new_image, project_ids):
    """The column Created has the date in the operator's time zone, which differs from UTC's."""
    image = new_image(members={project_ids["app-team-a"]: "pending"})
    visit("ann", f"{TAB}?name={image.name}")
    created = datetime.datetime.fromisoformat(image.created_at).astimezone(ZoneInfo(ZONE))
    assert cells(browser, image_row(browser, image))["Created"] == created.strftime("%m/%d/%Y")


@pytest.mark.shapes("uploads alone, few items, time zone")
def test_pages_are_as_short_as_an_answer_may_be(browser, visit, new_image):
    """A page has no more items than the operator allows in an answer; Next leads to the others."""
    family = unique("family")
    names = [new_image(f"{family}-{number}", visibility="community").name for number in range(7)]
    visit("ann", f"/project/images/community/?name={family}")

    def shown():
        links = browser.find_elements(By.CSS_SELECTOR, "#community_images tbody td a[title]")
        return [link.text for link in links]

    assert shown() == names[:1:-1]
    browser.find_element(By.PARTIAL_LINK_TEXT, "Next").click()
    wait(browser).until(lambda _page: shown() == names[1::-1])


@pytest.mark.shapes("uploads alone, few items, time zone")
def test_language_is_the_user_s(browser, visit, new_image, project_ids, shape):
    """The panel's texts use the language chosen in Horizon's settings."""
    image = new_image(members={project_ids["app-team-a"]: "pending"})
    visit("ann", "/project/images/")
    browser.add_cookie({"name": "horizon_language", "value": "de"})
    browser.get(f"{shape.url}{TAB}?name={image.name}")
    page_is_quiet(browser)
    german = gettext.translation("django", LOCALE, ["de"]).gettext
    assert german("Shared Images") != "Shared Images"
    assert german("Shared Images") in body(browser)
    assert "Ausstehend" in image_row(browser, image).text


@pytest.mark.shapes("two nodes, two versions")
def test_each_version_has_keys_of_its_own(browser, visit, shape):
    """Two versions use different keys in the cache that both nodes share."""
    visit("admin", "/project/images/community/?all=yes")
    for _node in range(2):
        browser.refresh()
        page_is_quiet(browser)
    host, _, port = shape.memcached.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as server:
        server.sendall(b"lru_crawler metadump all\r\n")
        keys = ""
        while not keys.endswith("END\r\n"):
            keys += server.recv(65536).decode()
    versions = {part.split("%3A")[0] for part in keys.split("xloud_images_panel%3A")[1:]}
    assert versions == {str(caching.VERSION), str(-caching.VERSION)}
