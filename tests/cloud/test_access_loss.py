# SPDX-License-Identifier: Apache-2.0
"""The sentence that warns a user which projects would lose access to an image."""

import uuid

import pytest

from tests.faults import REFUSED
from xloud_images_panel.services.access_of_images import MOST_IMAGES

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
# The image's owner is the project platform; pat is a member of it.
OWNERS = pytest.mark.parametrize(("user", "panel"), [("admin", "admin"), ("pat", "project")])
NOT_KNOWN = "It could not be determined how many projects have access."


@pytest.fixture
def told(login):
    """Return a function that returns the sentence about a loss, or an empty string."""

    def told(*images, user="admin", panel="admin", loss="delete"):
        asked = ",".join(getattr(image, "id", image) for image in images)
        response = login(user).get(
            f"/{panel}/images/access/loss/", {"images": asked, "loss": loss}, **AJAX
        )
        if response.status_code == 204:
            return ""
        assert response.status_code == 200, response.content.decode()
        return response.json()["message"]

    return told


@pytest.fixture
def shared(make):
    """A shared image that two projects have accepted."""
    return make("golden", shared_with=("research", "app-team-a"), status="accepted")


@OWNERS
@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("delete", "2 projects have access to this image and will lose it: "),
        (
            "deactivate",
            "2 projects have access to this image and cannot use it until it is reactivated: ",
        ),
        ("private", "2 projects have access to this image and will lose it: "),
        ("community", "2 projects have access to this image: "),
        ("public", "2 projects have access to this image: "),
    ],
)
def test_says_who_has_access_and_what_becomes_of_it(
    told, shared, project_id, user, panel, loss, said
):
    """The sentence gives the projects' names to administrators, and their IDs to the owner."""
    sentence = told(shared, user=user, panel=panel, loss=loss)
    names = ["app-team-a", "research"]
    ids = sorted((project_id(name) for name in names), key=str.casefold)
    assert sentence.startswith(said + " and ".join(names if user == "admin" else ids) + ".")


@pytest.mark.parametrize(
    ("loss", "consequence"),
    [
        ("private", "Glance keeps the list"),
        ("community", "Every project can use a community image, but it leaves their image lists."),
        ("public", "Every project can see and use a public image."),
    ],
)
def test_visibility_keeps_what_the_sentence_says(
    told, connection, cloud, project_id, shared, loss, consequence
):
    """A new visibility has the announced effect on members, and sharing restores their access."""
    assert consequence in told(shared, loss=loss)
    member = cloud.connection("ann")
    assert project_id("app-team-a") == member.current_project_id

    def uses():
        return member.image.find_image(shared.id) is not None

    def lists():
        return shared.id in [image.id for image in member.image.images()]

    assert (uses(), lists()) == (True, True)
    connection.image.update_image(shared.id, visibility=loss)
    expected = {"private": (False, False), "community": (True, False), "public": (True, True)}
    assert (uses(), lists()) == expected[loss]
    connection.image.update_image(shared.id, visibility="shared")
    assert (uses(), lists()) == (True, True)


def test_counts_who_has_yet_to_answer_and_not_who_rejected(told, connection, image, project_id):
    """Pending projects count; rejected ones and an owner listed as a member do not."""
    for name in ("research", "app-team-a", "platform"):
        connection.image.add_member(image.id, member_id=project_id(name))
    connection.image.update_member(project_id("research"), image.id, status="rejected")
    assert told(image).startswith("1 project has access to this image and will lose it: app-team-a")


@pytest.mark.parametrize("visibility", ["private", "community", "public"])
def test_says_nothing_of_an_image_that_is_not_shared(told, connection, shared, visibility):
    """An image that is not shared gets no sentence."""
    connection.image.update_image(shared.id, visibility=visibility)
    assert told(shared) == ""


def test_says_nothing_where_nobody_has_access(told, image):
    """Images without members, unknown images, invalid IDs and an empty request get no sentence."""
    assert told(image) == ""
    assert told(str(uuid.uuid4())) == ""
    assert told("../../images") == ""
    assert told() == ""


def test_says_nothing_of_a_visibility_that_it_does_not_know(told, shared):
    """An unknown visibility, which a newer Glance may have, gets no sentence."""
    assert told(shared, loss="partners") == ""
    assert told(shared, loss="") == ""


@pytest.mark.parametrize("user", ["ann", "rita", "bob"])
def test_receiver_is_not_told_who_else_has_access(told, shared, user):
    """A receiving project does not learn that other projects have access."""
    assert told(shared, user=user, panel="project") == ""


@OWNERS
def test_counts_each_project_once_for_several_images(told, make, hide, shared, user, panel):
    """Each project counts once, even with hidden images and ones without members selected."""
    others = [
        make("other", shared_with=("research", "app-team-b")),
        make("private", visibility="private"),
        make("hidden", shared_with=("admin",)),
        make("alone"),
    ]
    hide(others[2])
    assert (
        told(shared, *others, user=user, panel=panel)
        == "4 projects have access to these images and will lose it."
    )


def test_owner_is_told_of_the_own_images_alone(told, make, shared):
    """The owner's sentence does not count images of other projects."""
    other = make("other", owner="research", shared_with=("app-team-b", "admin"))
    sentence = told(shared, other, user="pat", panel="project")
    assert sentence == "2 projects have access to these images and will lose it."


def test_more_images_than_are_looked_at_may_have_more(told, shared):
    """If not all images can be read, the sentence says that there may be more projects."""
    others = [f"{uuid.uuid4()}" for _number in range(MOST_IMAGES)]
    ids = [shared.id, *(f"ffffffff{other[8:]}" for other in others)]
    assert told(*ids) == (
        "2 projects have access to these images and will lose it. "
        "There may be more: not all of the images could be looked at."
    )
    assert told(*ids[1:]) == ""


def test_names_five_of_many(told, bulk, image):
    """The sentence names five of many projects, and gives the total."""
    bulk.members([(image.id, f"{number:032x}", "accepted") for number in range(200)])
    sentence = told(image)
    assert sentence.startswith("200 projects have access to this image and will lose it: ")
    assert sentence.endswith(" and 195 more.")


def test_failure_is_said_and_no_more(told, shared, break_down):
    """While Glance fails, the sentence says only that the number of projects is not known."""
    break_down("Glance", REFUSED)
    assert told(shared) == NOT_KNOWN
    assert told(shared, shared.id) == NOT_KNOWN


def test_names_that_run_as_expressions_are_inert(told, connection, image):
    """Names are escaped, because AngularJS compiles Horizon's dialogs."""
    connection.image.add_member(image.id, member_id="{{7*7}}<b>")
    assert "{\u200b{7*7}}<b>" in told(image)
