# SPDX-License-Identifier: Apache-2.0
"""All projects that a search finds, as long as they are few enough to be put in order.

Keystone sorts by ID alone and counts nothing. A thousand projects are one answer of 0.2 s, so
that many are read, and sorted here.
"""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator

from xloud_images_panel.access import threads
from xloud_images_panel.access.model import Project, is_given_project_id
from xloud_images_panel.services import domains
from xloud_images_panel.services.keystone import Keystone, Question
from xloud_images_panel.services.spellings import LONGEST_NAME, folded, spellings

#: Projects that are put in order.
MOST = 1000
# Pages that are read for a tag, which Keystone cannot be asked for: it looks for `tags` only
# after it has cut the page.
_MOST_TAG_PAGES = 50
# Look-ups by name that take as long as a page of 1,000 projects, four at a time.
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
    pages = _pages(keystone, spellings(search), domain_id)
    for number, (page, ended) in enumerate(pages, start=1):
        found |= {item.id: item for item in page if _matches(item, search, tag)}
        if not ended and (len(found) > MOST or number == bound):
            return Matches(_in_order(found.values()), complete=False)
    return Matches(_in_order(found.values()), complete=len(found) <= MOST)


def named(keystone: Keystone, names: Collection[str]) -> dict[str, list[Project]]:
    """Return by each of these names the projects that have it; case makes no difference.

    Few names are looked up one by one. For many, pages of all projects are read first, for half
    the time that looking up would take; in a cloud that has no more, nothing is looked up.

    :returns: a project whose name is the same to the letter leaves out those that differ in case
    :raises ServiceError: when Keystone does not answer or refuses
    """
    wanted = [name for name in dict.fromkeys(names) if len(name) <= LONGEST_NAME]
    if len(wanted) > _LOOK_UPS_A_PAGE:
        bound = max(1, len(wanted) // (2 * _LOOK_UPS_A_PAGE))
        everybody: list[Project] = []
        for page, ended in itertools.islice(_pages(keystone, ("",), ""), bound):
            everybody += page
            if ended:
                return _by_name(wanted, everybody)
    # All of them: in another domain there may be one more with a name that was found.
    answers = threads.in_parallel(_look_up(keystone), wanted, keystone.workers)
    return dict(zip(wanted, answers, strict=True))


def _look_up(keystone: Keystone) -> Callable[[str], list[Project]]:
    def look_up(name: str) -> list[Project]:
        exactly = [project for project in keystone.named(name) if project.name == name]
        return exactly or [
            project
            for page, _ended in itertools.islice(_pages(keystone, spellings(name), ""), 1)
            for project in page
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


def _pages(
    keystone: Keystone, texts: tuple[str, ...], domain_id: str
) -> Iterator[tuple[list[Project], bool]]:
    """Yield what Keystone has for some spellings, a thousand at a time, and whether that is all."""
    marker: str | None = None
    while texts:
        batch = keystone.read(Question(domains.CUT_AT, marker, texts, domain_id))
        marker = batch.end
        yield batch.projects, marker is None
        if marker is None:
            return


def _matches(project: Project, search: str, tag: str) -> bool:
    if tag and tag not in project.tags:
        return False
    return project.id == search.lower() or folded(search) in folded(project.name)


def _in_order(projects: Iterable[Project]) -> list[Project]:
    return sorted(projects, key=lambda project: (folded(project.name), project.id))
