# SPDX-License-Identifier: Apache-2.0
"""The soak's promises, which are compared with Glance because it trusts no answer."""

from types import SimpleNamespace

import pytest

from benchmarks.soak.promises import UNKNOWN, broken, promise


@pytest.fixture
def promised(tmp_path):
    """Return a file with two promises: shared with two projects, then not with the second."""
    path = tmp_path / "promises"
    promise(path, "image", ["first", "second"], "accepted")
    promise(path, "image", ["second"], None)
    return path


def glance(*rows):
    """Return a Glance whose images all have these members."""
    members = [SimpleNamespace(member_id=id_, status=status) for id_, status in rows]
    return SimpleNamespace(image=SimpleNamespace(members=lambda _image: members))


def test_kept(promised):
    """The last promise counts; members without a promise do not."""
    assert broken(promised, glance(("first", "accepted"), ("somebody", "pending"))) == (2, [])


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("first", "pending"),),
        (("first", "accepted"), ("second", "accepted")),
        (("first", "accepted"), ("first", "accepted")),
    ],
)
def test_broken(promised, rows):
    """A lost, a wrong, a leftover and a doubled member are each reported."""
    _compared, wrong = broken(promised, glance(*rows))
    assert len(wrong) == 1


def test_lost_answer_promises_nothing(promised):
    """If the result of a change is unknown, any state is right."""
    promise(promised, "image", ["first"], UNKNOWN)
    assert broken(promised, glance()) == (2, [])
    assert broken(promised, glance(("first", "accepted"))) == (2, [])
