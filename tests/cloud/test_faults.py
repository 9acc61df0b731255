# SPDX-License-Identifier: Apache-2.0
"""Pages tell the truth during every fault of Glance and of Keystone, in every operation.

A proxy between the panel and the real services fails on demand (``tests/faults.py``). Glance's
database has the truth afterwards. ``docs/faults.md`` describes the pages for users, and
``test_log_in_again.py`` tests the redirects after a 401.
"""

import dataclasses
import html
import json
import re

import pytest
import sqlalchemy as sa
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.conftest import marker_of
from tests.cloud.login_page import leads_to_login, reason
from tests.cloud.pages import changes_in, shown
from tests.environment import CLOUD
from tests.faults import DRIP, FAULTS, REFUSED, WRITES
from xloud_images_panel.dashboard import made_for

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
TEAMS = ("app-team-a", "research")

# Matches the name of the service, or the reason in the user's terms.
REASON = re.compile(
    r"(The image service \(Glance\)|The identity service \(Keystone\)) (could not be reached"
    r"|did not answer in time|did not accept your session|did not allow it|did not find it|is busy"
    r"|says that somebody else changed it|refused the request|failed with an error of its own)"
    r"|the quota of 128 projects that one image can be shared with is used up"
    r"|There is no image with this ID"
    r"|No other project shares (this|an image)|there is no project with the ID"
)
NOT_KNOWN = "It is not known whether"

ALL_FAULTS = (*FAULTS, REFUSED)
# One fault of each kind that matters to reads, including the check of projects before a change. For
# reads, it makes no difference whether a call was carried out before it failed.
# tests/unit/test_calls.py covers the handling of each status.
KINDS = (
    "reset before", "delay", "hang before", "401", "403", "404", "500", "503", "truncated",
    "other JSON", "refused",
)  # fmt: skip
READING_FAULTS = [fault for fault in ALL_FAULTS if fault.name in KINDS]
WHEN = {
    "every call": {},
    "each write": {"methods": WRITES},
    "the first write": {"methods": WRITES, "times": 1},
}


def every_fault(*whens):
    """Return a decorator that runs a test with each fault in each of these cases.

    A refused connection affects all calls, so it needs only the first case.
    """
    return pytest.mark.parametrize(
        ("fault", "when"),
        [
            pytest.param(fault, when, id=f"{fault}, {when}")
            for when in whens
            for fault in (ALL_FAULTS if when == "every call" else FAULTS)
        ],
    )


pytestmark = pytest.mark.usefixtures("without_menus")


class Database:
    """Glance's data about the images of these tests."""

    def __init__(self, bulk, images, project_ids):
        self.bulk, self.images, self.ids = bulk, images, project_ids
        self.image = images["faulty-shared"]
        self.engine = sa.create_engine(CLOUD.database_url("glance"))

    def reset(self, members):
        """Share the image with only these projects, given as member statuses by project name."""
        self.bulk.remove_members([self.image.id])
        self.bulk.members([(self.image.id, self.ids[name], members[name]) for name in members])

    def members(self, image_id=None):
        """Return the member statuses by project name; a doubled project is an error."""
        names = {project_id: name for name, project_id in self.ids.items()}
        query = "SELECT member, status FROM image_members WHERE image_id = :image AND NOT deleted"
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text(query), {"image": image_id or self.image.id}).all()
        assert len({member for member, _status in rows}) == len(rows), "a project twice"
        return {names[member]: status for member, status in rows}


@pytest.fixture(scope="module")
def module_connection(cloud):
    """The administrator's openstacksdk connection."""
    return cloud.connection("admin")


@pytest.fixture(scope="module")
def database(module_connection, bulk):
    """The shared image, one that precedes it in each list, and community images."""
    connection = module_connection
    ids = {project.name: project.id for project in connection.identity.projects()}
    made = {
        name: connection.image.create_image(
            name=name,
            visibility=visibility,
            owner=ids["platform"],
            disk_format="raw",
            container_format="bare",
            allow_duplicates=True,
        )
        for name, visibility in (
            ("faulty-shared", "shared"),
            ("faulty-community", "community"),
            ("faulty-other", "shared"),
            ("faulty-communal", "community"),
        )
    }
    other = made["faulty-other"].id
    bulk.members([(other, ids[name], "accepted") for name in ("admin", "app-team-b")])
    database = Database(bulk, made, ids)
    yield database
    database.engine.dispose()
    for image in made.values():
        connection.image.delete_image(image.id)


