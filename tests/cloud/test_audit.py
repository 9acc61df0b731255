"""The trail that changes of access leave in the log, with the request IDs of a real Glance."""

import json
import logging
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.pages import shown

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}


@pytest.fixture
def lines(caplog):
    """Return a function that gives the lines of the trail."""
    caplog.set_level(logging.INFO, "xloud_images_panel.audit")
    return lambda: [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "xloud_images_panel.audit"
    ]


def test_each_project_of_a_change_leaves_a_line(admin, connection, image, lines, make, project_id):
    """Who did what to whom, whether it worked, and how to find it in Glance's log."""
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
    # The POST and the PUT.
    assert len(added["request_ids"]) == 2
    assert len(removed["request_ids"]) == 1
    for request_id in (*added["request_ids"], *removed["request_ids"]):
        assert re.fullmatch(r"req-[0-9a-f-]{36}", request_id)


def test_what_was_so_already_is_told_apart(admin, connection, image, lines, project_id):
    """Somebody else had added the project: nothing changed."""
    connection.image.add_member(image.id, member_id=project_id("research"))
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    assert [line["result"] for line in lines()] == ["unchanged"]


def test_failure_is_logged_with_its_cause_once(admin, bulk, image, lines, caplog, project_id):
    """The trail says that it failed and why in a word; the cause stands in one other line."""
    bulk.members([(image.id, f"filler-{number}", "pending") for number in range(128)])
    admin.post(f"/admin/images/{image.id}/access/", {"add": project_id("research")}, **AJAX)
    [line] = lines()
    assert (line["result"], line["reason"], line["http_status"]) == ("failed", "over quota", 413)
    [cause] = [item.getMessage() for item in caplog.records if "Maximum" in item.getMessage()]
    # With the request by which the two lines are one.
    assert line["request_ids"][0] in cause


def test_answers_leave_a_line_for_each_image(login, lines, make, project_id):
    """Accept and Reject are changes of access of the project's own."""
    images = [make("trail", shared_with=["app-team-a"]) for _image in range(2)]
    for action in ("accept", "reject"):
        ann = login("ann")
        form = {"action": f"shared_images__{action}", "object_ids": [image.id for image in images]}
        ann.post("/project/images/shared/", {**form, **shown(ann)})
    logged = lines()
    assert [line["action"] for line in logged] == ["accept", "accept", "reject", "reject"]
    assert {line["image"]["id"] for line in logged[:2]} == {image.id for image in images}
    for line in logged:
        assert line["user"]["name"] == "ann"
        assert line["member"] == project_id("app-team-a")
        assert line["result"] == "done"
        assert line["request_ids"]


def test_new_image_is_shared_on_record(admin, connection, lines, project_id, without_upload):
    """Create Image with projects leaves the same lines."""
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


def test_nothing_is_on_record_that_was_not_asked_for(admin, login, image, lines, project_id):
    """Looking leaves no line, nor does what is refused before Glance is asked."""
    admin.get(f"/admin/images/{image.id}/access/", **AJAX)
    admin.post(f"/admin/images/{image.id}/access/", {"add": "0" * 32}, **AJAX)
    login("ann").get("/project/images/shared/")
    assert lines() == []
