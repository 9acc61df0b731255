# SPDX-License-Identifier: Apache-2.0
"""Access File: slices that read, look up and compare, against the real services."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cloud.login_page import leads_to_login
from tests.cloud.pages import shown
from tests.cloud.test_faults import READING_FAULTS, REASON
from tests.faults import FAULTS, REFUSED
from xloud_images_panel.access import plain_yaml
from xloud_images_panel.dashboard import made_for
from xloud_images_panel.dashboard.catalogue import slice_of_time
from xloud_images_panel.services import domains

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
URL = "/admin/images/access/file/"
SLICE = "/admin/images/access/slice/"
UNAUTHENTICATED = next(fault for fault in FAULTS if fault.name == "401")
NOTHING = {"images": [], "there": [], "projects": [], "domains": [], "tags": []}


@pytest.fixture
def region(admin):
    """Return the region of the administrator's pages."""
    return shown(admin)[made_for.REGION]


@pytest.fixture
def read(admin, region):
    """Return a function that sends a file, and returns the answer."""

    def read(content, client=admin, **more):
        content = content if isinstance(content, bytes) else content.encode()
        form = {"file": SimpleUploadedFile("access.yaml", content), made_for.REGION: region, **more}
        response = client.post(f"{URL}read/", form, **AJAX)
        assert response.status_code == 200
        return response.json()

    return read


@pytest.fixture
def post(admin, region):
    """Return a function that requests a slice, and returns the answer."""

    def post(what, **content):
        sent = json.dumps({"region": region, **content}).encode()
        form = {"content": SimpleUploadedFile("blob", sent, "application/json")}
        response = admin.post(f"{URL}{what}/", form, **AJAX)
        assert response.status_code == 200
        return response.json()

    return post


@pytest.fixture
def planned(read, post):
    """Return a function that processes a file as the page does, and returns the last answer."""

    def planned(content):
        asked = read(content)["images"]

        def texts(*kinds):
            entries = [entry for image in asked for entry in image["entries"]]
            return list(
                dict.fromkeys(text for _line, kind, text, _name in entries if kind in kinds)
            )

        there = post("look-up", images=[image["text"] for image in asked])["found"]
        projects = post("look-up", projects=texts("project"))["found"] if texts("project") else []
        ruled = post("look-up", domains=texts("domain"), tags=texts("tag"))
        assert ruled["place"] is None
        return post(
            "compare",
            images=asked,
            there=there,
            projects=projects,
            domains=ruled["domains"],
            tags=ruled["tags"],
        )

    return planned


def changes(answer):
    """Return the planned changes, as image, verb and project."""
    return {
        (change["image"], change["verb"], project)
        for change in answer["changes"]
        for project in change["projects"]
    }


def said(answer):
    """Return the findings, as line and text."""
    return [(finding["line"], finding["why"]) for finding in answer["findings"]]


# -- the page


def test_page_says_what_a_file_is_and_its_bounds(admin):
    """The page explains access files and their limits, and the tabs link to it."""
    page = admin.get(URL).content.decode()
    assert 'data-most-bytes="10000000"' in page
    assert 'data-most-removals="10"' in page
    assert "partners/observatory" in page
    assert f'href="{URL}"' in admin.get("/admin/images/access/by-image/").content.decode()
    assert admin.get("/admin/images/access/").json()["access_file"] == URL


# -- the file


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"", 0, "The file is empty"),
        (b"images: [}", 1, "This is not YAML"),
        (b"images:\n- &a x\n", 2, "Anchors are not allowed"),
        (b"images:\n- *a\n", 2, "Aliases are not allowed"),
        (b"images:\n- !!python/object:os.system x\n", 2, "Tags are not allowed"),
        (b"images: []\nimages: []\n", 2, "twice"),
        (b"images: \xff\n", 1, "not in UTF-8"),
        (b"images: [\x00]\n", 1, "control character"),
        (b"{{{{{{{{{{{{", 1, ""),
        (b"- " * 20 + b"x", 1, "levels"),
        (b"images:\n- image: x\n  project: y\n", 3, 'no key "project"'),
        (b"mode: all\nimages: []\n", 1, '"add" or "exact", not "all"'),
        (b"\n" * 100_001, 100_001, "lines"),
        (b"#" * 10_000_001, 0, "more than 10 MB"),
    ],
)  # fmt: skip
def test_bad_file_says_what_is_wrong_with_which_line(read, content, line, why):
    """A file with an error is refused as a whole, with the line and the reason."""
    answer = read(content)
    assert "images" not in answer
    assert any(number == line and why in text for number, text in said(answer)), answer


