# SPDX-License-Identifier: Apache-2.0
"""The result of a change, in words."""

import pytest

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.manage_access import outcome

OVER_QUOTA = ServiceError("Glance", Reason.OVER_QUOTA, 413, "attempted: 129, maximum: 128")
BUSY = ServiceError("Glance", Reason.BUSY, 503)
FORBIDDEN = ServiceError("Glance", Reason.FORBIDDEN, 403)


def failed(verb, error, *project_ids, uncertain=False):
    """Return the results of a verb that failed for some projects."""
    return [Result(item, verb, error=error, uncertain=uncertain) for item in project_ids]


def tell(*results):
    """Return the messages about results."""
    return outcome.tell(Outcome(results), "golden", {})


def test_reason_of_many_is_said_once():
    """The reason of many projects is given once, with their number; each label only has a mark."""
    told = tell(*failed(Verb.ADD, OVER_QUOTA, *map(str, range(34))))
    assert told.failures == [
        outcome.Failure(
            "34 projects were not added: the quota of 128 projects that one image can be shared "
            "with is used up.",
            mendable=False,
        )
    ]
    assert {change.reason for change in told.left} == {"not done"}


def test_several_reasons_have_the_projects_that_they_concern():
    """If there are several reasons, each lists its first few projects."""
    told = tell(*failed(Verb.REMOVE, FORBIDDEN, "x"), *failed(Verb.ADD, BUSY, *"abcdefg"))
    assert [failure.text for failure in told.failures] == [
        "1 project was not removed: The image service (Glance) did not allow it. This concerns x.",
        "7 projects were not added: The image service (Glance) is busy. Try again in a moment. "
        "This concerns a, b, c, d, e and 2 more.",
    ]
    assert [failure.mendable for failure in told.failures] == [False, True]
    assert told.mendable


@pytest.mark.parametrize("reason", Reason)
def test_only_what_passes_is_worth_trying_again(reason):
    """A failure that somebody must resolve first is not offered for another try."""
    lasting = {"forbidden", "missing", "over quota", "refused", "unaddressable", "untrusted"}
    told = tell(*failed(Verb.ADD, ServiceError("Glance", reason), "a"))
    assert told.mendable == (reason not in lasting)


def test_what_may_be_done_is_worth_trying_again():
    """An uncertain change is offered for another try, whatever the last answer was."""
    told = tell(*failed(Verb.ADD, FORBIDDEN, "a", uncertain=True))
    assert told.mendable
    assert told.failures[0].text.startswith("It is not known whether 1 project was added: ")


def test_quota_is_known_when_it_was_exceeded():
    """The quota is read from Glance's answer 413."""
    assert tell(*failed(Verb.ADD, OVER_QUOTA, "a")).quota == 128
    assert tell(*failed(Verb.ADD, ServiceError("Glance", Reason.OVER_QUOTA), "a")).quota is None
    assert tell(*failed(Verb.ADD, BUSY, "a")).quota is None


def test_no_more_projects_are_looked_up_than_are_named():
    """Only the five projects that a sentence names, and each with a label, are looked up."""
    added = [Result(f"added-{number}", Verb.ADD) for number in range(100)]
    labelled = failed(Verb.ADD, BUSY, *(f"failed-{number}" for number in range(7)))
    named = outcome.named(Outcome((*added, *labelled)))
    assert named == [
        *(f"added-{number}" for number in range(texts.NAMED)),
        *(f"failed-{number}" for number in range(7)),
    ]


def test_projects_are_named_by_the_alphabet():
    """Projects with known names are in alphabetical order, whatever the order of the changes."""
    results = [Result(item, Verb.ACCEPT_FOR, status="accepted") for item in ("1", "2", "3")]
    names = {"1": "research", "2": "Data", "3": "app-team-a"}
    told = outcome.tell(Outcome(results), "golden", names)
    assert told.messages == [
        ("success", '"golden" is accepted on behalf of app-team-a, Data and research.')
    ]
