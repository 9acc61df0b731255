"""Keystone: pages of projects, and the names of projects and domains.

Keystone is asked for pages, never for everything: ``GET /v3/projects`` is cut
at 1,000 without a word.
"""

import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings as django_settings
from django.core.cache import cache
from keystoneclient.v3 import client as keystoneclient
from openstack_auth import utils as auth_utils
from openstack_dashboard.api import base

from xloud_images_panel import services, settings

# Keystone gives every project a UUID without dashes.
_PROJECT_ID = re.compile(r"[0-9a-fA-F]{32}")
# A page that lost most of its rows to the caller's filter is filled up from
# the next ones, but not without end.
_MOST_PAGES = 5
# Rows that the filter may take from a page without a second request: mostly
# it is the image's owner alone, and a request costs more than a hundred rows.
_SPARE = 5
# Keystone cuts what it is asked for at max_db_limit, 1,000 unless the operator
# says less, without a word. A page of fewer rows than anybody would cut at is the end.
_CUT_AT = 1000
_SMALLEST_CUT = 20


@dataclasses.dataclass(frozen=True)
class Project:
    """A project as the panel shows it; one that Keystone no longer knows has no name."""

    id: str
    name: str = ""
    domain_id: str = ""
    description: str = ""
    enabled: bool = False
    exists: bool = True


@dataclasses.dataclass(frozen=True)
class Page:
    """Projects in Keystone's order (by ID) and the marker of the next page, if there is one."""

    projects: list[Project]
    marker: str | None = None


