# SPDX-License-Identifier: Apache-2.0
"""The command image_access and its files, run as a program and in this process."""

import csv
import errno
import io
import json
import logging
import os
import subprocess
import sys
import uuid

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.conftest import PROJECT_OF
from tests.environment import CLOUD, PANEL
from xloud_images_panel.access import document
from xloud_images_panel.access.export import BYTE_ORDER_MARK
from xloud_images_panel.dashboard import lock
from xloud_images_panel.dashboard.lock import image_lock
from xloud_images_panel.dashboard.manage_access import carrying_out
from xloud_images_panel.management import exporting, files, node


def credentials(user):
    """Return the credentials of an operator's shell."""
    return {
        "OS_AUTH_URL": CLOUD.keystone_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": user,
        "OS_PASSWORD": CLOUD.password,
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_NAME": PROJECT_OF[user],
        "OS_PROJECT_DOMAIN_NAME": "Default",
    }


def without_credentials():
    """Return the environment without the credentials of the user who runs the tests."""
    return {name: value for name, value in os.environ.items() if name[:3] != "OS_"}


PROGRAM = [sys.executable, "-m", "django", "image_access"]


@pytest.fixture
def environment(cloud):
    """Return the environment of an operator's shell on a node of Horizon."""
    return without_credentials() | CLOUD.horizon_environment(0, PANEL) | credentials("admin")


@pytest.fixture
def shell(environment):
    """Return a function that runs the command as an operator does."""

    def shell(*arguments):
        return subprocess.run(
            [*PROGRAM, *arguments], env=environment, capture_output=True, text=True
        )

    return shell


