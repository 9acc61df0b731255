# SPDX-License-Identifier: Apache-2.0
"""The sheet that shows a plan before it is confirmed, and before it continues."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.model import LONGEST_MEMBER_ID
from xloud_images_panel.dashboard import log_in_again, texts
from xloud_images_panel.dashboard.catalogue import plan_part, seen
from xloud_images_panel.dashboard.catalogue.slice_of_time import SliceServices
from xloud_images_panel.dashboard.manage_access import member_quota
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin

#: Images per request; the browser requests the others afterwards.
MOST_IMAGES = 20
# Most projects to name. Each unknown name costs a request of its own; IDs stand for the others.
_MOST_NAMED = 50


class PlanSheetView(log_in_again.LogInAgainMixin, AdministratorMixin):
    """The changes that a part of a plan would make now. A POST only because of the many IDs."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the images, their remaining changes, and names of projects as JSON."""

        def look(asked: tuple[plan_part.Part, list[str]]) -> dict[str, Any]:
            part, unnamed = asked
            services = SliceServices(request)
            try:
                return _sheet(services, part, unnamed)
            except ServiceError as error:
                log_in_again.check(error)
                return {"failed": texts.describe(error)}

        return plan_part.answer(request, "manage access", _asked, look)


def _asked(given: Mapping[str, Any]) -> tuple[plan_part.Part, list[str]]:
    part, unnamed = plan_part.Part.of(given), given.get("unnamed", [])
    if len(part.changes) > MOST_IMAGES:
        raise plan_part.BadPart("too many images")
    if not all(len(plan_part.text_of(item)) <= LONGEST_MEMBER_ID for item in unnamed):
        raise plan_part.BadPart("no project IDs")
    return part, unnamed[:_MOST_NAMED]


def _sheet(services: SliceServices, part: plan_part.Part, unnamed: list[str]) -> dict[str, Any]:
    found = seen.read(services, list(part.changes))
    changes = [
        {"image": item.image.id, "verb": verb.value, "projects": [project_id]}
        for item in found.images
        for verb, project_id in part.changes[item.image.id].lacking(
            item.statuses, accept=part.accept
        )
    ]
    owners = [item.image.owner for item in found.images]
    names = services.names([*dict.fromkeys(owners), *unnamed])
    return {
        "images": [
            {
                "id": item.image.id,
                "name": item.image.name,
                "owner": names.get(item.image.owner, item.image.owner),
                "listed": len(item.rows),
                "projects": item.projects,
            }
            for item in found.images
        ],
        "left_out": [dataclasses.asdict(item) for item in found.left_out],
        "changes": changes,
        "names": names,
        "quota": member_quota.known(services.request),
    }
