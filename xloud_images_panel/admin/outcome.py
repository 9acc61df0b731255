"""What came of a change of access, in the user's terms."""

import dataclasses
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from xloud_images_panel import texts
from xloud_images_panel.access import Outcome, Result, Verb
from xloud_images_panel.services import Reason


@dataclasses.dataclass(frozen=True)
class PendingChange:
    """A change that the dialog shows as a label, with the reason why it failed, if it did."""

    verb: str
    project_id: str
    name: str
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Told:
    """Messages as (level, text), and the changes that are left to do.

    :ivar unsure: whether some of these may have been made nevertheless
    :ivar session_ended: whether some of these wait for the user to log in again
    """

    messages: list[tuple[str, str]]
    left: list[PendingChange]
    unsure: bool = False
    session_ended: bool = False


def tell(outcome: Outcome, image_name: str, names: Mapping[str, str]) -> Told:
    """Say what was done, and list what was not with its reason.

    :param names: the names of projects by ID; one without is called by its ID
    """

    def named(results: Iterable[Result]) -> str:
        return texts.enumerated([names.get(item.project_id, item.project_id) for item in results])

    image_name = texts.in_sentence(image_name)
    messages = []
    added = outcome.done(Verb.ADD)
    if new := [item for item in added if item.changed]:
        text = _('"%(image)s" is now shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": named(new)}))
    if before := [item for item in added if not item.changed]:
        text = _('%(projects)s had access to "%(image)s" already.')
        messages.append(("success", text % {"image": image_name, "projects": named(before)}))
    if removed := outcome.done(Verb.REMOVE):
        text = _('"%(image)s" is no longer shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": named(removed)}))
    if rejected := [item for item in added if item.status == "rejected"]:
        text = _("%(projects)s rejected this image before; that stays so.")
        messages.append(("info", text % {"projects": named(rejected)}))
    not_accepted: dict[tuple[bool, str], list[Result]] = {}
    for item in outcome.not_accepted:
        reason = texts.describe(item.error, item.unsure)
        not_accepted.setdefault((item.unsure, reason), []).append(item)
    for (unsure, reason), results in not_accepted.items():
        text = (
            _("Perhaps not accepted on behalf of %(projects)s: %(reason)s")
            if unsure
            else _("Not accepted on behalf of %(projects)s, so it is Pending there: %(reason)s")
        )
        messages.append(("warning", text % {"projects": named(results), "reason": reason}))
    left = [
        PendingChange(
            item.verb,
            item.project_id,
            names.get(item.project_id, item.project_id),
            texts.describe(item.error, item.unsure),
        )
        for item in outcome.failed
    ]
    return Told(
        messages,
        left,
        unsure=any(item.unsure for item in outcome.failed),
        session_ended=any(item.error.reason is Reason.UNAUTHENTICATED for item in outcome.failed),
    )


def changes(
    add: Iterable[str], remove: Iterable[str], names: Mapping[str, str], reason: str = ""
) -> list[PendingChange]:
    """Return the changes that a form asked for, as labels, each project once.

    :param reason: why none of them was made
    """
    return [
        PendingChange(verb, project_id, names.get(project_id, project_id), reason)
        for verb, project_ids in ((Verb.ADD, add), (Verb.REMOVE, remove))
        for project_id in dict.fromkeys(project_ids)
    ]
