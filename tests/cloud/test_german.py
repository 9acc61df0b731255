# SPDX-License-Identifier: Apache-2.0
"""German texts, from Django and in the browser's catalogue."""

import pytest
from django.utils import translation

GERMAN = {"headers": {"accept-language": "de"}}
GERMAN_DIALOG = {"headers": {"accept-language": "de", "x-requested-with": "XMLHttpRequest"}}


@pytest.fixture(autouse=True)
def english_afterwards():
    """Restore English for the next tests in this process."""
    yield
    translation.deactivate()


def content(response):
    """Return the part between Horizon's menu and its scripts."""
    page = response.content.decode()
    return page[page.index('id="content_body"') : page.index('id="footer"')]


@pytest.fixture
def image(cloud):
    """One of the demo's shared images."""
    return cloud.connection("admin").image.find_image("ubuntu-24.04-lts", ignore_missing=False)


def test_dialog(login, image):
    """The title, labels, columns and button of Manage Access are German."""
    page = login("admin").get(f"/admin/images/{image.id}/access/", **GERMAN_DIALOG).content.decode()
    for text in ("Zugriff verwalten", "Projekt-ID", "Eigentümer", "Bestätigen", "Weiter »"):
        assert text in page
    assert "Manage Access" not in page


def test_shared_images(login):
    """The tab, its columns and its filters are German."""
    page = content(login("ann").get("/project/images/shared/", **GERMAN))
    for text in ("Freigegebene Abbilder", "Eigentümer", "Ausstehend", "Teil des Namens"):
        assert text in page
    assert "Shared Images" not in page


def test_language_cookie(login):
    """The panel uses the language from Horizon's user settings."""
    ann = login("ann")
    ann.cookies["horizon_language"] = "de"
    assert "Freigegebene Abbilder" in content(ann.get("/project/images/shared/"))


def test_messages_of_the_services(login, down):
    """The descriptions of failures are German too."""
    ann = login("ann")
    down("image")
    page = ann.get("/project/images/shared/", **GERMAN).content.decode()
    assert "Der Abbilddienst (Glance) ist nicht erreichbar." in page


def test_catalogue_of_the_browser(login):
    """The catalogue of JavaScript texts in Horizon's pages includes the panel's texts."""
    ann = login("ann")
    address = "/i18n/js/horizon+openstack_dashboard+xloud_images_panel/"
    assert address in ann.get("/project/images/shared/").content.decode()
    catalogue = ann.get(address, **GERMAN).content.decode()
    assert "Zugriff verwalten" in catalogue
    assert "%(count)s Projekte ausgew" in catalogue
