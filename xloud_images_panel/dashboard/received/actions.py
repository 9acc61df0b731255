# SPDX-License-Identifier: Apache-2.0
"""Actions on received images: Accept, Reject, Launch, Create Volume."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from horizon import exceptions, tables
from horizon.utils.memoized import memoized
from openstack_dashboard.dashboards.project.images.images import tables as upstream

from xloud_images_panel.access import model
from xloud_images_panel.access.answer import MOST_ANSWERED, Answer, answer_all
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import (
    actor,
    log_in_again,
    made_for,
    naming,
    roles,
    say,
    texts,
    trail,
)
from xloud_images_panel.services import glance

# A key in the session, because the ticked rows may not fit into a URL.
_TICKED = "xloud_images_panel_ticked"


@memoized
def may_answer(request: HttpRequest) -> bool:
    """Return whether the user may accept and reject images for the current project.

    Glance's own rule, ``modify_member``, requires the role member in the
    project that the image is shared with. A table asks three times for each row.
    """
    return roles.may(request, "modify_member", target={"member_id": actor.user(request).project_id})


class _AnswerAction(tables.BatchAction):
    """An action that sets the current project's member status for one or many images.

    It runs before the page reads its images, so it answers for the chosen images
    even if the list has changed.
    """

    status: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "preempt": True})

    def allowed(self, request: HttpRequest, datum: model.SharedImage | None = None) -> bool:
        """Offer the action to users who may answer, if it would change the status."""
        return may_answer(request) and (datum is None or datum.member.status != self.status)

    def handle(self, table: tables.DataTable, request: HttpRequest, ids: list[str]) -> HttpResponse:
        """Answer for each image, report the results, and return to the page.

        :raises NotAuthorized: for users who may not answer; Horizon answers 403
        """
        if not may_answer(request):
            trail.refused(request, self.name, trail.Refusal.POLICY)
            raise exceptions.NotAuthorized
        if why := made_for.switched(request):
            trail.refused(request, self.name, trail.Refusal.SWITCHED)
            say.error(request, why)
            return redirect(request.get_full_path())
        ids = list(dict.fromkeys(item for item in ids if model.is_image_id(item)))
        if not 0 < len(ids) <= MOST_ANSWERED:
            trail.refused(request, self.name, trail.Refusal.NOT_VALID)
            keep_ticks(request, [])
            many = _("At most %(count)d images can be answered at once; nothing was changed.")
            text = many % {"count": MOST_ANSWERED} if ids else _("No image was selected.")
            say.error(request, text)
            return redirect(request.get_full_path())

        def record(answer: Answer) -> None:
            trail.answer(request, self.status, answer)

        answers = answer_all(ids, self.status, glance.Glance(actor.connection(request)), record)
        keep_ticks(request, answers)
        if all(answer.error and not answer.uncertain for answer in answers):
            for answer in answers:
                if answer.error and answer.error.reason is Reason.UNAUTHENTICATED:
                    return log_in_again.response(request, answer.error, request.get_full_path())
        say.each(request, tell(answers, self.status, made_for.project(request)))
        return redirect(request.get_full_path())


def keep_ticks(request: HttpRequest, answers: Iterable[Answer]) -> None:
    """Remember the ticked rows for the next page, except those that are done."""
    done = {answer.image_id for answer in answers if answer.error is None}
    ticked = {item for item in request.POST.getlist("object_ids") if model.is_image_id(item)}
    if ticked - done:
        # A page has no more rows than this, and a session may have to fit into a cookie.
        request.session[_TICKED] = sorted(ticked - done)[:MOST_ANSWERED]


def take_ticks(request: HttpRequest) -> frozenset[str]:
    """Return the IDs of the images to tick, and forget them."""
    return frozenset(request.session.pop(_TICKED, ()))


class AcceptImage(_AnswerAction):
    """The action that puts an image into the project's image lists."""

    name = "accept"
    status = model.ACCEPTED
    icon = "check"

    @staticmethod
    def action_present(count: int) -> str:
        """Return the button's label."""
        return ngettext("Accept", "Accept", count)

    action_past = action_present  # Horizon requires it; tell() reports the results


class RejectImage(_AnswerAction):
    """The action that takes an image out of the project's image lists; it asks first."""

    name = "reject"
    status = model.REJECTED
    icon = "ban"
    action_type = "danger"  # Horizon's scripts ask before sending these
    help_text = gettext_lazy(
        "A rejected image leaves the image lists of this project. That does not take the access "
        "away: who knows its ID can still use it. It stays under Shared Images, where it can be "
        "accepted again."
    )

    @staticmethod
    def action_present(count: int) -> str:
        """Return the button's label."""
        return ngettext("Reject", "Reject", count)

    action_past = action_present


