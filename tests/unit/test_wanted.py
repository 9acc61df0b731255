# SPDX-License-Identifier: Apache-2.0
"""Comparing an access file with a cloud: the changes, and the findings about its lines."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xloud_images_panel.access import document, wanted
from xloud_images_panel.access.document import Document, Entry, ImageEntry, Kind, Mode
from xloud_images_panel.access.finding import Finding, Problem, Severity
from xloud_images_panel.access.model import Image, Member, Project
from xloud_images_panel.access.plan import Change

GOLDEN, OTHER = (f"00000000-0000-0000-0000-{number:012d}" for number in (1, 2))


def project(number, name="", *, enabled=True):
    """Return a project that exists."""
    return Project(f"{number:032x}", name or f"p{number}", "d1", enabled=enabled)


def ids(*numbers):
    """Return the IDs of projects."""
    return tuple(f"{number:032x}" for number in numbers)


def an_image(image_id=GOLDEN, name="golden", visibility="shared"):
    """Return an image of the project 99."""
    return Image(image_id, name, *ids(99), visibility, "active", "raw", "bare", None)


P1, P2, P3, P4, OWNER = (project(number) for number in (1, 2, 3, 4, 99))
OFF = project(5, enabled=False)
CLOUD = wanted.Cloud(
    images={
        "golden": [an_image()],
        GOLDEN: [an_image()],
        "private": [an_image(OTHER, "private", "private")],
        "twice": [an_image(GOLDEN, "twice"), an_image(OTHER, "twice")],
        "one of two": [
            an_image(GOLDEN, "one of two"),
            an_image(OTHER, "one of two", "private"),
        ],
        "gone": [an_image(OTHER, "gone")],
    },
    members={GOLDEN: [Member(item, "accepted") for item in (*ids(1, 2, 77), "../x")]},
    projects={
        "p1": [P1],
        "p2": [P2],
        "p3": [P3],
        "p4": [P4],
        "off": [OFF],
        "owner": [OWNER],
        "dev": [P3, P4],
        ids(4)[0]: [P4],
    },
    domains={"partners": [P1, P3, OFF, OWNER], "none": []},
    tags={"gpu": [P2, P3]},
    domain_names={"d1": "partners"},
)


def compared(*lines, mode="add", image="golden", cloud=CLOUD):
    """Return the change of the image, and the findings by line of its projects."""
    text = f"images:\n- image: '{image}'\n  mode: {mode}\n  projects:\n"
    text += "".join(f"  - {line}\n" for line in lines) if lines else "    []\n"
    answer = wanted.compare(document.read(text.encode()), cloud)
    said = [(finding.line - 4, finding.problem) for finding in answer.findings]
    assert set(answer.plan.changes) == set(answer.images) <= {GOLDEN}
    return answer.plan.changes.get(GOLDEN), said


def test_what_is_missing_is_added():
    """Names, IDs and rules add projects, each once, and none that is already a member."""
    change, said = compared("p1", "p3", ids(4)[0], "{domain: partners}", "{tag: gpu}")
    assert (change, said) == (Change(add=ids(3, 4)), [])


def test_exact_removes_the_others():
    """Exact mode removes each member that the file does not name, even if it is no project."""
    assert compared("p1", "p3", mode="exact") == (Change(ids(3), (*ids(2, 77), "../x")), [])
    change, said = compared("p1", "p2", "{member: ../x}", ids(77)[0], mode="exact")
    assert (change, said) == (None, [(4, Problem.NO_PROJECT)])


def test_exact_with_nobody_removes_everybody():
    """An empty list in exact mode removes everybody, because it was written on purpose."""
    assert compared(mode="exact") == (Change(remove=(*ids(1, 2, 77), "../x")), [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nobody", Problem.PROJECT_UNKNOWN),
        (ids(66)[0], Problem.PROJECT_UNKNOWN),
        ("../x", Problem.PROJECT_UNKNOWN),
        ("{member: ../y}", Problem.MEMBER_UNKNOWN),
        ("dev", Problem.PROJECT_AMBIGUOUS),
        ("{domain: none}", Problem.RULE_EMPTY),
        ("{domain: nowhere}", Problem.RULE_EMPTY),
        ("{tag: none}", Problem.RULE_EMPTY),
    ],
)
def test_nobody_is_removed_because_an_entry_found_nothing(line, problem):
    """An entry that finds nothing prevents removals, which is reported; clear entries are added."""
    change, said = compared("p1", line, "p3", mode="exact")
    assert change == Change(add=ids(3))
    assert said == [(-2, Problem.NO_REMOVALS), (2, problem)]


def test_entry_that_found_nothing_is_all_there_is_to_say_where_nobody_would_be_removed():
    """Prevented removals are reported only if exact mode would remove a member."""
    assert compared("nobody") == (None, [(1, Problem.PROJECT_UNKNOWN)])
    lines = ("p1", "p2", ids(77)[0], "{member: ../x}", "nobody")
    _change, said = compared(*lines, mode="exact")
    assert said == [(3, Problem.NO_PROJECT), (5, Problem.PROJECT_UNKNOWN)]


def test_member_that_the_file_adds_as_a_project_is_clear():
    """A member that the file adds is clear, or a second run would remove what the first spared."""
    entries = (Entry(2, Kind.MEMBER, *ids(4)), Entry(3, Kind.PROJECT, "p4"))
    entry = ImageEntry(1, GOLDEN, Mode.EXACT, entries, "")
    found = wanted.compare(Document((entry,)), CLOUD)
    assert not found.failed
    assert found.plan.changes[GOLDEN] == Change(ids(4), (*ids(1, 2, 77), "../x"))


def test_owner_that_is_a_member_is_not_removed():
    """An owner's membership stays: it has access anyway, and a plan's sheet could not show it."""
    rows = [Member(item, "accepted") for item in ids(1, 99)]
    cloud = dataclasses.replace(CLOUD, members={GOLDEN: rows})
    entry = ImageEntry(1, GOLDEN, Mode.EXACT, (Entry(2, Kind.PROJECT, "p1"),), "")
    assert wanted.compare(Document((entry,)), cloud).plan.changes == {}


def test_owner_is_not_added():
    """The owner is not added, because it has access anyway; a rule that matches it ignores it."""
    assert compared("owner", "{domain: partners}") == (Change(add=ids(3)), [(1, Problem.OWNER)])
    # An owner that somebody made a member of its own image stays one while the file names it.
    there = dataclasses.replace(CLOUD, members={GOLDEN: [Member(*ids(99), "pending")]})
    assert compared("owner", mode="exact", cloud=there) == (None, [(1, Problem.OWNER)])


def test_disabled_project_is_added_by_name_alone():
    """A disabled project is added by name only; a rule neither adds nor removes one."""
    assert compared("{domain: partners}")[0] == Change(add=ids(3))
    assert compared("off") == (Change(add=ids(5)), [(1, Problem.DISABLED)])
    there = dataclasses.replace(CLOUD, members={GOLDEN: [Member(*ids(5), "accepted")]})
    assert compared("off", cloud=there) == (None, [])
    members = {GOLDEN: [Member(item, "accepted") for item in ids(1, 3, 5)]}
    cloud = dataclasses.replace(CLOUD, members=members)
    assert compared("{domain: partners}", mode="exact", cloud=cloud) == (None, [])


def test_member_in_another_writing_is_spared():
    """A member in capitals stays and the ID is added; MariaDB may take both for one project."""
    cloud = dataclasses.replace(CLOUD, members={GOLDEN: [Member("A" * 32, "accepted")]})
    cloud.projects["a"] = [Project("a" * 32, "a", enabled=True)]
    assert compared("a", mode="exact", cloud=cloud) == (Change(add=("a" * 32,)), [])
    assert compared("a" * 32, mode="exact", cloud=cloud) == (None, [(1, Problem.NO_PROJECT)])


def test_findings_say_what_they_are_about():
    """Each finding has the entry's text in the file, and its possible meanings."""
    text = "images:\n- image: golden\n  mode: exact\n  projects: [p1, dev, {tag: none}, "
    text += f"{{project: '{ids(4)[0]}', name: x}}]"
    assert wanted.compare(document.read(text.encode()), CLOUD).findings == [
        Finding(2, Problem.NO_REMOVALS, "golden", count=3),
        Finding(4, Problem.PROJECT_AMBIGUOUS, "dev", ids(3, 4)),
        Finding(4, Problem.RULE_EMPTY, "tag: none"),
        Finding(4, Problem.OTHER_NAME, "x", ("p4",)),
    ]


