# SPDX-License-Identifier: Apache-2.0
"""Keystone: pages of projects, and projects by ID.

Keystone is asked for pages, never for everything: it silently truncates
``GET /v3/projects`` at 1,000.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from keystoneclient.v3 import client as keystoneclient

from xloud_images_panel.access import failure, threads
from xloud_images_panel.access.model import Project, is_given_project_id, is_project_id
from xloud_images_panel.services import calls, domains, transport
from xloud_images_panel.services.connection import Connection
from xloud_images_panel.services.kept_projects import KeptProjects
from xloud_images_panel.services.project_pages import Batch, Page, Question
from xloud_images_panel.services.spellings import folded, spellings

# Rows that the filter may remove from a page without a second request. Usually it
# removes only the image's owner, and a request costs more than a hundred rows.
_SPARE = 5


class Keystone:
    """The region's Keystone, as the user of one request.

    :ivar home: ID of the user's own domain
    :ivar kept: projects that were read a short while ago
    :ivar absent: IDs that had no project a short while ago; see :mod:`.existence`
    :ivar domains: the names of the domains
    """

    def __init__(self, connection: Connection) -> None:
        url, actor = connection.url_for("identity"), connection.actor
        self._ask = calls.Service("Keystone", connection.limits).ask
        self._client = keystoneclient.Client(session=transport.open_session(connection, url))
        self._limits = connection.limits
        # Names are cached per user, because another user may not be allowed to see them.
        whose = (actor.region, url, actor.user_id, actor.project_id)
        cache, lifetime = connection.cache, connection.limits.names_lifetime
        self.home = actor.domain_id
        self.kept = KeptProjects(cache, whose, lifetime)
        self.absent = KeptProjects(cache, whose, lifetime, kind="absent")
        self.domains = domains.Domains(self._client, self._ask, cache, whose, lifetime)
        # Projects that this request has read are newer than the cached ones.
        self._read: dict[str, Project] = {}
        self._read_all = False

    def projects(
        self,
        limit: int,
        marker: str | None = None,
        search: str = "",
        domain_id: str = "",
        wanted: Callable[[Project], bool] = lambda project: True,
    ) -> Page:
        """Return one page of the cloud's projects.

        Keystone's own ``name__icontains`` does the search (0.017 s among
        10,505 projects); ``name__contains`` filters after the page is cut and
        loses matches. Keystone omits the ``next`` link where it cut the list,
        and a page that is not full may have been cut too. Only a nearly empty
        page is the end.

        A search finds names that contain the text in any case and Unicode form.
        Keystone does not escape the text for LIKE, where ``_`` is any
        character, and its database may fold more than case (MariaDB's accents)
        or less (SQLite's ``Ä``). So Keystone is asked for several spellings,
        and its answers are filtered; see :func:`.spellings` for names that are
        not found.

        :param limit: the maximum number of projects, not counting one that has the whole ID
        :param marker: the marker of the page before, None for the first page
        :param search: part of the name in any case, or a whole project ID
        :param domain_id: only projects of this domain
        :param wanted: only projects for which this is true
        :returns: a page that is not full, or empty, may have a marker if not
            all projects were searched
        :raises ServiceError: when Keystone does not answer or refuses
        """
        found: list[Project] = []
        everything = not (marker or search or domain_id)
        texts, size = spellings(search), _first_size(limit)
        exact_id = search.lower() if is_given_project_id(search) else ""
        if exact_id and marker is None:
            exact = self._project_or_none(exact_id)
            if exact and domain_id in ("", exact.domain_id) and wanted(exact):
                found.append(exact)
                limit += 1
        if not texts:
            return Page(found)

        def matches(project: Project) -> bool:
            return project.id != exact_id and folded(search) in folded(project.name)

        for _page in range(domains.MOST_PAGES):
            batch = self.read(Question(size, marker, texts, domain_id))
            matching = list(filter(matches, batch.projects))
            for project in matching:
                if len(found) == limit:
                    return Page(found, marker)
                if wanted(project):
                    found.append(project)
                marker = project.id
            if batch.end is None:
                self._read_all = self._read_all or everything
                return Page(found)
            marker = batch.end
            if batch.full and len(found) == limit:
                break
            if len(matching) < len(batch.projects):
                # Keystone finds many projects that do not match, with "%" all.
                size = min(4 * size, domains.CUT_AT)
        return Page(found, marker)

    def read(self, question: Question) -> Batch:
        """Ask for each of the spellings and merge the answers, as far as all of them reach.

        Keystone returns more than the names that contain a text; see :meth:`projects`.

        :raises ServiceError: when Keystone does not answer or refuses
        """
        answers = threads.in_parallel(
            lambda text: self._list(question, text), question.texts, self._limits.max_workers
        )
        limit = question.limit
        ends = [
            answer[-1].id for answer in answers if len(answer) >= min(limit, domains.SMALLEST_CUT)
        ]
        end = min(ends, default=None)
        projects = {
            project.id: project
            for answer in answers
            for project in answer
            if end is None or project.id <= end
        }
        self._read |= projects
        return Batch(
            sorted(projects.values(), key=lambda project: project.id),
            end,
            full=any(len(answer) == limit for answer in answers),
        )

    def _list(self, question: Question, text: str) -> list[Project]:
        limit, marker = question.limit, question.marker
        query: dict[str, Any] = {"limit": limit}
        if marker:
            query["marker"] = marker
        if text:
            query["name__icontains"] = text

        def read() -> list[Project]:
            with transport.reading_answer():
                answer = self._client.projects.list(domain=question.domain_id or None, **query)
                return [_project(item) for item in answer]

        projects = sorted(self._ask(read), key=lambda project: project.id)
        if len(projects) > limit or any(project.id == marker for project in projects):
            # An older Keystone ignores limit and marker and returns everything.
            projects = [project for project in projects if project.id > (marker or "")][:limit]
        return projects

    @property
    def workers(self) -> int:
        """The number of calls that may be under way at the same time."""
        return self._limits.max_workers

    def named(self, name: str) -> list[Project]:
        """Return the projects with this name, at most one of each domain.

        :raises ServiceError: when Keystone does not answer or refuses
        """

        def read() -> list[Project]:
            with transport.reading_answer():
                return [_project(item) for item in self._client.projects.list(name=name)]

        found = self._ask(read)
        self._read |= {project.id: project for project in found}
        return found

    def project(self, project_id: str) -> Project:
        """Return the project with this ID; to Keystone, a domain is one too, but in no list.

        :raises ServiceError: ``MISSING`` for a 404, and otherwise when the service fails
        """
        return self._ask(lambda: self._read_project(project_id)[0])

    def _read_project(self, project_id: str) -> tuple[Project, bool]:
        """Return a project, and whether it is a domain."""
        with transport.reading_answer():
            item = self._client.projects.get(project_id)
            return _project(item), bool(getattr(item, "is_domain", False))

    def _project_or_none(self, project_id: str) -> Project | None:
        try:
            project, is_domain = self._ask(lambda: self._read_project(project_id))
        except failure.ServiceError as error:
            if error.reason is failure.Reason.MISSING:
                return None
            raise
        return None if is_domain else project

    def projects_by_id(
        self, project_ids: Iterable[str], *, cached_ok: bool = False
    ) -> dict[str, Project]:
        """Return the projects with these IDs; a missing one has ``exists=False`` and its last name.

        Keystone has no query for several IDs, so each takes its own call, in a
        small pool. Projects that :meth:`projects` has read in this request are
        known. If it has read all projects of a small cloud, one that is not
        among them was deleted, whatever the cache says.

        :param cached_ok: accept projects that were read a short while ago;
            otherwise a project that was just deleted or disabled shows as such
        :raises ServiceError: when Keystone does not answer or refuses
        """
        project_ids = list(dict.fromkeys(project_ids))
        found = self.known(project_ids, cached_ok=cached_ok)
        missing = [project_id for project_id in project_ids if project_id not in found]
        before = {} if cached_ok else self.known(missing)
        answers = threads.in_parallel(self._project_if_possible, missing, self._limits.max_workers)
        looked_up = {
            project_id: project
            or dataclasses.replace(
                before.get(project_id, Project(project_id)), enabled=False, exists=False
            )
            for project_id, project in zip(missing, answers, strict=True)
        }
        self._read |= looked_up
        self.kept.remember(looked_up.values())
        return found | looked_up

    def known(self, project_ids: Iterable[str], *, cached_ok: bool = True) -> dict[str, Project]:
        """Return the projects among these that need no call to Keystone.

        :param cached_ok: include projects that were read a short while before this request
        """
        project_ids = list(project_ids)
        found = {item: self._read[item] for item in project_ids if item in self._read}
        missing = [item for item in project_ids if item not in found]
        if cached_ok and missing and not self._read_all:
            found |= self.kept.get(missing)
        return found

    def everything_known(self) -> dict[str, Project]:
        """Return the projects that this request has read, and the kept ones, by ID."""
        return (self.kept.everything() if not self._read_all else {}) | self._read

    def _project_if_possible(self, project_id: str) -> Project | None:
        # Glance accepts any text as a member; a text that cannot be a
        # project's ID is not put into a URL.
        return self._project_or_none(project_id) if is_project_id(project_id) else None


def _first_size(limit: int) -> int:
    """Return the size of the first request for a page of this many projects."""
    return min(limit + 1 + _SPARE, domains.CUT_AT)


def _project(item: Any) -> Project:
    return Project(
        id=item.id,
        name=item.name,
        domain_id=item.domain_id or "",
        description=getattr(item, "description", "") or "",
        enabled=bool(item.enabled),
        tags=tuple(getattr(item, "tags", None) or ()),
    )
