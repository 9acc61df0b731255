# SPDX-License-Identifier: Apache-2.0
"""A part of a plan as the browser sends it in JSON.

``{"accept": true, "region": "RegionOne", "changes": [{"image": ID, "verb": "add", "projects":
[ID, …]}, …]}``; the verbs are those of :class:`.plan.Verb`.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from xloud_images_panel.access.model import is_image_id
from xloud_images_panel.access.plan import Change, Invalid, Verb
from xloud_images_panel.dashboard import made_for, trail
from xloud_images_panel.dashboard.manage_access.forms import one_line_break, sendable

Asked = TypeVar("Asked")

#: Cells (projects of images) that one request may name.
MOST_CELLS = 1000
# A file of access has at most 10 MB, and its JSON about three times as much.
_MOST_BYTES = 32 * 1024 * 1024


class BadPart(ValueError):
    """A request that no page of the panel sends."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a plan.

    :ivar accept: whether to accept on behalf of the projects that are added
    :ivar changes: by image ID, in the order in which they are carried out
    :ivar most_removals: the number of removals that the user allows; None for any number
    """

    accept: bool
    changes: Mapping[str, Change]
    most_removals: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the part in a request.

        :raises BadPart: for malformed data
        """
        asked: dict[str, dict[Verb, list[str]]] = {}
        try:
            for change in given["changes"]:
                projects = [one_line_break(text_of(item)) for item in change["projects"]]
                verbs = asked.setdefault(change["image"], {})
                verbs.setdefault(Verb(change["verb"]), []).extend(projects)
            changes = {
                image_id: Change(**{verb.name.lower(): tuple(ids) for verb, ids in verbs.items()})
                for image_id, verbs in asked.items()
                if is_image_id(image_id)
            }
        except (AttributeError, KeyError, TypeError, ValueError, Invalid) as error:
            raise BadPart("not readable") from error
        cells = sum(len(change.named()) for change in changes.values())
        if len(changes) != len(asked) or not 0 < cells <= MOST_CELLS:
            raise BadPart("no images, or too many projects")
        most = given.get("most_removals")
        if most is not None and type(most) is not int:
            raise BadPart("no number of removals")
        return cls(given.get("accept") is True, changes, most)

    @property
    def too_many_removals(self) -> int:
        """The number of removals if it exceeds the allowed number, otherwise 0."""
        count = sum(len(change.remove) for change in self.changes.values())
        return 0 if self.most_removals is None or count <= self.most_removals else count


def text_of(given: Any) -> str:
    """Return a text from a request.

    :raises BadPart: for anything else
    """
    if not isinstance(given, str):
        raise BadPart("no text")
    try:
        return sendable(given)
    except ValueError as error:
        raise BadPart("no text that can be sent on") from error


def receipts(given: Mapping[str, Any]) -> list[str]:
    """Return the receipts in a request, of slices to undo.

    :raises BadPart: when there are none
    """
    tokens = list(map(text_of, given["receipts"]))
    if not tokens:
        raise BadPart("no receipts")
    return tokens


def answer(
    request: HttpRequest,
    action: str,
    parse: Callable[[Mapping[str, Any]], Asked],
    carry_out: Callable[[Asked], dict[str, Any]],
) -> HttpResponse:
    """Carry out a request in JSON, and return the result as JSON.

    :param action: the trail's word for it
    :param parse: parses the request
    :param carry_out: carries out the parsed request
    :returns: with ``refused``, a sentence, when nothing was done
    """
    try:
        given = json.loads(_content(request))
        region = given["region"]
        if not isinstance(region, str):
            raise BadPart("no region")
        asked = parse(given)
    except (KeyError, RecursionError, TypeError, ValueError):
        trail.refused(request, action, trail.Refusal.NOT_VALID)
        why = _("Nothing was changed: the dashboard cannot read the request.")
        return JsonResponse({"refused": why})
    if switched := made_for.region_switched(request, region):
        trail.refused(request, action, trail.Refusal.SWITCHED)
        return JsonResponse({"refused": switched})
    return JsonResponse(carry_out(asked))


def _content(request: HttpRequest) -> bytes:
    """Return the JSON of a request: its body, or a file in a form.

    Django accepts at most ``DATA_UPLOAD_MAX_MEMORY_SIZE``, 2.5 MB, in a body; a file may be larger.

    :raises BadPart: for no content, and for more than any page sends
    """
    if request.content_type != "multipart/form-data":
        return request.body
    file = request.FILES.get("content")
    if file is None or (file.size or 0) > _MOST_BYTES:
        raise BadPart("no content, or too much")
    return file.read()
