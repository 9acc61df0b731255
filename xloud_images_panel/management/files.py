# SPDX-License-Identifier: Apache-2.0
"""An access file, shown as a plan or applied."""

import dataclasses
import sys
import time
from pathlib import Path

from xloud_images_panel.access import document, plain_yaml, wanted
from xloud_images_panel.access.document import Document
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.finding import Finding, Refused
from xloud_images_panel.access.model import Image, is_project_id
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Change, Verb
from xloud_images_panel.access.wanted import Wanted
from xloud_images_panel.dashboard import naming, trail
from xloud_images_panel.dashboard.lock import CacheSilent
from xloud_images_panel.dashboard.manage_access import carrying_out, checks
from xloud_images_panel.management.operator import Operator
from xloud_images_panel.management.reports import Report, Status
from xloud_images_panel.services import named_in_file
from xloud_images_panel.services.keystone import Keystone

#: Seconds for which a project that was read counts as existing.
STAYS_FOR = 60.0


class Unusable(Exception):
    """A file that cannot be read, as already reported."""


def read(path: str, report: Report) -> Document:
    """Return the access that a file asks for.

    :param path: ``-`` for the standard input
    :raises Unusable: when the file cannot be read, or a line is wrong
    :raises OSError: when the file does not exist, or may not be read
    """
    # One byte more than allowed shows that the file is too large.
    most = plain_yaml.MOST_BYTES + 1
    if path == "-":
        content = sys.stdin.buffer.read(most)
    else:
        with Path(path).open("rb") as file:
            content = file.read(most)
    try:
        return document.read(content)
    except Refused as error:
        for finding in error.findings:
            report.finding(path, finding)
        raise Unusable from error


@dataclasses.dataclass
class File:
    """A file that was read, and compared with the cloud.

    :param path: as the operator gave it
    :param most_removals: the most members that the file may remove
    """

    path: str
    asked: Document
    operator: Operator
    report: Report
    most_removals: int
    _known_until: dict[str, float] = dataclasses.field(default_factory=dict, init=False)

    def plan(self) -> Status:
        """Show the changes that the file would make, and return the exit status."""
        answer, keystone, may = self._compare()
        labels = self._labels(answer, keystone)
        for image_id, change in answer.plan.changes.items():
            for verb, project_id in change.named():
                label = labels.get(project_id, "")
                self.report.change(answer.images[image_id], verb, project_id, label)
        self._sum_up(answer)
        if answer.failed or not may:
            return Status.FAILED
        return Status.CHANGES if answer.plan.changes else Status.DONE

    def apply(self, *, accept: bool) -> Status:
        """Apply the file, one image after the other, and return the exit status.

        :param accept: accept on behalf of each added project
        """
        known_until = time.monotonic() + STAYS_FOR
        answer, keystone, may = self._compare()
        if not may:
            self._sum_up(answer)
            return Status.FAILED
        for change in answer.plan.changes.values():
            self._known_until |= dict.fromkeys(change.add, known_until)
        labels = self._labels(answer, keystone)
        failed = answer.failed
        counts = {Verb.ADD: 0, Verb.REMOVE: 0, Verb.ACCEPT_FOR: 0}
        count = len(answer.plan.changes)
        for number, (image_id, change) in enumerate(answer.plan.changes.items()):
            self.report.progress("images", number, count)
            image = answer.images[image_id]
            outcome = self._carry_out(change, image, accept=accept)
            if outcome is None:
                failed = True
                continue
            for result in outcome.results:
                label = labels.get(result.project_id, "")
                self.report.result(image, result, trail.word(result), label)
                failed = failed or result.error is not None
                if result.done and result.changed:
                    counts[result.verb] += 1
        self.report.end_of_progress()
        added, removed, accepted = counts.values()
        text = f"{added} added, {removed} removed."
        if accepted:
            text = f"{added} added, {removed} removed, {accepted} accepted for."
        self.report.summary(text, images=count, added=added, removed=removed, accepted_for=accepted)
        return Status.FAILED if failed else Status.DONE

    def _compare(self) -> tuple[Wanted, Keystone, bool]:
        """Compare the file with the cloud, and report findings about its lines.

        :returns: the plan, the Keystone that has read its projects, and whether the plan may be
            carried out
        """
        keystone = self.operator.keystone()

        def step(done: int, count: int) -> None:
            self.report.progress("images read", done, count)

        cloud = named_in_file.look_up(self.asked, self.operator.glance(), keystone, step)
        self.report.end_of_progress()
        answer = wanted.compare(self.asked, cloud)
        too_many: list[Finding] = wanted.too_many_removals(answer.plan, self.most_removals)
        for finding in [*answer.findings, *too_many]:
            self.report.finding(self.path, finding)
        return answer, keystone, not too_many

    def _labels(self, answer: Wanted, keystone: Keystone) -> dict[str, str]:
        """Return the labels of a plan's projects, by their IDs."""
        changes = answer.plan.changes.values()
        ids = dict.fromkeys(item for change in changes for _verb, item in change.named())
        return naming.labels(keystone, filter(is_project_id, ids))

    def _carry_out(self, change: Change, image: Image, *, accept: bool) -> Outcome | None:
        """Carry out the change of one image, and return the outcome, None if it was skipped."""
        glance = self.operator.glance()  # may renew the token, and so the request
        request = self.operator.request
        gone = self._gone(change)
        for result in gone:
            trail.change(request, image.id, image.name, result)
        lost = {result.project_id for result in gone}
        add = tuple(item for item in change.add if item not in lost)
        if not add and not change.remove:
            return Outcome(gone)
        left = dataclasses.replace(change, add=add)
        try:
            done = carrying_out.carry_out(
                request, left, image.id, image.name, glance, accept=accept
            )
        except Busy as error:
            trail.refused(request, "manage access", trail.Refusal.BUSY, image.id)
            self.report.skipped(image, _why_left(error))
            return None
        return Outcome((*gone, *done.results))

    def _gone(self, change: Change) -> tuple[Result, ...]:
        """Return results for projects to add that were deleted since the comparison.

        Glance accepts any text as a member, and a run may take minutes.
        """
        now = time.monotonic()
        old = [item for item in change.add if now > self._known_until.get(item, 0)]
        if not old:
            return ()
        keystone = self.operator.keystone()
        try:
            missing = checks.unknown(Change(tuple(old)), set(), keystone, cached_ok=False)
        except ServiceError as error:
            failed = dict.fromkeys(old, error)
        else:
            deleted = ServiceError("Keystone", Reason.MISSING, 404, "since the file was read")
            failed = dict.fromkeys(missing, deleted)
        self._known_until |= {item: now + STAYS_FOR for item in old if item not in failed}
        return tuple(
            Result(item, Verb.ADD, changed=False, error=failed[item])
            for item in change.add
            if item in failed
        )

    def _sum_up(self, answer: Wanted) -> None:
        changes = answer.plan.changes.values()
        add = sum(len(change.add) for change in changes)
        text = f"{len(changes)} images: {add} to add, {answer.removals} to remove."
        self.report.summary(text, images=len(changes), add=add, remove=answer.removals)


def _why_left(error: Busy) -> str:
    if isinstance(error, CacheSilent):
        return "Horizon's cache did not answer: the image was left as it is."
    return "Somebody else is changing the access of the image: it was left as it is."