class _WizardAction(tables.LinkAction):
    """A link to one of Horizon's wizards, which choose the image from their own list.

    Launch Instance and Create Volume read Glance's default list and that of community
    images: active images, without hidden ones and those that the project has not
    accepted. For other images the wizard would open without a selection, so the link
    names the missing condition instead.
    (``launch-instance-model.service.js``, ``images/utils.py`` in Horizon 27)
    """

    #: Names of the disabled link, by missing condition.
    not_yet: Any
    not_hidden: Any

    def allowed(self, request: HttpRequest, datum: Any = None) -> bool:
        """Offer the link if the cloud has the service and the image has something to copy."""
        return bool(datum) and super().allowed(request, datum.image)

    def update(self, request: HttpRequest, datum: Any) -> None:
        """Disable the link if the wizard's list lacks the image."""
        if missing := self.missing(datum):
            self.verbose_name = missing
            self.classes = ("disabled",)
            self.attrs |= {"aria-disabled": "true", "tabindex": "-1"}

    def missing(self, datum: Any) -> str:
        """Return why the wizard's list lacks the image, or an empty string."""
        if datum.image.hidden:
            return str(self.not_hidden)
        # Community images have no member; everybody's list has them.
        member = getattr(datum, "member", None)
        return str(self.not_yet) if member and member.status != model.ACCEPTED else ""

    def get_link_url(self, datum: Any) -> str:
        """Return the wizard's address, or ``#`` if its list lacks the image."""
        return "#" if self.missing(datum) else super().get_link_url(datum)


class _Launch(upstream.LaunchImageNG):
    def allowed(self, request: HttpRequest, image: Any = None) -> bool:
        offers = settings.LAUNCH_INSTANCE_DEFAULTS
        off = "disable_instance_snapshot" if image.snapshot else "disable_image"
        return not offers.get(off) and super().allowed(request, image)

    def get_link_url(self, datum: Any) -> str:
        self.attrs["data-launch-image"] = datum.image.id
        return "#"


class LaunchImage(_WizardAction, _Launch):
    """Horizon's Launch; our script opens the wizard where AngularJS compiles nothing."""

    not_yet = gettext_lazy("Launch (accept the image first)")
    not_hidden = gettext_lazy("Launch (not for hidden images)")


class CreateVolume(_WizardAction, upstream.CreateVolumeFromImage):
    """Horizon's Create Volume."""

    not_yet = gettext_lazy("Create Volume (accept the image first)")
    not_hidden = gettext_lazy("Create Volume (not for hidden images)")


class ShowDetails(tables.LinkAction):
    """A link to the image's details, so that Reject is never the first action."""

    name = "details"
    verbose_name = gettext_lazy("View Details")
    url = "horizon:project:images:shared_image"

    def get_link_url(self, datum: Any = None) -> str:
        """Return the address of the details."""
        return reverse(self.url, args=[datum.image.id])


# Keys: whether the image was accepted, and whether it is hidden. Glance leaves hidden images out
# of its default list, which Horizon and other clients show.
_DONE = {
    (True, False): gettext_lazy(
        "Accepted for %(project)s: %(images)s. Now in the image lists of this project."
    ),
    (False, False): gettext_lazy(
        "Rejected for %(project)s: %(images)s. No longer in the image lists of this project."
    ),
    (True, True): gettext_lazy(
        "Accepted for %(project)s: %(images)s. Hidden images are in no image list; they can be "
        "used by their ID."
    ),
    (False, True): gettext_lazy(
        "Rejected for %(project)s: %(images)s. Hidden images are in no image list; they can "
        "still be used by their ID."
    ),
}


def tell(answers: Iterable[Answer], status: str, project: str) -> list[tuple[str, str]]:
    """Return messages (level, text) that report the result for each image.

    :param status: the requested status, ``accepted`` or ``rejected``
    :param project: the label of the project that has answered
    """
    answers = list(answers)
    labels = naming.image_labels({answer.image_id: answer.image_name for answer in answers})
    done: dict[bool, list[str]] = {}
    failed: dict[str, list[str]] = {}
    for answer in answers:
        label = labels[answer.image_id]
        if answer.error:
            failed.setdefault(_why(answer, answer.error), []).append(label)
        else:
            done.setdefault(answer.hidden, []).append(label)
    accepted = status == model.ACCEPTED
    told = []
    for hidden, names in sorted(done.items()):
        text = str(_DONE[accepted, hidden])
        images = texts.enumerated(names)
        told.append(("success", text % {"project": project, "images": images}))
    for why, names in failed.items():
        text = (
            _("Not accepted: %(images)s. %(why)s")
            if accepted
            else _("Not rejected: %(images)s. %(why)s")
        )
        told.append(("error", text % {"images": texts.enumerated(names), "why": why}))
    return told


def _why(answer: Answer, error: ServiceError) -> str:
    if error.reason is Reason.MISSING:
        return _("No other project shares this with the current one (any more).")
    return texts.describe(error, uncertain=answer.uncertain)
