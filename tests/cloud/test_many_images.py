# SPDX-License-Identifier: Apache-2.0
"""Manage Access of many images: its page, its rows and the sheet, with a real Glance."""

import html
import json
import re

import pytest

from tests.cloud.pages import changes_in, shown
from xloud_images_panel.dashboard import made_for
from xloud_images_panel.dashboard.catalogue import image_ids, many_images

pytestmark = pytest.mark.usefixtures("without_menus")

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
MANY = "/admin/images/access/many/"
MISSING = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def page(admin):
    """Return a function that opens the page for images."""

    def page(*images, path=""):
        ids = image_ids.short(getattr(image, "id", image) for image in images)
        return admin.get(f"{MANY}{path}", {"images": ids})

    return page


def text(response):
    """Return the text of a page, in one line without tags."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


def attribute(response, name):
    """Return an attribute of the page for the browser."""
    found = re.search(f'data-{name}="(.*?)"', response.content.decode(), re.DOTALL)
    return json.loads(html.unescape(found[1]))


def test_page_says_what_each_project_has_on_each_image(page, make, project_id):
    """Each project has a letter for each image, in the images' order; ``o`` is the owner's."""
    one = make("one", shared_with=["app-team-a"], status="accepted")
    two = make("two", owner="research", shared_with=["app-team-a", "app-team-b"])
    response = page(one, two)
    assert [image["name"] for image in attribute(response, "images")] == ["one", "two"]
    assert attribute(response, "access") == {
        project_id("app-team-a"): "ap",
        project_id("app-team-b"): "-p",
        project_id("platform"): "o-",
        project_id("research"): "-o",
    }


def test_project_that_was_added_twice_counts_once(page, doubled, make):
    """A project that was added twice counts once, as in Access by Image."""
    other = make("other")
    shown_counts = text(page(doubled, other))
    assert f"{doubled.name} platform 1 project " in shown_counts
    assert "other platform 0 projects" in shown_counts


def test_images_that_are_not_shared_are_named_and_left_out(page, make):
    """Private, community and deleted images are named and left out; the shared one is not."""
    shared = make("shared-one")
    private, community = make("secret", visibility="private"), make("all", visibility="community")
    response = page(shared, private, community, MISSING)
    assert [image["id"] for image in attribute(response, "images")] == [shared.id]
    said = text(response)
    assert "3 images are left out" in said
    assert "secret : its visibility is Private, not Shared." in said
    assert "all : its visibility is Community, not Shared." in said
    assert f"{MISSING} : there is no image with this ID" in said


def test_hidden_image_is_there_too(page, make, hide):
    """A hidden image is on the page, though Glance omits it from its lists."""
    image = make("hidden-one")
    hide(image)
    assert [item["id"] for item in attribute(page(image), "images")] == [image.id]


def test_page_without_a_shared_image_has_nothing_to_confirm(page, make):
    """A page without a shared image gives the reason, and has nothing to confirm."""
    response = page(make("secret", visibility="private"))
    assert "its visibility is Private" in text(response)
    assert "many-review" not in response.content.decode()


@pytest.mark.parametrize("images", ["", "x", "." * 3])
def test_address_that_names_no_images_says_so(admin, images):
    """If the address names no images, both the page and its rows say so."""
    for path in ("", "projects/"):
        response = admin.get(MANY + path, {"images": images})
        assert response.status_code == 200
        assert "The address names no images" in text(response)


def test_projects_with_access_come_first(page, make, project_id):
    """Projects with access to any of the images come first; no project has two rows."""
    images = [make("one", shared_with=["research"]), make("two", shared_with=["app-team-a"])]
    rows = page(*images).context["page"].rows
    ids = [row.id for row in rows]
    assert set(ids[:2]) == {project_id("research"), project_id("app-team-a")}
    assert len(ids) == len(set(ids))


def test_search_finds_projects_whatever_they_have(admin, make, project_id):
    """A search finds projects whatever their access, which the browser itself knows."""
    ids = image_ids.short([make("one", shared_with=["research"]).id])
    response = admin.get(f"{MANY}projects/", {"images": ids, "search": "research"})
    assert project_id("research") in [row.id for row in response.context["page"].rows]


def test_projects_are_filtered_by_their_answers(admin, page, make, project_id):
    """A project is counted, listed and selected if it has the answer for any of the images."""
    images = [
        make("one", shared_with=["research", "app-team-a"]),
        make("two", shared_with=["research"], status="accepted"),
    ]
    assert re.findall(r">(\d+ (?:Accepted|Pending|Rejected))<", page(*images).content.decode()) == [
        "1 Accepted",
        "2 Pending",
    ]
    query = {"images": image_ids.short([image.id for image in images]), "status": "pending"}
    pending = {project_id("research"), project_id("app-team-a")}
    rows = admin.get(f"{MANY}projects/", query).context["page"].rows
    assert {row.id for row in rows} == pending
    assert [row.status for row in rows] == ["", ""]  # the browser adds the images
    chosen = admin.get(f"{MANY}all/", query).json()["projects"]
    assert {item["id"] for item in chosen} == pending


def test_quota_that_is_used_up_is_marked_before(page, make, settings):
    """An image whose quota is used up is marked, if the quota is known."""
    settings.XLOUD_IMAGES_PANEL = {"member_quota": 1}
    assert "The quota is used up." in text(page(make("one", shared_with=["research"])))
    assert "The quota is used up." not in text(page(make("two")))


def test_hostile_names_stay_text(page, make):
    """Hostile names stay text in the list and in the data for the browser."""
    name = "<script>alert(1)</script>{$ 1 + 1 $}"
    response = page(make(name))
    assert "<script>alert(1)" not in response.content.decode()
    assert attribute(response, "images")[0]["name"] == name


def test_ticked_images_lead_to_the_page(admin, make):
    """The Python panel's table sends the ticked images as a form, which leads to the page."""
    images = [make("one"), make("two")]
    response = admin.post(
        "/admin/images/",
        {
            "action": "images__manage_access_of_many",
            "object_ids": [image.id for image in images],
        },
    )
    assert response.url == many_images.address([image.id for image in images])


