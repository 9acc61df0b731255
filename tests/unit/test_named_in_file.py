# SPDX-License-Identifier: Apache-2.0
"""Looking up the names in an access file, and memberships with their names."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.conftest import GLANCE, KEYSTONE
from tests.unit.test_glance import record as image_record
from tests.unit.test_glance import refusal
from tests.unit.test_keystone import PROJECTS, identifier, keystone, record  # noqa: F401
from xloud_images_panel.access import document
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member
from xloud_images_panel.services import memberships, named_in_file
from xloud_images_panel.services.inventory import Members, Unread

IDS = [image_record(number)["id"] for number in range(300)]


@pytest.fixture
def cloud(requests_mock):
    """Return a function that fills Glance and Keystone with images, members and projects.

    That function returns a list that collects the list requests to Glance.
    """

    def cloud(*listed, members=None, projects=(), domains=(), most=1000):
        asked = []

        def answer(request, _context):
            query = parse_qs(urlsplit(request.url).query)
            asked.append(query)
            found = [item for item in listed if str(item.get("os_hidden", False)).lower()
                     == query["os_hidden"][0]]  # fmt: skip
            if "id" in query:
                ids = query["id"][0].removeprefix("in:").split(",")
                found = [item for item in found if item["id"] in ids]
            else:  # MariaDB ignores case
                name = query["name"][0].removeprefix("eq:").lower()
                found = [item for item in found if item["name"].lower() == name]
            if marker := query.get("marker", [""])[0]:
                found = found[[item["id"] for item in found].index(marker) + 1 :]
            more = {"next": f"/v2/images?marker={found[most - 1]['id']}"} if found[most:] else {}
            return {"images": found[:most], **more}

        requests_mock.get(f"{GLANCE}/v2/images", json=answer)
        for image_id in IDS:
            requests_mock.get(f"{GLANCE}/v2/images/{image_id}", status_code=404)
            rows = [
                {"member_id": item, "status": "accepted"}
                for item in (members or {}).get(image_id, ())
            ]
            requests_mock.get(f"{GLANCE}/v2/images/{image_id}/members", json={"members": rows})

        def pages(request, _context):
            query = parse_qs(urlsplit(request.url).query)
            domain = query.get("domain_id", [""])[0]
            name = query.get("name", [""])[0]
            found = [
                item
                for item in projects
                if domain in ("", item["domain_id"])
                and name in ("", item["name"])
                and item["id"] > query.get("marker", [""])[0]
            ]
            return {"projects": found[: int(query.get("limit", ["1000"])[0])]}

        requests_mock.get(PROJECTS, json=pages)
        requests_mock.get(
            f"{KEYSTONE}/domains",
            json={"domains": [{"id": item, "name": name} for item, name in domains]},
        )
        return asked

    return cloud


def looked_up(glance, keystone, text):  # noqa: F811
    """Return the look-up of everything that a file names."""
    return named_in_file.look_up(document.read(text.encode()), glance, keystone)


def asking_for(*names, projects="[]"):
    """Return a file for these images."""
    return "images:" + "".join(f"\n- {{image: '{name}', projects: {projects}}}" for name in names)


def test_images_by_id_are_asked_for_by_the_hundred(images, keystone, cloud):  # noqa: F811
    """Each list, even the hidden one, is asked for 100 IDs a time; Glance refuses a longer URL."""
    asked = cloud(*(image_record(number, os_hidden=number % 2 == 1) for number in range(250)))
    found = looked_up(images, keystone, asking_for(*IDS[:250], IDS[280]))
    assert {text for text, these in found.images.items() if len(these) == 1} == set(IDS[:250])
    assert found.images.get(IDS[280], []) == []
    assert len(asked) == 6


def test_image_that_is_in_no_list_is_asked_for_itself(images, keystone, cloud, requests_mock):  # noqa: F811
    """An image that is too large for a list is requested by itself; another failure is raised."""
    cloud()
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}", json=image_record(1))
    ((image,),) = named_in_file.images(images, [IDS[1]]).values()
    assert image.id == IDS[1]
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}", status_code=403)
    assert refusal(named_in_file.images, images, [IDS[1]]).reason is Reason.FORBIDDEN


def test_name_that_no_image_can_have_is_not_looked_up(images, keystone, cloud):  # noqa: F811
    """A name of over 255 characters is not looked up, because Glance cannot store it."""
    asked = cloud()
    assert named_in_file.images(images, ["x" * 255, "x" * 256]) == {"x" * 255: [], "x" * 256: []}
    assert len(asked) == 2


def test_projects_are_those_of_the_pasted_list(images, keystone, cloud):  # noqa: F811
    """A project is named by ID, by name, or by domain and name; domain names are kept."""
    cloud(projects=[record(1), record(2, domain_id="d2")], domains=[("d2", "partners")])
    found = looked_up(images, keystone, asking_for("x", projects="[project-1, partners/project-2]"))
    assert {text: [item.id for item in these] for text, these in found.projects.items()} == {
        "project-1": [identifier(1)],
        "partners/project-2": [identifier(2)],
    }
    assert found.domain_names == {"d2": "partners"}


def test_reading_says_how_far_it_is(images, keystone, cloud):  # noqa: F811
    """Reading reports its progress, with each member list as a step."""
    cloud(image_record(1), image_record(2))
    steps = []
    asked = document.read(asking_for(IDS[1], IDS[2]).encode())
    named_in_file.look_up(asked, images, keystone, lambda *step: steps.append(step))
    assert steps == [(1, 2), (2, 2)]


def test_image_id_in_capitals_is_the_same(images, keystone, cloud):  # noqa: F811
    """A handwritten ID in capitals finds its image, even if Glance compares byte by byte."""
    image_id = "abcdef00-0000-4000-8000-000000000001"
    cloud(image_record(1, id=image_id))
    (image,) = named_in_file.images(images, [image_id.upper()])[image_id.upper()]
    assert image.id == image_id


def test_image_whose_id_another_one_has_in_capitals(images, keystone, cloud):  # noqa: F811
    """IDs that differ in case, two images on SQLite and PostgreSQL, each find their own image."""
    ids = ["abcdef00-0000-4000-8000-000000000001", "ABCDEF00-0000-4000-8000-000000000001"]
    cloud(*(image_record(1, id=image_id) for image_id in ids))
    found = named_in_file.images(images, ids)
    assert {text: [image.id for image in named] for text, named in found.items()} == {
        image_id: [image_id] for image_id in ids
    }


def test_domains_that_may_not_be_listed_are_not_taken_for_none(
    images,
    keystone,  # noqa: F811
    cloud,
    requests_mock,
):
    """Forbidden domains are an error, not rules without a project; names need no domains."""
    cloud(projects=[record(1, name="dev")])
    requests_mock.get(f"{KEYSTONE}/domains", status_code=403)
    assert len(named_in_file.projects(keystone, ["dev"])["dev"]) == 1
    for look in (
        lambda: named_in_file.projects(keystone, ["partners/dev"]),
        lambda: named_in_file.rules(keystone, ["partners"], []),
    ):
        assert refusal(look).reason is Reason.FORBIDDEN


def test_list_of_a_name_is_read_to_its_end(images, keystone, cloud):  # noqa: F811
    """All images with the name are found on all pages, and none whose name differs in case."""
    cloud(*(image_record(number, name="x" if number else "X") for number in range(8)), most=3)
    found = looked_up(images, keystone, asking_for("x"))
    assert len(found.images["x"]) == 7


def test_image_that_is_not_shared_any_more_has_no_members(
    images,
    keystone,  # noqa: F811
    cloud,
    requests_mock,
):
    """An image that is no longer shared is not treated as an image without members."""
    cloud(image_record(1), image_record(2), members={IDS[2]: ["m"]})
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}/members", status_code=403)
    found = looked_up(images, keystone, asking_for(IDS[1], IDS[2]))
    assert found.members == {IDS[2]: [Member("m", "accepted")]}


def test_other_failure_ends_the_look_up(images, keystone, cloud, requests_mock):  # noqa: F811
    """Another failure ends the look-up, because unknown members must not be treated as none."""
    cloud(image_record(1))
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[1]}/members", status_code=500)
    error = refusal(looked_up, images, keystone, asking_for(IDS[1]))
    assert error.reason is Reason.BROKEN


def test_rules_read_all_pages(images, keystone, cloud):  # noqa: F811
    """A rule finds a domain by ID, or by name ignoring case if unique, and a tag on all pages."""
    projects = [
        record(number, domain_id=f"d{number % 2}", tags=["gpu"] if number % 500 == 0 else [])
        for number in range(1, 2502)
    ]
    cloud(projects=projects, domains=[("d0", "Even"), ("d1", "odd"), ("d2", "ODD")])
    text = asking_for("x", projects="[{domain: EVEN}, {domain: d1}, {domain: odd}, {domain: Odd}]")
    found = looked_up(images, keystone, text)
    counts = {text: len(these) for text, these in found.domains.items()}
    assert counts == {"EVEN": 1250, "d1": 1251, "odd": 1251, "Odd": 0}
    found = looked_up(images, keystone, asking_for("x", projects="[{tag: gpu}, {domain: odd}]"))
    assert [item.id for item in found.tags["gpu"]] == [identifier(500 * n) for n in range(1, 6)]
    assert len(found.domains["odd"]) == 1251


@pytest.mark.parametrize("tags", [[], ["gpu"]])
def test_rules_are_read_in_parts(images, keystone, cloud, tags):  # noqa: F811
    """Each part continues where the last one ended, even across domains, and repeats nothing."""
    projects = [
        record(number, domain_id=f"d{number % 2}", tags=["gpu"] if number % 500 == 0 else [])
        for number in range(1, 2502)
    ]
    cloud(projects=projects, domains=[("d0", "even"), ("d1", "odd")])
    found, place, parts = [], (0, ""), 0
    while place:
        ruled = named_in_file.rules(keystone, ["even", "odd"], tags, place, lambda: True)
        found += [*ruled.domains["even"], *ruled.domains["odd"]]
        place, parts = ruled.place, parts + 1
    assert sorted(item.id for item in found) == [item["id"] for item in projects]
    assert parts > 2


def test_text_that_is_too_long_for_any_project_is_not_looked_up(images, keystone, cloud):  # noqa: F811
    """A text that is too long is not looked up: each slash would mean another look-up of a name."""
    cloud()
    text = "/" * 100_000
    assert looked_up(images, keystone, asking_for("x", projects=f"['{text}']")).projects == {
        text: []
    }


# -- memberships


@pytest.fixture
def names(keystone):  # noqa: F811
    """Return the names of projects, none of which has been read yet."""
    return memberships.Names(keystone)


def test_few_projects_are_looked_up_alone(names, cloud, requests_mock):
    """Few projects are looked up alone, so that the first line need not wait for all projects."""
    cloud(domains=[("default", "Default")])
    for number in (1, 2):
        requests_mock.get(f"{PROJECTS}/{identifier(number)}", json={"project": record(number)})
    requests_mock.get(f"{PROJECTS}/{identifier(3)}", status_code=404)
    names.read([identifier(1), identifier(2), identifier(3), "../x"])
    assert names.project(identifier(1)).name == "project-1"
    assert not names.project(identifier(3)).exists
    assert names.project("../x") is None
    assert names.domain(None) == ""
    assert names.domain(names.project(identifier(1))) == "Default"
    before = requests_mock.call_count
    names.read([identifier(1), identifier(3)])
    assert requests_mock.call_count == before


def test_few_projects_at_a_time_become_many(names, cloud, requests_mock):
    """Projects that are read a few at a time are read in pages once they are many together."""
    cloud(projects=[record(number) for number in range(1, 1500)])
    for number in range(1, 200):
        requests_mock.get(f"{PROJECTS}/{identifier(number)}", json={"project": record(number)})
    for first in range(1, 181, 30):
        names.read([identifier(number) for number in range(first, first + 30)])
    alone = [request for request in requests_mock.request_history if request.path.count("/") == 3]
    before = requests_mock.call_count
    names.read([identifier(number) for number in range(181, 1400)])
    assert requests_mock.call_count == before
    assert 0 < len(alone) < 180


def test_many_projects_are_read_in_pages(names, cloud, requests_mock):
    """Many projects are read in pages, and only projects on none of them are looked up."""
    cloud(projects=[record(number) for number in range(1, 1500)])
    requests_mock.get(f"{PROJECTS}/{identifier(5000)}", status_code=404)
    names.read([identifier(number) for number in (*range(1, 200), 5000)])
    assert names.project(identifier(199)).enabled
    assert not names.project(identifier(5000)).exists
    # A page of more than a few projects may be truncated, so an empty third page is read.
    assert requests_mock.call_count == 4


def test_memberships_have_an_order_and_names(names, images, cloud, requests_mock):
    """Rows are sorted by project ID, so exports are equal; images without members have no rows."""
    cloud(domains=[("default", "Default")])
    for number in (1, 2):
        requests_mock.get(f"{PROJECTS}/{identifier(number)}", json={"project": record(number)})
    requests_mock.get(f"{PROJECTS}/{'b' * 32}", json={"project": record(9, id="b" * 32)})
    cloud_images = [Image(IDS[n], f"i{n}", "b" * 32, "shared", "", "", "", None)
                    for n in (1, 2, 3)]  # fmt: skip
    error = ServiceError("Glance", Reason.BROKEN)
    rows = {
        IDS[1]: (Member(identifier(2), "pending"), Member(identifier(1), "accepted")),
        IDS[2]: (),
    }
    unread = []
    parts = [(cloud_images, Members(rows, [], [Unread(IDS[3], error)], []))]
    found = list(memberships.named(parts, names, lambda *missing: unread.append(missing)))
    assert [(item.image.id, item.full_name, item.owner.name) for item in found] == [
        (IDS[1], "Default/project-1", "project-9"),
        (IDS[1], "Default/project-2", "project-9"),
    ]
    assert unread == [(IDS[3], error)]