def text(response):
    """Return the text of a response, of Horizon's messages, and of the login page."""
    assert response.status_code < 500
    if leads_to_login(response):
        return reason(response)
    headers = response.get("X-Horizon-Messages", "").encode().decode("unicode_escape")
    said = response.content.decode() + headers
    if response.status_code == 302:
        said += "\n".join(map(str, get_messages(response.wsgi_request)))
    return html.unescape(said)


# -- changes of access


def url(database):
    """Return the address of the dialog."""
    return f"/admin/images/{database.image.id}/access/"


def claimed(page, verb):
    """Return the names, or IDs, of the projects that the page reports as done."""
    done = {"add": r"is now shared with ([^.]+)\.", "remove": r"is no longer shared with ([^.]+)\."}
    return [name for match in re.findall(done[verb], page) for name in re.split(", | and ", match)]


def left(page, verb):
    """Return the remaining selection by ID, with the mark beside each project."""
    changes = [change for change in changes_in(page) if change["verb"] == verb]
    return {change["id"]: change["reason"] for change in changes}


def check_change(response, verb, database, fault, image_id=None):
    """Check the answer about each project against Glance; return the remaining selection, by ID."""
    page, members = text(response), database.members(image_id)
    if leads_to_login(response):  # here the browser keeps the selection
        assert fault.name == "401"
        assert "Nothing was changed." in page
        assert members == BEFORE[verb]
        return [database.ids[name] for name in TEAMS]
    said, still = claimed(page, verb), left(page, verb)
    for name in TEAMS:
        project_id = database.ids[name]
        done = (name in members) == (verb == "add")
        if name in said or project_id in said:
            assert done, f"said to be done, and is not: {name}"
            assert project_id not in still
        else:
            assert project_id in still, f"not said, and not selected any more: {name}"
            mark = still[project_id]
            assert REASON.search(page), f"no reason: {page}"
            assert mark in ("", "not done", "not known")
            assert (NOT_KNOWN in page) or mark != "not known"
            assert not done or mark == "not known", f"done, and hidden: {name}"
    if verb == "add":
        for name in set(said) & set(TEAMS):
            warned = re.search(rf"(Not|Perhaps not) accepted on behalf of [^:]*{name}", page)
            if not warned:
                assert members[name] == "accepted", f"not accepted, and not said: {name}"
            elif warned[1] == "Not":
                assert members[name] == "pending", f"accepted, and not said: {name}"
    if fault is REFUSED:  # no request was sent, so no change can have been made
        assert NOT_KNOWN not in page
    return list(still)


BEFORE = {"add": {}, "remove": dict.fromkeys(TEAMS, "accepted")}
AFTER = {"add": set(TEAMS), "remove": set()}


@pytest.mark.parametrize("verb", ["add", "remove"])
@every_fault(*WHEN)
def test_confirm_while_glance_fails(admin, break_down, database, fault, verb, when):
    """Each project reported as done is done; the others stay selected with the reason."""
    database.reset(BEFORE[verb])
    ids = [database.ids[name] for name in TEAMS]
    change = {verb: ids, "accept": "on"}
    break_down("Glance", fault, **WHEN[when])
    response = admin.post(url(database), change, **AJAX)
    still = check_change(response, verb, database, fault)
    if fault.passes:
        assert not still

    # A second Confirm does the rest; a third, which is the same for all faults, changes nothing.
    break_down.heal()
    if still:
        response = admin.post(url(database), {verb: still, "accept": "on"}, **AJAX)
        assert response.status_code == 204, text(response)
    assert set(database.members()) == AFTER[verb]
    if verb == "add" and when == "every call":
        again = admin.post(url(database), change, **AJAX)
        assert again.status_code == 204
        assert database.members() == dict.fromkeys(TEAMS, "accepted")


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
def test_adding_while_keystone_fails(admin, break_down, database, fault):
    """Projects that cannot be checked are not added."""
    database.reset({})
    ids = [database.ids[name] for name in TEAMS]
    change = {"add": ids, "accept": "on"}
    break_down("Keystone", fault)
    response = admin.post(url(database), change, **AJAX)
    still = check_change(response, "add", database, fault)
    assert bool(still) != fault.passes
    if still:
        assert "Nothing was changed" in text(response)
        assert database.members() == {}

    break_down.heal()
    assert admin.post(url(database), change, **AJAX).status_code == 204
    assert set(database.members()) == set(TEAMS)


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
def test_removing_while_keystone_fails(admin, break_down, database, fault):
    """Members can be removed without Keystone."""
    database.reset(BEFORE["remove"])
    break_down("Keystone", fault)
    change = {"remove": [database.ids[name] for name in TEAMS]}
    response = admin.post(url(database), change, **AJAX)
    assert not check_change(response, "remove", database, fault)
    assert database.members() == {}


