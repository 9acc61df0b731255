# SPDX-License-Identifier: Apache-2.0
"""The outcome of a change of access, in the user's terms."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from xloud_images_panel.access import model
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import texts
from xloud_images_panel.services import records

# Reasons that last until somebody does something about them.
_LASTING = {
    Reason.FORBIDDEN,
    Reason.MISSING,
    Reason.OVER_QUOTA,
    Reason.REFUSED,
    Reason.UNADDRESSABLE,
    Reason.UNTRUSTED,
}


@dataclasses.dataclass(frozen=True)
class PendingChange:
    """A change that the dialog shows as a label, with a short mark that it failed, if it did.

    :ivar reason: the mark
    :ivar why: the whole sentence, which the alert says once for all that have it in common
    """

    verb: str
    project_id: str
    name: str
    reason: str = ""
    why: str = ""


@dataclasses.dataclass(frozen=True)
class Failure:
    """Changes that were not made for one and the same reason, as a sentence.

    :ivar mendable: whether trying again can help
    """

    text: str
    mendable: bool


@dataclasses.dataclass(frozen=True)
class Told:
    """Messages as (level, text), and the changes that are left to do.

    :ivar failures: why these are left
    :ivar quota: how many projects one image can be shared with, where Glance said so
    :ivar uncertain: whether some of these may have been made nevertheless
    :ivar session_ended: whether some of these wait for the user to log in again
    """

    messages: list[tuple[str, str]]
    left: list[PendingChange]
    failures: list[Failure] = dataclasses.field(default_factory=list)
    quota: int | None = None
    uncertain: bool = False
    session_ended: bool = False

    @property
    def mendable(self) -> bool:
        """Whether trying again can help with any of what is left."""
        return any(failure.mendable for failure in self.failures)


def named(outcome: Outcome) -> list[str]:
    """Return the IDs of the projects that :func:`tell` names, each once.

    Of those that were done a sentence names a few; of those that were not, each has a label.
    """
    groups = [
        outcome.done(Verb.ADD),
        outcome.done(Verb.REMOVE),
        _rejected(outcome),
        *_by_reason(outcome.not_accepted).values(),
    ]
    few = [item for group in groups for item in group[: texts.NAMED]]
    return list(dict.fromkeys(item.project_id for item in [*few, *outcome.failed]))


def _rejected(outcome: Outcome) -> list[Result]:
    return [item for item in outcome.done(Verb.ADD) if item.status == model.REJECTED]


def _error(result: Result) -> ServiceError:
    """Return the error of a result that has one."""
    return cast(ServiceError, result.error)


def _by_reason(results: Iterable[Result]) -> dict[tuple[Verb, bool, str], list[Result]]:
    """Return results by what they were to be, whether they may be so, and why not."""
    groups: dict[tuple[Verb, bool, str], list[Result]] = {}
    for item in results:
        reason = texts.describe(_error(item))
        groups.setdefault((item.verb, item.uncertain, reason), []).append(item)
    return groups


def tell(outcome: Outcome, image_name: str, names: Mapping[str, str]) -> Told:
    """Say what was done, and list what was not with its reason.

    :param names: the names of projects by ID; one without is called by its ID
    """

    def enumerated(results: Iterable[Result]) -> str:
        return texts.enumerated([names.get(item.project_id, item.project_id) for item in results])

    image_name = texts.in_sentence(image_name)
    messages = []
    added = outcome.done(Verb.ADD)
    if new := [item for item in added if item.changed]:
        text = _('"%(image)s" is now shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": enumerated(new)}))
    if before := [item for item in added if not item.changed]:
        text = _('%(projects)s had access to "%(image)s" already.')
        messages.append(("success", text % {"image": image_name, "projects": enumerated(before)}))
    if removed := outcome.done(Verb.REMOVE):
        text = _('"%(image)s" is no longer shared with %(projects)s.')
        messages.append(("success", text % {"image": image_name, "projects": enumerated(removed)}))
    if rejected := _rejected(outcome):
        text = _("%(projects)s rejected this image before; that stays so.")
        messages.append(("info", text % {"projects": enumerated(rejected)}))
    for (_verb, uncertain, _reason), results in _by_reason(outcome.not_accepted).items():
        text = (
            _("Perhaps not accepted on behalf of %(projects)s: %(reason)s")
            if uncertain
            else _("Not accepted on behalf of %(projects)s, so it is Pending there: %(reason)s")
        )
        reason = texts.describe(_error(results[0]), uncertain=uncertain)
        messages.append(("warning", text % {"projects": enumerated(results), "reason": reason}))
    groups = _by_reason(outcome.failed)
    failures = []
    for (verb, uncertain, reason), results in groups.items():
        text = _failure(verb, len(results), uncertain=uncertain) % {
            "count": len(results),
            "why": reason,
        }
        if len(groups) > 1:
            text = _("%(failure)s This concerns %(projects)s.") % {
                "failure": text,
                "projects": enumerated(results),
            }
        failures.append(Failure(text, uncertain or _error(results[0]).reason not in _LASTING))
    left = [
        PendingChange(
            item.verb,
            item.project_id,
            names.get(item.project_id, item.project_id),
            _("not known") if item.uncertain else _("not done"),
            texts.describe(_error(item), uncertain=item.uncertain),
        )
        for item in outcome.failed
    ]
    errors = [_error(item) for item in outcome.failed]
    over_quota = [error for error in errors if error.reason is Reason.OVER_QUOTA]
    return Told(
        messages,
        left,
        failures,
        quota=records.quota_in(over_quota[0]) if over_quota else None,
        uncertain=any(item.uncertain for item in outcome.failed),
        session_ended=any(error.reason is Reason.UNAUTHENTICATED for error in errors),
    )


def _failure(verb: Verb, count: int, *, uncertain: bool) -> str:
    """Return the sentence that says of so many projects why they were not added, or removed."""
    if verb is Verb.ADD and uncertain:
        return ngettext(
            "It is not known whether %(count)d project was added: %(why)s",
            "It is not known whether %(count)d projects were added: %(why)s",
            count,
        )
    if verb is Verb.ADD:
        return ngettext(
            "%(count)d project was not added: %(why)s",
            "%(count)d projects were not added: %(why)s",
            count,
        )
    if uncertain:
        return ngettext(
            "It is not known whether %(count)d project was removed: %(why)s",
            "It is not known whether %(count)d projects were removed: %(why)s",
            count,
        )
    return ngettext(
        "%(count)d project was not removed: %(why)s",
        "%(count)d projects were not removed: %(why)s",
        count,
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