@pytest.fixture
def command(cloud, monkeypatch):
    """Return a function that runs the command in process, and returns status and JSON lines."""
    for name in os.environ.keys() - without_credentials().keys():
        monkeypatch.delenv(name)
    # The tests run as an ordinary user, with a cache of this process alone.
    monkeypatch.setattr(node, "refusal", lambda: "")
    monkeypatch.setattr(lock, "shared_cache_problem", lambda: "")

    def command(*arguments, user="admin", **more):
        for name, value in (credentials(user) | more).items():
            monkeypatch.setenv(name, value)
        out = io.StringIO()
        try:
            call_command("image_access", *arguments, stdout=out, stderr=out)
            status = 0
        except SystemExit as ended:
            status = ended.code
        return status, [json.loads(line) for line in out.getvalue().splitlines()]

    return command


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file about one image, and returns its path."""

    def file(image, *lines, mode="add"):
        path = tmp_path / "access.yaml"
        entries = "".join(f"\n      - {line}" for line in lines) or " []"
        path.write_text(f"mode: {mode}\nimages:\n  - image: {image}\n    projects:{entries}\n")
        return str(path)

    return file


NO_LOGIN = dict.fromkeys(credentials("admin"), "") | {"OS_AUTH_TYPE": "none"}


def events(lines, name):
    """Return the output lines of a kind."""
    return [line for line in lines if line["event"] == name]


def changed(lines):
    """Return the planned, or applied, changes as verb and project."""
    done = events(lines, "change") + events(lines, "result")
    return {(line["action"], line["project"]["name"]) for line in done}


# -- as a program


def test_file_is_planned_and_applied_once(shell, command, image, file, members, project_id):
    """A plan with changes exits with 3, a second apply changes nothing, and the output is JSON."""
    path = file(image.id, "app-team-a", "partners/observatory")
    planned = shell("plan", path)
    assert planned.returncode == 3, planned.stderr
    assert changed(map(json.loads, planned.stdout.splitlines())) == {
        ("add", "app-team-a"),
        ("add", "observatory (partners)"),
    }
    assert members() == {}

    applied = shell("apply", path)
    assert applied.returncode == 0, applied.stderr
    assert members() == {
        project_id("app-team-a"): "accepted",
        project_id("observatory"): "accepted",
    }
    # The audit trail goes to the same place as Horizon's log.
    trail = [line for line in applied.stderr.splitlines() if "xloud_images_panel.audit" in line]
    assert len(trail) == 2
    assert '"region": "RegionOne"' in trail[0]

    status, lines = command("apply", path)
    assert (status, events(lines, "result")) == (0, [])
    assert command("plan", path)[0] == 0


def test_export_is_read_back_with_nothing_to_change(shell, command, make, tmp_path):
    """An export, as a YAML file or CSV on standard output, covers the cloud and plans no change."""
    make("=1+1", shared_with=["app-team-a", "observatory"])
    path = tmp_path / "all.yaml"
    assert command("export", "--output", str(path))[0] == 0
    assert len(document.read(path.read_bytes()).images) > 1
    status, lines = command("plan", str(path))
    assert (status, events(lines, "finding")) == (0, [])

    exported = shell("export", "--format", "csv")
    assert exported.stdout.startswith(BYTE_ORDER_MARK)
    rows = list(csv.DictReader(io.StringIO(exported.stdout[1:])))
    mine = {row["project_name"]: row for row in rows if row["image_name"] == "'=1+1"}
    assert {name: row["domain_name"] for name, row in mine.items()} == {
        "app-team-a": "Default",
        "observatory": "partners",
    }
    assert mine["observatory"]["project_state"] == "enabled"


def test_wrong_usage_is_a_status_of_its_own(shell, command, tmp_path):
    """A missing action, a missing file and a bad file are refused before any request."""
    path = tmp_path / "list.yaml"
    path.write_text("- a\n- &b c\n")
    assert [shell().returncode, shell("plan", "/nowhere").returncode] == [2, 2]
    status, (line,) = command("plan", str(path))
    assert (status, line["line"], line["problem"]) == (2, 2, "an anchor")


def test_reader_that_goes_away_is_no_traceback(environment, make):
    """A reader that closes the pipe early, such as ``head``, causes no traceback."""
    make("piped", shared_with=["app-team-a"])
    with subprocess.Popen(
        [*PROGRAM, "export"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as exporting:
        exporting.stdout.close()
        said = exporting.stderr.read()
    assert exporting.returncode == 1
    assert "Traceback" not in said
    assert "Exception" not in said


# -- in this process


def test_exact_removes_what_the_file_does_not_have(command, make, file, project_id, connection):
    """Mode ``exact`` removes projects that the file lacks, and the plan lists removals first."""
    image = make("exact", shared_with=["app-team-a", "research"])
    path = file(image.id, "research", "{domain: partners}", mode="exact")
    status, lines = command("plan", path)
    wanted = {("remove", "app-team-a"), ("add", "observatory (partners)")}
    assert (status, changed(lines)) == (3, wanted)
    status, lines = command("apply", path)
    assert (status, changed(lines)) == (0, wanted)
    assert {item.member_id for item in connection.image.members(image.id)} == {
        project_id("research"),
        project_id("observatory"),
    }


def test_rule_by_tag(command, image, file, members, connection, project_id):
    """A rule by tag adds the projects that have the tag."""
    team = project_id("app-team-b")
    connection.identity.put(f"/projects/{team}/tags/gpu")
    assert (
        command(
            "apply",
            file(image.id, "{tag: gpu}"),
        )[0]
        == 0
    )
    assert set(members()) == {team}


def test_nothing_is_removed_where_a_line_is_not_clear(command, make, file, connection):
    """An unclear line prevents removals; the clear lines are applied, and the run fails."""
    image = make("not-clear", shared_with=["app-team-a"])
    path = file(image.id, "research", "nobody", "{domain: nowhere}", "{tag: none}", mode="exact")
    status, lines = command("apply", path)
    assert (status, changed(lines)) == (1, {("add", "research")})
    problems = {line["line"]: line["problem"] for line in events(lines, "finding")}
    assert problems == {
        3: "no removals",
        6: "project unknown",
        7: "rule without a project",
        8: "rule without a project",
    }
    assert len(list(connection.image.members(image.id))) == 2


def test_many_removals_need_their_number(command, make, file, connection):
    """Without a limit that allows all removals, the command changes nothing."""
    image = make("many", shared_with=["app-team-a"])
    path = file(image.id, "research", mode="exact")
    status, lines = command("apply", path, "--max-removals", "0")
    assert (status, changed(lines)) == (1, set())
    assert command("plan", path, "--max-removals", "0")[0] == 1
    assert len(list(connection.image.members(image.id))) == 1
    assert command("apply", path, "--max-removals", "1")[0] == 0


def test_added_projects_answer_for_themselves_where_asked(command, image, file, members):
    """``--no-accept`` leaves added projects pending, and overrides the panel's setting."""
    assert command("apply", file(image.id, "app-team-a"), "--no-accept")[0] == 0
    assert set(members().values()) == {"pending"}


