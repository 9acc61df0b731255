"""What came of a change of access, in the user's terms."""

import dataclasses
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from xloud_images_panel import texts
from xloud_images_panel.access import Outcome, Result, Verb


@dataclasses.dataclass(frozen=True)
class PendingChange:
    """A change that the dialog shows as a label, with the reason why it failed, if it did."""

    verb: str
    project_id: str
    name: str
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Told:
    """Messages as (level, text), and the changes that are left to do."""

    messages: list[tuple[str, str]]
    left: list[PendingChange]


def tell(outcome: Outcome, image_name: str, names: Mapping[str, str]) -> Told:
    """Say what was done, and list what was not with its reason.

    :param names: the names of projects by ID; one without is called by its ID
    """

    def named(results: Iterable[Result]) -> str:
        return texts.enumerated([names.get(item.project_id, item.project_id) for item in results])

    messages = []
    if added := outcome.done(Verb.ADD):
        text = _('"%(image)s" is now shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": named(added)}))
    if removed := outcome.done(Verb.REMOVE):
        text = _('"%(image)s" is no longer shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": named(removed)}))
    if rejected := [item for item in added if item.status == "rejected"]:
        text = _("%(projects)s rejected this image before; that stays so.")
        messages.append(("info", text % {"projects": named(rejected)}))
    if outcome.not_accepted:
        text = _("Not accepted on behalf of %(projects)s, so it is Pending there: %(reason)s")
        reason = texts.describe(outcome.not_accepted[0].error)
        messages.append(
            ("warning", text % {"projects": named(outcome.not_accepted), "reason": reason})
        )
    left = [
        PendingChange(
            item.verb,
            item.project_id,
            names.get(item.project_id, item.project_id),
            texts.describe(item.error),
        )
        for item in outcome.failed
    ]
    return Told(messages, left)


def changes(
    add: Iterable[str], remove: Iterable[str], names: Mapping[str, str]
) -> list[PendingChange]:
    """Return the changes that a form asked for, as labels, each project once."""
    return [
        PendingChange(verb, project_id, names.get(project_id, project_id))
        for verb, project_ids in ((Verb.ADD, add), (Verb.REMOVE, remove))
        for project_id in dict.fromkeys(project_ids)
    ]
