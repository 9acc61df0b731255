# SPDX-License-Identifier: Apache-2.0
"""The tab Community Images, against the real Keystone and Glance."""

import pytest

from xloud_images_panel.services.glance import Glance

TAB = "/project/images/community/"
MIB = 1024 * 1024


def text(response):
    """Return the text of a response."""
    return response.content.decode()


def names(response):
    """Return the names on a page of the tab."""
    return [row.image.name for row in response.context["table"].data]


@pytest.fixture
def community(make):
    """Return a function that makes a community image."""

    def community(name, owner="platform", **properties):
        return make(name, owner=owner, visibility="community", **properties)

    return community


def test_is_empty_until_searched(login, community):
    """Without a search, the tab lists nothing and explains itself."""
    community("unasked")
    page = login("ann").get(TAB)
    assert names(page) == []
    assert "search for one, or show all" in text(page)


def test_fields_have_ids_of_their_own(login):
    """Field IDs differ from those in Horizon's dialogs above the tab, such as ``id_name``."""
    page = text(login("ann").get(TAB))
    for name in ("name", "owner", "disk_format", "size_min", "size_max"):
        assert f'for="id_community_{name}"' in page
        assert f'id="id_community_{name}"' in page
        assert f'id="id_{name}"' not in page


def test_show_all_shows_all_of_them_and_nothing_else(login, community, make):
    """Show All lists every owner's community images, and no shared, private or public ones."""
    made = {community("z-platform").name, community("z-own", owner="app-team-a").name}
    make("z-shared", shared_with=["app-team-a"])
    for user in ("ann", "rita", "admin"):
        page = login(user).get(TAB, {"all": "yes"})
        assert made <= set(names(page))
        assert not {"z-shared", "cirros"} & set(names(page))
        assert "packer-base" in names(page)


def test_searches_by_part_of_the_name_in_any_case(login, community):
    """A search finds images by part of the name, in any case."""
    community("q-Needle-Image")
    community("q-other")
    assert names(login("ann").get(TAB, {"name": "NEEDLE"})) == ["q-Needle-Image"]


def test_filters_by_owner_format_and_size(login, community, project_id):
    """All filters are combined, and the form keeps their values."""
    community("f-small", data=b"x" * 512)
    community("f-large", data=b"x" * (2 * MIB))
    community("f-iso", disk_format="iso")
    community("f-b", owner="app-team-b", data=b"x" * 512)
    ann = login("ann")
    platform = project_id("platform")
    page = ann.get(TAB, {"name": "f-", "owner": platform, "disk_format": "raw", "size_max": "1"})
    assert names(page) == ["f-small"]
    assert f'value="{platform}"' in text(page)
    assert names(ann.get(TAB, {"name": "f-", "size_min": "1"})) == ["f-large"]
    assert names(ann.get(TAB, {"disk_format": "iso"})) == ["f-iso"]
    assert names(ann.get(TAB, {"owner": project_id("app-team-b"), "name": "f-"})) == ["f-b"]


def test_formats_are_those_of_create_image(login, community):
    """The filter offers OVA and Docker, which Horizon splits into disk and container formats."""
    community("c-vmdk", disk_format="vmdk")
    community("c-ova", disk_format="vmdk", container_format="ova")
    community("c-raw")
    community("c-docker", container_format="docker")
    ann = login("ann")
    shown = {"vmdk": "VMDK", "ova": "OVA", "raw": "Raw", "docker": "Docker"}
    for value, label in shown.items():
        page = ann.get(TAB, {"name": "c-", "disk_format": value})
        assert names(page) == [f"c-{value}"]
        [row] = page.context["table"].get_rows()
        assert row.cells["disk_format"].value == label


def test_formats_of_glance_beyond_horizons_can_be_chosen(login, community, settings):
    """The filter has Glance's formats too, as an operator may offer fewer in Create Image."""
    settings.OPENSTACK_IMAGE_BACKEND = {"image_formats": [("", ""), ("raw", "Raw")]}
    community("b-ploop", disk_format="ploop")
    page = login("ann").get(TAB, {"name": "b-", "disk_format": "ploop"})
    assert names(page) == ["b-ploop"]
    assert [value for value, _label in page.context["form"].fields["disk_format"].choices[:2]] == [
        "",
        "raw",
    ]


