"""Every fault of Glance and of Keystone in every operation: what the page says is true.

Between the panel and the real services there is a proxy that fails as it is told
(``tests/faults.py``); the truth is what is in Glance's database afterwards. What a user
sees is in ``docs/faults.md``.
"""

import html
import re
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.environment import CLOUD
from tests.faults import FAULTS, WRITES, Proxy
from xloud_images_panel import glance, keystone, services

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
TEAMS = ("app-team-a", "research")

# What names the service, or the reason in the user's terms.
REASON = re.compile(
    r"(The image service \(Glance\)|The identity service \(Keystone\)) (could not be reached"
    r"|did not answer in time|did not accept your session|did not allow it|did not find it|is busy"
    r"|says that somebody else changed it|refused the request|failed with an error of its own)"
    r"|the quota of 128 projects that one image can be shared with is used up"
    r"|There is no image with this ID|it is not shared any more"
    r"|No other project shares (this|an image)|there is no project with the ID"
)
NOT_KNOWN = "It is not known whether it was done."


@pytest.fixture(scope="module")
def proxies(cloud):
    """A proxy in front of each service, by name."""
    proxies = {"Glance": Proxy(CLOUD.glance_url), "Keystone": Proxy(CLOUD.keystone_url)}
    yield proxies
    for proxy in proxies.values():
        proxy.close()


@pytest.fixture(autouse=True)
def through_the_proxies(monkeypatch, settings, proxies):
    """Lead the panel's own calls through the proxies; Horizon's go to the services."""
    for module, name in ((glance, "Glance"), (keystone, "Keystone")):
        url = proxies[name].url
        monkeypatch.setattr(module, "base", SimpleNamespace(url_for=lambda *_, url=url, **__: url))
    monkeypatch.setattr(services, "_wait", lambda state: 0)
    # One call at a time: two writes at once are a fault of SQLite's own.
    settings.XLOUD_IMAGES_PANEL = {"timeout": 5, "tries": 2, "max_workers": 1, "names_lifetime": 0}
    yield
    for proxy in proxies.values():
        proxy.heal()


@pytest.fixture
def break_down(proxies, settings):
    """Return a function that makes a service fail from now on; see :meth:`Proxy.fail`."""

    def break_down(service, fault, **which):
        if fault.name.startswith("hang"):
            settings.XLOUD_IMAGES_PANEL = {**settings.XLOUD_IMAGES_PANEL, "timeout": 1}
        proxies[service].fail(fault, **which)

    return break_down


class Database:
    """What Glance has of one image."""

    def __init__(self, bulk, image, project_ids):
        self.bulk, self.image, self.ids = bulk, image, project_ids
        self.engine = sa.create_engine(CLOUD.database_url("glance"))

    def reset(self, members):
        """Share the image with these only: member statuses by project name."""
        self.bulk.remove_members([self.image.id])
        self.bulk.members([(self.image.id, self.ids[name], members[name]) for name in members])

    def members(self, image_id=None):
        """Return the member statuses by project name; a project that is there twice is an error."""
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
    """One shared image and its members; a community image lives as long."""
    connection = module_connection
    ids = {project.name: project.id for project in connection.identity.projects()}
    made = [
        connection.image.create_image(
            name=f"faulty-{visibility}",
            visibility=visibility,
            owner=ids["platform"],
            disk_format="raw",
            container_format="bare",
            allow_duplicates=True,
        )
        for visibility in ("shared", "community")
    ]
    database = Database(bulk, made[0], ids)
    yield database
    database.engine.dispose()
    for image in made:
        connection.image.delete_image(image.id)


def text(response):
    """Return what a response says, in its page or in Horizon's messages."""
    assert response.status_code < 500
    headers = response.get("X-Horizon-Messages", "").encode().decode("unicode_escape")
    return html.unescape(response.content.decode() + headers)


# -- changes of access


def url(database):
    """Return where the dialog is."""
    return f"/admin/images/{database.image.id}/access/"


def claimed(page, verb):
    """Return what the page says was done: the names, or IDs, of the projects."""
    done = {"add": r"is now shared with ([^.]+)\.", "remove": r"is no longer shared with ([^.]+)\."}
    return [name for match in re.findall(done[verb], page) for name in re.split(", | and ", match)]


def left(page, verb):
    """Return what is still selected, by ID, with the reason that stands beside it."""
    labels = re.findall(r'<li data-verb="(\w+)">(.*?)</li>', page, re.DOTALL)
    found = {}
    for of_label, label in labels:
        project_id = re.search(r'name="\w+" value="(\w+)"', label)
        reason = re.search(r'data-role="reason">(.*?)</span>', label, re.DOTALL)
        if of_label == verb and project_id:
            found[project_id[1]] = reason[1] if reason else ""
    return found


