# SPDX-License-Identifier: Apache-2.0
"""Access File: reads a file of access, compares it with the cloud, and shows the plan.

One request parses the file. The browser then requests slices that look up its entries and compare
them with the cloud. The resulting plan is handled like every other plan (:mod:`.plan_sheet`,
:mod:`.plan_slice`). None of these requests changes anything.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from horizon import views

from xloud_images_panel.access import document, plain_yaml, wanted
from xloud_images_panel.access.document import Document
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.finding import Finding, Problem, Refused
from xloud_images_panel.access.plan import Change
from xloud_images_panel.access.wanted import Cloud
from xloud_images_panel.dashboard import lock, log_in_again, made_for, naming, texts
from xloud_images_panel.dashboard.catalogue import file_json, plan_part
from xloud_images_panel.dashboard.catalogue.slice_of_time import Clock, SliceServices
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.manage_access.forms import ManageAccessForm
from xloud_images_panel.services import inventory, named_in_file

Item = TypeVar("Item")

#: Images of a file that one request compares.
MOST_IMAGES = 40
# Texts that are looked up between two checks of the clock. For more than twenty names, pages of
# projects are read first, which is less work in a small cloud.
_IMAGES_AT_ONCE, _PROJECTS_AT_ONCE = 20, 50
_SECONDS = 1.5
_EXAMPLE = """\
mode: exact
images:
  - image: ubuntu-24.04-lts
    projects:
      - app-team-a
      - partners/observatory
      - domain: partners
      - tag: gpu
"""


class AccessFileView(log_in_again.LogInAgainMixin, AdministratorMixin, views.HorizonTemplateView):
    """The page."""

    template_name = "xloud_images_panel/admin/access_file.html"
    page_title = gettext_lazy("Access File")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form, and the limits of a file and of removals."""
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "form": ManageAccessForm(),
            "example": _EXAMPLE,
            "most_bytes": plain_yaml.MOST_BYTES,
            "most_removals": wanted.MOST_REMOVALS,
            "cache_warning": lock.shared_cache_problem(),
        }


class ReadView(log_in_again.LogInAgainMixin, AdministratorMixin):
    """Parses a file. Calls no service."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the file's ``images``, or ``findings`` that say why it is unreadable, as JSON."""
        file = request.FILES.get("file")
        if file is None:
            return JsonResponse({"refused": _("No file was sent.")})
        if switched := made_for.region_switched(request):
            return JsonResponse({"refused": switched})
        try:
            if (file.size or 0) > plain_yaml.MOST_BYTES:
                raise Refused([Finding(0, Problem.TOO_MANY_BYTES, count=plain_yaml.MOST_BYTES)])
            asked = document.read(file.read())
        except Refused as error:
            return JsonResponse({"findings": file_json.findings(error.findings)})
        return JsonResponse({"images": file_json.document(asked)})


class _SliceView(log_in_again.LogInAgainMixin, AdministratorMixin):
    """A slice of the work on a file, requested in JSON; ``failed`` says why it has no result."""

    def answered(
        self,
        parse: Callable[[Mapping[str, Any]], Item],
        carry_out: Callable[[SliceServices, Item], dict[str, Any]],
    ) -> HttpResponse:
        """Return the result of the slice.

        :param parse: parses the request
        :param carry_out: carries out the parsed request
        """

        def answer(asked: Item) -> dict[str, Any]:
            try:
                return carry_out(SliceServices(self.request), asked)
            except ServiceError as error:
                log_in_again.check(error)
                return {"failed": texts.describe(error)}

        return plan_part.answer(self.request, "manage access", parse, answer)


class LookUpView(_SliceView):
    """Images, projects or rules that a file names, as many as a slice has time for."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the matches by text; for rules, also ``place``, where the next slice begins.

        The request has texts of ``images``, of ``projects``, or of ``domains`` and ``tags`` with a
        ``place``. Texts missing from the answer are left for the next slice.
        """
        return self.answered(_texts, _look_up)


class CompareView(_SliceView):
    """The entries for some images of a file, compared with the members of these images."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return ``findings`` about lines, the plan's ``changes``, and ``names`` of images.

        ``left`` has the indexes of the images for which there was no time.
        """
        return self.answered(_part, _compare)