# -- Copy access


@pytest.fixture
def copy(admin):
    """Return a function that copies the access of an image to others."""

    def copy(source, *images, **more):
        ids = image_ids.short(image.id for image in images)
        return admin.post(f"{MANY}copy/?images={ids}", {"source": source.id, **more}, **AJAX)

    return copy


def copied(response):
    """Return the IDs of the projects that a copy adds and removes."""
    changes = changes_in(response.content.decode())
    return [
        {change["id"] for change in changes if change["verb"] == verb} for verb in ("add", "remove")
    ]


def test_access_of_one_image_is_copied_to_all(copy, make, project_id):
    """A copy adds the source's projects, except those with access to all of the images."""
    research, team = project_id("research"), project_id("app-team-a")
    source = make("source", shared_with=["research", "app-team-a"])
    images = [source, make("two", shared_with=["research"])]
    response = copy(source, *images)
    assert copied(response) == [{team}, set()]
    assert "1 has access already" in text(response)
    assert research not in response.content.decode()


def test_access_is_made_equal_to_that_of_one_image(copy, make, project_id):
    """An equal copy removes projects without access to the source, which may be on the page."""
    source = make("source", shared_with=["research"])
    images = [source, make("two", shared_with=["app-team-a"]), make("three", owner="research")]
    assert copied(copy(source, *images, equal="1")) == [
        {project_id("research")},
        {project_id("app-team-a")},
    ]


def test_image_that_has_no_projects_is_no_source(copy, make):
    """An image without projects is no source, and the message gives the reason."""
    response = copy(make("secret", visibility="private"), make("one"))
    assert 'image "secret" is Private: it has no projects to copy' in text(response)


def test_copying_without_images_says_so(admin, make):
    """The server refuses to copy to an address that names no images."""
    response = admin.post(f"{MANY}copy/?images=x", {"source": make("source").id}, **AJAX)
    assert "The address names no images" in text(response)


def test_images_to_copy_from_have_those_of_the_page(admin, make):
    """The page's own images can be sources for the others."""
    image = make("source-of-many")
    response = admin.get(f"{MANY}images/", {"search": "source-of-many"}, **AJAX)
    assert image.id in response.content.decode()


# -- the sheet


@pytest.fixture
def sheet(admin):
    """Return a function that requests the remaining changes of a plan."""

    def sheet(*changes, accept=True, unnamed=()):
        sent = [
            {"image": image.id, "verb": verb, "projects": list(ids)} for image, verb, ids in changes
        ]
        region = shown(admin)[made_for.REGION]
        content = {"region": region, "accept": accept, "changes": sent, "unnamed": list(unnamed)}
        response = admin.post(
            "/admin/images/access/sheet/",
            json.dumps(content),
            content_type="application/json",
            **AJAX,
        )
        return response.json()

    return sheet


def test_sheet_leaves_out_what_is_done(sheet, make, project_id):
    """The sheet omits changes made by the plan before a reload, or by another user."""
    research, team = project_id("research"), project_id("app-team-a")
    image = make("one", shared_with=["research"], status="accepted")
    found = sheet((image, "add", [research, team]))
    assert found["changes"] == [{"image": image.id, "verb": "add", "projects": [team]}]
    [there] = found["images"]
    assert (there["name"], there["owner"], there["listed"]) == ("one", "platform", 1)
    assert there["projects"] == 1


def test_sheet_names_images_that_cannot_be_changed_any_more(sheet, make, connection, project_id):
    """The sheet names an image that was made private in the middle of the plan."""
    image = make("one", visibility="private")
    found = sheet((image, "add", [project_id("research")]))
    assert found["changes"] == []
    assert [item["name"] for item in found["left_out"]] == ["one"]


def test_sheet_names_projects_that_the_page_does_not_know(sheet, make, project_id):
    """The sheet names projects, because after a reload the page has only the IDs."""
    research = project_id("research")
    found = sheet((make("one"), "add", [research]), unnamed=[research])
    assert found["names"][research] == "research"
