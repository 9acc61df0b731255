# SPDX-License-Identifier: Apache-2.0
"""Two regions, each with its own Glance, and an image with the same ID in both."""

import html
import json
import logging
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from demo.cloud import REGION, Cloud
from demo.processes import Process
from tests.cloud.pages import selected, shown
from tests.conftest import without_coverage
from tests.environment import CLOUD, free_port
from xloud_images_panel.dashboard import made_for
from xloud_images_panel.services import glance

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
SECOND = "RegionTwo"
TAB = "/project/images/shared/"
WHY = "/admin/images/access/why/"


def text(response):
    """Return the text of a response."""
    return html.unescape(response.content.decode())


@pytest.fixture(scope="module")
def second_glance(cloud):
    """Start another Glance, add it to the catalog as another region's, and return its URL."""
    other = Cloud(
        *(CLOUD.folder / "second", CLOUD.keystone_port, free_port(), CLOUD.password),
        services_prefix=CLOUD.services_prefix,
    )
    with without_coverage():
        other.configure()
        other.prepare_glance(print)
        process = Process(other.services()[1])
        process.start()
    process.wait()
    identity = cloud.connection("admin").identity
    region = identity.create_region(id=SECOND)
    endpoint = identity.create_endpoint(
        service_id=identity.find_service("glance").id,
        interface="public",
        url=other.glance_url,
        region_id=region.id,
    )
    yield other.glance_url
    identity.delete_endpoint(endpoint)
    identity.delete_region(region)
    process.terminate()
    process.join()


@pytest.fixture
def enter(second_glance, login, logins):
    """Return a function that logs a user in with both regions, and chooses one."""
    before, entered = dict(logins), {}

    def enter(user, region):
        # The catalog comes with the token, so a new token is needed, for this test only.
        if (user, region) not in entered:
            logins.pop((user, None), None)
            login(user)
            entered[user, region] = logins[user, None]
        logins[user, None] = entered[user, region]
        client = login(user)
        response = client.get(f"/auth/switch_services_region/{region}/")
        assert response.status_code == 302
        assert client.session["services_region"] == region
        return client

    yield enter
    logins.clear()
    logins.update(before)


@pytest.fixture
def call(connection, second_glance):
    """Return a function that calls a region's Glance as the administrator."""
    urls = {REGION: CLOUD.glance_url, SECOND: second_glance}

    def call(region, method, path, **kwargs):
        response = connection.session.request(
            f"{urls[region]}/v2/{path}", method, authenticated=True, **kwargs
        )
        return response.json() if response.content else None

    return call


@pytest.fixture
def image(call, project_id):
    """Return the ID of an image of platform in both regions."""
    image_id = str(uuid.uuid4())
    for region in (REGION, SECOND):
        call(
            region,
            "POST",
            "images",
            json={
                "id": image_id,
                "name": f"golden-{region}",
                "owner": project_id("platform"),
                "visibility": "shared",
                "disk_format": "raw",
                "container_format": "bare",
            },
        )
    yield image_id
    for region in (REGION, SECOND):
        call(region, "DELETE", f"images/{image_id}")


@pytest.fixture
def share(call, image, project_id):
    """Return a function that shares a region's image with a project."""
    return lambda region, name: call(
        region, "POST", f"images/{image}/members", json={"member": project_id(name)}
    )


@pytest.fixture
def members(call, image, project_id):
    """Return a function that returns the image's statuses in a region, by project name."""
    names = {project_id(name): name for name in ("app-team-a", "research")}
    return lambda region: {
        names[member["member_id"]]: member["status"]
        for member in call(region, "GET", f"images/{image}/members")["members"]
    }


@pytest.fixture
def dialog(image):
    """The address of the image's Manage Access, in either region."""
    return f"/admin/images/{image}/access/"


@pytest.mark.parametrize("region", [REGION, SECOND])
def test_dialog_is_of_the_region(enter, dialog, region):
    """The dialog has the region's image name, and the region for the browser's kept selection."""
    page = text(enter("admin", region).get(dialog, **AJAX))
    assert f'value="golden-{region}"' in page
    assert f'data-region="{region}"' in page
    assert f'<input type="hidden" name="{made_for.REGION}" value="{region}">' in page


def test_change_is_made_in_the_region_that_the_dialog_showed(
    enter, dialog, members, project_id, share
):
    """After a switch of the region, no image changes in either, and the selection is kept."""
    share(REGION, "app-team-a")
    share(SECOND, "app-team-a")
    change = {
        "add": project_id("research"),
        "remove": project_id("app-team-a"),
        made_for.REGION: REGION,
    }
    admin = enter("admin", SECOND)
    page = text(admin.post(dialog, change, **AJAX))
    assert (
        "This page showed the region RegionOne; you are working in RegionTwo now. "
        "Nothing was changed."
    ) in page
    assert members(REGION) == members(SECOND) == {"app-team-a": "pending"}
    kept = dict(re.findall(r'name="(made_for_region)" value="(\w+)"', page))
    kept |= {verb: item for item, verb in selected(page).items()}
    assert kept == change

    admin.get(f"/auth/switch_services_region/{REGION}/")
    assert admin.post(dialog, kept, **AJAX).status_code == 204
    assert members(REGION) == {"research": "pending"}
    assert members(SECOND) == {"app-team-a": "pending"}


