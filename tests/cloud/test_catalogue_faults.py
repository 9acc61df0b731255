# SPDX-License-Identifier: Apache-2.0
"""Answers about many images stay truthful during every fault of Glance and of Keystone.

The pages' scripts show these answers; ``tests/cloud/test_faults.py`` tests the dialog and the tabs.
"""

import json
import re

import pytest

from tests.cloud.login_page import leads_to_login
from tests.cloud.test_faults import (  # noqa: F401, two fixtures
    AJAX,
    ALL_FAULTS,
    READING_FAULTS,
    REASON,
    TEAMS,
    WHEN,
    database,
    every_fault,
    module_connection,
)
from xloud_images_panel.dashboard import made_for

pytestmark = pytest.mark.usefixtures("without_menus")

URL = "/admin/images/access/"
GONE = ("d" * 32, "e" * 32)  # IDs that no project has
LEFT_ALONE = "It is not stale any more, or that is not known; it was left alone."

READS = {
    "list of images": ("inventory/?after=", None),
    "Access by Image": ("inventory/members/?ids={shared},{other}", None),
    "names": ("inventory/names/?ids={project}", None),
    "Access by Project": ("inventory/memberships/?ids={shared},{other}&project={project}", None),
    "projects to choose from": ("by-project/projects/?search=research", None),
    "Stale Access": ("stale/members/?ids={shared},{other}&owners={platform},", None),
    "export": ("export/members/?ids={shared},{other}", None),
    "export's projects": ("export/projects/?ids={project}", None),
    "images of a file": ("file/look-up/", {"images": ["faulty-shared"]}),
    "projects of a file": ("file/look-up/", {"projects": ["research"]}),
    "rules of a file": ("file/look-up/", {"tags": ["gpu"]}),
    "sheet": (
        "sheet/",
        {"changes": [{"image": "{shared}", "verb": "add", "projects": ["{project}"]}]},
    ),
}
GLANCE_ALONE = ("list of images", "Access by Image", "images of a file")
KEYSTONE_ALONE = (
    "names", "projects to choose from", "export's projects", "projects of a file",
    "rules of a file",
)  # fmt: skip


def ask(client, database, name):  # noqa: F811
    """Send one of these requests, and return the response and its JSON."""
    path, content = READS[name]
    ids = {
        "shared": database.images["faulty-shared"].id,
        "other": database.images["faulty-other"].id,
        "project": database.ids["research"],
        "platform": database.ids["platform"],
    }

    def filled(text):
        return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], text)

    if content is None:
        response = client.get(URL + filled(path), **AJAX)
    else:
        body = json.loads(filled(json.dumps(content))) | {"region": "RegionOne"}
        response = post(client, path, body)
    assert response.status_code < 500
    return response, {} if leads_to_login(response) else json.loads(response.content)


def post(client, path, body):
    return client.post(URL + path, json.dumps(body), content_type="application/json", **AJAX)


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
@pytest.mark.parametrize(
    ("name", "service"),
    [
        (name, service)
        for name in READS
        for service in ("Glance", "Keystone")
        if name not in (KEYSTONE_ALONE if service == "Glance" else GLANCE_ALONE)
    ],
)
def test_reading_while_a_service_fails(admin, break_down, database, fault, name, service):  # noqa: F811
    """An answer is complete or says what is missing and why, and never calls a member stale."""
    database.reset({"research": "accepted", "app-team-a": "pending"})
    _response, whole = ask(admin, database, name)
    break_down(service, fault)
    response, found = ask(admin, database, name)
    if leads_to_login(response):
        assert fault.name == "401"
    elif found != whole and not is_truth_of_the_service(name, service, fault):
        said = json.dumps(found)
        # The sheet shows IDs instead of names.
        ids_do = name == "sheet" and service == "Keystone" and not found["names"]
        assert REASON.search(said) or (ids_do and found["changes"] == whole["changes"]), said
    if name == "Stale Access":
        assert not any(found.get("rows", {}).values())
    break_down.heal()
    assert ask(admin, database, name)[1] == whole


def is_truth_of_the_service(name, service, fault):
    """Return whether a 404 means that there is no such image, member or project."""
    return fault.name == "404" and (service == "Glance" or name == "export's projects")


# -- stale access


def set_members(database, *ids):  # noqa: F811
    """Share the image with these IDs and with a project."""
    database.reset({"research": "accepted"})
    database.bulk.members([(database.image.id, item, "pending") for item in ids])


def listed(database):  # noqa: F811
    """Return the image's members from the database."""
    query = "SELECT member FROM image_members WHERE image_id = :image AND NOT deleted"
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql(
            query.replace(":image", f"'{database.image.id}'")
        ).scalars()
        return set(found)


def remove(client, database, members):  # noqa: F811
    """Remove stale members, and return the response and its JSON."""
    form = {
        "image": database.image.id,
        "member": [*members],
        "kind": [*members.values()],
        made_for.REGION: "RegionOne",
    }
    response = client.post(f"{URL}stale/remove/", form, **AJAX)
    assert response.status_code < 500
    return response, {} if leads_to_login(response) else json.loads(response.content)