def send_slice(admin, database, verb, ids):
    """Return the answer to a slice of a plan, and the slice's cells by project ID."""
    region = shown(admin)[made_for.REGION]
    change = {"image": database.image.id, "verb": verb, "projects": ids}
    plan = {"region": region, "accept": True, "changes": [change]}
    response = admin.post(
        "/admin/images/access/slice/", json.dumps(plan), content_type="application/json", **AJAX
    )
    if leads_to_login(response):
        return response, {}
    return response, {cell["project"]: cell for cell in json.loads(response.content)["cells"]}


@pytest.mark.parametrize("verb", ["add", "remove"])
@every_fault("every call", "the first write")
def test_slice_while_glance_fails(admin, break_down, database, fault, verb, when):
    """Each project reported as done is done; the next slice does the others."""
    database.reset(BEFORE[verb])
    ids = [database.ids[name] for name in TEAMS]
    break_down("Glance", fault, **WHEN[when])
    response, cells = send_slice(admin, database, verb, ids)
    members = database.members()
    if leads_to_login(response):
        assert members == BEFORE[verb]
    for name in TEAMS:
        cell = cells.get(database.ids[name])
        done = (name in members) == (verb == "add")
        if cell and cell["state"] == "done":
            assert done
            assert cell["status"] == members.get(name, "")
        elif cell:
            assert REASON.search(cell["why"])
            assert not done or cell["uncertain"], f"done, and said to have failed: {name}"

    break_down.heal()
    left = [item for item in ids if cells.get(item, {}).get("state") != "done"]
    if left:
        _response, cells = send_slice(admin, database, verb, left)
        assert {cells[item]["state"] for item in left} == {"done"}
    assert set(database.members()) == AFTER[verb]


@pytest.fixture
def create(admin, module_connection, database):
    """Return a function that creates a shared image and adds projects; cleans up afterwards."""
    connection = module_connection

    def create():
        response = admin.post(
            "/admin/images/create/",
            {
                "name": "faulty-new",
                "source_type": "file",
                "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
                "disk_format": "raw",
                "visibility": "shared",
                "add": [database.ids[name] for name in TEAMS],
                "accept": "on",
            },
        )
        return response, [image.id for image in connection.image.images(name="faulty-new")]

    yield create
    for image in connection.image.images(name="faulty-new"):
        connection.image.delete_image(image)


@every_fault("every call", "each write")
def test_create_while_glance_fails(admin, break_down, create, database, fault, when):
    """The image exists, and Manage Access shows the projects that could not be added."""
    break_down("Glance", fault, **WHEN[when])
    response, [image_id] = create()
    still = check_change(response, "add", database, fault, image_id)
    assert ("was created." in text(response)) or not still

    break_down.heal()
    if still:
        again = admin.post(
            f"/admin/images/{image_id}/access/", {"add": still, "accept": "on"}, **AJAX
        )
        assert again.status_code == 204
    assert set(database.members(image_id)) == set(TEAMS)


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
def test_create_while_keystone_fails(break_down, create, database, fault):
    """No image is created with unchecked projects, and the form keeps them."""
    break_down("Keystone", fault)
    response, images = create()
    if not fault.passes:
        page = text(response)
        assert images == []
        assert "No image was created" in page
        assert set(left(page, "add")) == {database.ids[name] for name in TEAMS}
        assert REASON.search(page)
        break_down.heal()
        _response, images = create()
    assert set(database.members(images[0])) == set(TEAMS)