@pytest.mark.parametrize("name", ["p4", "partners/p4"])
def test_name_beside_an_id_is_for_readers(name):
    """The ID counts; another project's name beside it, even with a domain, is reported."""
    entry = f"{{project: '{ids(4)[0]}', name: {name}}}"
    assert compared(entry) == (Change(add=ids(4)), [])
    assert compared(entry.replace(name, "p3")) == (Change(add=ids(4)), [(1, Problem.OTHER_NAME)])


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("unknown", Problem.IMAGE_UNKNOWN),
        ("private", Problem.IMAGE_NOT_SHARED),
        ("gone", Problem.IMAGE_NOT_SHARED),
        ("twice", Problem.IMAGE_AMBIGUOUS),
    ],
)
def test_image_that_cannot_be_changed_is_named(image, problem):
    """An image that cannot be changed is reported and stays unchanged."""
    assert compared("p3", mode="exact", image=image) == (None, [(-2, problem)])


def test_name_is_that_of_the_only_shared_image():
    """A name means its only shared image; others of that name have no members to change."""
    assert compared("p3", image="one of two") == (Change(add=ids(3)), [])


def test_image_that_is_named_twice_is_left_alone():
    """An image that is named twice stays: each entry would remove the other's projects."""
    entry = (Entry(3, Kind.PROJECT, "p3"),)
    asked = Document(
        (ImageEntry(1, "golden", Mode.EXACT, entry), ImageEntry(9, GOLDEN, Mode.ADD, entry))
    )
    answer = wanted.compare(asked, CLOUD)
    assert answer.plan.changes == {}
    assert answer.failed
    assert [(item.line, item.problem) for item in answer.findings] == [
        (1, Problem.IMAGE_TWICE),
        (9, Problem.IMAGE_TWICE),
    ]
    # Other images are still changed.
    silver = dataclasses.replace(CLOUD, images={**CLOUD.images, "silver": [an_image(OTHER)]})
    silver = dataclasses.replace(silver, members={**CLOUD.members, OTHER: []})
    more = Document((*asked.images, ImageEntry(10, "silver", Mode.EXACT, entry)))
    assert wanted.compare(more, silver).plan.changes == {OTHER: Change(add=ids(3))}


