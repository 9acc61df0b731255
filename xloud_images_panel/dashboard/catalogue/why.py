# SPDX-License-Identifier: Apache-2.0
"""Check a Project's Access: whether a project lists an image and can use it, and why.

The page is for the support desk, which knows a name or an ID of each. The address has both, so it
can be sent to a colleague.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import views

from xloud_images_panel.access import explain, model
from xloud_images_panel.dashboard import actor, log_in_again, naming, roles, texts
from xloud_images_panel.dashboard.catalogue import why_links, why_texts
from xloud_images_panel.dashboard.catalogue.why_fields import image_field, project_field
from xloud_images_panel.dashboard.manage_access.base import AdministratorMixin
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.dashboard.received.columns import STATUS_CHOICES
from xloud_images_panel.services import situation
from xloud_images_panel.services.image_lists import LONGEST_NAME


@dataclasses.dataclass(frozen=True)
class Step:
    """A step towards another answer, with links to where it can be taken."""

    action: explain.Action
    text: str
    command: str
    links: list[why_links.Link]


@dataclasses.dataclass(frozen=True)
class Line:
    """One of the two answers.

    :ivar fact: the deciding fact
    :ivar others: other facts that hold
    """

    name: str
    question: str
    answer: explain.Answer
    label: str
    fact: str
    others: list[str]
    steps: list[Step]


class WhyView(log_in_again.LogInAgainMixin, AdministratorMixin, views.HorizonTemplateView):
    """The form, and the answers for the project and the image that the address names."""

    template_name = "xloud_images_panel/admin/why.html"
    page_title = _("Check a Project's Access")
    readable = True
    http_method_names = ("get", "head", "options")

    @cached_property
    def services(self) -> Services:
        """Keystone and Glance as this request's user."""
        return Services(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with the matches of its texts, and the answers if these are clear."""
        given = {
            name: self.request.GET.get(name, "").strip()[:LONGEST_NAME]
            for name in ("project", "image")
        }
        fields = [project_field(self.services, given), image_field(self.services, given)]
        context = {
            **super().get_context_data(**kwargs),
            "may_manage": roles.may_manage_access(self.request),
            "fields": fields,
            "longest": LONGEST_NAME,
            "focus": next((item.name for item in fields if not item.id), ""),
            "region": actor.user(self.request).services_region,
            "other_regions": why_links.other_regions(self.request),
        }
        if all(item.id for item in fields):
            context |= self._answers(*(item.id for item in fields))
        return context

    def _answers(self, project_id: str, image_id: str) -> dict[str, Any]:
        """Return the answers.

        :raises SessionEnded: for a 401
        """
        reading = situation.read(
            self.services.keystone,
            self.services.glance,
            project_id,
            image_id,
            other_regions=bool(why_links.other_regions(self.request)),
        )
        for error in reading.failures.values():
            log_in_again.check(error)
        explanation = explain.explain(reading.situation)
        questions = (
            ("lists", gettext("Does the project list the image?"), explanation.lists),
            ("uses", gettext("Can it use the image by its ID?"), explanation.uses),
        )
        fields = self._fields(reading)
        return {
            "project_label": self._label(reading.project, project_id),
            "project_id": project_id,
            "image_label": reading.image.name if reading.image else image_id,
            "image_id": image_id,
            "lines": [self._line(*question, reading, fields) for question in questions],
        }

    def _label(self, project: model.Project | None, project_id: str) -> str:
        if not project:
            return project_id
        return naming.labels_of(self.services.keystone, [project]).get(project.id, project.id)

    def _fields(self, reading: situation.Reading) -> dict[str, str]:
        """Return the values that the sentences name."""
        image = reading.image
        fields = {"owner": "", "status": "", "visibility": ""}
        if image:
            # Only the sentence about a private image names the owner.
            private = image.visibility == "private" and image.owner
            names = self.services.names([image.owner]) if private else {}
            owner = names.get(image.owner, image.owner) or gettext("none")
            fields = {
                "owner": texts.enumerated([owner]),
                "status": str(dict(STATUS_CHOICES).get(image.status, image.status)),
                "visibility": texts.visibility(image.visibility),
            }
        several = why_links.other_regions(self.request)
        fields["region"] = (actor.user(self.request).services_region or "") if several else ""
        return fields

    def _line(
        self,
        name: str,
        question: str,
        verdict: explain.Verdict,
        reading: situation.Reading,
        fields: Mapping[str, str],
    ) -> Line:
        def sentence(fact: explain.Fact) -> str:
            error = reading.failures.get(fact)
            why = texts.describe(error) if error else ""
            return why_texts.fact(fact, {**fields, "why": why}, listed=name == "lists")

        first, *others = verdict.facts
        image_id = reading.image.id if reading.image else ""
        steps = [
            Step(
                action,
                why_texts.step(action),
                why_texts.command(action, image_id),
                why_links.links(self.request, action, reading.image, reading.project),
            )
            for action in verdict.changes
        ]
        return Line(
            name,
            question,
            verdict.answer,
            str(why_texts.ANSWERS[verdict.answer]),
            sentence(first),
            [sentence(fact) for fact in others],
            steps,
        )