# -- an image that is shared again


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
@pytest.mark.parametrize("service", ["Glance", "Keystone"])
def test_shared_again_while_a_service_fails(
    admin, break_down, database, fault, module_connection, service
):
    """After Edit Image of the AngularJS panel, the answer names the projects or the failure."""
    again = f"/project/images/{database.image.id}/shared-again/"
    database.reset({"research": "accepted"})
    module_connection.image.update_image(database.image.id, visibility="private")
    assert admin.post(f"{again}before/").status_code == 204
    module_connection.image.update_image(database.image.id, visibility="shared")
    break_down(service, fault)
    response = admin.post(again)
    told = json.loads(response.content)["message"]
    if service == "Glance" and not fault.passes:
        assert response.status_code in (403, 404, 409, 502)
        assert REASON.search(told)
    else:
        assert response.status_code == 200
        name = "research" if fault.passes else database.ids["research"]
        assert f"1 project has access from before: {name}." in told


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        pytest.param(service, fault, id=f"{service}, {fault}")
        for service, faults in (("Glance", ALL_FAULTS), ("Keystone", READING_FAULTS))
        for fault in faults
    ],
)
def test_edit_image_while_a_service_fails(
    admin, break_down, database, fault, module_connection, service
):
    """In the Python panel, Horizon itself edits the image, so no failed edit is reported."""
    image = module_connection.image.update_image(database.image.id, visibility="private")
    database.reset({"research": "accepted"})
    break_down(service, fault)
    form = {
        "image_id": image.id,
        "name": image.name,
        "disk_format": "raw",
        "visibility": "shared",
        "visibility_before": "private",
    }
    page = text(admin.post(f"/admin/images/{image.id}/update/", form))
    assert module_connection.image.get_image(image.id).visibility == "shared"
    assert "was successfully updated" in page or "was updated" in page, page
    assert not REASON.search(page)
    name = "research" if fault.passes else database.ids["research"]
    told = f"1 project has access from before: {name}." in page
    assert told == (fault.passes or service == "Keystone")


# -- answers


@pytest.mark.parametrize("action", ["accept", "reject"])
@every_fault(*WHEN)
def test_answer_while_glance_fails(action, break_down, database, fault, login, when):
    """A reported answer is true in Glance; the same button retries a failed one."""
    database.reset({"app-team-a": "pending"})
    ann = login("ann")
    form = {"action": f"shared_images__{action}__{database.image.id}", **shown(ann)}
    break_down("Glance", fault, **WHEN[when])
    response = ann.post("/project/images/shared/", form)
    page, wanted = text(response), f"{action}ed"
    is_so = database.members() == {"app-team-a": wanted}
    if leads_to_login(response):
        assert fault.name == "401"
        assert "Nothing was changed." in page
        assert not is_so
    elif f"{wanted.capitalize()} for app-team-a: faulty-shared." in page:
        assert is_so
    else:
        told = re.search(f"Not {wanted}: (faulty-shared|{database.image.id}). ([^<]*)", page)
        assert told
        assert REASON.search(told[2])
        assert not is_so or NOT_KNOWN in told[2]

    break_down.heal()
    # Another repetition is the same for all faults.
    for _time in range(2 if when == "every call" else 1):
        page = text(ann.post("/project/images/shared/", form))
        assert f"{wanted.capitalize()} for app-team-a: faulty-shared." in page
        assert database.members() == {"app-team-a": wanted}


# -- pages


@dataclasses.dataclass(frozen=True)
class Page:
    """A request, its content in the normal case, and the services it needs.

    :ivar glance: whether it calls Glance
    :ivar keystone: the behaviour without Keystone: the page ``needs`` it, ``says`` that there are
        no names or projects, or silently shows ``IDs`` instead
    :ivar to_login: whether a 401 redirects to the login page
    """

    path: str
    content: str
    glance: bool = True
    keystone: str = "needs"
    ajax: bool = True
    source: str = ""
    to_login: bool = True


PAGES = {
    "dialog": Page("/admin/images/{shared}/access/", 'value="faulty-shared"', keystone="says"),
    "search": Page("/admin/images/{shared}/access/projects/?search=ESEAR", 'data-name="research"'),
    "next projects": Page(
        "/admin/images/{shared}/access/projects/?cursor=projects:{project}", "data-project="
    ),
    "images to copy from": Page(
        "/admin/images/{shared}/access/images/?search=faulty", "faulty-other", keystone="IDs"
    ),
    "image to copy from": Page(
        "/admin/images/{shared}/access/copy/", '"verb": "add"', source="{other}"
    ),
    "new image": Page(
        "/admin/images/access/projects/", 'data-name="research"', glance=False, to_login=False
    ),
    "new image's search": Page(
        "/admin/images/access/projects/rows/?search=ESEAR",
        'data-name="research"',
        glance=False,
        to_login=False,
    ),
    "shared": Page(
        "/project/images/shared/?name=faulty", "faulty-shared", keystone="says", ajax=False
    ),
    "next shared": Page(
        "/project/images/shared/?name=faulty&after={behind_other}",
        "faulty-shared",
        keystone="says",
        ajax=False,
    ),
    "shared image": Page(
        "/project/images/shared/{shared}/", 'data-role="access"', keystone="says", ajax=False
    ),
    "community": Page(
        "/project/images/community/?name=faulty", "faulty-community", keystone="says", ajax=False
    ),
    "next community": Page(
        "/project/images/community/?name=faulty&after={behind_communal}",
        "faulty-community",
        keystone="says",
        ajax=False,
    ),
}
# Statuses with which Keystone hides a project or does not know it; pages show its ID instead.
IDS_DO = ("403", "404")


