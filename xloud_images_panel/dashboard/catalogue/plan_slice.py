# SPDX-License-Identifier: Apache-2.0
"""A slice of a plan, or of its undo: as much as about two seconds allow."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from xloud_images_panel.access import undo as undoing
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.model import is_project_id
from xloud_images_panel.access.outcome import Outcome
from xloud_images_panel.access.plan import Change, Invalid, Verb
from xloud_images_panel.dashboard import log_in_again, texts, trail
from xloud_images_panel.dashboard.catalogue import cells, plan_part, refused
from xloud_images_panel.dashboard.catalogue.refused import Refused
from xloud_images_panel.dashboard.catalogue.slice_of_time import Clock, SliceServices
from xloud_images_panel.dashboard.manage_access import carrying_out, checks, member_quota, receipt
from xloud_images_panel.dashboard.manage_access.image_access import ImageAccess
from xloud_images_panel.services import records

#: The trail's word for a refused plan.
ACTION = "manage access"


class Slice:
    """A slice of a plan in progress.

    :ivar cells: the results for the projects
    :ivar receipts: the signed changes for :class:`.PlanUndoView`; the last must be undone first
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._services = SliceServices(request)
        self._clock = Clock()
        self.cells = cells.Cells()
        self.receipts: list[str] = []

    def run(self, part: plan_part.Part) -> None:
        """Carry out as many changes as there is time for, image by image.

        :raises SessionEnded: when a service did not accept the session and nothing was changed
        """
        # For more than a few projects, cached look-ups are used; see `checks`.
        ids = {item for change in part.changes.values() for _verb, item in change.named()}
        cached_ok = len(ids) > checks.MOST_ASKED_ANEW
        for image_id, change in part.changes.items():
            access = self._services.access(image_id, changed=self.cells.changed)
            todo = change.named()
            with self._or_failed(access, todo):
                while todo and not self._is_over:
                    piece = todo[: self._clock.fitting()]
                    left = self._piece(access, piece, accept=part.accept, cached_ok=cached_ok)
                    self._clock.ended(len(piece))
                    todo[: len(piece)] = left
                    # Between two pieces, other users may change the access and projects may answer.
                    access.read_again()

    def undo(self, tokens: Sequence[str]) -> tuple[int, list[str]]:
        """Undo as many receipts as there is time for.

        :param tokens: receipts of this class, in the order in which they are undone
        :returns: the number of finished receipts, and the receipts with failures that can be
            retried; completed parts stay undone
        :raises Worthless: for a receipt that cannot be used; nothing was done then
        """
        through, again = 0, list[str]()
        receipts = [receipt.read(self._request, token) for token in tokens]
        for token, (image_id, changes) in zip(tokens, receipts, strict=True):
            if self._is_over:
                break
            self._clock.fitting()
            access = self._services.access(image_id, changed=self.cells.changed)
            left = [(Verb.ADD if item.before else Verb.REMOVE, item.project_id) for item in changes]
            noted = len(self.cells.all)
            with self._or_failed(access, left, is_undo=True):
                self._undo(access, changes)
            again += [token] * any(cell.get("mendable") for cell in self.cells.all[noted:])
            self._clock.ended(len(changes))
            through += not self.cells.session_ended
        return through, again

    def answer(self, come_back: str) -> dict[str, Any]:
        """Return the results as JSON.

        :param come_back: the address that the login page leads to
        """
        content: dict[str, Any] = {
            "cells": self.cells.all,
            "receipts": self.receipts,
            "pause": self._clock.pause,
        }
        if quota := member_quota.known(self._request):
            content["quota"] = quota
        if self.cells.session_ended:
            content["log_in"] = log_in_again.url(come_back)
        return content

    @property
    def _is_over(self) -> bool:
        return self._clock.is_over or self.cells.session_ended

    @contextlib.contextmanager
    def _or_failed(
        self, access: ImageAccess, left: list[tuple[Verb, str]], *, is_undo: bool = False
    ) -> Iterator[None]:
        """Record the image's remaining changes as failed when the block raises.

        :raises SessionEnded: for a 401, if nothing was changed
        """
        late = False
        try:
            yield
            return
        except ServiceError as error:
            if error.reason is Reason.UNAUTHENTICATED and self.cells.changed:
                self.cells.session_ended = True
                return
            refusal, mendable = trail.Refusal.UNCHECKED, not error.lasting
            why = access.unavailable(error)
            late = error.reason is Reason.OUT_OF_TIME and not is_undo  # as in `Cells.put`
        except Busy as error:
            refusal, mendable, why = trail.Refusal.BUSY, True, cells.busy(error)
        except Refused as error:
            refusal, mendable, why = error.refusal, False, error.why
        if not late:
            trail.refused(self._request, ACTION, refusal, access.image_id)
        ids = [item for _, item in left]
        self.cells.fail(access.image_id, ids, why, mendable=mendable, late=late)

    def _piece(
        self, access: ImageAccess, piece: list[tuple[Verb, str]], *, accept: bool, cached_ok: bool
    ) -> list[tuple[Verb, str]]:
        """Check and carry out changes of one image.

        :returns: changes refused because the image is gone; the next piece says why
        :raises ServiceError: when a service cannot check the changes; nothing was done
        :raises Busy: when the image's access cannot be changed at this moment
        """
        refused.check(access)
        names = self._checked(access, piece, cached_ok=cached_ok)
        if not names:
            return []
        change = checks.renamed(_change(item for item in piece if item[1] in names), names)
        before = {member.project_id: member.status for member in access.members}
        done = carrying_out.carry_out(
            self._request,
            change,
            access.image.id,
            access.image.name,
            access.glance,
            accept=accept,
        )
        image_id = access.image.id
        left = _not_found(done) if self._is_gone(access, done) else set[str]()
        self._note(access, {item: name for item, name in names.items() if name not in left}, done)
        if changes := undoing.done_by(done, before):
            self.receipts.append(receipt.token(self._request, image_id, changes))
        return [item for item in piece if names.get(item[1]) in left]

    @staticmethod
    def _is_gone(access: ImageAccess, done: Outcome) -> bool:
        """Return whether an image is gone or no longer shared; ask only if that is likely."""
        if not _not_found(done):
            return False
        access.read_again()
        try:
            return access.image.visibility != "shared"
        except ServiceError as error:
            return error.reason is Reason.MISSING

    def _checked(
        self, access: ImageAccess, piece: list[tuple[Verb, str]], *, cached_ok: bool
    ) -> dict[str, str]:
        """Return the services' IDs by the browser's IDs, for the changes that may be sent.

        The other changes are recorded as failed.
        """
        image, keystone = access.image, access.keystone
        members = {member.project_id for member in access.members}
        change = _change(piece)
        names = checks.names_at_the_services(change, members, keystone)
        try:
            change = checks.renamed(change, names)
        except Invalid as error:
            raise Refused(texts.invalid(error.problem)) from error
        unknown = checks.unknown(change, members, keystone, cached_ok=cached_ok)
        why = {
            item: checks.no_project({item: name})
            for item, name in unknown.items()
            # A deleted project that is no longer a member is as requested.
            if item not in change.remove or not is_project_id(item)
        }
        if image.owner in change.add:
            why[image.owner] = checks.owner_has_it()
        if why:
            trail.refused(self._request, ACTION, trail.Refusal.NOT_VALID, image.id)
        for given, name in names.items():
            if name in why:
                self.cells.fail(access.image_id, [given], why[name], mendable=False)
        return {given: name for given, name in names.items() if name not in why}

    def _undo(self, access: ImageAccess, changes: list[undoing.Done]) -> None:
        refused.check(access)
        gone = receipt.projects_gone(access.keystone, changes)
        for item in gone:
            why = checks.no_project({item: ""})
            self.cells.fail(access.image_id, [item], why, mendable=False)
        changes = [item for item in changes if item.project_id not in gone]
        if changes:
            image = access.image
            done = carrying_out.undo(self._request, changes, image.id, image.name, access.glance)
            names = {item.project_id: item.project_id for item in changes}
            self._note(access, names, done, is_undo=True)

    def _note(
        self, access: ImageAccess, names: Mapping[str, str], done: Outcome, *, is_undo: bool = False
    ) -> None:
        """Record the results for the projects.

        :param names: the services' IDs by the browser's IDs
        """
        for given, name in names.items():
            results = [item for item in done.results if item.project_id == name]
            self.cells.put(access.image_id, given, results, is_undo=is_undo)
        access.changed = self.cells.changed
        errors = (item.error for item in done.failed if item.error)
        over_quota = next((error for error in errors if error.reason is Reason.OVER_QUOTA), None)
        if over_quota and (quota := records.quota_in(over_quota)):
            member_quota.remember(self._request, quota)


def _not_found(done: Outcome) -> set[str]:
    """Return the projects with an error that Glance also answers when the image is gone.

    For an image that is no longer shared, Glance answers 403 or 404.
    """
    answers = (Reason.MISSING, Reason.FORBIDDEN)
    return {
        item.project_id
        for item in done.failed
        if item.error and item.error.reason in answers and not item.uncertain
    }


def _change(piece: Iterable[tuple[Verb, str]]) -> Change:
    verbs: dict[str, tuple[str, ...]] = {}
    for verb, item in piece:
        name = verb.name.lower()
        verbs[name] = (*verbs.get(name, ()), item)
    return Change(**verbs)
