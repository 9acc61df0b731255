# SPDX-License-Identifier: Apache-2.0
"""The page's answers for a project and an image, compared with a real token's access."""

import uuid
from urllib.parse import quote

import pytest
from keystoneauth1.exceptions import Unauthorized

from xloud_images_panel.access.explain import Action, Answer

pytestmark = pytest.mark.usefixtures("without_menus")

URL = "/admin/images/access/why/"
PROJECT = "app-team-a"
DATA = bytes(512)
YES, NO = Answer.YES, Answer.NO


@pytest.fixture(scope="module")
def member(cloud):
    """A client of a user with the role member in the project."""
    return cloud.connection("ann")


@pytest.fixture
def gets(member):
    """Return a function that returns whether the project lists an image, and can use it.

    Glance also returns the record of an image without usable data; Nova and Cinder accept only
    active images.
    """

    def gets(image_id, client=member):
        listed = client.image.get(f"/images?limit=1000&name={quote(image_id)}").json()["images"]
        record = client.image.get(f"/images/{image_id}")
        data = client.image.get(f"/images/{image_id}/file")
        active = record.status_code == 200 and record.json()["status"] == "active"
        return bool(listed), active and data.status_code == 200

    return gets


@pytest.fixture
def answers(login):
    """Return a function that returns the page's two lines for a project and an image."""

    def answers(project, image):
        page = login("admin").get(URL, {"project": project, "image": image})
        return page.context["lines"]

    return answers


@pytest.fixture
def situate(bulk, connection, hide, make, project_id):
    """Return a function that creates an image in a situation given in words.

    The image's name is its ID, so that Glance's list can be filtered by it.
    """
    made = []

    def situate(words):
        words = words.split()
        statuses = [word for word in words if word in ("accepted", "pending", "rejected")]
        visibility = next(
            (word for word in words if word in ("private", "public", "community")), "shared"
        )
        data = {} if "queued" in words else {"data": DATA}
        owner = PROJECT if "owner" in words else "platform"
        image = make("explained", owner, **data)
        made.append(image)
        bulk.members((image.id, project_id(PROJECT), status) for status in statuses)
        changes = {"name": image.id, "visibility": visibility}
        if "unowned" in words:
            changes["owner"] = None
        status = next((word[3:] for word in words if word.startswith("db:")), "")
        if status:
            changes["status"] = status
        bulk.set_image(image.id, **changes)
        if "hidden" in words:
            hide(image)
        if "deactivated" in words:
            connection.image.deactivate_image(image)
        return image.id

    yield situate
    for image in made:
        # Glance does not delete an image with a doubled member.
        bulk.remove_members([image.id])
        bulk.set_image(image.id, status="active", owner=project_id("platform"))


@pytest.fixture
def take(bulk, connection, project_id):
    """Return a function that carries out a step that changes the answer."""

    def take(action, image_id):
        image, project = connection.image.get_image(image_id), project_id(PROJECT)
        if action in (Action.SHARE, Action.PUBLISH):
            visibility = "shared" if action is Action.SHARE else "public"
            connection.image.update_image(image, visibility=visibility)
        elif action is Action.ADD_PROJECT:
            connection.image.post(f"/images/{image_id}/members", json={"member": project})
        elif action in (Action.ASK_AGAIN, Action.ACCEPT):
            status = "pending" if action is Action.ASK_AGAIN else "accepted"
            connection.image.update_member(project, image_id, status=status)
        elif action is Action.UNHIDE:
            bulk.set_image(image_id, os_hidden=False)
        elif action is Action.REACTIVATE:
            connection.image.reactivate_image(image)
        else:
            assert action is Action.UPLOAD
            connection.image.put(
                f"/images/{image_id}/file",
                data=DATA,
                headers={"Content-Type": "application/octet-stream"},
            )

    return take


