# SPDX-License-Identifier: Apache-2.0
"""Simultaneous changes of one image's access, with the real Keystone and Glance."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cloud.pages import selected
from xloud_images_panel.dashboard import lock
from xloud_images_panel.services import glance

AJAX = {"headers": {"x-requested-with": "XMLHttpRequest"}}
BUSY = "is being changed by somebody else"


def text(response):
    """Return the text of a response, from its page or from Horizon's messages."""
    return response.content.decode() + response.get("X-Horizon-Messages", "")


def url(image):
    """Return the address of an image's dialog."""
    return f"/admin/images/{image.id}/access/"


@pytest.fixture
def rows(connection, image):
    """Return a function that lists the image's members in Glance, once for each of their rows."""
    return lambda: sorted(item.member_id for item in connection.image.members(image.id))


# -- the same change, sent several times


def test_seven_of_eight_identical_posts_are_told_to_wait(
    browsers, image, monkeypatch, project_id, rows
):
    """While one of eight identical changes is being sent, the lock excludes the others."""
    research, on_their_way, answered = project_id("research"), set(), []
    changed = threading.Condition()
    add_member = glance.Glance.add_member

    def add(self, image_id, member):
        with changed:
            on_their_way.add(id(self))
            changed.notify_all()
            # Wait until the others are answered, or are being sent too.
            changed.wait_for(lambda: len(on_their_way) > 1 or len(answered) == 7, timeout=30)
        return add_member(self, image_id, member)

    def confirm(browser):
        response = browser.post(url(image), {"add": research}, **AJAX)
        with changed:
            answered.append("done" if response.status_code == 204 else BUSY in text(response))
            changed.notify_all()

    monkeypatch.setattr(glance.Glance, "add_member", add)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(confirm, browsers(8)))
    assert len(on_their_way) == 1
    assert answered == [True] * 7 + ["done"]
    assert rows() == [research]


def test_eight_identical_posts_at_once(browsers, image, rows, project_id):
    """Eight identical requests add each project once; those that came too early get a message."""
    projects = sorted(map(project_id, ("research", "app-team-a", "app-team-b")))
    start = threading.Barrier(8, timeout=30)

    def confirm(browser):
        start.wait()
        return browser.post(url(image), {"add": projects, "accept": "on"}, **AJAX)

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(confirm, browsers(8)))

    assert rows() == projects
    told = [
        204 if response.status_code == 204 else BUSY in text(response) for response in responses
    ]
    assert 204 in told
    assert set(told) <= {204, True}


def test_second_one_is_told_to_wait_and_keeps_the_selection(
    admin, browsers, image, meeting, members, project_id
):
    """A second change is not made, and Confirm makes it once the first is finished."""
    (other,) = browsers(1)
    second = {"add": project_id("app-team-a")}
    answers = []
    meeting(lambda: answers.append(text(other.post(url(image), second, **AJAX))))

    first = admin.post(url(image), {"add": project_id("research")}, **AJAX)

    assert first.status_code == 204
    assert BUSY in answers[0]
    assert project_id("app-team-a") in selected(answers[0])
    assert set(members()) == {project_id("research")}
    assert other.post(url(image), second, **AJAX).status_code == 204
    assert set(members()) == {project_id("research"), project_id("app-team-a")}


def test_other_images_do_not_wait(admin, browsers, image, make, meeting, project_id):
    """Two administrators with two images do not block each other."""
    (other,) = browsers(1)
    another = make("another")
    statuses = []
    change = {"add": project_id("research")}
    meeting(lambda: statuses.append(other.post(url(another), change, **AJAX).status_code))
    admin.post(url(image), change, **AJAX)
    assert statuses == [204]


def test_new_image_waits_as_well(admin, after_creation, connection, project_id):
    """A new image is not shared while another user, who saw it in the list, changes its access."""
    held = []

    def somebody_is_first(image_id):
        held.append(lock.image_lock("RegionOne", image_id))
        held[0].__enter__()

    after_creation(somebody_is_first)
    page = text(
        admin.post(
            "/admin/images/create/",
            {
                "name": "contended",
                "source_type": "file",
                "image_file": SimpleUploadedFile("disk.raw", bytes(512)),
                "disk_format": "raw",
                "visibility": "shared",
                "add": project_id("research"),
            },
            **AJAX,
        )
    )
    held[0].__exit__(None, None, None)
    [image] = connection.image.images(name="contended")
    members = list(connection.image.members(image.id))
    connection.image.delete_image(image)
    assert members == []
    assert "The image &quot;contended&quot; was created." in page
    assert BUSY in page
    assert project_id("research") in selected(page)


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes one call to the lock's cache fail."""

    def failing(call):
        class Cache:
            def __getattr__(self, name):
                if name == call:
                    raise ConnectionError("gone")
                return getattr(cache, name)

        monkeypatch.setattr(lock, "cache", Cache())

    return failing


def test_cache_that_does_not_answer_changes_nothing_and_says_so(
    admin, failing, image, members, project_id
):
    """If the cache does not answer, nothing changes; the selection stays, without an error 500."""
    failing("add")
    research = project_id("research")
    response = admin.post(url(image), {"add": research}, **AJAX)
    assert response.status_code == 200
    assert "Horizon&#x27;s cache did not answer, so nothing was changed" in text(response)
    assert research in selected(text(response))
    assert members() == {}


def test_change_is_done_when_the_cache_fails_afterwards(admin, failing, image, members, project_id):
    """A change is done if the cache fails afterwards; its place expires with the lease."""
    failing("delete")
    response = admin.post(url(image), {"add": project_id("research")}, **AJAX)
    assert response.status_code == 204
    assert set(members()) == {project_id("research")}


