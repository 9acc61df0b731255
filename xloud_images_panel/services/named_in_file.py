# SPDX-License-Identifier: Apache-2.0
"""Images, members and projects that an access file names, as found in Glance and Keystone.

Nothing is taken from a cache, because removals must rest on the current state.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterable

from xloud_images_panel.access import threads
from xloud_images_panel.access.document import Document, Kind
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member, Project, is_image_id, project_id_in
from xloud_images_panel.access.wanted import Cloud
from xloud_images_panel.services import matches
from xloud_images_panel.services.glance import MOST_LISTED, Glance
from xloud_images_panel.services.image_lists import LONGEST_NAME as LONGEST_IMAGE_NAME
from xloud_images_panel.services.keystone import Keystone
from xloud_images_panel.services.readings import projects_called, readings
from xloud_images_panel.services.spellings import folded

# IDs in one query to Glance: with 300 the URL is too long.
_IDS_A_QUERY = 100


def look_up(
    document: Document,
    glance: Glance,
    keystone: Keystone,
    step: Callable[[int, int], None] = lambda done, count: None,
) -> Cloud:
    """Return the existing images, members and projects that a file names.

    :param step: called with the number of images whose members were read, and of all images
    :raises ServiceError: when Glance or Keystone does not answer or refuses
    """
    called = projects(keystone, document.texts(Kind.PROJECT))
    domain_names = keystone.domains.names()
    named = images(glance, dict.fromkeys(image.text for image in document.images))
    shared = {
        image.id: image
        for found in named.values()
        for image in found
        if image.visibility == "shared"
    }
    ruled = rules(keystone, document.texts(Kind.DOMAIN), document.texts(Kind.TAG))
    return Cloud(
        images=named,
        members=_members(glance, list(shared), step),
        projects=called,
        domains=ruled.domains,
        tags=ruled.tags,
        domain_names=domain_names,
    )


def projects(keystone: Keystone, texts: Iterable[str]) -> dict[str, list[Project]]:
    """Return the projects that each of these texts names; see :mod:`.readings`.

    :raises ServiceError: when Keystone does not answer or refuses
    """
    texts = list(texts)
    read = [reading for text in texts for reading in readings(text)]
    ids = [item for item in map(project_id_in, texts) if item]
    found = matches.find(keystone, [name for _domain, name in read], ids)
    domain_names = keystone.domains.listed() if any(domain for domain, _name in read) else {}
    return {text: projects_called(text, found, domain_names) for text in texts}


def written_id(glance: Glance, text: str) -> str:
    """Return the ID of an image in Glance's spelling, which may be in capitals.

    :param text: the ID in any case
    :returns: the ID, in small letters if there is no such image
    :raises ServiceError: when Glance does not answer or refuses
    """
    if text == text.lower():
        return text
    found = [image.id for image in images(glance, [text])[text]]
    return text if text in found else text.lower()


def images(glance: Glance, texts: Iterable[str]) -> dict[str, list[Image]]:
    """Return the images that these texts name; a text that is an ID never counts as a name.

    :raises ServiceError: when Glance does not answer or refuses
    """
    texts = list(texts)
    ids = [text for text in texts if is_image_id(text)]
    writings = list(dict.fromkeys(item for text in ids for item in (text, text.lower())))
    batches = [writings[at : at + _IDS_A_QUERY] for at in range(0, len(writings), _IDS_A_QUERY)]
    answers = threads.in_parallel(
        lambda batch: _listed(glance, id=f"in:{','.join(batch)}"), batches, glance.workers
    )
    # On SQLite and PostgreSQL, two images may have IDs that differ only in case.
    by_id = {image.id: image for images in answers for image in images}
    # These include images that are too large for a list.
    missing = [item for item in ids if not {item, item.lower()} & by_id.keys()]
    alone = threads.in_parallel(lambda item: _image(glance, item), missing, glance.workers)
    by_id |= {image.id: image for image in alone if image}
    names = [text for text in texts if not is_image_id(text) and len(text) <= LONGEST_IMAGE_NAME]
    named = threads.in_parallel(lambda name: _called(glance, name), names, glance.workers)
    found = dict(zip(names, named, strict=True)) | {
        text: [by_id.get(text) or by_id[text.lower()]]
        for text in ids
        if {text, text.lower()} & by_id.keys()
    }
    return {text: found.get(text, []) for text in texts}


def _image(glance: Glance, image_id: str) -> Image | None:
    try:
        return glance.image(image_id)
    except ServiceError as error:
        if error.reason is Reason.MISSING:
            return None
        raise


def _called(glance: Glance, name: str) -> list[Image]:
    # MariaDB ignores case and accents when it compares.
    return [image for image in _listed(glance, name=f"eq:{name}") if image.name == name]


def _listed(glance: Glance, **filters: str) -> list[Image]:
    """Return images of any visibility; Glance lists hidden ones separately."""
    images: list[Image] = []
    for hidden in ("false", "true"):
        query = {**filters, "visibility": "all", "os_hidden": hidden, "limit": MOST_LISTED}
        marker: str | None = None
        while True:
            found, behind = glance.listed({**query, **({"marker": marker} if marker else {})})
            images += found
            if behind in (None, marker):
                break
            marker = behind
    return images


def _members(
    glance: Glance, image_ids: list[str], step: Callable[[int, int], None]
) -> dict[str, list[Member]]:
    """Return the members of images, without images that are gone or no longer shared."""
    done = itertools.count(1)

    def read(image_id: str) -> list[Member] | None:
        try:
            return glance.member_rows(image_id)
        except ServiceError as error:
            if error.reason in (Reason.MISSING, Reason.FORBIDDEN):
                return None
            raise
        finally:
            step(next(done), len(image_ids))

    answers = threads.in_parallel(read, image_ids, glance.workers)
    pairs = zip(image_ids, answers, strict=True)
    return {image_id: rows for image_id, rows in pairs if rows is not None}


@dataclasses.dataclass(frozen=True)
class Ruled:
    """The projects of rules, by the rule's text, as far as they were read.

    :ivar place: where to continue, None at the end
    """

    domains: dict[str, list[Project]]
    tags: dict[str, list[Project]]
    place: tuple[int, str] | None


def rules(
    keystone: Keystone,
    domain_texts: Iterable[str],
    tag_texts: Iterable[str],
    place: tuple[int, str] = (0, ""),
    is_over: Callable[[], bool] = lambda: False,
) -> Ruled:
    """Return the projects of the domains, and with the tags, that rules name.

    Keystone filters by a tag only after it has cut the page, so all projects are read.

    :param place: where to begin, from an earlier call with the same texts
    :param is_over: returns whether to end, called after each page of projects
    :raises ServiceError: when Keystone does not answer or refuses
    """
    domain_texts = list(domain_texts)
    names = keystone.domains.listed() if domain_texts else {}
    called = {text: _domain_ids(text, names) for text in domain_texts}
    domains: dict[str, list[Project]] = {text: [] for text in called}
    tags: dict[str, list[Project]] = {text: [] for text in tag_texts}
    wanted = {domain_id for ids in called.values() for domain_id in ids}
    asked = [""] if tags else sorted(wanted)
    first, marker = place
    for number, domain_id in enumerate(asked[first:], start=first):
        for page in matches.pages(keystone, domain_id=domain_id, marker=marker):
            for project in page.projects:
                for text, ids in called.items():
                    if project.domain_id in ids:
                        domains[text].append(project)
                for tag in tags.keys() & set(project.tags):
                    tags[tag].append(project)
            following = (number, page.end) if page.end else (number + 1, "")
            if is_over() and following[0] < len(asked):
                return Ruled(domains, tags, following)
        marker = ""
    return Ruled(domains, tags, None)


def _domain_ids(text: str, names: dict[str, str]) -> set[str]:
    """Return the domain that a text names: by its ID, its name, or its name in another case.

    :returns: none, or one; none if several names match only in another case
    """
    if text in names:
        return {text}
    exactly = {domain_id for domain_id, name in names.items() if name == text}
    alike = {domain_id for domain_id, name in names.items() if folded(name) == folded(text)}
    found = exactly or alike
    return found if len(found) == 1 else set()
