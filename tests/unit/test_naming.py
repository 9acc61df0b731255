# SPDX-License-Identifier: Apache-2.0
"""Labels of projects and images that are shown by name only."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xloud_images_panel.access.model import Project
from xloud_images_panel.access.visible_text import shows
from xloud_images_panel.dashboard import naming

HOME = "default"
DOMAINS = {HOME: "Default", "p": "partners", "q": "partners (old)"}
ZERO_WIDTH_SPACE, SOFT_HYPHEN, HANGUL_FILLER = "\u200b", "\u00ad", "\u3164"


def identifier(number):
    """Return an ID; two IDs begin alike only if their numbers are large."""
    return f"{number:08x}{'0' * 24}"


def project(number, name, domain_id=HOME):
    """Return a project."""
    return Project(identifier(number), name, domain_id)


def labels(*projects, domains=DOMAINS):
    """Return the labels of projects, in order."""
    found = naming.project_labels(projects, domains, HOME)
    return [found[item.id] for item in projects]


def test_project_of_the_own_domain_is_called_by_its_name():
    assert labels(project(1, "dev")) == ["dev"]


def test_project_of_another_domain_is_called_with_it():
    assert labels(project(1, "dev"), project(2, "dev", "p")) == ["dev", "dev (partners)"]


def test_project_of_a_domain_without_a_known_name_is_called_with_its_id():
    assert labels(project(1, "dev", "p"), domains={}) == ["dev (00000001)"]


def test_no_project_can_take_the_label_of_another_as_its_name():
    assert labels(project(1, "dev (partners)")) == ["dev (partners) (Default)"]


@pytest.mark.parametrize("name", ["", " ", ZERO_WIDTH_SPACE, "\u202e", HANGUL_FILLER, "\n\t"])
def test_name_that_shows_nothing_gives_way_to_the_id(name):
    assert not shows(name)
    assert labels(project(1, name)) == [identifier(1)]


@pytest.mark.parametrize(
    "name",
    [
        "dev ",
        "d ev",
        f"de{ZERO_WIDTH_SPACE}v",
        f"de{SOFT_HYPHEN}v",
        "\u202edev",
        "d  ev",
        "e\u0301",
    ],
)
def test_name_of_which_the_eye_does_not_see_all_has_the_id(name):
    [label] = labels(project(1, name))
    assert label.endswith(" (00000001)") == (name != "d ev")


def test_two_that_begin_alike_have_their_whole_ids():
    one, other = Project("1" * 32, " dev"), Project("1" * 31 + "2", "dev ")
    assert labels(one, other) == [f" dev ({one.id})", f"dev  ({other.id})"]


def test_long_names_show_both_ends():
    text = "a" * 100 + "b" * 100
    assert len(naming.cut(text, 64)) == 64
    assert naming.cut(text, 64) == "a" * 31 + "..." + "b" * 30
    assert naming.cut("a" * 64, 64) == "a" * 64


def test_long_names_that_are_equal_when_cut_have_their_ids():
    images = {identifier(n): f"{'a' * 100}{n}{'b' * 100}" for n in (1, 2)}
    one, other = naming.image_labels(images).values()
    assert one.endswith("b (00000001)")
    assert other.endswith("b (00000002)")


def test_images_of_one_name_have_their_ids():
    images = {identifier(1): "golden", identifier(2): "golden", "x": "other"}
    assert list(naming.image_labels(images).values()) == [
        "golden (00000001)",
        "golden (00000002)",
        "other",
    ]


def test_image_whose_name_is_the_label_of_another():
    names = ["golden", "golden", "golden (00000001)"]
    images = {identifier(number): name for number, name in enumerate(names, 1)}
    assert list(naming.image_labels(images).values()) == [
        identifier(1),
        "golden (00000002)",
        "golden (00000001) (00000003)",
    ]


some_names = st.text(st.sampled_from("aA ()\u00e9\u0301\u200b\u202e0"), max_size=4) | st.text(
    max_size=70
)
some_projects = st.lists(
    st.builds(
        Project,
        st.text("01", min_size=8, max_size=10),
        some_names,
        st.sampled_from([*DOMAINS, "unknown"]),
    ),
    unique_by=lambda item: item.id,
)


def look(label):
    """Return the visible part of a label, computed differently than in the module."""
    hidden = ("Cc", "Cf", "Zs", "Zl", "Zp", "Cn")
    text = unicodedata.normalize("NFC", label)
    return "".join(item for item in text if unicodedata.category(item) not in hidden)


@settings(deadline=None)
@given(some_projects)
def test_no_two_look_alike(projects):
    """No two labels look alike, whatever the names and domains."""
    seen = list(map(look, labels(*projects)))
    assert len(set(seen)) == len(seen)
    assert all(seen)


@settings(deadline=None)
@given(some_projects)
def test_labels_have_their_bounds(projects):
    """A label is at most as long as a name, a domain and the brackets, or as the ID."""
    for item, label in zip(projects, labels(*projects), strict=True):
        assert len(label) <= max(naming.LONGEST, len(item.id))
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(label)
