# SPDX-License-Identifier: Apache-2.0
"""The results of the cells of a plan, one for each project of each image.

A cell is done, failed, or left for the next slice.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from xloud_images_panel.access.failure import Busy, Reason
from xloud_images_panel.access.outcome import Result
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.lock import CacheSilent

Cell = dict[str, Any]


class Cells:
    """The cells that a slice has processed, as the browser reads them.

    :ivar changed: whether anything was, or may have been, changed
    :ivar session_ended: whether a service no longer accepted the session
    """

    def __init__(self) -> None:
        self.changed = False
        self.session_ended = False
        self._cells: list[Cell] = []
        self._out_of_time: list[Cell] = []

    @property
    def all(self) -> list[Cell]:
        """The cells, without those that are left for the next slice.

        Cells for which there was no time are left, unless this slice has no others: the next slice
        would have no more time for them.
        """
        return self._cells or self._out_of_time

    def fail(
        self, image_id: str, ids: Iterable[str], why: str, *, mendable: bool, late: bool = False
    ) -> None:
        """Record cells as failed, with the reason.

        :param mendable: whether trying again can help
        :param late: whether there was no time for them
        """
        cells = [_failed(image_id, item, why, mendable=mendable) for item in ids]
        (self._out_of_time if late else self._cells).extend(cells)

    def put(
        self, image_id: str, project_id: str, results: list[Result], *, is_undo: bool = False
    ) -> None:
        """Record the results for a project.

        :param project_id: the ID that the browser uses
        :param results: the results of its changes; a failed one takes precedence
        :param is_undo: whether the change was an undo
        """
        result = next((item for item in results if not item.done), results[-1])
        self.changed = self.changed or any(
            (item.done and item.changed) or item.uncertain for item in results
        )
        error = result.error
        # The receipt of an undo counts as finished, so nothing in it is left for the next slice.
        late = error is not None and error.reason is Reason.OUT_OF_TIME and not is_undo
        cells = self._out_of_time if late else self._cells
        if result.done:  # also if an added project was not accepted for
            cells.append(_done(image_id, project_id, result))
            return
        assert error  # noqa: S101, a result that is not done has an error
        if error.reason is Reason.UNAUTHENTICATED:
            self.session_ended = True
            return
        why = texts.describe(error, uncertain=result.uncertain)
        if is_undo and error.reason is Reason.CONFLICT:
            why = texts.changed_since()
        mendable = result.uncertain or not error.lasting
        cell = _failed(image_id, project_id, why, mendable=mendable)
        cell["uncertain"] = result.uncertain
        cells.append(cell)


def _done(image_id: str, project_id: str, result: Result) -> Cell:
    cell: Cell = {
        "image": image_id,
        "project": project_id,
        "state": "done",
        "did": result.verb.value,  # adding an existing member may become accept-for
        "status": result.status,
        "changed": result.changed,
    }
    if result.error:
        text = _("Shared, but not accepted on behalf of the project: %(reason)s")
        cell["note"] = text % {"reason": texts.describe(result.error, uncertain=result.uncertain)}
    return cell


def _failed(image_id: str, project_id: str, why: str, *, mendable: bool) -> Cell:
    return {
        "image": image_id,
        "project": project_id,
        "state": "failed",
        "why": why,
        "mendable": mendable,
    }


def busy(error: Busy) -> str:
    """Return why the access to one of many images could not be changed."""
    if isinstance(error, CacheSilent):
        return _(
            "Horizon's cache did not answer, so nothing was changed: two changes at once could "
            "not be kept apart."
        )
    return _("Somebody else is changing the access of this image at this moment.")