def test_image_of_another_name_is_named():
    """An image's ID counts, and another name beside it is reported."""
    asked = Document((ImageEntry(1, GOLDEN, Mode.ADD, (), name="silver"),))
    (finding,) = wanted.compare(asked, CLOUD).findings
    assert finding == Finding(1, Problem.OTHER_NAME, "silver", ("golden",))
    assert finding.severity is Severity.WARNING


def test_many_removals_need_their_number():
    """More than ten removals need their number."""
    plan = wanted.compare(
        document.read(b"mode: exact\nimages:\n- {image: golden, projects: []}"), CLOUD
    ).plan
    assert wanted.removals(plan) == 4
    assert wanted.too_many_removals(plan, 4) == []
    (finding,) = wanted.too_many_removals(plan, 3)
    assert (finding.problem, finding.count) == (Problem.TOO_MANY_REMOVALS, 4)
    assert wanted.MOST_REMOVALS == 10


ENTRIES = st.builds(
    Entry,
    st.integers(1, 9),
    st.sampled_from(Kind),
    st.sampled_from([*CLOUD.projects, *CLOUD.domains, *CLOUD.tags, "../x", *ids(77), "nobody"]),
)
IMAGES = st.builds(
    ImageEntry,
    st.integers(1, 9),
    st.sampled_from([*CLOUD.images, "unknown"]),
    st.sampled_from(Mode),
    st.lists(ENTRIES).map(tuple),
)


def numbered(images):
    """Return a document in which each entry has its own line."""
    line = itertools.count(1)
    return Document(
        tuple(
            dataclasses.replace(
                image,
                line=next(line),
                entries=tuple(dataclasses.replace(item, line=next(line)) for item in image.entries),
            )
            for image in images
        )
    )


def is_golden(text):
    """Return whether a text in a file means the only shared image."""
    shared = [image for image in CLOUD.images.get(text, ()) if image.visibility == "shared"]
    return [image.id for image in shared] == [GOLDEN]


@given(st.lists(IMAGES, max_size=3).map(numbered))
def test_file_that_was_applied_changes_nothing_the_second_time(asked):
    """A file changes nothing when applied again; removals need exact mode and clear lines only."""
    answer = wanted.compare(asked, CLOUD)
    members = {key: [item.project_id for item in rows] for key, rows in CLOUD.members.items()}
    for image_id, change in answer.plan.changes.items():
        assert image_id == GOLDEN
        (entry,) = [item for item in asked.images if is_golden(item.text)]
        if change.remove:
            assert entry.mode is Mode.EXACT
            unclear = {finding.line for finding in answer.findings if finding.severity == "error"}
            assert not unclear & {item.line for item in entry.entries}
        left = [item for item in members[image_id] if item not in change.remove]
        members[image_id] = [*left, *change.add]
    rows = {key: [Member(item, "pending") for item in ids] for key, ids in members.items()}
    again = wanted.compare(asked, dataclasses.replace(CLOUD, members=rows))
    assert again.plan.changes == {}
