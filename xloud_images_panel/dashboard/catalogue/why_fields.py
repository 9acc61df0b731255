# SPDX-License-Identifier: Apache-2.0
"""The two fields of Check a Project's Access, and the matches of their texts."""

import dataclasses
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from xloud_images_panel.access import model, visible_text
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import actor, log_in_again, texts
from xloud_images_panel.dashboard.catalogue import why_links
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.services import by_text, named_in_file

#: Matches of a name that are offered.
MOST_OFFERED = 20


def address(**query: str) -> str:
    """Return the address of the page.

    :param query: ``project`` and ``image``, each an ID or a name
    """
    url = reverse("horizon:admin:images:why")
    return f"{url}?{urlencode(query)}" if query else url


@dataclasses.dataclass(frozen=True)
class Offer:
    """One of several matches of a name.

    :ivar hint: a domain or an owner that distinguishes it from the others
    """

    id: str
    name: str
    hint: str
    address: str


@dataclasses.dataclass(frozen=True)
class Field:
    """A field of the form, and the matches of its text.

    :ivar id: the ID that the text means, empty when that is not clear
    :ivar problem: a sentence that says why it is not clear
    :ivar more: whether there are more matches than are offered
    """

    name: str
    label: str
    text: str
    id: str = ""
    problem: str = ""
    offers: tuple[Offer, ...] = ()
    more: bool = False


def project_field(services: Services, given: Mapping[str, str]) -> Field:
    """Return the field of the project; an ID is accepted even if no project has it.

    :param given: the texts of both fields by name
    :raises SessionEnded: for a 401
    """
    text = given["project"]
    field = Field("project", _("Project"), text)
    if not text:
        return field
    as_id = text.lower() if model.is_given_project_id(text) else ""
    try:
        meant = by_text.projects(services.keystone, text, MOST_OFFERED)
    except ServiceError as error:
        return _failed(field, as_id, _("The project could not be looked up. %(why)s"), error)
    if not meant.items:
        problem = "" if as_id else _("No project has this name or ID.")
        return dataclasses.replace(field, id=as_id, problem=problem)
    if len(meant.items) == 1 and meant.complete:
        return dataclasses.replace(field, id=meant.items[0].id)
    domains = services.keystone.domains.known()
    offers = [
        Offer(
            item.id,
            item.name if visible_text.shows(item.name) else item.id,
            domains.get(item.domain_id, item.domain_id),
            address(**{**given, "project": item.id}),
        )
        for item in meant.items
    ]
    question = _("Several projects match. Choose one:")
    return _offering(field, question, offers, more=not meant.complete)


def image_field(services: Services, given: Mapping[str, str]) -> Field:
    """Return the field of the image; an ID is accepted even if no image has it.

    :param given: the texts of both fields by name
    :raises SessionEnded: for a 401
    """
    text = given["image"]
    field = Field("image", _("Image"), text)
    if not text:
        return field
    try:
        if model.is_image_id(text):
            return dataclasses.replace(field, id=named_in_file.written_id(services.glance, text))
        meant = by_text.images(services.glance, text, MOST_OFFERED)
    except ServiceError as error:
        return _failed(field, "", _("The image could not be looked up. %(why)s"), error)
    if not meant.items:
        problem = _no_image(services, complete=meant.complete)
        return dataclasses.replace(field, problem=problem)
    if len(meant.items) == 1 and meant.complete:
        return dataclasses.replace(field, id=meant.items[0].id)
    owners = services.names(dict.fromkeys(item.owner for item in meant.items if item.owner))
    offers = [
        Offer(
            item.id,
            item.name,
            owners.get(item.owner, item.owner),
            address(**{**given, "image": item.id}),
        )
        for item in meant.items
    ]
    question = _("Several images match. Choose one:")
    return _offering(field, question, offers, more=not meant.complete)


def _no_image(services: Services, *, complete: bool) -> str:
    if not complete:
        return _(
            "There are so many images that they were not all looked through. Enter the whole "
            "name, or the ID."
        )
    if why_links.other_regions(services.request):
        text = _("No image has this name in the region %(region)s, and no other region was asked.")
        return text % {"region": actor.user(services.request).services_region}
    return _("No image has this name.")


def _offering(field: Field, question: str, offers: Iterable[Offer], *, more: bool) -> Field:
    in_order = sorted(offers, key=lambda offer: (offer.name.casefold(), offer.hint.casefold()))
    return dataclasses.replace(field, problem=question, offers=tuple(in_order), more=more)


def _failed(field: Field, as_id: str, problem: str, error: ServiceError) -> Field:
    """Return the field after a failed look-up; an ID needs no look-up.

    :raises SessionEnded: for a 401
    """
    log_in_again.check(error)
    if as_id:
        return dataclasses.replace(field, id=as_id)
    return dataclasses.replace(field, problem=problem % {"why": texts.describe(error)})