def test_names_in_findings_turn_nothing_around(read):
    """Findings contain no direction marks from the file, whose author may be hostile."""
    (finding,) = read("images: []\n'\u202e<b>': 1\n")["findings"]
    assert "\u202e" not in finding["why"] + finding["text"]


def test_largest_file_is_read(read):
    """A file of a hundred thousand lines is read completely."""
    entry = "- {image: i, projects: [a]}\n"
    answer = read("images:\n" + entry * (plain_yaml.MOST_LINES - 2))
    assert len(answer["images"]) == plain_yaml.MOST_LINES - 2


def test_request_without_a_file(admin, region):
    """A request without a file is refused with a message that says so."""
    answer = admin.post(f"{URL}read/", {made_for.REGION: region}, **AJAX).json()
    assert "No file was sent" in answer["refused"]


def test_file_of_another_region(read):
    """A page of another region is refused, because its names may mean other images now."""
    assert "region" in read("images: []", **{made_for.REGION: "elsewhere"})["refused"]


# -- comparison of the names in a file


def test_file_becomes_a_plan(planned, make, members, project_id):
    """A file can give projects by name, domain and name, ID or rule; its plan changes nothing."""
    image = make(f"by-name-{uuid.uuid4().hex[:8]}", shared_with=["app-team-b"])
    answer = planned(f"""
images:
  - image: {image.name}
    projects: [app-team-a, Default/research, {project_id("app-team-b")}, domain: partners]
""")
    assert answer["findings"] == []
    assert answer["names"] == {image.id: image.name}
    wanted = {"app-team-a", "research", "observatory"}
    assert wanted <= {"app-team-a", "research", "observatory"}
    assert {(image.id, "add", project_id(name)) for name in wanted} <= changes(answer)
    assert {verb for _image, verb, _project in changes(answer)} == {"add"}


def test_exact_removes_what_the_file_does_not_have(planned, make, project_id):
    """Mode ``exact`` removes projects that the file lacks, but only from images in the file."""
    image = make("exact", shared_with=["app-team-a", "research"])
    make("other", shared_with=["app-team-a"])
    answer = planned(f"mode: exact\nimages: [{{image: {image.id}, projects: research}}]")
    assert changes(answer) == {(image.id, "remove", project_id("app-team-a"))}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("no-such-project", "no project"),
        ("{tag: no-such-tag}", "matches no project"),
        ("{domain: no-such-domain}", "matches no project"),
        ("{member: no such member}", "no member"),
    ],
)
def test_exact_removes_nobody_where_an_entry_is_not_clear(planned, make, project_id, entry, why):
    """An unclear entry prevents removals, not additions; findings name the line and the reason."""
    image = make("unclear", shared_with=["app-team-a"])
    answer = planned(
        f"mode: exact\nimages:\n- image: {image.id}\n  projects:\n  - research\n  - {entry}\n"
    )
    assert changes(answer) == {(image.id, "add", project_id("research"))}
    assert any(line == 6 and why in text for line, text in said(answer))
    assert any("keeps it, because not all entries" in text for _line, text in said(answer))


def test_unknown_and_ambiguous_images(planned, make):
    """Unknown, ambiguous and unshared images are reported with their lines."""
    name = f"twice-{uuid.uuid4().hex[:8]}"
    ids = {make(name).id, make(name).id}
    private = make("private", visibility="private")
    lines = "".join(f"\n- {{image: {item}, projects: []}}" for item in ("x y", name, private.id))
    found = said(planned("images:" + lines))
    assert [line for line, _why in found] == [2, 3, 4]
    assert "no image" in found[0][1]
    assert all(image_id in found[1][1] for image_id in ids)
    assert "not shared" in found[2][1]


