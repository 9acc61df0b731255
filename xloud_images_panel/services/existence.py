# SPDX-License-Identifier: Apache-2.0
"""Whether projects exist, as far as Keystone says so about each one."""

from collections.abc import Iterable

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Project, is_project_id
from xloud_images_panel.access.stale import Known
from xloud_images_panel.services.keystone import Keystone


def look_up(keystone: Keystone, project_ids: Iterable[str], *, cached_ok: bool = False) -> Known:
    """Return which projects exist and which do not; the others are not known.

    Only a 404 for its ID, asked for with a cloud administrator's token, says that a project does
    not exist. A token that may not list the projects of all domains is none: then nothing is
    missing, whatever Keystone answers.

    :param cached_ok: accept answers about an ID that are a short while old
    :raises ServiceError: ``UNAUTHENTICATED``, when the session has ended
    """
    ids = [item for item in dict.fromkeys(project_ids) if is_project_id(item)]
    absent = keystone.absent.get(ids) if cached_ok else {}
    # The cache may still have the name of a project that was deleted a moment ago.
    cached = keystone.known(item for item in ids if item not in absent) if cached_ok else {}
    there = {item: project for item, project in cached.items() if project.exists}
    found: dict[str, Project] = {}
    missing: list[str] = []

    def ask(project_id: str) -> None:
        try:
            project = keystone.project(project_id)
        except ServiceError as error:
            if error.reason is Reason.UNAUTHENTICATED:
                raise
            if error.reason is Reason.MISSING:
                missing.append(project_id)
        else:
            found[project_id] = project

    unknown = [item for item in ids if item not in there and item not in absent]
    threads.in_parallel(ask, unknown, keystone.workers)
    if found:
        keystone.kept.remember(found.values())
        keystone.absent.forget(found)
    if missing and not _sees_all(keystone):
        missing = []
    keystone.absent.remember(Project(item, enabled=False, exists=False) for item in missing)
    return Known(there | found, frozenset([*absent, *missing]))


def _sees_all(keystone: Keystone) -> bool:
    try:
        keystone.projects(1)
    except ServiceError as error:
        if error.reason is Reason.UNAUTHENTICATED:
            raise
        return False
    return True