def test_images_are_found_by_their_only_name(command, make, file, hide):
    """An image is found by its unique name; ambiguous names and unshared images are refused."""
    make("only-one")
    make("two")
    hide(make("two"))
    make("mine", visibility="private")
    assert command("plan", file("only-one", "research"))[0] == 3
    said = {}
    for name in ("two", "mine", "nothing", "in:only-one"):
        status, lines = command("plan", file(f"'{name}'", "research"))
        assert status == 1
        said[name] = [line["problem"] for line in events(lines, "finding")]
    assert said == {
        "two": ["image ambiguous"],
        "mine": ["image not shared"],
        "nothing": ["image unknown"],
        "in:only-one": ["image unknown"],
    }


def test_image_that_somebody_else_changes_is_left(command, image, file, members, caplog):
    """The command uses the dashboard's lock for its region, and the trail has the refusal."""
    with image_lock("RegionOne", image.id):
        status, lines = command("apply", file(image.id, "research"))
    assert (status, members()) == (1, {})
    assert events(lines, "skipped")
    assert '"reason": "busy"' in caplog.text
    assert command("apply", file(image.id, "research"))[0] == 0


def test_project_that_is_deleted_while_a_file_is_applied_gets_nothing(
    caplog, command, connection, image, make, monkeypatch, members_of, tmp_path, project_id
):
    """A project deleted halfway is not added, though Glance would accept it; others are added."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    monkeypatch.setattr(files, "STAYS_FOR", 0.0)
    gone = connection.identity.create_project(name=f"gone-{uuid.uuid4().hex[:8]}")
    images = [image, make("other")]
    path = tmp_path / "two.yaml"
    projects = f"projects: [research, {gone.id}]"
    path.write_text(
        "images:\n" + "".join(f"  - image: {item.id}\n    {projects}\n" for item in images)
    )
    carry_out, carried_out = carrying_out.carry_out, []

    def delete_after_the_first(*arguments, **more):
        done = carry_out(*arguments, **more)
        if not carried_out:
            connection.identity.delete_project(gone)
        carried_out.append(done)
        return done

    monkeypatch.setattr(carrying_out, "carry_out", delete_after_the_first)
    status, lines = command("apply", str(path))
    assert status == 1
    research = project_id("research")
    found = [set(members_of(item)) for item in images]
    assert sorted(found, key=len) == [{research}, {research, gone.id}]
    failed = [line for line in events(lines, "result") if line["result"] == "failed"]
    assert [(line["project"]["id"], line["reason"]) for line in failed] == [(gone.id, "missing")]
    assert caplog.text.count('"result": "failed"') == 1


def test_trail_says_who_did_what(command, image, file, project_id, caplog):
    """Each project has one line on the trail, as for changes in the dashboard."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    command("apply", file(image.id, "research"))
    (line,) = [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "xloud_images_panel.audit"
    ]
    assert (line["user"]["name"], line["project"]["name"]) == ("admin", "admin")
    assert (line["region"], line["action"], line["result"]) == ("RegionOne", "add", "done")
    assert (line["image"]["id"], line["member"]) == (image.id, project_id("research"))


