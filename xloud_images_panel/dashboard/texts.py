# SPDX-License-Identifier: Apache-2.0
"""Sentences: reasons and results in the user's terms."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access import model
from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.access.plan import Problem
from xloud_images_panel.dashboard import naming
from xloud_images_panel.dashboard.lock import CacheSilent
from xloud_images_panel.services import records
from xloud_images_panel.services.connection import MIB

#: Member statuses as Horizon writes the statuses of images.
STATUS_CHOICES = (
    (model.ACCEPTED, pgettext_lazy("Status of an image's member", "Accepted")),
    (model.PENDING, pgettext_lazy("Status of an image's member", "Pending")),
    (model.REJECTED, pgettext_lazy("Status of an image's member", "Rejected")),
)
VISIBILITIES = {
    "public": pgettext_lazy("Visibility of an Image", "Public"),
    "private": pgettext_lazy("Visibility of an Image", "Private"),
    "shared": pgettext_lazy("Visibility of an Image", "Shared"),
    "community": pgettext_lazy("Visibility of an Image", "Community"),
}

_REASONS = {
    Reason.UNREACHABLE: _("%(service)s could not be reached."),
    Reason.TIMED_OUT: _("%(service)s did not answer in time."),
    Reason.UNAUTHENTICATED: _("%(service)s did not accept your session. Log in again."),
    Reason.FORBIDDEN: _("%(service)s did not allow it."),
    Reason.MISSING: _("%(service)s did not find it."),
    Reason.CONFLICT: _("%(service)s says that somebody else changed it at the same time."),
    Reason.OVER_QUOTA: _("the quota of projects that one image can be shared with is used up."),
    Reason.BUSY: _("%(service)s is busy. Try again in a moment."),
    Reason.REFUSED: _("%(service)s refused the request."),
    Reason.BROKEN: _("%(service)s failed with an error of its own."),
    Reason.UNADDRESSABLE: _("Can only be removed in Glance's database."),
    Reason.PLACE_LOST: _(
        "Nothing more was changed: this change has lost its place in %(service)s's cache, so "
        "another one may be under way."
    ),
    Reason.TOO_LARGE: _("%(service)s answered with more than the dashboard reads (%(mib)d MiB)."),
    Reason.OUT_OF_TIME: _(
        "%(service)s was not finished after %(seconds)d seconds, when the dashboard stopped asking."
    ),
    Reason.UNTRUSTED: _("%(service)s has a certificate that the dashboard does not trust."),
    Reason.SCANNING: _("Another search of yours is still running. Try again in a moment."),
}
_PROBLEMS = {
    Problem.EMPTY: _("nothing to change"),
    Problem.TWICE: _("a project is named twice"),
    Problem.NO_ID: _("an empty project ID"),
    Problem.TOO_LONG: _("a project ID that is too long"),
}
_SERVICES = {
    "Glance": _("The image service (Glance)"),
    "Keystone": _("The identity service (Keystone)"),
    "Horizon": "Horizon",
}

#: Most names in a sentence; it counts the others.
NAMED = 5


def describe(error: ServiceError, *, uncertain: bool = False) -> str:
    """Return a sentence that says why a service did not carry out a request.

    :param uncertain: add that the service may have carried it out nevertheless
    """
    if uncertain:
        return gettext("%(why)s It is not known whether it was done.") % {"why": describe(error)}
    if error.reason is Reason.OVER_QUOTA and (quota := records.quota_in(error)):
        return str(
            _("the quota of %(quota)d projects that one image can be shared with is used up.")
            % {"quota": quota}
        )
    return str(
        _REASONS[error.reason]
        % {
            "service": _SERVICES[error.service],
            "mib": error.bound // MIB,
            "seconds": error.bound,
        }
    )


def busy(error: Busy) -> str:
    """Return why a change could not begin."""
    if isinstance(error, CacheSilent):
        return gettext(
            "Horizon's cache did not answer, so nothing was changed: two changes at once could "
            "not be kept apart. Your selection is kept. Press Confirm again in a few seconds."
        )
    return gettext(
        "Nothing was changed: the access of this image is being changed by somebody else at this "
        "moment. Your selection is kept. Press Confirm again in a few seconds."
    )


def changed_since() -> str:
    """Return why an undo leaves a project's access alone."""
    return gettext("the access was changed since, and stays as it is.")


def invalid(problem: Problem) -> str:
    """Return why a change cannot be sent, worded for brackets."""
    return str(_PROBLEMS[problem])


def not_removable() -> str:
    """Return why a member cannot be removed here."""
    return str(_REASONS[Reason.UNADDRESSABLE])


def only_read() -> str:
    """Return why a user is not offered changes that Glance would refuse."""
    return gettext(
        "You may see who has access, and not change it: the roles that you have in this project "
        "allow to read only."
    )


def too_large(count: int) -> str:
    """Return a sentence about images missing from a list, or an empty string."""
    if not count:
        return ""
    text = ngettext(
        "%(count)d image is not shown: its properties are more than the dashboard reads.",
        "%(count)d images are not shown: the properties of each are more than the dashboard reads.",
        count,
    )
    return text % {"count": count}


def visibility(value: str) -> str:
    """Return the name of a visibility, or the value itself if it is new in Glance."""
    return str(VISIBILITIES.get(value, value))


def in_sentence(name: str) -> str:
    """Return a name that cannot reverse the sentence around it; see :mod:`naming`."""
    return naming.straight(name)


def enumerated(names: Sequence[str]) -> str:
    """Return names as a list for a sentence: the first few and the number of others.

    :param names: labels from :mod:`naming`; only the first :data:`NAMED` are read, so the
        others can be IDs, which need no lookup
    """
    shown = [naming.cut(in_sentence(name)) for name in names[:NAMED]]
    more = len(names) - NAMED
    if more > 0:
        shown.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    if len(shown) < 2:
        return "".join(shown)
    return gettext("%(most)s and %(last)s") % {"most": ", ".join(shown[:-1]), "last": shown[-1]}


def shared_again(image_name: str, projects: Sequence[str]) -> str:
    """Return a sentence about the projects that regain access to an image shared again.

    :param projects: their names, or IDs if the user may not see the names
    """
    text = ngettext(
        '"%(image)s" is shared again: %(count)d project has access from before: %(projects)s.',
        '"%(image)s" is shared again: %(count)d projects have access from before: %(projects)s.',
        len(projects),
    )
    return text % {
        "image": in_sentence(image_name),
        "count": len(projects),
        "projects": enumerated(projects),
    }
