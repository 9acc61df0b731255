# SPDX-License-Identifier: Apache-2.0
"""The export of access in slices, as a browser requests it, against the real services."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.pages import shown
from tests.cloud.test_image_access_command import command  # noqa: F401
from tests.faults import FAULTS, REFUSED
from xloud_images_panel.access import document
from xloud_images_panel.dashboard import made_for
from xloud_images_panel.services import domains

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
URL = "/admin/images/access/export/"
FORBIDDEN = next(fault for fault in FAULTS if fault.name == "403")


def read(client, what, **query):
    """Request a slice, and return its JSON."""
    response = client.get(f"{URL}{what}/", query, **AJAX)
    assert response.status_code == 200
    return response.json()


def post(client, content):
    """Send a page's request, and return the JSON of the answer."""
    file = SimpleUploadedFile("blob", json.dumps(content).encode(), "application/json")
    return client.post(f"{URL}lines/", {"content": file}, **AJAX).json()


def lines(client, form, members, projects):
    """Request the file's lines for these images."""
    images = [{"id": image_id, **image} for image_id, image in members["images"].items()]
    region = shown(client)[made_for.REGION]
    content = {"format": form, "images": images, "projects": projects, "region": region}
    return post(client, content)


@pytest.fixture
def exported(admin):
    """Return a function that exports images as a browser does, and returns the answer."""

    def exported(form, *images):
        members = read(admin, "members", ids=",".join(image.id for image in images))
        ids = {image["owner"] for image in members["images"].values()}
        ids |= {row[0] for image in members["images"].values() for row in image["rows"]}
        projects = read(admin, "projects", ids=",".join(filter(str.isalnum, ids)))["projects"]
        return lines(admin, form, members, projects)

    return exported


@pytest.mark.parametrize("form", ["yaml", "csv"])
def test_lines_are_those_of_the_command(
    admin,
    command,  # noqa: F811
    connection,
    exported,
    form,
    hide,
    make,
    tmp_path,
):
    """The lines equal the command's byte for byte, even with unusual image and member names."""
    images = [
        make('=1+1"\n# ümlaut', shared_with=["app-team-a", "observatory"], status="accepted"),
        make("hidden", shared_with=["research"]),
        make("with what is no project", shared_with=["app-team-b"]),
    ]
    hide(images[1])
    for member in (uuid.uuid4().hex, "=cmd", "a b"):
        connection.image.add_member(images[2].id, member_id=member)
    path = tmp_path / "all"
    command("export", "--format", form, "--output", str(path))
    found = exported(form, *images)
    content = path.read_bytes()
    assert content.startswith(found["head"].encode())
    assert content.endswith(found["end"].encode())
    assert set(found["texts"]) == {image.id for image in images}
    for text in found["texts"].values():
        assert len(text.splitlines()) >= 1
        assert text.encode() in content


def test_yaml_is_read_back(exported, make):
    """An exported YAML file can be read back with its image and projects."""
    image = make("back", shared_with=["app-team-a", "research"])
    found = exported("yaml", image)
    asked = document.read((found["head"] + found["texts"][image.id] + found["end"]).encode())
    assert [(item.text, len(item.entries)) for item in asked.images] == [(image.id, 2)]


def test_image_without_a_member_has_no_line(exported, image):
    """The file omits an image without members, as the command's file does, and remains valid."""
    found = exported("yaml", image)
    assert found["texts"] == {image.id: ""}
    nothing = (found["head"] + found["nothing"] + found["end"]).encode()
    assert document.read(nothing).images == ()


def test_image_that_is_not_shared_any_more_is_gone(admin, make):
    """A private image and an unknown ID are both reported as gone."""
    private, nobodys = make("private", visibility="private"), str(uuid.uuid4())
    answer = read(admin, "members", ids=f"{private.id},{nobodys}")
    assert set(answer["gone"]) == {private.id, nobodys}
    assert answer["images"] == answer["unread"] == {}