@pytest.mark.parametrize("user", ["pat", "ann", "rita"])
@pytest.mark.parametrize("action", ["export", "plan", "apply", "explain", "stale"])
def test_nobody_but_administrators(command, image, file, user, action, caplog):
    """Members and readers are refused every action, and the trail has the attempt."""
    files = [file(image.id, "research")]
    arguments = {"plan": files, "apply": files, "explain": ["research", image.id]}.get(action, [])
    with pytest.raises(CommandError, match=r"may not (see|change)"):
        command(action, *arguments, user=user)
    assert '"reason": "policy"' in caplog.text


def test_wrong_credentials_are_said(command, image, file):
    """Wrong credentials end the command with a message, without a traceback."""
    path = file(image.id, "research")
    with pytest.raises(CommandError, match="Cannot log in") as refused:
        command("plan", path, OS_PASSWORD="wrong")
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="no image service in the region nowhere") as refused:
        command("plan", path, OS_REGION_NAME="nowhere")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="Cloud nowhere was not found") as refused:
        command("plan", path, "--os-cloud", "nowhere")
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"OS_AUTH_URL": ""}, "cannot be used: .*auth_url", id="no address"),
        pytest.param({"OS_AUTH_TYPE": "nonsense"}, "could not be found", id="no such type"),
        pytest.param({"OS_PASSWORD": ""}, "password is a required", id="no password"),
        pytest.param({"OS_AUTH_TYPE": "none"}, "cannot be used: got an unexp", id="other options"),
        pytest.param(NO_LOGIN, "a type that logs in", id="no login"),
    ],
)
def test_credentials_that_lack_something_are_wrong_usage(command, image, file, given, says):
    """A missing variable is wrong usage, not a failure of the cloud."""
    with pytest.raises(CommandError, match=says) as refused:
        command("plan", file(image.id, "research"), **given)
    assert refused.value.returncode == 2


