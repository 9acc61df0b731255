# SPDX-License-Identifier: Apache-2.0
"""The outcome of a change of access, in the user's terms."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from xloud_images_panel.access import model
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.outcome import Outcome, Result
from xloud_images_panel.access.plan import Verb
from xloud_images_panel.dashboard import texts
from xloud_images_panel.services import records


@dataclasses.dataclass(frozen=True)
class PendingChange:
    """A change that the dialog shows as a label, with a short mark if it failed.

    :ivar reason: the mark
    :ivar why: the whole sentence, which the alert says once for all changes that share it
    """

    verb: str
    project_id: str
    name: str
    reason: str = ""
    why: str = ""


@dataclasses.dataclass(frozen=True)
class Failure:
    """A sentence about changes that failed for the same reason.

    :ivar mendable: whether trying again can help
    """

    text: str
    mendable: bool


@dataclasses.dataclass(frozen=True)
class Told:
    """Messages as (level, text), and the remaining changes.

    :ivar failures: why changes remain
    :ivar quota: how many projects one image can be shared with, if Glance named the number
    :ivar uncertain: whether some of the remaining changes may have been made
    :ivar session_ended: whether some of the remaining changes wait for the user to log in again
    """

    messages: list[tuple[str, str]]
    left: list[PendingChange]
    failures: list[Failure] = dataclasses.field(default_factory=list)
    quota: int | None = None
    uncertain: bool = False
    session_ended: bool = False

    @property
    def mendable(self) -> bool:
        """Whether trying again can help with any remaining change."""
        return any(failure.mendable for failure in self.failures)


def named(outcome: Outcome) -> list[str]:
    """Return the IDs of the projects that :func:`tell` names, each once.

    A sentence names a few of the successful projects; each failed project has a label.
    """
    groups = [
        outcome.done(Verb.ADD),
        outcome.done(Verb.REMOVE),
        outcome.done(Verb.ACCEPT_FOR),
        outcome.done(Verb.ASK_AGAIN),
        _rejected(outcome),
        *_by_reason(outcome.not_accepted).values(),
    ]
    few = [item for group in groups for item in group[: texts.NAMED]]
    return list(dict.fromkeys(item.project_id for item in [*few, *outcome.failed]))


def _rejected(outcome: Outcome) -> list[Result]:
    asked = [*outcome.done(Verb.ADD), *outcome.done(Verb.ACCEPT_FOR)]
    return [item for item in asked if item.status == model.REJECTED]


def _error(result: Result) -> ServiceError:
    """Return the error of a result that has one."""
    return cast(ServiceError, result.error)


def _by_reason(results: Iterable[Result]) -> dict[tuple[Verb, bool, str], list[Result]]:
    """Return results by verb, uncertainty and reason."""
    groups: dict[tuple[Verb, bool, str], list[Result]] = {}
    for item in results:
        reason = texts.describe(_error(item))
        groups.setdefault((item.verb, item.uncertain, reason), []).append(item)
    return groups


def _enumerated(results: Iterable[Result], names: Mapping[str, str]) -> str:
    """Return the projects of results for a sentence, the named ones in alphabetical order."""
    projects = [names.get(item.project_id, item.project_id) for item in results]
    few, more = projects[: texts.NAMED], projects[texts.NAMED :]
    return texts.enumerated(sorted(few, key=str.casefold) + more)


def tell(outcome: Outcome, image_name: str, names: Mapping[str, str]) -> Told:
    """Report the changes that were made, and list the failed ones with their reasons.

    :param names: the names of projects by ID; a nameless project is called by its ID
    """

    def enumerated(results: Iterable[Result]) -> str:
        return _enumerated(results, names)

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
    if accepted := outcome.done(Verb.ACCEPT_FOR):
        accepted = [item for item in accepted if item.status == model.ACCEPTED]
        text = _('"%(image)s" is accepted on behalf of %(projects)s.')
        if accepted:
            shown = {"image": image_name, "projects": enumerated(accepted)}
            messages.append(("success", text % shown))
    if asked := outcome.done(Verb.ASK_AGAIN):
        text = _('%(projects)s can answer to "%(image)s" again.')
        messages.append(("success", text % {"image": image_name, "projects": enumerated(asked)}))
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
        text = _FAILURES[verb, uncertain] % {"count": len(results), "why": reason}
        if len(groups) > 1:
            text = _("%(failure)s This concerns %(projects)s.") % {
                "failure": text,
                "projects": enumerated(results),
            }
        failures.append(Failure(text, uncertain or not _error(results[0]).lasting))
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


def tell_undo(outcome: Outcome, image_name: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Report the result of an undo, as (level, text).

    :param names: the names of projects by ID; a nameless project is called by its ID
    """

    def enumerated(results: Iterable[Result]) -> str:
        return _enumerated(results, names)

    image_name = texts.in_sentence(image_name)
    messages = []
    lacking = outcome.not_accepted
    if restored := [item for item in outcome.results if item.done and item not in lacking]:
        text = _('Undone: access to "%(image)s" is as it was before for %(projects)s.')
        shown = {"image": image_name, "projects": enumerated(restored)}
        messages.append(("success", text % shown))
    for (_verb, uncertain, _reason), results in _by_reason(lacking).items():
        text = _("%(projects)s: has access, but not the answer of before. %(reason)s")
        reason = texts.describe(_error(results[0]), uncertain=uncertain)
        messages.append(("warning", text % {"projects": enumerated(results), "reason": reason}))
    for (_verb, uncertain, _reason), results in _by_reason(outcome.failed).items():
        text = _("Not undone for %(projects)s: %(reason)s")
        reason = texts.describe(_error(results[0]), uncertain=uncertain)
        if _error(results[0]).reason is Reason.CONFLICT:
            reason = texts.changed_since()
        messages.append(("danger", text % {"projects": enumerated(results), "reason": reason}))
    return messages


