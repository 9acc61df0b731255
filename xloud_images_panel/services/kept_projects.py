# SPDX-License-Identifier: Apache-2.0
"""Projects that were read a short while ago, so that sentences need no lookups for their names."""

import dataclasses
import time
from collections.abc import Iterable

from xloud_images_panel.access.model import Project, is_project_id
from xloud_images_panel.services.connection import Cache

# Projects that are kept for one user: more than the members of one image (the quota is 128).
MOST_KEPT = 500
# Characters of a description that are kept with a name; the table shows 120.
_KEPT_DESCRIPTION = 200


class KeptProjects:
    """One user's projects in the cache.

    All share one entry. When two requests write it at the same moment, one loses its projects,
    which are then looked up again.

    :param whose: distinguishes the entry from those of other users, who may not see these projects
    :param lifetime: seconds, 0 for no caching
    :param kind: the name of this entry among the user's entries
    """

    def __init__(
        self, cache: Cache, whose: tuple[str, ...], lifetime: int, kind: str = "projects"
    ) -> None:
        self._cache, self._lifetime = cache, lifetime
        self._key = cache.key(kind, *whose)

    def get(self, project_ids: Iterable[str]) -> dict[str, Project]:
        """Return the kept ones of these projects, by ID."""
        kept = self._read()
        return {item: kept[item][1] for item in project_ids if item in kept}

    def everything(self) -> dict[str, Project]:
        """Return all projects that are kept, by ID."""
        return {item: project for item, (_read, project) in self._read().items()}

    def remember(self, projects: Iterable[Project]) -> None:
        """Keep projects that were just read.

        The absence of a project is kept too, if Keystone was asked for its ID.
        """
        new = {
            project.id: (
                time.time(),
                dataclasses.replace(
                    project, description=project.description[:_KEPT_DESCRIPTION], tags=()
                ),
            )
            for project in projects
            if is_project_id(project.id)
        }
        if new:
            self._write(self._read() | new)

    def forget(self, project_ids: Iterable[str]) -> None:
        """Forget these projects, so that they are looked up again the next time."""
        kept, gone = self._read(), set(project_ids)
        if gone & kept.keys():
            self._write({item: kept[item] for item in kept if item not in gone})

    def _read(self) -> dict[str, tuple[float, Project]]:
        """Return the projects, each with the time at which it was read (seconds)."""
        oldest = time.time() - self._lifetime
        kept = self._cache.get(self._key, {})
        return {
            item: (read, Project(**fields))
            for item, (read, fields) in kept.items()
            if read > oldest
        }

    def _write(self, projects: dict[str, tuple[float, Project]]) -> None:
        if not self._lifetime:
            return
        newest = sorted(projects.items(), key=lambda item: item[1][0])[-MOST_KEPT:]
        value = {item: (read, dataclasses.asdict(project)) for item, (read, project) in newest}
        self._cache.set(self._key, value, self._lifetime)