class Keystone:
    """The region's Keystone, as the user of one request."""

    def __init__(self, request: Any) -> None:
        url = base.url_for(
            request,
            service_type="identity",
            endpoint_type=django_settings.OPENSTACK_KEYSTONE_ENDPOINT_TYPE,
        )
        url, _fixed = auth_utils.fix_auth_url_version_prefix(url)
        self._ask = services.Service("Keystone", services.reads(request)).ask
        self._client = keystoneclient.Client(session=services.open_session(request, url))
        # Names are cached per user: another may not be allowed to see them.
        key = f"{url}|{request.user.id}|{request.user.project_id}"
        self._cache_prefix = "xloud_images_panel:" + hashlib.sha256(key.encode()).hexdigest()
        # What was read in this request is newer than what is cached.
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
        loses matches. Its ``next`` link is missing where the list was cut, and
        a page that is not full may have been cut too: the end is one that is
        nearly empty.

        :param limit: how many projects at the most
        :param marker: the marker of the page before, None for the first page
        :param search: part of the name in any case, or a whole project ID
        :param domain_id: only projects of this domain
        :param wanted: only projects for which this is true
        :raises ServiceError: when Keystone does not answer or refuses
        """
        found: list[Project] = []
        everything = not (marker or search or domain_id)
        if search and marker is None and _PROJECT_ID.fullmatch(search):
            exact = self._project_or_none(search.lower())
            if exact and domain_id in ("", exact.domain_id) and wanted(exact):
                found.append(exact)
        size = min(limit + 1 + _SPARE, _CUT_AT)
        for _page in range(_MOST_PAGES):
            batch = self._batch(size, marker, search, domain_id)
            for project in batch:
                if len(found) == limit:
                    return Page(found, marker)
                if wanted(project) and project not in found:
                    found.append(project)
                marker = project.id
            if len(batch) < min(size, _SMALLEST_CUT):
                self._read_all = self._read_all or everything
                return Page(found)
            if len(batch) == size and len(found) == limit:
                break
        return Page(found, marker)

    def _batch(self, limit: int, marker: str | None, search: str, domain_id: str) -> list[Project]:
        query: dict[str, Any] = {"limit": limit}
        if marker:
            query["marker"] = marker
        if search:
            query["name__icontains"] = search

        def read() -> list[Project]:
            with services.reading_answer():
                answer = self._client.projects.list(domain=domain_id or None, **query)
                return [_project(item) for item in answer]

        projects = sorted(self._ask(read), key=lambda project: project.id)
        if len(projects) > limit or any(project.id == marker for project in projects):
            # An older Keystone ignores limit and marker and returns everything.
            projects = [project for project in projects if project.id > (marker or "")][:limit]
        self._read |= {project.id: project for project in projects}
        return projects

    def _project_or_none(self, project_id: str) -> Project | None:
        def read() -> Project | None:
            with services.reading_answer():
                item = self._client.projects.get(project_id)
                # To Keystone a domain is a project that its lists leave out.
                return None if getattr(item, "is_domain", False) else _project(item)

        try:
            return self._ask(read)
        except services.ServiceError as error:
            if error.reason is services.Reason.MISSING:
                return None
            raise

    def projects_by_id(
        self, project_ids: Iterable[str], recent: bool = False
    ) -> dict[str, Project]:
        """Return the projects with these IDs; those that do not exist say so.

        Keystone has no query for several IDs, so each is asked for by itself,
        in a small pool. Those that :meth:`projects` has read in this request
        are known; in a cloud so small that it has read all of them, one that
        is not among them was deleted, whatever the cache says.

        :param recent: take what was read a short while ago; otherwise a
            project that was just deleted or disabled is seen to be so
        :raises ServiceError: when Keystone does not answer or refuses
        """
        project_ids = list(dict.fromkeys(project_ids))
        found = self.known(project_ids, recent)
        missing = [project_id for project_id in project_ids if project_id not in found]
        for project_id, project in zip(
            missing, services.in_parallel(self._project_if_possible, missing), strict=True
        ):
            found[project_id] = project or Project(project_id, exists=False)
        self.remember(found[project_id] for project_id in missing)
        return found

    def known(self, project_ids: Iterable[str], recent: bool = True) -> dict[str, Project]:
        """Return those of these projects for which Keystone need not be asked.

        :param recent: also what was read a short while ago, not in this request alone
        """
        project_ids = list(project_ids)
        found = {item: self._read[item] for item in project_ids if item in self._read}
        if recent and not self._read_all:
            # Glance takes any text as a member, memcached does not take any as a key.
            asked = [item for item in project_ids if item not in found and is_project_id(item)]
            keys = {self._key("project", item): item for item in asked}
            for key, project in cache.get_many(keys).items():
                found[keys[key]] = Project(**project)
        return found

    def _project_if_possible(self, project_id: str) -> Project | None:
        # Glance takes any text as a member; what cannot be the ID of a
        # project is not put into a URL.
        return self._project_or_none(project_id) if is_project_id(project_id) else None

    def remember(self, projects: Iterable[Project]) -> None:
        """Keep projects that were just read, so that messages need not ask for their names."""
        lifetime = settings.get().names_lifetime
        if lifetime:
            cache.set_many(
                {
                    self._key("project", project.id): dataclasses.asdict(project)
                    for project in projects
                    if project.exists
                },
                lifetime,
            )

    def forget(self, project_ids: Iterable[str]) -> None:
        """Look these projects up anew the next time."""
        cache.delete_many(
            [self._key("project", item) for item in project_ids if is_project_id(item)]
        )

    @functools.cached_property
    def domain_names(self) -> dict[str, str]:
        """The names of the domains by ID, empty for a user who may not list them.

        :raises ServiceError: when Keystone does not answer
        """
        key = self._key("domains")
        names = cache.get(key)
        if names is None:
            try:
                names = self._read_domains()
            except services.ServiceError as error:
                if error.reason is services.Reason.FORBIDDEN:
                    return {}
                raise
            if lifetime := settings.get().names_lifetime:
                cache.set(key, names, lifetime)
        return names

    def _read_domains(self) -> dict[str, str]:
        names: dict[str, str] = {}
        marker = None
        for _page in range(_MOST_PAGES):
            query = {"limit": _CUT_AT, "marker": marker} if marker else {"limit": _CUT_AT}

            def read(query: dict[str, Any] = query) -> dict[str, str]:
                with services.reading_answer():
                    return {item.id: item.name for item in self._client.domains.list(**query)}

            batch = self._ask(read)
            # An older Keystone ignores the marker and returns what it has returned before.
            if batch.keys() <= names.keys():
                break
            names |= batch
            if len(batch) < _SMALLEST_CUT:
                break
            marker = max(batch)
        return names

    def _key(self, *parts: str) -> str:
        return ":".join([self._cache_prefix, *parts])


def is_project_id(text: str) -> bool:
    """Tell whether Keystone could have a project, or a domain, with this ID.

    Its identifiers are up to 64 letters, digits and dashes; nothing else is
    ever put into a URL.
    """
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text))


def _project(item: Any) -> Project:
    return Project(
        id=item.id,
        name=item.name,
        domain_id=item.domain_id or "",
        description=getattr(item, "description", "") or "",
        enabled=bool(item.enabled),
    )