# Situation; whether the project lists the image; whether the project can use the image.
CASES = [
    ("owner", YES, YES),
    ("owner private", YES, YES),
    ("owner community", YES, YES),
    ("owner rejected", YES, YES),
    ("owner hidden", NO, YES),
    ("public", YES, YES),
    ("public rejected", YES, YES),
    ("public hidden", NO, YES),
    ("public unowned", YES, YES),
    ("community", NO, YES),
    ("community accepted", NO, YES),
    ("community hidden", NO, YES),
    ("community unowned", NO, YES),
    ("private", NO, NO),
    ("private accepted", NO, NO),
    ("private unowned", NO, NO),
    ("shared", NO, NO),
    ("shared unowned", NO, YES),
    ("shared hidden", NO, NO),
    ("accepted", YES, YES),
    ("accepted hidden", NO, YES),
    ("accepted unowned", YES, YES),
    ("pending", NO, YES),
    ("pending hidden", NO, YES),
    ("rejected", NO, YES),
    ("accepted pending", YES, YES),
    ("pending accepted", YES, YES),
    ("rejected accepted", YES, YES),
    ("accepted rejected", YES, YES),
    ("rejected pending", NO, YES),
    ("pending rejected", NO, YES),
    ("accepted deactivated", YES, NO),
    ("pending deactivated", NO, NO),
    ("owner deactivated", YES, NO),
    ("shared deactivated", NO, NO),
    ("accepted queued", YES, NO),
    ("owner queued", YES, NO),
    ("accepted db:saving", YES, NO),
    ("accepted db:uploading", YES, NO),
    ("accepted db:importing", YES, NO),
    ("accepted db:killed", NO, NO),
    ("owner db:killed", NO, NO),
    ("accepted db:pending_delete", YES, NO),
    ("accepted db:deleted", YES, NO),
]


@pytest.mark.parametrize(("words", "lists", "uses"), CASES, ids=[case[0] for case in CASES])
def test_answer_is_what_the_project_gets(
    answers, gets, project_id, situate, take, words, lists, uses
):
    """Both answers are true, and the steps on the page change a no into a yes."""
    image_id = situate(words)
    lines = answers(project_id(PROJECT), image_id)
    assert [line.answer for line in lines] == [lists, uses]
    assert gets(image_id) == (lists is YES, uses is YES)
    if "db:" in words:
        return  # these statuses end by themselves, or never
    for number, line in enumerate(lines):
        for step in line.steps:
            # The second line may repeat a step of the first.
            if number == 0 or step.action not in [done.action for done in lines[0].steps]:
                take(step.action, image_id)
        assert gets(image_id)[number], words


def test_deleted_image_is_missing(answers, connection, make, member, project_id):
    """A deleted image counts as missing: Glance hides its record, even if it keeps the data."""
    image = make("explained", shared_with=[PROJECT], status="accepted")
    connection.image.delete_image(image)
    lines = answers(project_id(PROJECT), image.id)
    assert [(line.answer, line.fact) for line in lines] == [
        (NO, "There is no image with this ID.")
    ] * 2
    assert member.image.get(f"/images/{image.id}").status_code == 404


@pytest.mark.parametrize("kept_out", ["project disabled", "domain disabled", "project deleted"])
def test_project_that_nobody_can_log_in_to(answers, cloud, connection, gets, kept_out, make):
    """A project loses its image when Keystone no longer issues tokens for the project."""
    identity = connection.identity
    domain = identity.create_domain(name=f"explained-{uuid.uuid4().hex}")
    project = identity.create_project(name="explained", domain_id=domain.id)
    user = identity.find_user("ann", domain_id="default")
    identity.assign_project_role_to_user(project, user, identity.find_role("member"))
    image = make("explained", data=DATA)
    connection.image.update_image(image, name=image.id)
    connection.image.add_member(image.id, member_id=project.id)
    connection.image.update_member(project.id, image.id, status="accepted")

    def log_in():
        return cloud.connection("ann", project.name, domain.name)

    try:
        assert [line.answer for line in answers(project.id, image.id)] == [YES, YES]
        assert gets(image.id, log_in()) == (True, True)
        if kept_out == "project disabled":
            identity.update_project(project, is_enabled=False)
        elif kept_out == "domain disabled":
            identity.update_domain(domain, is_enabled=False)
        else:
            identity.delete_project(project)
        lines = answers(project.id, image.id)
        assert [line.answer for line in lines] == [NO, NO]
        assert {
            "project disabled": "The project is disabled: nobody can log in to it.",
            "domain disabled": "The domain of the project is disabled",
            "project deleted": "There is no project with this ID.",
        }[kept_out] in lines[0].fact
        with pytest.raises(Unauthorized):
            log_in().session.get_token()
    finally:
        identity.update_domain(domain, is_enabled=False)
        identity.delete_domain(domain)


def test_reader_sees_what_a_member_sees_and_downloads_nothing(cloud, gets, situate):
    """A reader sees the images that a member sees, but cannot download them, as the page says."""
    rita = cloud.connection("rita")
    accepted, pending = situate("accepted"), situate("pending")
    assert gets(accepted, rita) == (True, False)
    assert gets(pending, rita) == (False, False)
    assert rita.image.get(f"/images/{accepted}/file").status_code == 403
    assert rita.image.get(f"/images/{pending}").status_code == 200
