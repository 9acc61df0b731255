# SPDX-License-Identifier: Apache-2.0
"""Labels of projects and images, in sentences and elsewhere; no two look alike.

Names are other people's input. Keystone's are unique only within a domain, Glance's not
at all, and both may consist of invisible characters. The label of a project in the
user's own domain is its name, ``dev``; in another domain it is ``dev (partners)``. A
label that could still be mistaken for another one includes the ID.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpRequest

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import Project, is_project_id
from xloud_images_panel.access.visible_text import folded, seen, shows
from xloud_images_panel.dashboard import actor, roles
from xloud_images_panel.services.keystone import Keystone

# Most characters of a name in a sentence; Keystone allows 64, Glance 255.
_LONGEST_NAME = 64
# Most characters of the domain's name after it: as many as an image's ID has there.
_LONGEST_HINT = 36
#: Characters of the longest label from this module.
LONGEST = _LONGEST_NAME + _LONGEST_HINT + len(" ()")
# Characters of a short ID, which suffices if no other ID named with it begins the same.
_SHORT_ID = 8

# These reverse the text after them, to the end of the line: embeddings, overrides, isolates.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def straight(name: str) -> str:
    """Return a name without the marks that reverse the text after it.

    The marks are invisible themselves, and would change what the sentence says.
    Right-to-left letters stay as they are.
    """
    return name.translate(_TURNING)


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text without its middle if it is too long, so that both ends are visible.

    :param longest: most characters of the returned text
    """
    if len(text) <= longest:
        return text
    kept = longest - len("...")
    return f"{text[: kept - kept // 2]}...{text[len(text) - kept // 2 :]}"


def image_labels(names: Mapping[str, str]) -> dict[str, str]:
    """Return labels of images by ID; the ID follows names that look alike.

    :param names: the names by ID of all images that are named together
    """
    return _told_apart(dict(names), {})


def project_labels(
    projects: Iterable[Project], domains: Mapping[str, str], home: str
) -> dict[str, str]:
    """Return labels of projects by ID.

    A label that ends in a bracket always ends in the domain or the ID, so that no project
    can use another one's label as its name.

    :param projects: all projects that are named together
    :param domains: the known names of domains by ID
    :param home: ID of the domain whose projects need only their names as labels
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
    """Look up projects and return their labels by ID.

    A recently deleted project keeps its last name. Projects without a name are left out, and
    so are unknown projects while Keystone does not answer: their IDs stand for them.

    :param project_ids: only the projects to be named, because each unknown one costs a request
    """
    project_ids = [item for item in project_ids if is_project_id(item)]
    try:
        found = keystone.projects_by_id(project_ids, cached_ok=True)
    except ServiceError:
        found = keystone.known(project_ids)
    return labels_of(keystone, (project for project in found.values() if project.name))


def for_user(request: HttpRequest, project_ids: Sequence[str], named: int) -> list[str]:
    """Return labels of projects for a sentence; IDs if the user may not see the names.

    :param named: the number of names in the sentence; other names are not looked up
    :returns: the names in alphabetical order, then the IDs of the other projects
    """
    few = list(project_ids[:named])
    if roles.may_list_projects(request):
        names = labels(Keystone(actor.connection(request)), few)
        few = sorted((names.get(item, item) for item in few), key=str.casefold)
    return [*few, *project_ids[named:]]


def labels_of(keystone: Keystone, projects: Iterable[Project]) -> dict[str, str]:
    """Return labels of these projects by ID; read the domains if the labels need them."""
    projects = list(projects)
    domains = keystone.domains.known() if need_domains(projects, keystone.home) else {}
    return project_labels(projects, domains, keystone.home)


def need_domains(projects: Iterable[Project], home: str) -> bool:
    """Return whether labels of these projects need the names of domains."""
    return any(
        project.domain_id != home or project.name.rstrip().endswith(")") for project in projects
    )


def _told_apart(names: Mapping[str, str], hints: Mapping[str, str]) -> dict[str, str]:
    """Return labels by ID, no two of which look alike.

    :param names: names by ID
    :param hints: the text in brackets after some names, by ID; if it is empty, the ID is used
    """
    short = _short_ids(names)
    labels: dict[str, list[str]] = {}  # each with its fallbacks, used if it looks like another
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
    """Return the beginnings of IDs, or the whole IDs if the beginnings are equal."""
    ids = list(ids)
    beginnings = Counter(item[:_SHORT_ID] for item in ids)
    return {item: item[:_SHORT_ID] if beginnings[item[:_SHORT_ID]] == 1 else item for item in ids}


def _is_plain(name: str) -> bool:
    """Return whether all of a name is visible, so that any other name looks different."""
    return name == seen(name)