def test_image_that_the_file_has_twice_is_left(planned, make, project_id):
    """An image given by its name and by its ID is skipped."""
    image = make(f"double-{uuid.uuid4().hex[:8]}")
    answer = planned(
        f"images:\n- {{image: {image.name}, projects: research}}\n"
        f"- {{image: {image.id}, projects: app-team-a}}\n"
    )
    assert answer["changes"] == []
    assert ["more than once" in text for _line, text in said(answer)] == [True, True]


def test_hostile_names_are_only_names(planned, make):
    """Hostile names, of images or in the file, have no effect."""
    name = "<script>alert(1)</script> {{7*7}} '\"__proto__"
    image = make(name)
    answer = planned("images: [{image: " + json.dumps(name) + ", projects: [__proto__, '../x']}]")
    assert answer["changes"] == []
    assert len(answer["findings"]) == 2
    assert image.id not in str(answer["findings"])


# -- slices


def test_look_up_ends_with_its_time(post, monkeypatch):
    """A look-up whose time runs out leaves the remaining names to the next slice."""
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)
    names = [f"no-image-{number}" for number in range(50)]
    found = post("look-up", images=names)["found"]
    assert [text for text, _images in found] == names[:20]


def test_rules_go_on_where_they_ended(post, monkeypatch, project_id):
    """Each slice continues where the previous one ended, and together they read all projects."""
    monkeypatch.setattr(slice_of_time, "SECONDS", 0)
    monkeypatch.setattr(domains, "CUT_AT", 20)
    found, place, asked = [], [0, ""], 0
    while place:
        answer = post("look-up", domains=["partners"], tags=["no-such-tag"], place=place)
        found += answer["domains"][0][1]
        place, asked = answer["place"], asked + 1
    assert [project_id("observatory"), True] in found
    assert answer["tags"] == [["no-such-tag", []]]


def test_failure_has_its_reason(post, break_down, image):
    """A failed look-up does not count as "not found", and prevents a plan."""
    break_down("Glance", REFUSED)
    assert "image service (Glance)" in post("look-up", images=[image.id])["failed"]
    asked = {"line": 1, "text": "x", "mode": "exact", "name": "", "entries": []}
    there = [["x", [[image.id, "golden", "", "shared"]]]]
    answer = post("compare", **NOTHING | {"images": [asked], "there": there})
    assert "image service (Glance)" in answer["failed"]
    break_down("Keystone", REFUSED)
    assert "identity service (Keystone)" in post("look-up", projects=["research"])["failed"]


ASKED = {"line": 1, "text": "x", "mode": "exact", "name": "", "entries": []}


@pytest.mark.parametrize("fault", READING_FAULTS, ids=str)
@pytest.mark.parametrize("what", ["images", "projects", "rules", "compare"])
def test_slice_while_a_service_fails(admin, region, break_down, fault, make, what):
    """While a service fails, the answer is complete or names the failure, without any removal."""
    image = make("faulty", shared_with=["research"])
    path, content, service = {
        "images": ("look-up", {"images": [image.id]}, "Glance"),
        "projects": ("look-up", {"projects": ["research"]}, "Keystone"),
        "rules": ("look-up", {"domains": ["partners"], "tags": ["x"]}, "Keystone"),
        "compare": (
            "compare",
            NOTHING | {"images": [ASKED], "there": [["x", [[image.id, "x", "", "shared"]]]]},
            "Glance",
        ),
    }[what]
    sent = json.dumps({"region": region, **content}).encode()
    break_down(service, fault)
    form = {"content": SimpleUploadedFile("blob", sent)}
    response = admin.post(f"{URL}{path}/", form, **AJAX)
    if fault.name == "401":
        assert leads_to_login(response)
        return
    answer = response.json()
    if fault.passes:
        assert "failed" not in answer
        return
    if what == "compare" and fault.name == "404":
        # Glance gives this answer for an image that is gone.
        ((_line, why),) = said(answer)
        assert "not shared" in why
        assert answer["changes"] == []
        return
    assert set(answer) == {"failed"} or answer.get("left") == [0]
    assert REASON.search(answer.get("failed", "")) or answer["changes"] == []


