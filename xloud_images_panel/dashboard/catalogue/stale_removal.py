# SPDX-License-Identifier: Apache-2.0
"""The removal of stale members of one image, in pieces that are checked again first."""

import itertools
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xloud_images_panel.access import stale
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.model import Image
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change
from xloud_images_panel.dashboard import log_in_again, texts, trail
from xloud_images_panel.dashboard.catalogue import cells, refused
from xloud_images_panel.dashboard.catalogue.slice_of_time import Clock, SliceServices
from xloud_images_panel.dashboard.manage_access import carrying_out
from xloud_images_panel.services import existence

#: The trail's word for a refused removal.
ACTION = "stale access"


class Removal:
    """Removes stale members of an image; a member with several rows keeps the strongest."""

    def __init__(self, request: HttpRequest, image_id: str) -> None:
        self._request = request
        self._services = SliceServices(request)
        self._access = self._services.access(image_id)
        self._clock = Clock()
        self._results: list[Result] = []
        self._failed: dict[str, str] = {}

    def run(self, asked: dict[str, str]) -> dict[str, Any]:
        """Remove as many members as there is time for.

        :param asked: the kind of stale access that the user has seen, by member
        :returns: ``done``, the members in the requested state, ``failed``, the reasons why others
            are not, and ``left``, the members for which there was no time
        :raises Refused: for an image whose access may not be changed
        :raises Busy: when the access cannot be changed at this moment
        :raises ServiceError: when a service fails; in all three cases nothing was changed
        """
        refused.check(self._access)
        image = self._access.image
        todo = dict(asked)
        while todo and not self._clock.is_over:
            piece = dict(itertools.islice(todo.items(), self._clock.fitting()))
            try:
                self._piece(image, piece)
            except (Busy, ServiceError) as error:
                if not self._results and not self._failed:
                    raise
                if isinstance(error, ServiceError) and error.reason is Reason.OUT_OF_TIME:
                    break
                self._failed |= dict.fromkeys(todo, _why(error))
                todo = {}
            self._clock.ended(len(piece))
            todo = {member: kind for member, kind in todo.items() if member not in piece}
        late = self._late()
        left = [*late, *todo]
        return {
            "done": [item for item in asked if item not in self._failed and item not in left],
            "failed": self._failed,
            "left": left,
        }

    def _piece(self, image: Image, asked: dict[str, str]) -> None:
        """Check some members again, and remove those that are stale for the reason shown."""
        glance = self._services.glance
        known = existence.look_up(self._services.keystone, asked)
        rows = [row for row in glance.member_rows(image.id) if row.project_id in asked]
        now = {item.member.project_id: item.kind for item in stale.find(image.owner, rows, known)}
        there = {row.project_id for row in rows}
        spared = [item for item in asked if item in there and now.get(item) != asked[item]]
        if spared:
            trail.refused(self._request, ACTION, trail.Refusal.NOT_VALID, image.id)
            why = _("It is not stale any more, or that is not known; it was left alone.")
            self._failed |= dict.fromkeys(spared, why)
        agreed = {member: kind for member, kind in now.items() if member not in spared}
        remove = [member for member in agreed if agreed[member] not in stale.MERGED]
        merge = [member for member in agreed if agreed[member] in stale.MERGED]
        if remove:
            change = Change(remove=tuple(remove))
            self._note(
                carrying_out.carry_out(
                    self._request, change, image.id, image.name, glance, accept=False
                )
            )
        if merge:
            try:
                done = carrying_out.merge(self._request, merge, image.id, image.name, glance)
            except (Busy, ServiceError) as error:
                if not self._results:
                    raise
                self._failed |= dict.fromkeys(merge, _why(error))
            else:
                self._note(done)

    def _note(self, outcome: Outcome) -> None:
        """Keep the results of a change.

        :raises SessionEnded: when the session ended before anything was changed
        """
        done = [*self._results, *outcome.results]
        if not any(result.done or result.uncertain for result in done):
            for result in outcome.failed:
                if result.error:
                    log_in_again.check(result.error)
        self._results = done

    def _late(self) -> list[str]:
        """Return members for which there was no time, unless nothing else was done.

        In that case the next slice would have no more time. Other failures are recorded.
        """
        errors = {item.project_id: item for item in self._results if item.error}
        late = [
            member
            for member, result in errors.items()
            if result.error and result.error.reason is Reason.OUT_OF_TIME and not result.uncertain
        ]
        if len(late) == len(self._results) and not self._failed:
            late = []
        self._failed |= {
            member: texts.describe(result.error, uncertain=result.uncertain)
            for member, result in errors.items()
            if result.error and member not in late
        }
        return late


def _why(error: Busy | ServiceError) -> str:
    return cells.busy(error) if isinstance(error, Busy) else texts.describe(error)