def check_change(page, verb, database, image_id=None):
    """Assert that the page tells the truth of each project, and return what is left, by ID."""
    members = database.members(image_id)
    said, still = claimed(page, verb), left(page, verb)
    for name in TEAMS:
        project_id = database.ids[name]
        done = (name in members) == (verb == "add")
        if name in said or project_id in said:
            assert done, f"said to be done, and is not: {name}"
            assert project_id not in still
        else:
            assert project_id in still, f"not said, and not selected any more: {name}"
            reason = still[project_id]
            assert REASON.search(reason or page), f"no reason: {reason or page}"
            assert not done or NOT_KNOWN in reason, f"done, and hidden: {name}"
    if verb == "add":
        for name in set(said) & set(TEAMS):
            warned = re.search(rf"(Not|Perhaps not) accepted on behalf of [^:]*{name}", page)
            if not warned:
                assert members[name] == "accepted", f"not accepted, and not said: {name}"
            elif warned[1] == "Not":
                assert members[name] == "pending", f"accepted, and not said: {name}"
    return list(still)


BEFORE = {"add": {}, "remove": dict.fromkeys(TEAMS, "accepted")}
AFTER = {"add": set(TEAMS), "remove": set()}
WHEN = {
    "every call": {},
    "each write": {"methods": WRITES},
    "the first write": {"methods": WRITES, "times": 1},
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize(
    ("verb", "when"),
    [
        ("add", "every call"),
        ("add", "each write"),
        ("add", "the first write"),
        ("remove", "each write"),
        ("remove", "the first write"),
    ],
)
def test_confirm_while_glance_fails(admin, break_down, database, fault, proxies, verb, when):
    """Each project is said to be done if it is, or is still selected with the reason."""
    database.reset(BEFORE[verb])
    ids = [database.ids[name] for name in TEAMS]
    change = {verb: ids, "accept": "on"}
    break_down("Glance", fault, **WHEN[when])
    page = text(admin.post(url(database), change, **AJAX))
    still = check_change(page, verb, database)
    if fault.passes:
        assert not still

    # Confirm again does the rest, and once more changes nothing.
    proxies["Glance"].heal()
    if still:
        response = admin.post(url(database), {verb: still, "accept": "on"}, **AJAX)
        assert response.status_code == 204, text(response)
    assert set(database.members()) == AFTER[verb]
    if verb == "add":
        again = admin.post(url(database), change, **AJAX)
        assert again.status_code == 204
        assert database.members() == dict.fromkeys(TEAMS, "accepted")


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_confirm_while_keystone_fails(admin, break_down, database, fault, proxies):
    """Nobody is added whose project cannot be checked; members can be removed nevertheless."""
    database.reset({})
    ids = [database.ids[name] for name in TEAMS]
    break_down("Keystone", fault)
    page = text(admin.post(url(database), {"add": ids, "accept": "on"}, **AJAX))
    still = check_change(page, "add", database)
    assert bool(still) != fault.passes
    if still:
        assert "Nothing was changed" in page

    database.reset(BEFORE["remove"])
    page = text(admin.post(url(database), {"remove": ids}, **AJAX))
    assert not check_change(page, "remove", database)
    assert database.members() == {}

    proxies["Keystone"].heal()
    response = admin.post(url(database), {"add": ids, "accept": "on"}, **AJAX)
    assert response.status_code == 204
    assert set(database.members()) == set(TEAMS)


@pytest.fixture
def create(admin, module_connection, database, without_upload):
    """Return a function that creates a shared image and adds projects; images are removed."""
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
            **AJAX,
        )
        page = text(response)
        if "X-Horizon-Location" in response:  # all went well: the messages are on the list
            page = text(admin.get(response["X-Horizon-Location"]))
        return page, [image.id for image in connection.image.images(name="faulty-new")]

    yield create
    for image in connection.image.images(name="faulty-new"):
        connection.image.delete_image(image)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_create_while_glance_fails(admin, break_down, create, database, fault, proxies):
    """The image is there, and so is Manage Access with who could not be added."""
    break_down("Glance", fault, **WHEN["each write"])
    page, [image_id] = create()
    still = check_change(page, "add", database, image_id)
    assert ("was created." in page) or not still

    proxies["Glance"].heal()
    if still:
        again = admin.post(
            f"/admin/images/{image_id}/access/", {"add": still, "accept": "on"}, **AJAX
        )
        assert again.status_code == 204
    assert set(database.members(image_id)) == set(TEAMS)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_create_while_keystone_fails(break_down, create, database, fault, proxies):
    """No image is created for projects that cannot be checked; the form keeps them."""
    break_down("Keystone", fault)
    page, images = create()
    if not fault.passes:
        assert images == []
        assert "No image was created" in page
        assert set(left(page, "add")) == {database.ids[name] for name in TEAMS}
        assert REASON.search(page)
        proxies["Keystone"].heal()
        _page, images = create()
    assert set(database.members(images[0])) == set(TEAMS)


