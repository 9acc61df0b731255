# SPDX-License-Identifier: Apache-2.0
"""Whether projects exist, according to Keystone's answer about each one."""

import threading
from collections.abc import Iterable

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Project, possible_project_ids
from xloud_images_panel.access.stale import Known
from xloud_images_panel.services.keystone import Keystone


class LookUps:
    """Lookups of projects by their IDs, each of them once.

    Only a 404 to a cloud administrator's token proves that a project does not exist. A token that
    may not list the projects of all domains is not one. With such a token, no project counts as
    missing, whatever Keystone answers.

    :param cached_ok: accept answers about an ID that are a short while old
    :ivar failed: errors by ID, where it is unknown whether the project exists
    """

    def __init__(self, keystone: Keystone, *, cached_ok: bool = False) -> None:
        self._keystone = keystone
        self._absent = keystone.absent.everything() if cached_ok else {}
        # The cache may still hold the name of a project that was deleted a moment ago.
        kept = keystone.everything_known() if cached_ok else {}
        self._there = {
            item: project
            for item, project in kept.items()
            if project.exists and item not in self._absent
        }
        self._named = set[str]()
        self.failed: dict[str, ServiceError] = {}
        self._found: dict[str, Project] = {}
        self._missing: list[str] = []
        self._lock = threading.Lock()

    def unknown(self, member_ids: Iterable[str]) -> list[str]:
        """Return the possible project IDs of these members that :meth:`ask` must look up."""
        ids = dict.fromkeys(id_ for item in member_ids for id_ in possible_project_ids(item))
        with self._lock:
            new = [item for item in ids if item not in self._named]
            self._named.update(new)
        return [item for item in new if item not in self._absent and item not in self._there]

    def ask(self, project_id: str) -> None:
        """Ask Keystone for a project.

        :raises ServiceError: ``UNAUTHENTICATED``, when the session has ended
        """
        try:
            self._found[project_id] = self._keystone.project(project_id)
        except ServiceError as error:
            if error.reason is Reason.UNAUTHENTICATED:
                raise
            if error.reason is Reason.MISSING:
                self._missing.append(project_id)
            else:
                self.failed[project_id] = error

    def known(self) -> Known:
        """Return which of the projects exist and which do not; the others are unknown.

        :raises ServiceError: ``UNAUTHENTICATED``, when the session has ended
        """
        keystone, missing = self._keystone, self._missing
        if self._found:
            keystone.kept.remember(self._found.values())
            keystone.absent.forget(self._found)
        if missing and (error := _cannot_see_all(keystone)):
            self.failed |= dict.fromkeys(missing, error)
            missing = []
        keystone.absent.remember(Project(item, enabled=False, exists=False) for item in missing)
        there = {item: self._there[item] for item in self._named & self._there.keys()}
        absent = self._named & self._absent.keys()
        return Known(there | self._found, frozenset([*absent, *missing]))


def look_up(keystone: Keystone, member_ids: Iterable[str], *, cached_ok: bool = False) -> Known:
    """Return which projects exist and which do not, see :class:`LookUps`.

    :raises ServiceError: ``UNAUTHENTICATED``, when the session has ended
    """
    look_ups = LookUps(keystone, cached_ok=cached_ok)
    threads.in_parallel(look_ups.ask, look_ups.unknown(member_ids), keystone.workers)
    return look_ups.known()


def _cannot_see_all(keystone: Keystone) -> ServiceError | None:
    """Return why the token does not see all projects, None if it does."""
    try:
        keystone.projects(1)
    except ServiceError as error:
        if error.reason is Reason.UNAUTHENTICATED:
            raise
        return error
    return None
