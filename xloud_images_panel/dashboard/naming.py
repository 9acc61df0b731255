# SPDX-License-Identifier: Apache-2.0
"""How projects and images are called in sentences and labels, so that no two look alike.

Names are other people's input. Keystone's are unique in a domain only, Glance's not at
all, and both may consist of characters that show nothing. A project of the user's own
domain is called by its name alone, ``dev``, one of another domain ``dev (partners)``,
and whatever could still be taken for something else gets its ID.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpRequest

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Project, is_project_id
from xloud_images_panel.access.visible_text import folded, seen, shows
from xloud_images_panel.dashboard import actor, roles
from xloud_images_panel.services.keystone import Keystone

# Characters of a name in a sentence; Keystone allows 64, Glance 255.
_LONGEST_NAME = 64
# Characters of the name of a domain behind it: as many as an image's ID has there.
_LONGEST_HINT = 36
#: Characters of the longest label that this module makes.
LONGEST = _LONGEST_NAME + _LONGEST_HINT + len(" ()")
# Characters of an ID that are enough, if nothing else named with it begins with them.
_SHORT_ID = 8

# They turn the text after them around, to the end of the line: embeddings, overrides, isolates.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def straight(name: str) -> str:
    """Return a name without the marks that turn the text after it around.

    They are nothing to the eye by themselves, and would make another statement of the
    sentence. Letters that are written from right to left stay what they are.
    """
    return name.translate(_TURNING)


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text with its middle left out where it is too long, so that both ends are seen.

    :param longest: characters of what is returned
    """
    if len(text) <= longest:
        return text
    kept = longest - len("...")
    return f"{text[: kept - kept // 2]}...{text[len(text) - kept // 2 :]}"


def image_labels(names: Mapping[str, str]) -> dict[str, str]:
    """Return by ID how images are called; those that look alike have their IDs behind the name.

    :param names: the names by ID of all that are named together
    """
    return _told_apart(dict(names), {})


def project_labels(
    projects: Iterable[Project], domains: Mapping[str, str], home: str
) -> dict[str, str]:
    """Return by ID how projects are called.

    A label that ends in a bracket always ends in the domain or the ID, so that a project
    cannot take the label of another one as its name.

    :param projects: all that are named together
    :param domains: names of domains by ID, as far as they are known
    :param home: ID of the domain whose projects are called by their names alone
    """
    names: dict[str, str] = {}
    hints: dict[str, str] = {}
    for project in projects:
        names[project.id] = project.name
        if need_domains([project], home):
            domain = domains.get(project.domain_id, "")
            hints[project.id] = cut(straight(domain), _LONGEST_HINT) if shows(domain) else ""
    return _told_apart(names, hints)


def labels(keystone: Keystone, project_ids: Iterable[str]) -> dict[str, str]:
    """Return by ID how projects are called in sentences and labels.

    A project that was just deleted keeps its last name. Projects without a name, and all
    unknown ones while Keystone does not answer, are left out: their IDs stand for them.

    :param project_ids: those that are going to be named, because each unknown one costs a request
    """
    project_ids = [item for item in project_ids if is_project_id(item)]
    try:
        found = keystone.projects_by_id(project_ids, cached_ok=True)
    except ServiceError:
        found = keystone.known(project_ids)
    return labels_of(keystone, (project for project in found.values() if project.name))


def for_user(request: HttpRequest, project_ids: Sequence[str], named: int) -> list[str]:
    """Return how projects are called in a sentence: by ID where the user may not see the names.

    :param named: how many names the sentence will have; those of others are not looked up
    :returns: the names by the alphabet, then the IDs of the others
    """
    few = list(project_ids[:named])
    if roles.may_list_projects(request):
        names = labels(Keystone(actor.connection(request)), few)
        few = sorted((names.get(item, item) for item in few), key=str.casefold)
    return [*few, *project_ids[named:]]


def labels_of(keystone: Keystone, projects: Iterable[Project]) -> dict[str, str]:
    """Return by ID how these projects are called; reads the domains where they are named."""
    projects = list(projects)
    domains = keystone.domains.known() if need_domains(projects, keystone.home) else {}
    return project_labels(projects, domains, keystone.home)


def need_domains(projects: Iterable[Project], home: str) -> bool:
    """Tell whether the names of domains are needed to call these projects something."""
    return any(
        project.domain_id != home or project.name.rstrip().endswith(")") for project in projects
    )


def _told_apart(names: Mapping[str, str], hints: Mapping[str, str]) -> dict[str, str]:
    """Return labels by ID, no two of which look alike.

    :param names: by ID
    :param hints: by ID what stands in brackets behind some of the names; where it is empty, the ID
    """
    short = _short_ids(names)
    labels: dict[str, list[str]] = {}  # each with those that follow where it looks like another
    for item, name in names.items():
        shown = cut(straight(name), _LONGEST_NAME)
        labels[item] = [f"{shown} ({short[item]})", item]
        if not shows(name):
            labels[item] = [item]
        elif _is_plain(name) and hints.get(item) != "":
            labels[item].insert(0, f"{shown} ({hints[item]})" if item in hints else shown)
    while True:
        alike = Counter(folded(options[0]) for options in labels.values())
        unclear = [
            options
            for options in labels.values()
            if len(options) > 1 and alike[folded(options[0])] > 1
        ]
        if not unclear:
            return {item: options[0] for item, options in labels.items()}
        for options in unclear:
            del options[0]


def _short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the beginnings of IDs, or the whole IDs where those are equal."""
    ids = list(ids)
    beginnings = Counter(item[:_SHORT_ID] for item in ids)
    return {item: item[:_SHORT_ID] if beginnings[item[:_SHORT_ID]] == 1 else item for item in ids}


def _is_plain(name: str) -> bool:
    """Tell whether the eye sees all of a name, so that another one would look different."""
    return name == seen(name)