# By verb, and by whether the result is uncertain.
_FAILURES = {
    (Verb.ADD, False): ngettext_lazy(
        "%(count)d project was not added: %(why)s",
        "%(count)d projects were not added: %(why)s",
        "count",
    ),
    (Verb.ADD, True): ngettext_lazy(
        "It is not known whether %(count)d project was added: %(why)s",
        "It is not known whether %(count)d projects were added: %(why)s",
        "count",
    ),
    (Verb.REMOVE, False): ngettext_lazy(
        "%(count)d project was not removed: %(why)s",
        "%(count)d projects were not removed: %(why)s",
        "count",
    ),
    (Verb.REMOVE, True): ngettext_lazy(
        "It is not known whether %(count)d project was removed: %(why)s",
        "It is not known whether %(count)d projects were removed: %(why)s",
        "count",
    ),
    (Verb.ACCEPT_FOR, False): ngettext_lazy(
        "%(count)d project was not accepted for: %(why)s",
        "%(count)d projects were not accepted for: %(why)s",
        "count",
    ),
    (Verb.ACCEPT_FOR, True): ngettext_lazy(
        "It is not known whether %(count)d project was accepted for: %(why)s",
        "It is not known whether %(count)d projects were accepted for: %(why)s",
        "count",
    ),
    (Verb.ASK_AGAIN, False): ngettext_lazy(
        "%(count)d project was not asked again: %(why)s",
        "%(count)d projects were not asked again: %(why)s",
        "count",
    ),
    (Verb.ASK_AGAIN, True): ngettext_lazy(
        "It is not known whether %(count)d project was asked again: %(why)s",
        "It is not known whether %(count)d projects were asked again: %(why)s",
        "count",
    ),
}


def changes(
    asked: Mapping[Verb, Iterable[str]], names: Mapping[str, str], reason: str = ""
) -> list[PendingChange]:
    """Return the changes that a form requests, each project once.

    :param asked: the IDs of projects by verb
    :param reason: why none of the changes was made
    """
    return [
        PendingChange(verb, project_id, names.get(project_id, project_id), reason)
        for verb, project_ids in asked.items()
        for project_id in dict.fromkeys(project_ids)
    ]


def as_json(pending: Iterable[PendingChange]) -> str:
    """Return changes as JSON, which the browser reads from an attribute."""
    text = json.dumps(
        [
            {
                "verb": item.verb,
                "id": item.project_id,
                "name": item.name,
                "reason": item.reason,
                "why": item.why,
            }
            for item in pending
        ]
    )
    # Horizon's escaping turns "{$" into "{%", which keeps AngularJS from running it.
    return text.replace("$", "\\u0024")