def test_cloud_of_a_file_is_taken(command, image, file, tmp_path):
    """A cloud from ``clouds.yaml`` replaces the environment variables."""
    clouds = tmp_path / "clouds.yaml"
    auth = {
        "auth_url": CLOUD.keystone_url,
        "username": "admin",
        "password": CLOUD.password,
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    clouds.write_text(json.dumps({"clouds": {"here": {"auth": auth}}}))
    more = {"OS_CLIENT_CONFIG_FILE": str(clouds), "OS_USERNAME": "nobody"}
    status, _lines = command("plan", file(image.id, "research"), "--os-cloud", "here", **more)
    assert status == 3


def test_cache_of_one_process_is_no_lock(command, image, file, members, monkeypatch):
    """Without a shared cache, an option must confirm that no other process changes access."""
    monkeypatch.setattr(lock, "shared_cache_problem", lambda: "not shared")
    path = file(image.id, "research")
    with pytest.raises(CommandError, match="--without-lock") as caught:
        command("apply", path)
    assert (caught.value.returncode, members()) == (2, {})
    assert command("plan", path)[0] == 3
    assert command("apply", path, "--without-lock")[0] == 0


@pytest.mark.parametrize(("service", "name"), [("identity", "Keystone"), ("image", "Glance")])
def test_service_that_is_down_is_said(command, image, file, members, down, service, name):
    """If a service is down, the command stops without any change."""
    down(service)
    with pytest.raises(CommandError, match=name):
        command("apply", file(image.id, "research"))
    assert members() == {}


def test_export_that_breaks_off_replaces_no_file(command, make, tmp_path, down):
    """An export that breaks off keeps the previous file."""
    path = tmp_path / "all.yaml"
    path.write_text("yesterday's")
    down("image")
    with pytest.raises(CommandError, match="Glance"):
        command("export", "--output", str(path))
    assert path.read_text() == "yesterday's"
    assert [item.name for item in tmp_path.iterdir()] == ["all.yaml"]


@pytest.mark.parametrize("to_file", [True, False])
def test_full_disk_is_a_failure(command, image, monkeypatch, tmp_path, to_file):
    """A full disk is no wrong usage, because the path was right; the previous file stays."""
    path = tmp_path / "all.yaml"
    path.write_text("yesterday's")

    def write(*_arguments, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "write", write)
    with pytest.raises(CommandError, match="No space left") as failed:
        command("export", *(["--output", str(path)] if to_file else []))
    assert failed.value.returncode == 1
    assert path.read_text() == "yesterday's"


def test_folder_that_is_missing_is_wrong_usage(command, image, tmp_path):
    """A missing folder is wrong usage, and the export does not begin."""
    with pytest.raises(CommandError, match="No such file") as refused:
        command("export", "--output", str(tmp_path / "nowhere" / "all.yaml"))
    assert refused.value.returncode == 2


# -- stale


def test_stale_members_are_named(command, make, connection):
    """Unknown members, disabled and deleted projects, and the owner itself are listed as stale."""
    image = make("stale", shared_with=["research", "platform"])
    lost = {}
    for name in ("lost", "resting"):
        lost[name] = connection.identity.create_project(name=name, domain_id="default").id
        connection.image.add_member(image.id, member_id=lost[name])
    connection.image.add_member(image.id, member_id="../x")
    connection.identity.delete_project(lost["lost"])
    connection.identity.update_project(lost["resting"], is_enabled=False)
    try:
        status, lines = command("stale")
    finally:
        connection.identity.delete_project(lost["resting"])
    assert status == 0
    named = {
        line["project"]["id"]: line["kind"]
        for line in events(lines, "stale")
        if line["image"]["id"] == image.id
    }
    assert named == {
        lost["lost"]: "deleted",
        lost["resting"]: "disabled",
        "../x": "no project",
        image.owner: "owner",
    }
    assert events(lines, "summary")[0]["stale"] >= 4
    assert len(list(connection.image.members(image.id))) == 5


# -- explain


def test_image_is_found_by_its_id_in_either_case(command, connection, project_id, image):
    """An image is found by its ID in either case; Glance keeps the capitals of a given ID."""
    capitals = str(uuid.uuid4()).upper()
    connection.image.create_image(
        name="capitals", id=capitals, visibility="shared", owner=project_id("platform")
    )
    try:
        _status, (lists, _uses) = command("explain", "research", capitals)
        assert lists["image"]["name"] == "capitals"
    finally:
        connection.image.delete_image(capitals)
    _status, (lists, _uses) = command("explain", "research", image.id.upper())
    assert lists["image"]["id"] == image.id


def test_explanation_names_the_fact_and_what_would_change_it(command, make, project_id):
    """An explanation names the facts, here a pending status and missing data, and their remedy."""
    image = make("explained", shared_with=["observatory"])
    status, (lists, uses) = command("explain", "partners/observatory", "explained")
    assert status == 0
    assert (lists["question"], lists["answer"], lists["facts"]) == ("lists", "no", ["pending"])
    assert "has not accepted it" in lists["message"][0]
    assert "accepts the image" in lists["changes"][0]
    assert (uses["question"], uses["answer"], uses["facts"]) == ("uses", "no", ["no data yet"])
    assert lists["project"] == {"id": project_id("observatory"), "name": "observatory"}
    assert lists["image"] == {"id": image.id, "name": "explained"}


def test_explanation_by_ids_that_are_nothing(command, image):
    """An unknown ID is reported as missing, and not searched for as a name."""
    _status, (lists, _uses) = command("explain", "f" * 32, image.id)
    assert lists["facts"][0] == "project missing"
    missing = "00000000-0000-4000-8000-000000000000"
    _status, (lists, _uses) = command("explain", "f" * 32, missing)
    assert "image missing" in lists["facts"]


def test_explanation_needs_one_project_and_one_image(command, make, image):
    """An explanation refuses an unknown name, and lists the matches of an ambiguous one."""
    with pytest.raises(CommandError, match='There is no project "nobody"'):
        command("explain", "nobody", image.id)
    twins = [make("twin").id for _number in range(2)]
    with pytest.raises(CommandError, match="several images") as caught:
        command("explain", "research", "twin")
    assert all(image_id in str(caught.value) for image_id in twins)
