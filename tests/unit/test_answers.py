# SPDX-License-Identifier: Apache-2.0
"""A project's answers to images that others share with it, and the messages about them."""

import pytest

from xloud_images_panel.access import threads
from xloud_images_panel.access.answer import Answer, answer_all
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, SharedImage
from xloud_images_panel.dashboard.received.actions import tell

ONE, OTHER = "00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000"
GONE = ServiceError("Glance", Reason.MISSING)
REFUSED = ServiceError("Glance", Reason.FORBIDDEN, 403)
LOST = ServiceError("Glance", Reason.UNREACHABLE)


class Received:
    """A fake Glance with images that are shared with the project.

    :param statuses: the project's member statuses, by image
    :param answered: the error to raise after storing a new answer
    :param refused: the error to raise instead of storing a new answer
    """

    workers = 4

    def __init__(self, statuses, answered=None, refused=None, hidden=False):
        self.statuses, self.answered, self.refused = dict(statuses), answered, refused
        self.hidden = hidden
        self.asked, self.writes, self.silent = [], [], None

    def received(self, image_id):
        threads.note_request_id(f"read {image_id}")
        self.asked.append(image_id)
        if self.silent and self.writes:
            raise self.silent
        if image_id not in self.statuses:
            raise GONE
        image = Image(
            image_id,
            f"image {image_id}",
            "owner",
            "shared",
            "active",
            "raw",
            "bare",
            1,
            self.hidden,
        )
        return SharedImage(image, Member("mine", self.statuses[image_id]))

    def set_my_status(self, image_id, status):
        threads.note_request_id(f"write {image_id}")
        self.writes.append(image_id)
        if self.refused:
            raise self.refused
        self.statuses[image_id] = status
        if self.answered:
            raise self.answered


# -- answering


@pytest.mark.parametrize("hidden", [False, True])
def test_answer_is_given(hidden):
    """The answer has the image's name, and says whether Glance's lists include the image."""
    images = Received({"a": "pending"}, hidden=hidden)
    answers = answer_all(["a"], "accepted", images)
    requests = ("read a", "write a")
    assert answers == [Answer("a", "image a", hidden=hidden, request_ids=requests)]
    assert images.statuses == {"a": "accepted"}


def test_answer_that_was_given_already_is_not_written_again():
    """Repeating an answer writes nothing and counts as unchanged."""
    images = Received({"a": "rejected"})
    answers = answer_all(["a"], "rejected", images)
    assert answers == [Answer("a", "image a", changed=False, request_ids=("read a",))]
    assert images.writes == []


def test_failure_for_one_image_does_not_stop_the_others():
    """An image that is no longer shared is named by its ID; the others are answered."""
    images = Received({"a": "pending", "b": "pending"})
    first, gone, last = answer_all(["a", "gone", "b"], "accepted", images)
    assert (first.error, last.error) == (None, None)
    assert gone == Answer("gone", "gone", error=GONE, changed=False, request_ids=("read gone",))


def test_image_that_is_named_twice_is_answered_once():
    images = Received({"a": "pending"})
    assert [answer.image_id for answer in answer_all(["a", "a"], "accepted", images)] == ["a"]
    assert images.writes == ["a"]


def test_answers_are_on_record():
    """Each answer, even a failed one, is recorded once with its requests."""
    record = []
    answers = answer_all(["a", "gone"], "accepted", Received({"a": "pending"}), record.append)
    assert sorted(record, key=lambda answer: answer.image_id) == answers


def test_answer_that_glance_refuses_is_not_looked_for():
    """A refused answer is not checked again, because the reason of the refusal is enough."""
    images = Received({"a": "pending"}, refused=REFUSED)
    [answer] = answer_all(["a"], "accepted", images)
    assert (answer.error, answer.changed, answer.uncertain) == (REFUSED, False, False)
    assert answer.image_name == "image a"
    assert images.asked == ["a"]


def test_answer_whose_confirmation_got_lost_is_found_out():
    """An answer that Glance stored but could not confirm counts as changed."""
    [answer] = answer_all(["a"], "accepted", Received({"a": "pending"}, answered=LOST))
    assert (answer.error, answer.changed, answer.uncertain) == (None, True, False)


def test_answer_that_got_lost_on_its_way_is_found_out():
    """An answer that never reached Glance is a certain failure, because the old status remains."""
    [answer] = answer_all(["a"], "accepted", Received({"a": "pending"}, refused=LOST))
    assert (answer.error, answer.changed, answer.uncertain) == (LOST, False, False)


def test_answer_that_cannot_be_looked_for_is_uncertain():
    """An answer is uncertain if its status cannot be read; the reported reason is the write's."""
    images = Received({"a": "pending"}, answered=LOST)
    images.silent = REFUSED
    [answer] = answer_all(["a"], "accepted", images)
    assert (answer.error, answer.changed, answer.uncertain) == (LOST, False, True)


# -- messages


def test_images_that_look_alike_are_told_apart():
    """Images of the same name get short IDs, even if one was accepted and the other failed."""
    told = tell([Answer(ONE, "golden"), Answer(OTHER, "golden", error=GONE)], "accepted", "dev")
    (_, accepted), (_, failed) = told
    assert "golden (00000001)" in accepted
    assert "golden (00000002)" in failed


def test_an_image_of_its_own_name_has_no_id():
    ((_, accepted),) = tell([Answer(ONE, "golden")], "accepted", "dev")
    assert accepted == "Accepted for dev: golden. Now in the image lists of this project."