def test_cache_that_stops_answering_ends_the_change(admin, failing, image, members, project_id):
    """If the cache stops answering, nothing is sent, and the message does not blame Glance."""
    failing("get")
    page = text(admin.post(url(image), {"add": project_id("research")}, **AJAX))
    assert "Nothing more was changed" in page
    assert members() == {}


def test_rows_that_met_all_the_same_are_one_when_the_change_is_told(
    admin, bulk, image, monkeypatch, project_id, rows
):
    """A second row, added by a process that was paused before its request, is merged."""
    research, add_member = project_id("research"), glance.Glance.add_member

    def both(self, image_id, member):
        added = add_member(self, image_id, member)
        bulk.members([(image_id, member, "accepted")])
        return added

    monkeypatch.setattr(glance.Glance, "add_member", both)
    response = admin.post(url(image), {"add": research}, **AJAX)
    assert response.status_code == 204
    assert rows() == [research]


def test_dialog_warns_where_the_cache_is_not_shared(admin, image, monkeypatch):
    """The dialog warns of Horizon's default cache, in each process's memory, which cannot lock."""
    assert "Horizon&#x27;s cache is not shared" in text(admin.get(url(image), **AJAX))
    monkeypatch.setattr(lock, "shared_cache_problem", lambda: "")
    assert "cache-warning" not in text(admin.get(url(image), **AJAX))


# -- two administrators with the same dialog


@pytest.mark.parametrize("order", itertools.permutations(range(3)), ids=str)
def test_changes_of_several_administrators_add_up(
    browsers, connection, image, members, order, project_id
):
    """In any order, all administrators get their changes, and no grant is lost."""
    a, b, research = map(project_id, ("app-team-a", "app-team-b", "research"))
    connection.image.add_member(image.id, member_id=a)
    changes = [{"add": [b], "remove": [a]}, {"add": [b, research]}, {"remove": [a]}]
    clients = browsers(3)
    for client in clients:
        client.get(url(image), **AJAX)
    for number in order:
        response = clients[number].post(url(image), changes[number], **AJAX)
        assert response.status_code == 204, text(response)
    assert set(members()) == {b, research}


# -- members with two rows in Glance


@pytest.fixture
def twice(bulk, image, project_id):
    """The ID of research, which has two rows, written directly into Glance's database."""
    research = project_id("research")
    bulk.members([(image.id, research, "pending"), (image.id, research, "accepted")])
    yield research
    # Glance answers 500 to the deletion of an image with a doubled member. It gives all rows the
    # same deletion time, which its own index does not allow.
    bulk.remove_members([image.id])


def test_member_that_glance_has_twice_is_shown_once(admin, image, twice):
    """A project with two rows in Glance has one row in the dialog."""
    page = text(admin.get(url(image), **AJAX))
    assert page.count(f'data-project="{twice}"') == 1
    assert 'data-members="1"' in page


def test_member_that_glance_has_twice_is_removed_wholly(admin, image, rows, twice):
    """A removal deletes both rows, because a second row would keep the access."""
    response = admin.post(url(image), {"remove": twice}, **AJAX)
    assert response.status_code == 204
    assert "no longer shared with research" in text(response)
    assert rows() == []


def test_removed_wholly_it_can_be_added_and_removed_again(admin, image, rows, twice):
    """A doubled member can be removed and added again, though Glance reuses deleted rows."""
    for change, expected in (("remove", []), ("add", [twice]), ("remove", []), ("add", [twice])):
        assert admin.post(url(image), {change: twice}, **AJAX).status_code == 204
        assert rows() == expected


def test_member_that_glance_has_twice_is_accepted_for_on_one_row(
    admin, image, members, rows, twice
):
    """Adding a doubled member once more creates no third row, and is no error."""
    response = admin.post(url(image), {"add": twice, "accept": "on"}, **AJAX)
    assert response.status_code == 204
    assert rows() == [twice]
    assert members() == {twice: "accepted"}


# -- the image changes while the dialog is open


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_image_was_deleted_in_the_middle_of_a_change(
    admin, connection, image, monkeypatch, project_id, verb
):
    """The remaining changes stay selected, and the message says that the image is gone."""
    research = project_id("research")
    call = f"{verb}_member"
    real = getattr(glance.Glance, call)

    def delete_first(self, image_id, member):
        connection.image.delete_image(image_id)
        return real(self, image_id, member)

    monkeypatch.setattr(glance.Glance, call, delete_first)
    if verb == "remove":
        connection.image.add_member(image.id, member_id=research)
    page = text(admin.post(url(image), {verb: research}, **AJAX))
    assert "There is no image with this ID" in page
    assert selected(page) == {research: verb}
    assert "shared with" not in page


def test_owner_changed_meanwhile_and_is_now_to_be_added(
    admin, connection, image, members, project_id
):
    """A project that has become the owner is not added, because it has access anyway."""
    research = project_id("research")
    admin.get(url(image), **AJAX)
    connection.image.update_image(image.id, owner=research)
    page = text(admin.post(url(image), {"add": research}, **AJAX))
    assert "owner of an image has access" in page
    assert research in selected(page)
    assert members() == {}


def test_member_that_became_the_owner_can_be_taken_off_the_list(
    admin, connection, image, members, project_id
):
    """A member that became the owner can be removed, and keeps its access as the owner."""
    research = project_id("research")
    connection.image.add_member(image.id, member_id=research)
    admin.get(url(image), **AJAX)
    connection.image.update_image(image.id, owner=research)
    response = admin.post(url(image), {"remove": research}, **AJAX)
    assert response.status_code == 204
    assert members() == {}