# -- answers


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize(
    ("action", "when"), [("accept", "each write"), ("reject", "the first write")]
)
def test_answer_while_glance_fails(action, break_down, database, fault, login, proxies, when):
    """Accepted, or rejected, is what is so in Glance; the same button tries it again."""
    database.reset({"app-team-a": "pending"})
    ann = login("ann")
    form = {"action": f"shared_images__{action}__{database.image.id}"}
    break_down("Glance", fault, **WHEN[when])
    page = text(ann.post("/project/images/shared/", form, follow=True))
    wanted = f"{action}ed"
    is_so = database.members() == {"app-team-a": wanted}
    if f"{wanted.capitalize()}: faulty-shared." in page:
        assert is_so
    else:
        told = re.search(f"Not {wanted}: (faulty-shared|{database.image.id}). ([^<]*)", page)
        assert told
        assert REASON.search(told[2])
        assert not is_so or NOT_KNOWN in told[2]

    proxies["Glance"].heal()
    for _time in range(2):
        page = text(ann.post("/project/images/shared/", form, follow=True))
        assert f"{wanted.capitalize()}: faulty-shared." in page
        assert database.members() == {"app-team-a": wanted}


# -- pages

PAGES = {
    "dialog": ("/admin/images/{}/access/", 'value="faulty-shared"'),
    "search": ("/admin/images/{}/access/projects/?search=ESEAR", 'data-name="research"'),
    "shared": ("/project/images/shared/?name=faulty", "faulty-shared"),
    "community": ("/project/images/community/?name=faulty", "faulty-community"),
}


IDS_DO = ("403", "404")


def look(client, database, page):
    """Return a page, and whether it shows what it is for."""
    path, content = PAGES[page]
    kwargs = AJAX if page in ("dialog", "search") else {}
    shown = text(client.get(path.format(database.image.id), **kwargs))
    return shown, content in shown


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("service", ["Glance", "Keystone"])
@pytest.mark.parametrize("page", PAGES)
def test_page_while_a_service_fails(admin, break_down, database, fault, page, proxies, service):
    """It says what failed and where, and does not say that there is nothing."""
    database.reset({"admin": "pending", "app-team-a": "accepted"})
    break_down(service, fault)
    shown, complete = look(admin, database, page)
    asked = bool(proxies[service].calls)
    # Names of owners and of members' projects are worth a warning, not the page.
    if service == "Glance" and not fault.passes:
        assert not complete
    if service == "Keystone" and page != "search":
        assert complete
    assert asked
    # A project that Keystone does not show, or does not know, has an ID instead of a name.
    ids_do = service == "Keystone" and page in ("shared", "community") and fault.name in IDS_DO
    assert bool(REASON.search(shown)) != (fault.passes or ids_do)
    for nothing in (
        "No other project shares an image with this one",
        "No shared image matches",
        "No community image",
        "No project",
    ):
        assert nothing not in shown

    proxies[service].heal()
    shown, complete = look(admin, database, page)
    assert complete
    assert not REASON.search(shown)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.name.startswith("hang")], ids=str)
def test_service_that_hangs_is_asked_once(admin, break_down, database, fault, proxies):
    """A worker is held for one time limit, however many calls there would have been."""
    database.reset(dict.fromkeys(TEAMS, "pending"))
    break_down("Keystone", fault)
    admin.get(url(database), **AJAX)
    assert len(proxies["Keystone"].calls) == 1


@pytest.mark.parametrize("service", ["Glance", "Keystone"])
def test_nobody_is_there(admin, database, proxies, service):
    """Refused connections are no doubtful ones: nothing was sent, nothing can have been done."""
    database.reset({"app-team-a": "accepted"})
    proxies[service].close()
    try:
        change = {"add": database.ids["research"], "remove": database.ids["app-team-a"]}
        page = text(admin.post(url(database), change, **AJAX))
        assert f"({service}) could not be reached" in page
        assert NOT_KNOWN not in page
        assert set(left(page, "add")) == {database.ids["research"]}
        assert set(left(page, "remove")) == {database.ids["app-team-a"]}
        assert database.members() == {"app-team-a": "accepted"}
    finally:
        proxies[service] = Proxy(CLOUD.glance_url if service == "Glance" else CLOUD.keystone_url)
