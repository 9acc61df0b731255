# SPDX-License-Identifier: Apache-2.0
"""Whether a project lists an image and can use it, and why."""

import shlex
from collections.abc import Mapping, Sequence

from django.core.management.base import CommandError

from xloud_images_panel.access import explain
from xloud_images_panel.access.explain import Action, Answer, Fact, Verdict
from xloud_images_panel.access.model import Image, Project, is_image_id, project_id_in
from xloud_images_panel.access.plain_yaml import quoted
from xloud_images_panel.dashboard import naming, texts
from xloud_images_panel.dashboard.catalogue import why_links, why_texts
from xloud_images_panel.management.operator import Operator
from xloud_images_panel.management.reports import Report, Status
from xloud_images_panel.services import named_in_file, situation
from xloud_images_panel.services.keystone import Keystone
from xloud_images_panel.services.situation import Reading

_QUESTIONS = {
    "lists": "Does the project list the image?",
    "uses": "Can it use the image by its ID?",
}


def answer(operator: Operator, report: Report, project: str, image: str) -> Status:
    """Report whether a project lists an image and can use it, and why.

    :param project: an ID, a unique name, or ``domain/name``
    :param image: an ID, or a unique name
    :returns: ``FAILED`` when an answer is not known
    :raises CommandError: when a text names nothing, or more than one thing
    """
    keystone, glance = operator.keystone(), operator.glance()
    project_id = project_id_in(project)
    image_id = named_in_file.written_id(glance, image) if is_image_id(image) else ""
    if not project_id:
        project_id = _only("project", project, named_in_file.projects(keystone, [project]))
    if not image_id:
        image_id = _only("image", image, named_in_file.images(glance, [image]))
    elsewhere = why_links.other_regions(operator.request)
    reading = situation.read(keystone, glance, project_id, image_id, other_regions=bool(elsewhere))
    explanation = explain.explain(reading.situation)
    verdicts = {"lists": explanation.lists, "uses": explanation.uses}
    fields = _fields(reading, keystone, operator.region)
    for question, verdict in verdicts.items():
        listed = question == "lists"
        report.answer(
            _QUESTIONS[question],
            question=question,
            answer=verdict.answer.value,
            project={"id": project_id, "name": reading.project.name if reading.project else ""},
            image={"id": image_id, "name": reading.image.name if reading.image else ""},
            facts=[fact.value for fact in verdict.facts],
            message=[_sentence(fact, fields, reading, listed=listed) for fact in verdict.facts],
            changes=_changes(verdict, image_id, elsewhere),
        )
    known = all(verdict.answer is not Answer.UNKNOWN for verdict in verdicts.values())
    return Status.DONE if known else Status.FAILED


def _only(what: str, text: str, found: Mapping[str, Sequence[Image] | Sequence[Project]]) -> str:
    """Return the ID of the only image or project that a text names."""
    ids = [item.id for item in found[text]]
    if not ids:
        raise CommandError(f"There is no {what} {quoted(text)}.")
    if len(ids) > 1:
        raise CommandError(f"{quoted(text)} is the name of several {what}s: {', '.join(ids)}.")
    return ids[0]


def _sentence(fact: Fact, fields: Mapping[str, str], reading: Reading, *, listed: bool) -> str:
    error = reading.failures.get(fact)
    why = texts.describe(error) if error else ""
    return why_texts.fact(fact, {**fields, "why": why}, listed=listed)


def _changes(verdict: Verdict, image_id: str, elsewhere: list[str]) -> list[str]:
    def command(action: Action) -> str:
        if action is Action.SWITCH_REGION:
            return ", ".join(f"--os-region-name {shlex.quote(region)}" for region in elsewhere)
        return why_texts.command(action, image_id)

    steps = (f"{why_texts.step(action)} {command(action)}".rstrip() for action in verdict.changes)
    return list(steps)


def _fields(reading: Reading, keystone: Keystone, region: str) -> dict[str, str]:
    """Return the values that the sentences name."""
    image = reading.image
    fields = {"owner": "", "status": "", "visibility": "", "region": region}
    if image:
        labels = naming.labels(keystone, [image.owner] if image.owner else [])
        fields["owner"] = texts.enumerated([labels.get(image.owner, image.owner)])
        fields["status"] = image.status
        fields["visibility"] = texts.visibility(image.visibility)
    return fields
