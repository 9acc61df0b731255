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

# In the session, because they may be more than fit into a URL.
_TICKED = "xloud_images_panel_ticked"


@memoized
def may_answer(request: HttpRequest) -> bool:
    """Tell whether the user may accept and reject images for the current project.

    Glance's own rule, ``modify_member``, asks for the role member in the
    project that the image is shared with. A table asks three times for each row.
    """
    return roles.may(request, "modify_member", target={"member_id": actor.user(request).project_id})


class _AnswerAction(tables.BatchAction):
    """Sets the member status of images for the current project, one or many at once.

    It runs before the page's own images are read: what is answered is what was
    chosen, whatever the list looks like by now.
    """

    status: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "preempt": True})

    def allowed(self, request: HttpRequest, datum: model.SharedImage | None = None) -> bool:
        """Offer it to users who may answer, where it would change something."""
        return may_answer(request) and (datum is None or datum.member.status != self.status)

    def handle(self, table: tables.DataTable, request: HttpRequest, ids: list[str]) -> HttpResponse:
        """Answer for each image, say what became of it, and return to the page.

        :raises NotAuthorized: for everybody else; Horizon answers 403
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
    """Remember for the next page which rows were ticked, but for those that are done."""
    done = {answer.image_id for answer in answers if answer.error is None}
    ticked = {item for item in request.POST.getlist("object_ids") if model.is_image_id(item)}
    if ticked - done:
        # A page has no more rows than that, and a session may have to fit into a cookie.
        request.session[_TICKED] = sorted(ticked - done)[:MOST_ANSWERED]


def take_ticks(request: HttpRequest) -> frozenset[str]:
    """Return the IDs of the images that are to be ticked, once."""
    return frozenset(request.session.pop(_TICKED, ()))


class AcceptImage(_AnswerAction):
    """Puts an image into the project's image lists."""

    name = "accept"
    status = model.ACCEPTED
    icon = "check"

    @staticmethod
    def action_present(count: int) -> str:
        """Return what the button says."""
        return ngettext("Accept", "Accept", count)

    action_past = action_present  # Horizon asks for it; tell() says what came of it


class RejectImage(_AnswerAction):
    """Takes an image out of the project's image lists; asks first."""

    name = "reject"
    status = model.REJECTED
    icon = "ban"
    action_type = "danger"  # Horizon's scripts ask before they send these
    help_text = gettext_lazy(
        "A rejected image leaves the image lists of this project. That does not take the access "
        "away: who knows its ID can still use it. It stays under Shared Images, where it can be "
        "accepted again."
    )

    @staticmethod
    def action_present(count: int) -> str:
        """Return what the button says."""
        return ngettext("Reject", "Reject", count)

    action_past = action_present


class _WizardAction(tables.LinkAction):
    """A link to a wizard of Horizon's that chooses the image from its own list.

    Launch Instance reads Glance's default list and that of community images, Create
    Volume the same: active images, without hidden ones and those that the project has
    not accepted. For other images the wizard would open without a selection, so the
    link names the missing condition instead.
    (``launch-instance-model.service.js``, ``images/utils.py`` in Horizon 27)
    """

    #: By what is missing: the name of the link that leads nowhere.
    not_yet: Any
    not_hidden: Any

    def allowed(self, request: HttpRequest, datum: Any = None) -> bool:
        """Offer it where the cloud has the service and the image has something to copy."""
        return bool(datum) and super().allowed(request, datum.image)

    def update(self, request: HttpRequest, datum: Any) -> None:
        """Switch the link off where the wizard would not have the image."""
        if missing := self.missing(datum):
            self.verbose_name = missing
            self.classes = ("disabled",)
            self.attrs |= {"aria-disabled": "true", "tabindex": "-1"}

    def missing(self, datum: Any) -> str:
        """Return what keeps the image out of the wizard's list, empty when nothing does."""
        if datum.image.hidden:
            return str(self.not_hidden)
        # Community images have no member; they are in the list for everybody.
        member = getattr(datum, "member", None)
        return str(self.not_yet) if member and member.status != model.ACCEPTED else ""

    def get_link_url(self, datum: Any) -> str:
        """Lead nowhere where the wizard would not have the image."""
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
    """Horizon's Launch; a script of ours opens the wizard where AngularJS compiles nothing."""

    not_yet = gettext_lazy("Launch (accept the image first)")
    not_hidden = gettext_lazy("Launch (not for hidden images)")


class CreateVolume(_WizardAction, upstream.CreateVolumeFromImage):
    """Horizon's Create Volume."""

    not_yet = gettext_lazy("Create Volume (accept the image first)")
    not_hidden = gettext_lazy("Create Volume (not for hidden images)")


class ShowDetails(tables.LinkAction):
    """A link to the image's details, so that Reject is never what stands first."""

    name = "details"
    verbose_name = gettext_lazy("View Details")
    url = "horizon:project:images:shared_image"

    def get_link_url(self, datum: Any = None) -> str:
        """Return the address of the details."""
        return reverse(self.url, args=[datum.image.id])


# By whether it was accepted, and whether the image is hidden: Glance leaves hidden images out of
# its default list, which is what Horizon and other clients show.
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
    """Return messages (level, text) that say what became of each image.

    :param status: what was asked for, ``accepted`` or ``rejected``
    :param project: what the project is called that has answered
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
