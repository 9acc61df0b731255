# SPDX-License-Identifier: Apache-2.0
"""Reports who has access to images before Edit Image, Deactivate or Delete takes it away.

The browser requests a sentence when one of these dialogs opens, and shows it beside the question.
The dialog does not wait for the sentence, and a failed lookup blocks nobody.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import generic

from xloud_images_panel.dashboard import actor, naming, roles, say, texts
from xloud_images_panel.dashboard.access_loss import sentences
from xloud_images_panel.services.access_of_images import access_of
from xloud_images_panel.services.glance import Glance


class LossView(generic.View):
    """A sentence about the projects with access to images, for users who may see their members."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask Glance as the user.

        ``images`` are comma-separated IDs, ``loss`` is a :class:`~.sentences.Loss`.

        :returns: JSON with ``message``; 204 when there is nothing to report
        """
        image_ids = {*request.GET.get("images", "").split(",")} - {""}
        try:
            loss = sentences.Loss(request.GET.get("loss", ""))
        except ValueError:  # a visibility that is new in Glance
            return HttpResponse(status=204)
        access = access_of(
            Glance(actor.connection(request)),
            sorted(image_ids),
            all_owners=roles.may_see_access(request),
        )
        projects = access.project_ids
        if projects and len(image_ids) == 1:
            message = sentences.of_one_image(loss, naming.for_user(request, projects, texts.NAMED))
        elif projects:
            message = sentences.of_several_images(loss, len(projects), complete=access.complete)
        elif not access.complete:
            message = sentences.not_known()
        else:
            return HttpResponse(status=204)
        return JsonResponse({"message": say.inert(message)})