@every_fault("every call", "the first write")
def test_removal_while_glance_fails(admin, break_down, database, fault, when):  # noqa: F811
    """Members reported as removed are gone, and the others can be removed later."""
    set_members(database, *GONE)
    break_down("Glance", fault, **WHEN[when])
    response, answer = remove(admin, database, dict.fromkeys(GONE, "deleted"))
    there = listed(database)
    assert not there.intersection(answer.get("done", ()))
    if leads_to_login(response) or "told" in answer:
        assert there >= {*GONE}
    for why in [*answer.get("failed", {}).values(), answer.get("told", "")]:
        assert not why or REASON.search(why)
    uncertain = {item for item, why in answer.get("failed", {}).items() if "not known" in why}
    assert {*GONE} - there <= {*answer.get("done", ()), *uncertain}

    break_down.heal()
    if left := [item for item in GONE if item not in answer.get("done", ())]:
        _response, answer = remove(admin, database, dict.fromkeys(left, "deleted"))
        assert answer == {"done": left, "failed": {}, "left": []}
    assert listed(database) == {database.ids["research"]}


@pytest.mark.parametrize("fault", ALL_FAULTS, ids=str)
def test_removal_while_keystone_fails(admin, break_down, database, fault):  # noqa: F811
    """A member is removed only if Keystone says that no such project exists."""
    set_members(database, *GONE)
    break_down("Keystone", fault)
    response, answer = remove(admin, database, dict.fromkeys(GONE, "deleted"))
    if fault.passes:
        assert answer["done"] == [*GONE]
        return
    assert listed(database) == {*GONE, database.ids["research"]}
    if not leads_to_login(response):
        why = {answer["told"]} if "told" in answer else {*answer["failed"].values()}
        assert why == {LEFT_ALONE} or all(map(REASON.search, why))


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
def test_merge_while_glance_fails(admin, break_down, database, fault):  # noqa: F811
    """A project with two rows keeps its access and its stronger status."""
    research = database.ids["research"]
    database.reset({"research": "pending"})
    database.bulk.members([(database.image.id, research, "accepted")])
    break_down("Glance", fault, **WHEN["the first write"])
    _response, answer = remove(admin, database, {research: "double"})
    assert research in listed(database)
    if answer.get("done"):
        assert database.members() == {"research": "accepted"}
    break_down.heal()
    if not answer.get("done"):
        remove(admin, database, {research: "double"})
    assert database.members() == {"research": "accepted"}


# -- plans


def send(client, path, **content):
    """Send a part of a plan, and return the response and its JSON."""
    response = post(client, path, {"region": "RegionOne", **content})
    assert response.status_code < 500
    return response, {} if leads_to_login(response) else json.loads(response.content)


@every_fault("every call", "the first write")
def test_undo_of_a_plan_while_glance_fails(admin, break_down, database, fault, when):  # noqa: F811
    """Changes reported as undone are undone; the others say why, and can be undone later."""
    database.reset({"research": "rejected"})
    ids = [database.ids[name] for name in TEAMS]
    changes = [
        {"image": database.image.id, "verb": "remove", "projects": [database.ids["research"]]},
        {"image": database.image.id, "verb": "add", "projects": [database.ids["app-team-a"]]},
    ]
    _response, done = send(admin, "slice/", accept=True, changes=changes)
    receipts = done["receipts"][::-1]
    assert database.members() == {"app-team-a": "accepted"}

    break_down("Glance", fault, **WHEN[when])
    response, answer = send(admin, "slice/undo/", receipts=receipts)
    now = database.members()
    cells = {cell["project"]: cell for cell in answer.get("cells", ())}
    if leads_to_login(response):
        assert now == {"app-team-a": "accepted"}
    wanted = {"research": "rejected", "app-team-a": None}
    for name in TEAMS:
        cell = cells.get(database.ids[name], {})
        if cell.get("state") == "done" and "note" not in cell:
            assert now.get(name) == wanted[name]
        elif cell:
            why = cell.get("why") or cell["note"]
            assert REASON.search(why) or (fault.name == "409" and "changed since" in why)

    break_down.heal()
    if any(cell["state"] == "failed" and not cell["mendable"] for cell in cells.values()):
        return  # trying again is not offered
    left = receipts[answer.get("through", 0) :] + answer.get("again", [])
    if left:
        _response, answer = send(admin, "slice/undo/", receipts=left)
    assert set(database.members()) == {"research"}
    assert set(cells) <= set(ids)


@pytest.mark.parametrize("fault", ALL_FAULTS, ids=str)
def test_slice_while_keystone_fails(admin, break_down, database, fault):  # noqa: F811
    """A slice adds no project that Keystone has not confirmed, and says why."""
    database.reset({})
    ids = [database.ids[name] for name in TEAMS]
    change = {"image": database.image.id, "verb": "add", "projects": ids}
    break_down("Keystone", fault)
    response, answer = send(admin, "slice/", accept=True, changes=[change])
    if fault.passes:
        assert set(database.members()) == {*TEAMS}
        return
    assert database.members() == {}
    if not leads_to_login(response):
        assert {cell["state"] for cell in answer["cells"]} == {"failed"}
        assert all(REASON.search(cell["why"]) for cell in answer["cells"])
