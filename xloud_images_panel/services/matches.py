# SPDX-License-Identifier: Apache-2.0
"""All projects that a search finds, if they are few enough to sort.

Keystone sorts only by ID and counts nothing. A thousand projects are one answer of 0.2 s, so up to
that many are read, and sorted here.
"""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from xloud_images_panel.access import threads
from xloud_images_panel.access.model import Project, is_given_project_id
from xloud_images_panel.services import domains
from xloud_images_panel.services.keystone import Keystone
from xloud_images_panel.services.project_pages import Batch, Question
from xloud_images_panel.services.spellings import LONGEST_NAME, folded, spellings

#: The most projects that are sorted.
MOST = 1000
# The most pages that are read for a tag. Keystone cannot search by tag, because it filters by
# `tags` only after it has cut the page.
_MOST_TAG_PAGES = 50
# Lookups by name, four at a time, that take as long as a page of 1,000 projects.
_LOOK_UPS_A_PAGE = 20


@dataclasses.dataclass(frozen=True)
class Matches:
    """Projects in alphabetical order.

    :ivar complete: whether these are all
    """

    projects: list[Project]
    complete: bool


def matching(keystone: Keystone, search: str = "", domain_id: str = "", tag: str = "") -> Matches:
    """Return the projects that a search finds, up to :data:`MOST`.

    :param search: part of the name in any case, or a whole ID; see :meth:`.Keystone.projects`
    :param domain_id: only projects of this domain
    :param tag: only projects with this tag, exactly
    :raises ServiceError: when Keystone does not answer or refuses
    """
    found: dict[str, Project] = {}
    if is_given_project_id(search):
        project = keystone.projects_by_id([search.lower()])[search.lower()]
        if project.exists and domain_id in ("", project.domain_id):
            found[project.id] = project
    bound = _MOST_TAG_PAGES if tag else domains.MOST_PAGES
    read = pages(keystone, spellings(search), domain_id)
    for number, page in enumerate(read, start=1):
        found |= {item.id: item for item in page.projects if _matches(item, search, tag)}
        if page.end and (len(found) > MOST or number == bound):
            return Matches(_in_order(found.values()), complete=False)
    return Matches(_in_order(found.values()), complete=len(found) <= MOST)


@dataclasses.dataclass(frozen=True)
class Found:
    """Projects by the names and IDs that were looked up.

    :ivar by_name: the projects with each of the names
    :ivar by_id: the project with each of the IDs, if it exists
    """

    by_name: Mapping[str, list[Project]]
    by_id: Mapping[str, Project]


def find(keystone: Keystone, names: Collection[str], ids: Collection[str] = ()) -> Found:
    """Return the projects that have these names, and those with these IDs.

    A few names and IDs are looked up one by one. For many, pages of all projects are read first, in
    about half the time of the lookups; if these pages hold all projects, nothing is looked up.

    :param names: in any case; an exact match leaves out projects whose names differ in case
    :raises ServiceError: when Keystone does not answer or refuses
    """
    names = [name for name in dict.fromkeys(names) if len(name) <= LONGEST_NAME]
    ids = list(dict.fromkeys(ids))
    count = len(names) + len(ids)
    if count > _LOOK_UPS_A_PAGE:
        bound = max(1, count // (2 * _LOOK_UPS_A_PAGE))
        everybody: list[Project] = []
        for page in itertools.islice(pages(keystone), bound):
            everybody += page.projects
            if page.end is None:
                there = {project.id: project for project in everybody}
                by_id = {item: there[item] for item in ids if item in there}
                return Found(_by_name(names, everybody), by_id)
    # Look up all names: another domain may have one more project with a name that was found.
    answers = threads.in_parallel(_look_up(keystone), names, keystone.workers)
    known = keystone.projects_by_id(ids)
    by_id = {item: project for item, project in known.items() if project.exists}
    return Found(dict(zip(names, answers, strict=True)), by_id)


def _look_up(keystone: Keystone) -> Callable[[str], list[Project]]:
    def look_up(name: str) -> list[Project]:
        exactly = [project for project in keystone.named(name) if project.name == name]
        return exactly or [
            project
            for page in itertools.islice(pages(keystone, spellings(name)), 1)
            for project in page.projects
            if folded(project.name) == folded(name)
        ]

    return look_up


def _by_name(names: Iterable[str], projects: Iterable[Project]) -> dict[str, list[Project]]:
    exactly: dict[str, list[Project]] = {}
    alike: dict[str, list[Project]] = {}
    for project in projects:
        exactly.setdefault(project.name, []).append(project)
        alike.setdefault(folded(project.name), []).append(project)
    return {name: exactly.get(name) or alike.get(folded(name), []) for name in names}


def pages(
    keystone: Keystone, texts: tuple[str, ...] = ("",), domain_id: str = "", marker: str = ""
) -> Iterator[Batch]:
    """Yield Keystone's projects for some spellings, a thousand at a time.

    :param texts: the spellings; an empty one matches every project
    :param domain_id: empty for all domains
    :param marker: the end of a page that was read before, empty for the beginning
    """
    end: str | None = marker or None
    while texts:
        batch = keystone.read(Question(domains.CUT_AT, end, texts, domain_id))
        yield batch
        end = batch.end
        if end is None:
            return


def _matches(project: Project, search: str, tag: str) -> bool:
    if tag and tag not in project.tags:
        return False
    return project.id == search.lower() or folded(search) in folded(project.name)


def _in_order(projects: Iterable[Project]) -> list[Project]:
    return sorted(projects, key=lambda project: (folded(project.name), project.id))