@dataclasses.dataclass(frozen=True)
class _Texts:
    images: list[str]
    projects: list[str]
    domains: list[str]
    tags: list[str]
    place: tuple[int, str]


def _texts(given: Mapping[str, Any]) -> _Texts:
    number, marker = given.get("place", (0, ""))
    if type(number) is not int or number < 0 or not isinstance(marker, str):
        raise plan_part.BadPart("no place")

    def read(name: str) -> list[str]:
        return file_json.read_texts(given.get(name, []))

    return _Texts(read("images"), read("projects"), read("domains"), read("tags"), (number, marker))


def _look_up(services: SliceServices, asked: _Texts) -> dict[str, Any]:
    clock = Clock()
    if asked.images:
        there = _in_time(
            clock,
            asked.images,
            _IMAGES_AT_ONCE,
            lambda texts: named_in_file.images(services.glance, texts),
        )
        return {"found": file_json.images(there)}
    keystone = services.keystone
    if asked.projects:
        called = _in_time(
            clock,
            asked.projects,
            _PROJECTS_AT_ONCE,
            lambda texts: named_in_file.projects(keystone, texts),
        )
        named = {item.id: item for these in called.values() for item in these}
        return {
            "found": file_json.projects(called),
            "labels": naming.labels_of(keystone, named.values()),
        }
    clock.fitting()
    ruled = named_in_file.rules(
        keystone, asked.domains, asked.tags, asked.place, lambda: clock.is_over
    )
    by_rule = [*ruled.domains.values(), *ruled.tags.values()]
    named = {item.id: item for these in by_rule for item in these}
    return {
        "domains": file_json.ruled(ruled.domains),
        "tags": file_json.ruled(ruled.tags),
        "place": ruled.place,
        "labels": naming.labels_of(keystone, named.values()),
    }


def _in_time(
    clock: Clock,
    items: list[str],
    at_once: int,
    look_up: Callable[[list[str]], dict[str, list[Item]]],
) -> dict[str, list[Item]]:
    """Look up as many texts as there is time for, in batches; return the matches by text."""
    found: dict[str, list[Item]] = {}
    for at in range(0, len(items), at_once):
        if clock.is_over:
            break
        clock.fitting()
        found |= look_up(items[at : at + at_once])
    return found


def _part(given: Mapping[str, Any]) -> tuple[Document, Cloud]:
    asked, cloud = file_json.read_document(given["images"]), file_json.read_cloud(given)
    # The file may have any number of entries for one image.
    if len({image.id for these in cloud.images.values() for image in these[:1]}) > MOST_IMAGES:
        raise plan_part.BadPart("too many images")
    return asked, cloud


def _compare(services: SliceServices, part: tuple[Document, Cloud]) -> dict[str, Any]:
    asked, cloud = part
    shared = {
        text: [image.id for image in these if image.visibility == "shared"]
        for text, these in cloud.images.items()
    }
    # An ambiguous name is an error, whatever the members are.
    clear = {text: ids[0] for text, ids in shared.items() if len(ids) == 1}
    members = inventory.members(services.glance, clear.values(), _SECONDS)
    if members.unread:
        return {"failed": texts.describe(members.unread[0].error)}
    late = {text for text, image_id in clear.items() if image_id in members.left}
    left = [number for number, item in enumerate(asked.images) if item.text in late]
    in_time = Document(tuple(item for item in asked.images if item.text not in late))
    domain_names = services.keystone.domains.names()
    there = dataclasses.replace(cloud, members=members.rows, domain_names=domain_names)
    found = wanted.compare(in_time, there)
    return {
        "findings": file_json.findings(found.findings),
        "changes": [
            item
            for image_id, change in found.plan.changes.items()
            for item in _json(image_id, change)
        ],
        "names": {image_id: image.name for image_id, image in found.images.items()},
        "left": left,
    }


def _json(image_id: str, change: Change) -> list[dict[str, Any]]:
    verbs: dict[str, list[str]] = {}
    for verb, project_id in change.named():
        verbs.setdefault(verb.value, []).append(project_id)
    return [
        {"image": image_id, "verb": verb, "projects": project_ids}
        for verb, project_ids in verbs.items()
    ]