def test_answer_is_given_in_the_region_that_the_page_showed(enter, image, members, share):
    """A tab of one region does not accept the other region's image with the same ID."""
    share(REGION, "app-team-a")
    share(SECOND, "app-team-a")
    form = {"action": f"shared_images__accept__{image}"}
    form |= shown(enter("ann", REGION))
    ann = enter("ann", SECOND)
    assert "you are working in RegionTwo now." in text(ann.post(TAB, form, follow=True))
    assert members(REGION) == members(SECOND) == {"app-team-a": "pending"}
    ann.post(TAB, form | shown(ann))
    assert members(REGION) == {"app-team-a": "pending"}
    assert members(SECOND) == {"app-team-a": "accepted"}


def test_no_image_is_created_in_another_region(enter, call):
    """Create Image is refused outside the region in which its form was opened."""
    form = {
        "name": "misplaced",
        "source_type": "file",
        "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
        "disk_format": "raw",
        "visibility": "private",
        made_for.REGION: REGION,
    }
    page = text(enter("admin", SECOND).post("/admin/images/create/", form, **AJAX))
    assert "This page showed the region RegionOne" in page
    for region in (REGION, SECOND):
        assert call(region, "GET", "images?name=misplaced")["images"] == []


def test_note_is_of_the_region(enter, call, image, dialog, share):
    """The note about the image in one region does not appear for the other."""
    for region in (REGION, SECOND):
        share(region, "research")
    call(
        SECOND,
        "PATCH",
        f"images/{image}",
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
        data=json.dumps([{"op": "replace", "path": "/visibility", "value": "private"}]),
    )
    admin = enter("admin", SECOND)
    form = {"image_id": image, "name": "again", "disk_format": "raw", "visibility": "shared"}
    admin.post(f"/admin/images/{image}/update/", form)
    assert 'data-role="returned"' in text(admin.get(dialog, **AJAX))
    admin.get(f"/auth/switch_services_region/{REGION}/")
    assert 'data-role="returned"' not in text(admin.get(dialog, **AJAX))


def test_trail_says_the_region(enter, dialog, project_id, caplog):
    """The same change of the same ID in both regions leaves two distinguishable lines."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    for region in (REGION, SECOND):
        form = {"add": project_id("research"), made_for.REGION: region}
        assert enter("admin", region).post(dialog, form, **AJAX).status_code == 204
    lines = [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "xloud_images_panel.audit"
    ]
    assert [(line["region"], line["result"]) for line in lines] == [
        (REGION, "done"),
        (SECOND, "done"),
    ]


def test_lock_is_of_the_region(enter, dialog, members, monkeypatch, project_id):
    """During a change in one region, the image's access can be changed in the other."""
    statuses = []
    first, second = enter("admin", REGION), enter("admin", SECOND)
    add_member = glance.Glance.add_member

    def meanwhile(self, image_id, member):
        if not statuses:
            statuses.append(0)
            form = {"add": project_id("app-team-a"), made_for.REGION: SECOND}
            statuses[0] = second.post(dialog, form, **AJAX).status_code
        return add_member(self, image_id, member)

    monkeypatch.setattr(glance.Glance, "add_member", meanwhile)
    form = {"add": project_id("research"), made_for.REGION: REGION}
    assert first.post(dialog, form, **AJAX).status_code == 204
    assert statuses == [204]
    assert members(REGION) == {"research": "pending"}
    assert members(SECOND) == {"app-team-a": "pending"}


def test_check_access_asks_the_chosen_region_alone(enter, image, project_id, share):
    """Check Access asks only the chosen region, so the same ID has a separate answer in each."""
    share(SECOND, "app-team-a")
    query = {"project": project_id("app-team-a"), "image": image}
    facts = {}
    for region in (REGION, SECOND):
        response = enter("admin", region).get(WHY, query)
        assert f"Only the region {region} is asked" in text(response)
        facts[region] = [line.fact for line in response.context["lines"]]
    assert all("this project is none of them" in fact for fact in facts[REGION])
    assert "which has not accepted it" in facts[SECOND][0]
    assert "The image has no data yet" in facts[SECOND][1]


def test_image_of_another_region_is_said_to_be_missing_in_this_one(enter, call, project_id):
    """An image missing in this region has a link that leads to the other region's answer."""
    new = {"name": f"abroad-{uuid.uuid4().hex}", "owner": project_id("research")}
    abroad = call(SECOND, "POST", "images", json=new)
    query = {"project": "app-team-a", "image": abroad["id"]}
    admin = enter("admin", REGION)
    response = admin.get(WHY, query)
    for line in response.context["lines"]:
        assert line.fact == (
            "There is no image with this ID in the region RegionOne, and no other region was asked."
        )
    (link,) = [link for step in response.context["lines"][0].steps for link in step.links]
    assert link.text == SECOND
    by_name = admin.get(WHY, {**query, "image": new["name"]})
    assert "No image has this name in the region RegionOne" in text(by_name)
    response = admin.get(link.url, follow=True)
    assert "this project is none of them" in response.context["lines"][0].fact
    call(SECOND, "DELETE", f"images/{abroad['id']}")
