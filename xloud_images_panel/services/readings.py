# SPDX-License-Identifier: Apache-2.0
"""Ways in which a text can name a project: by its ID, or else by its name or ``domain/name``.

A text in the form of an ID never counts as a name, because users who may create projects choose
names. A name may contain slashes, so each slash may be the one after the domain. A text that names
two projects in two ways is ambiguous.
"""

from collections.abc import Mapping

from xloud_images_panel.access.model import Project, project_id_in
from xloud_images_panel.services.matches import Found
from xloud_images_panel.services.spellings import LONGEST_NAME, folded

#: A domain, a slash with blanks around it, and a project: a longer text names nothing.
LONGEST_TEXT = 2 * LONGEST_NAME + len(" / ")


def readings(text: str) -> list[tuple[str, str]]:
    """Return the readings of a text: as a name, and as a domain and a name; an ID has none."""
    if project_id_in(text) or len(text) > LONGEST_TEXT:
        return []
    slashes = [index for index, letter in enumerate(text) if letter == "/"]
    split = [(text[:index].strip(), text[index + 1 :].strip()) for index in slashes]
    return [("", text), *((domain, name) for domain, name in split if domain and name)]


def projects_called(text: str, there: Found, domains: Mapping[str, str]) -> list[Project]:
    """Return the projects that a text names, several if it is ambiguous.

    :param there: the projects with any of the names in its :func:`readings`, or with its ID
    :param domains: names of domains by ID
    """
    if project_id := project_id_in(text):
        return [there.by_id[project_id]] if project_id in there.by_id else []
    found: dict[str, Project] = {}
    for domain, name in readings(text):
        projects = list(there.by_name.get(name, ()))
        if domain:
            called = {domain, folded(domain)}
            projects = [
                item
                for item in projects
                if item.domain_id in called or folded(domains.get(item.domain_id, "")) in called
            ]
        found |= {item.id: item for item in projects}
    return list(found.values())