def look(client, database, page):
    """Request a page; return the response, its text, and whether it has its content."""
    ids = {name.removeprefix("faulty-"): image.id for name, image in database.images.items()}
    ids["project"] = min(database.ids.values())
    for name in ("other", "communal"):
        ids[f"behind_{name}"] = marker_of(database.images[f"faulty-{name}"])
    kwargs = AJAX if page.ajax else {}
    path = page.path.format(**ids)
    if page.source:
        response = client.post(path, {"source": page.source.format(**ids)}, **kwargs)
    else:
        response = client.get(path, **kwargs)
    shown = text(response)
    return response, shown, page.content in shown


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
@pytest.mark.parametrize(
    ("name", "service"),
    [
        (name, service)
        for name, page in PAGES.items()
        for service in ("Glance", "Keystone")
        if page.glance or service == "Keystone"
    ],
)
def test_page_while_a_service_fails(admin, break_down, database, fault, name, proxies, service):
    """The page reports the failure and the service, and does not claim that lists are empty."""
    database.reset({"admin": "pending", "app-team-a": "accepted"})
    page = PAGES[name]
    break_down(service, fault)
    response, shown, complete = look(admin, database, page)
    admin.cookies.pop("messages", None)  # the page with the messages deletes this cookie
    if fault is not REFUSED:
        assert proxies[service].calls
    without = "needs" if service == "Glance" else page.keystone
    if fault.name == "401" and page.to_login and without != "IDs":
        assert leads_to_login(response)
    else:
        assert not leads_to_login(response)
        assert complete == (fault.passes or without != "needs")
    ids_do = without == "IDs" or (without == "says" and name != "dialog" and fault.name in IDS_DO)
    if (name, service, fault.name) == ("image to copy from", "Keystone", "404"):
        assert "no longer exist" in shown  # Keystone's answer means that the project does not exist
    else:
        assert bool(REASON.search(shown)) != (fault.passes or ids_do)
    for nothing in (
        "No other project shares an image with this one",
        "No shared image matches",
        "No community image",
        "No project",
    ):
        assert nothing not in shown


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_again(admin, break_down, database, name):
    """Once both services answer, no page remembers their failures."""
    database.reset({"admin": "pending", "app-team-a": "accepted"})
    for fault in (REFUSED, *(fault for fault in FAULTS if fault.name in ("404", "other JSON"))):
        for service in ("Glance", "Keystone"):
            break_down(service, fault)
            look(admin, database, PAGES[name])
            admin.cookies.pop("messages", None)
            break_down.heal()
    _response, shown, complete = look(admin, database, PAGES[name])
    assert complete
    assert not REASON.search(shown)


@pytest.mark.parametrize("fault", ALL_FAULTS, ids=str)
def test_badge_while_glance_fails(break_down, database, fault, login):
    """While Glance fails, the badge shows no number and no error."""
    database.reset({"app-team-a": "pending"})
    break_down("Glance", fault)
    response = login("ann").get("/project/images/shared/pending/", **AJAX)
    assert response.status_code == (200 if fault.passes else 204)


@pytest.mark.parametrize(
    "fault", [*(fault for fault in FAULTS if fault.name.startswith("hang")), DRIP], ids=str
)
def test_service_that_hangs_is_asked_once(admin, break_down, database, fault, proxies):
    """A page waits for a hanging service only once, however many calls it needs."""
    database.reset(dict.fromkeys(TEAMS, "pending"))
    break_down("Keystone", fault)
    page = text(admin.get(url(database), **AJAX))
    assert len(proxies["Keystone"].calls) == 1
    assert "The identity service (Keystone) did not answer in time." in page
