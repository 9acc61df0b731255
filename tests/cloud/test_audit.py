# SPDX-License-Identifier: Apache-2.0
"""The audit trail of access changes in the log, with the request IDs of a real Glance."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.pages import shown
from xloud_images_panel.access.failure import Busy
from xloud_images_panel.dashboard import made_for, trail
from xloud_images_panel.dashboard.manage_access import carrying_out

SHARED = "/project/images/shared/"
AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


def test_each_project_of_a_change_leaves_a_line(admin, connection, image, lines, make, project_id):
    """Each project's line has the user, their project, the result and Glance's request IDs."""
    research, team = project_id("research"), project_id("app-team-a")
    connection.image.add_member(image.id, member_id=team)
    admin.post(
        f"/admin/images/{image.id}/access/",
        {"add": research, "remove": team, "accept": "on"},
        **AJAX,
    )
    removed, added = lines()
    for line in (removed, added):
        assert line["user"]["name"] == "admin"
        assert line["project"] == {"id": project_id("admin"), "name": "admin"}
        assert line["image"] == {"id": image.id, "name": "golden"}
        assert line["result"] == "done"
    assert (removed["action"], removed["member"]) == ("remove", team)
    assert (added["action"], added["member"], added["status"]) == ("add", research, "accepted")
    # The POST and the PUT; the DELETE.
    assert len(added["request_ids"]) == 2
    assert len(removed["request_ids"]) == 1
    for request_id in (*added["request_ids"], *removed["request_ids"]):
        assert re.fullmatch(r"req-[0-9a-f-]{36}", request_id)


def test_what_was_so_already_is_told_apart(admin, connection, image, lines, project_id):
    """The addition of a project that another user has added is logged as "unchanged"."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    assert [line["result"] for line in lines()] == ["unchanged"]


def test_failure_is_logged_with_its_cause_once(admin, bulk, image, lines, caplog, project_id):
    """A failure leaves a line with a short reason in the trail, and its cause once in the log."""
    bulk.members([(image.id, f"filler-{number}", "pending") for number in range(128)])
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    [line] = lines()
    assert (line["result"], line["reason"], line["http_status"]) == ("failed", "over quota", 413)
    [cause] = [item.getMessage() for item in caplog.records if "Maximum" in item.getMessage()]
    # The request ID connects the two lines.
    assert line["request_ids"][0] in cause


def test_answers_leave_a_line_for_each_image(login, lines, make, project_id):
    """Accept and Reject leave a line for each image, with the current project as the member."""
    images = [make("trail", shared_with=["app-team-a"]) for _image in range(2)]
    for action in ("accept", "reject"):
        ann = login("ann")
        form = {"action": f"shared_images__{action}", "object_ids": [image.id for image in images]}
        ann.post(SHARED, {**form, **shown(ann)})
    logged = lines()
    assert [line["action"] for line in logged] == ["accept", "accept", "reject", "reject"]
    assert {line["image"]["id"] for line in logged[:2]} == {image.id for image in images}
    for line in logged:
        assert line["user"]["name"] == "ann"
        assert line["member"] == project_id("app-team-a")
        assert line["result"] == "done"
        assert line["request_ids"]


def test_new_image_is_shared_on_record(admin, connection, lines, project_id):
    """Create Image with projects leaves the same lines as Manage Access."""
    admin.post(
        "/admin/images/create/",
        {
            "name": "trailed",
            "source_type": "file",
            "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
            "disk_format": "raw",
            "visibility": "shared",
            "add": project_id("research"),
        },
        **AJAX,
    )
    [line] = lines()
    [image] = connection.image.images(name="trailed")
    connection.image.delete_image(image)
    assert (line["action"], line["member"]) == ("add", project_id("research"))
    assert line["image"] == {"id": image.id, "name": "trailed"}


def test_nothing_is_on_record_that_was_not_asked_for(admin, login, image, lines):
    """Reading pages leaves no line."""
    admin.get(f"/admin/images/{image.id}/access/", **AJAX)
    login("ann").get("/project/images/shared/")
    assert lines() == []


def test_lines_say_where_and_from_where(login, lines, make):
    """A line has the region and the client's address; the region distinguishes equal image IDs."""
    image = make("where", shared_with=["app-team-a"])
    ann = login("ann")
    ann.post(SHARED, {"action": f"shared_images__accept__{image.id}", **shown(ann)})
    [line] = lines()
    assert (line["region"], line["address"]) == ("RegionOne", "127.0.0.1")


def test_what_came_back_by_visibility_is_on_record(admin, connection, image, lines, project_id):
    """When an image is shared again, one line lists the projects that regain access."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    connection.image.update_image(image.id, visibility="private")
    form = {"image_id": image.id, "name": "golden", "disk_format": "raw", "visibility": "shared"}
    admin.post(f"/admin/images/{image.id}/update/", form)
    [line] = lines()
    assert (line["action"], line["count"]) == ("returned", 1)
    assert line["members"] == [project_id("research")]
    assert line["image"] == {"id": image.id, "name": "golden"}


# -- refusals


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"add": "0" * 32}, "not valid"),
        ({}, "not valid"),
        ({"add": ["0" * 32, "0" * 32]}, "not valid"),
        ({"add": "0" * 32, made_for.REGION: "RegionTwo"}, "project or region switched"),
    ],
)
def test_change_that_is_refused_leaves_one_line(admin, image, lines, change, reason):
    """Every refused change leaves one line with the user, the action, the image and the reason."""
    admin.post(f"/admin/images/{image.id}/access/", change, **AJAX)
    [line] = lines()
    assert (line["action"], line["result"]) == ("manage access", "refused")
    assert line["reason"] == reason
    assert line["image"] == {"id": image.id}
    assert line["user"]["name"] == "admin"


def test_change_that_has_to_wait_leaves_a_line(admin, image, lines, monkeypatch, project_id):
    """A change refused during another change of the image's access leaves a line."""

    def busy(*_args, **_options):
        raise Busy

    monkeypatch.setattr(carrying_out, "carry_out", busy)
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    assert [line["reason"] for line in lines()] == ["busy"]


def test_change_that_could_not_be_checked_leaves_a_line(admin, image, lines, down, project_id):
    """A change leaves a line if Keystone cannot confirm that the project exists."""
    down("identity")
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    assert [line["reason"] for line in lines()] == ["not checked"]


def test_answers_that_are_refused_leave_one_line_each(login, lines, make):
    """A reader's answer and an answer from a page of another project leave one line each."""
    image = make("refused", shared_with=["app-team-a"])
    form = {"action": "shared_images__accept", "object_ids": [image.id, "x" * 1_000_000]}
    rita, ann = login("rita"), login("ann")
    rita.post(SHARED, {**form, **shown(rita)})
    ann.post(SHARED, {**form, **shown(ann), made_for.PROJECT: "another"})
    told = [(line["user"]["name"], line["action"], line["reason"]) for line in lines()]
    assert told == [
        ("rita", "accept", "policy"),
        ("ann", "accept", "project or region switched"),
    ]


def test_flood_of_refusals_is_cut(login, lines, caplog):
    """Fifty refusals leave only some twenty short lines."""
    rita = login("rita")
    form = {"action": "shared_images__reject", "object_ids": ["x" * 10_000], **shown(rita)}
    for _number in range(50):
        rita.post(SHARED, form)
    assert len(lines()) <= 2 * (trail.MOST_REFUSALS + 1)  # a minute may end in between
    assert lines()[trail.MOST_REFUSALS]["result"] in ("suppressed", "refused")
    assert max(len(record.getMessage()) for record in caplog.records) < 2_000