def test_formats_are_asked_for_once(login, monkeypatch):
    """Formats are requested once for all users; they change only with Glance's configuration."""
    asked = []
    disk_formats = Glance.disk_formats

    def counted(self):
        asked.append(self)
        return disk_formats(self)

    monkeypatch.setattr(Glance, "disk_formats", counted)
    for user in ("ann", "ann", "bob"):
        login(user).get(TAB)
    assert len(asked) == 1


def test_image_is_found_by_its_id(login, community, make):
    """A search by ID finds only community images, and the other filters still apply."""
    image = community("i-community")
    shared = make("i-shared", shared_with=["app-team-a"])
    ann = login("ann")
    assert names(ann.get(TAB, {"name": image.id})) == ["i-community"]
    assert names(ann.get(TAB, {"name": image.id, "disk_format": "iso"})) == []
    assert names(ann.get(TAB, {"name": shared.id})) == []


def test_own_images_are_marked(login, community):
    """The project's own image has a mark, and the project's name instead of an ID."""
    community("o-own", owner="app-team-a")
    community("o-other")
    rows = login("ann").get(TAB, {"name": "o-"}).context["table"].get_rows()
    marked = {row.datum.image.name: "This Project" in str(row.cells["name"].value) for row in rows}
    assert marked == {"o-own": True, "o-other": False}
    assert {row.datum.owner_name for row in rows} == {"app-team-a", ""}


def test_administrator_sees_the_names_of_owners(login, community):
    """Users who may list projects see the owners' names; others see IDs."""
    community("n-one")
    assert [
        row.owner_name for row in login("admin").get(TAB, {"name": "n-"}).context["table"].data
    ] == ["platform"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"size_min": "big"}, "Enter a whole number."),
        ({"size_min": "-1"}, "greater than or equal to 0"),
        ({"size_max": "9" * 30}, "less than or equal to"),
        ({"size_min": "5", "size_max": "4"}, "less than the smallest size"),
        ({"owner": "../admin"}, "not the ID of a project"),
        ({"owner": "x" * 65}, "at most 64 characters"),
        ({"name": "x" * 256}, "at most 255 characters"),
        ({"disk_format": "floppy"}, "floppy is not one of the available choices"),
    ],
)
def test_search_that_makes_no_sense_is_explained(login, query, problem):
    """An invalid search finds nothing, and its message names the problem."""
    page = login("ann").get(TAB, query)
    assert problem in text(page)
    assert "The search has errors." in text(page)
    assert names(page) == []


def test_nothing_found_is_said(login):
    """A search without a match has its own message."""
    page = login("ann").get(TAB, {"name": "nobody-has-this"})
    assert "No community image matches." in text(page)


def test_pages_keep_the_search(login, community, settings):
    """Paging shows each image once in both directions, and keeps the search."""
    settings.API_RESULT_PAGE_SIZE = 2
    wanted = [f"p-{number}" for number in range(5)]
    for name in wanted:
        community(name)
    ann, pages, query = login("ann"), [], {"name": "p-"}
    while query:
        table = ann.get(TAB, query).context["table"]
        pages.append([row.image.name for row in table.data])
        query = table.has_more_data() and {"name": "p-", "after": table.page.next_marker}
    assert pages == [["p-4", "p-3"], ["p-2", "p-1"], ["p-0"]]
    table = ann.get(TAB, {"name": "p-", "before": table.page.previous_marker}).context["table"]
    assert [row.image.name for row in table.data] == ["p-2", "p-1"]


def test_show_all_keeps_showing_all_on_the_next_page(login, community, settings):
    """The link to the next page of Show All does not become an empty search."""
    settings.API_RESULT_PAGE_SIZE = 1
    community("!first")
    table = login("ann").get(TAB, {"all": "yes"}).context["table"]
    assert "all=yes" in table.get_pagination_string()


def test_glance_down_is_said(login, down):
    """While Glance is down, the page names the service, and keeps its tabs and its search."""
    down("image")
    page = text(login("ann").get(TAB, {"all": "yes"}))
    assert "The image service (Glance) could not be reached." in page
    assert "The images cannot be shown." in page
    assert 'name="size_max"' in page


def test_somebody_not_logged_in_is_sent_to_the_login_page(client):
    """Community Images requires a login."""
    response = client.get(TAB, headers={"host": "127.0.0.1"})
    assert response.status_code == 302
    assert "/auth/login/" in response["Location"]
