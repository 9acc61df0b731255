# SPDX-License-Identifier: Apache-2.0
"""The results of a plan's cells in the answer to a slice."""

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard.catalogue.cells import Cells


def failed(reason, **more):
    error = ServiceError("Glance", reason, tries=more.pop("tries", 1), bound=3)
    return [Result("p", Verb.ADD, changed=False, error=error, **more)]


def test_what_had_no_time_is_left_to_the_next_slice():
    """A change that failed only because the slice is over is left to the next slice."""
    cells = Cells()
    cells.put("1", "done", [Result("done", Verb.REMOVE)])
    cells.put("1", "late", failed(Reason.OUT_OF_TIME, tries=0))
    assert [cell["project"] for cell in cells.all] == ["done"]


def test_slice_that_had_time_for_nothing_says_so():
    """A slice without time for any cell reports a failure; otherwise the plan would never end."""
    cells = Cells()
    cells.put("1", "late", failed(Reason.OUT_OF_TIME, tries=0))
    [cell] = cells.all
    assert (cell["state"], cell["mendable"]) == ("failed", True)
    assert "3 seconds" in cell["why"]


def test_ended_session_leaves_the_cell_to_do():
    """An ended session leaves the cell undone, and the plan continues after the login."""
    cells = Cells()
    cells.put("1", "p", failed(Reason.UNAUTHENTICATED))
    assert cells.all == []
    assert cells.session_ended


def test_project_that_lost_its_access_is_not_called_done():
    """Asking a project again fails if the project was removed but could not be added."""
    cells = Cells()
    removed = Result("p", Verb.REMOVE)
    cells.put("1", "p", [removed, *failed(Reason.FORBIDDEN)])
    [cell] = cells.all
    assert (cell["state"], cell["mendable"]) == ("failed", False)
    assert cells.changed


def test_added_and_not_accepted_for_is_done_with_a_note():
    """A project that was added but not accepted for is done with a note, as in the dialog."""
    cells = Cells()
    error = ServiceError("Glance", Reason.FORBIDDEN, 403)
    cells.put("1", "p", [Result("p", Verb.ADD, status="pending", error=error)])
    [cell] = cells.all
    assert (cell["state"], cell["status"]) == ("done", "pending")
    assert "not accepted on behalf" in cell["note"]


def test_added_without_time_to_accept_is_left_to_the_next_slice():
    """The next slice accepts for a project that was added without time to accept."""
    cells = Cells()
    cells.put("1", "done", [Result("done", Verb.REMOVE)])
    error = ServiceError("Glance", Reason.OUT_OF_TIME, tries=0, bound=3)
    cells.put("1", "p", [Result("p", Verb.ADD, status="pending", error=error)])
    assert [cell["project"] for cell in cells.all] == ["done"]


def test_what_is_not_known_can_be_tried_again():
    """An uncertain change can be tried again, because repeating a finished change does no harm."""
    cells = Cells()
    cells.put("1", "p", failed(Reason.FORBIDDEN, uncertain=True))
    [cell] = cells.all
    assert cell["mendable"]
    assert cell["uncertain"]
