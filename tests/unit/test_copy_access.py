# SPDX-License-Identifier: Apache-2.0
"""Copying members of another image, and the sentence about them."""

from hypothesis import given
from hypothesis import strategies as st

from xloud_images_panel.access.model import ACCEPTED, PENDING, REJECTED, STATUSES, Member, Project
from xloud_images_panel.dashboard.manage_access.copy_access import sort_out

IDS = list("abcdefgh")
some = st.sets(st.sampled_from(IDS))


def project(project_id, exists=True):
    """Return a project whose name sorts against its ID."""
    return Project(project_id, name=f"{ord('z') - ord(project_id):03} P", exists=exists)


def sorted_out(others, owner="o", members=(), selected=(), removed=(), gone=()):
    """Sort out members given as (project ID, status)."""
    found = {project_id: project(project_id, project_id not in gone) for project_id, _ in others}
    return sort_out([Member(*other) for other in others], found, owner, members, selected, removed)


def test_what_is_new_is_added_in_the_order_of_the_names():
    """New members of any status are added in the order of names; rejections are counted."""
    copied = sorted_out([("a", ACCEPTED), ("b", PENDING), ("c", REJECTED)])
    assert [item.id for item in copied.projects] == ["c", "b", "a"]
    assert copied.tell() == (
        "3 projects added to the selection; 1 of them has rejected the other image."
    )


def test_every_other_member_is_told():
    """The sentence reports each kind of member, in the singular or plural."""
    others = [(project_id, REJECTED) for project_id in "oabcdefg"]
    copied = sorted_out(
        others, members={"o", "a", "b"}, selected={"c"}, removed={"a"}, gone={"d", "e"}
    )
    assert [item.id for item in copied.projects] == ["g", "f"]
    assert copied.tell() == (
        "2 projects added to the selection; 2 of them have rejected the other image; 1 was "
        "selected already; 2 have access already; 1 of these stays selected to be removed; "
        "2 no longer exist; the owner has access anyway."
    )


def test_access_to_several_images_is_made_equal():
    """Equal access adds source members that lack an image and removes all other projects."""
    found = {"a": project("a"), "b": project("b")}
    others = [Member("a", ACCEPTED), Member("b", ACCEPTED)]
    copied = sort_out(others, found, "", {"a"}, (), listed={"a", "b", "c"}, equal=True)
    assert [item.id for item in copied.projects] == ["b"]
    assert copied.removals == ("c",)
    assert copied.tell() == (
        "1 project added to the selection; 1 selected to be removed; 1 has access already."
    )


def test_owner_of_the_other_image_is_not_removed():
    """The source's owner is not removed, because it has access without being a member."""
    copied = sort_out([], {}, "o", {"a", "b"}, (), source_owner="b", equal=True)
    assert copied.removals == ("a",)


def test_owner_of_all_images_is_not_removed():
    """The owner of all images is not removed: it has access and is a member of none."""
    copied = sort_out([], {}, "", {"owner"}, (), listed=(), equal=True)
    assert copied.removals == ()


def test_nothing_to_copy_is_told():
    """An image that is shared with nobody adds nothing to the selection."""
    assert sorted_out([]).tell() == "0 projects added to the selection."


@given(
    others=st.dictionaries(st.sampled_from([*IDS, "o"]), st.sampled_from(STATUSES)),
    members=some,
    selected=some,
    removed=some,
    gone=some,
)
def test_each_member_is_counted_once(others, members, selected, removed, gone):
    """The numbers in the sentence add up to the members of the other image."""
    copied = sorted_out(others.items(), "o", members, selected, removed, gone)
    counted = len(copied.projects) + copied.selected + copied.members + copied.gone + copied.owner
    assert counted == len(others)
    assert copied.removed <= copied.members
    assert not {item.id for item in copied.projects} & (members | selected | gone | {"o"})