def test_failure_has_its_reason(admin, break_down, image):
    """Unreadable members are an error, not an empty list."""
    break_down("Glance", REFUSED)
    answer = read(admin, "members", ids=image.id)
    assert "image service (Glance)" in (answer.get("failed") or answer["unread"][image.id])
    assert "images" not in answer or answer["images"] == {}


def test_all_projects_are_read_in_pages(admin, monkeypatch, project_id):
    """A slice reads as many pages as its time allows, and its marker leads to the next ones."""
    monkeypatch.setattr(domains, "CUT_AT", 20)
    monkeypatch.setattr("xloud_images_panel.dashboard.catalogue.access_export.SECONDS", 0)
    found, after, asked = {}, "", 0
    while after or not asked:
        answer = read(admin, "projects", after=after)
        found |= answer["projects"]
        after, asked = answer["after"], asked + 1
    assert found[project_id("observatory")] == {
        "name": "observatory",
        "domain": "partners",
        "enabled": True,
        "exists": True,
    }
    assert project_id("research") in found


def test_deleted_project_is_no_project(admin):
    """An ID without a project in Keystone is reported as not existing."""
    nobodys = uuid.uuid4().hex
    answer = read(admin, "projects", ids=nobodys)
    assert answer["projects"][nobodys]["exists"] is False


def test_who_may_not_read_projects_has_ids(admin, break_down):
    """The answer names the missing permission, because a failure would be retried forever."""
    break_down("Keystone", FORBIDDEN)
    answer = read(admin, "projects", ids=uuid.uuid4().hex)
    assert answer["projects"] == {}
    assert "identity service (Keystone)" in answer["forbidden"]


def test_other_failure_of_keystone_is_one(admin, break_down):
    """An unreachable Keystone is a failure, not a cloud without projects."""
    break_down("Keystone", REFUSED)
    assert "identity service (Keystone)" in read(admin, "projects", ids=uuid.uuid4().hex)["failed"]


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("members", {"ids": ",".join(["x"] * 81)}),
        ("projects", {"ids": ",".join("x" * number for number in range(1, 42))}),
        ("projects", {"after": "../x"}),
    ],
)
def test_query_that_no_page_sends(admin, what, query):
    """The server refuses an invalid query without a request to a service."""
    assert admin.get(f"{URL}{what}/", query).status_code == 400


def test_slice_takes_as_many_images_as_a_page_asks_for(admin):
    """A slice accepts ``MOST_IMAGES`` of the page's model, and reports the images that are gone."""
    ids = [str(uuid.uuid4()) for _number in range(80)]
    assert sorted(read(admin, "members", ids=",".join(ids))["gone"]) == sorted(ids)


IMAGE = {"id": str(uuid.uuid4()), "name": "n", "owner": "o", "rows": []}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"format": "xml", "images": [], "projects": {}},
        {"format": "csv", "images": [{**IMAGE, "id": "../x"}], "projects": {}},
        {"format": "csv", "images": [{**IMAGE, "name": 1}], "projects": {}},
        {"format": "csv", "images": [{**IMAGE, "rows": [["a"]]}], "projects": {}},
        {"format": "csv", "images": [{**IMAGE, "rows": [["a", "b", "now", ""]]}], "projects": {}},
        {"format": "csv", "images": [IMAGE], "projects": {"a": {"name": "b"}}},
        {"format": "csv", "images": [IMAGE], "projects": [1]},
        {"format": "csv", "images": "x", "projects": {}},
        {"format": ["csv"], "images": [], "projects": {}},
    ],
)
def test_lines_that_no_page_asks_for(admin, content):
    """Invalid content is always refused with a sentence."""
    if isinstance(content, dict):
        content |= {"region": shown(admin)[made_for.REGION]}
    assert "cannot read the request" in post(admin, content)["refused"]


def test_lines_of_another_region(admin):
    """A page opened before a switch of the region is refused."""
    content = {"format": "csv", "images": [], "projects": {}, "region": "elsewhere"}
    assert "region" in post(admin, content)["refused"]