def test_session_that_has_ended_leads_to_the_login_page(admin, region, break_down, image):
    """A slice whose session has ended redirects to the login page."""
    break_down("Glance", UNAUTHENTICATED)
    content = json.dumps({"region": region, "images": [image.id]}).encode()
    form = {"content": SimpleUploadedFile("blob", content)}
    assert leads_to_login(admin.post(f"{URL}look-up/", form, **AJAX))


ENTRY = {"line": 1, "text": "x", "mode": "add", "name": "", "entries": []}


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("look-up", {"images": [1]}),
        ("look-up", {"images": None}),
        ("look-up", {"place": [0]}),
        ("look-up", {"place": [-1, ""], "tags": ["x"]}),
        ("look-up", {"place": ["0", ""]}),
        ("compare", {}),
        ("compare", NOTHING | {"images": [{}]}),
        ("compare", NOTHING | {"images": [ENTRY | {"mode": "all"}]}),
        ("compare", NOTHING | {"images": [ENTRY | {"entries": [[1, "user", "x", ""]]}]}),
        ("compare", NOTHING | {"images": [ENTRY | {"entries": [[1, "tag", "x"]]}]}),
        ("compare", NOTHING | {"images": [ENTRY | {"line": True}]}),
        ("compare", NOTHING | {"there": [["x", [["../x", "", "", "shared"]]]]}),
        ("compare", NOTHING | {"there": {"x": []}}),
        ("compare", NOTHING | {"projects": [["x", [["a", "b", "c"]]]]}),
        ("compare", NOTHING | {"tags": [["x", [["a"]]]]}),
        (
            "compare",
            NOTHING
            | {"there": [[f"{n}", [[str(uuid.uuid4()), "", "", "shared"]]] for n in range(41)]},
        ),
    ],
)
def test_what_no_page_sends_is_refused(post, what, content):
    """An invalid request is refused with a sentence."""
    assert "cannot read the request" in post(what, **content)["refused"]


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b" " * (32 * 1024 * 1024 + 1)])
def test_what_is_no_json_is_refused(admin, content):
    """Invalid JSON is refused, even nested beyond Python's limit or of excessive size."""
    form = {"content": SimpleUploadedFile("blob", content)}
    for what in ("look-up", "compare"):
        answer = admin.post(f"{URL}{what}/", form, **AJAX).json()
        assert "cannot read the request" in answer["refused"]
        form["content"].seek(0)


def test_page_needs_its_token(admin, region):
    """Requests need a CSRF token, so other sites cannot send files in an administrator's name."""
    client = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    client.cookies = admin.cookies
    for what in ("read", "look-up", "compare"):
        response = client.post(f"{URL}{what}/", {"region": region})
        assert "csrf_failure" in response.url


# -- removals


def test_slice_removes_no_more_than_was_allowed(admin, make, connection, region, project_id):
    """The server refuses the whole slice if it has more removals than the request allows."""
    image = make("many", shared_with=["app-team-a", "research"])
    asked = [project_id("app-team-a"), project_id("research")]

    def send(most):
        change = {"image": image.id, "verb": "remove", "projects": asked}
        content = {"region": region, "changes": [change], "most_removals": most}
        return admin.post(SLICE, json.dumps(content), "application/json", **AJAX).json()

    assert "2 projects would lose their access" in send(1)["refused"]
    assert len(list(connection.image.members(image.id))) == 2
    assert "cannot read the request" in send("2")["refused"]
    assert "cannot read the request" in send(True)["refused"]
    assert {cell["state"] for cell in send(2)["cells"]} == {"done"}
