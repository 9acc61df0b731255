# SPDX-License-Identifier: Apache-2.0
"""The outcome of a change of access."""

import dataclasses

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.plan import Verb


@dataclasses.dataclass(frozen=True)
class Result:
    """The result for one project.

    :ivar error: why the action failed, None if it succeeded
    :ivar changed: False if nothing was left to do, because somebody else had added or removed
        the project
    :ivar status: the current member status of an added project; with an
        ``error``, the project was added but its status could not be set
    :ivar uncertain: with an ``error``, whether the action may have taken effect anyway:
        Glance did not answer, and could not be asked afterwards either
    :ivar request_ids: Glance's IDs of the requests
    """

    project_id: str
    verb: Verb
    changed: bool = True
    status: str = ""
    error: ServiceError | None = None
    uncertain: bool = False
    request_ids: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the project now has, or lacks, access as requested."""
        return self.error is None or bool(self.status)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The results for all projects of a change, the removed ones first."""

    results: tuple[Result, ...]

    @property
    def failed(self) -> list[Result]:
        """The projects that still have, or still lack, access."""
        return [result for result in self.results if not result.done]

    @property
    def not_accepted(self) -> list[Result]:
        """The projects that were added, but could not be accepted on behalf of."""
        return [result for result in self.results if result.done and result.error]

    def done(self, verb: Verb) -> list[Result]:
        """Return the results of the projects for which this verb was carried out."""
        return [result for result in self.results if result.done and result.verb is verb]
