# SPDX-License-Identifier: Apache-2.0
"""The project and the region that a page was made for, when something is sent from it later.

Horizon keeps both in the session, which all tabs of a browser share: a page can be older than
the last switch. It carries them in hidden fields, and nothing is done for another project, or in
another region, than the one that it showed.
"""

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.dashboard import actor, texts

#: Names of the hidden fields.
PROJECT, REGION = "made_for_project", "made_for_region"


def fields(request: HttpRequest) -> SafeString:
    """Return the hidden fields of a form that answers for the current project."""
    values = ((PROJECT, actor.user(request).project_id or ""), (REGION, region(request)))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', values)


def region(request: HttpRequest) -> str:
    """Return the region that the user works in, empty when the catalog names none."""
    return actor.user(request).services_region or ""


def switched(request: HttpRequest) -> str:
    """Return that a page's project or region is not the current one, empty when both are.

    A form without the fields may be of any project: it counts as switched.
    """
    project_id, page_region = (request.POST.get(name) for name in (PROJECT, REGION))
    if project_id is None or page_region is None:
        return _(
            "The page did not say which project it showed. You are working in %(project)s. "
            "Nothing was changed."
        ) % {"project": project(request)}
    if project_id != (actor.user(request).project_id or ""):
        text = _(
            "This page showed the project %(before)s; you are working in %(now)s now. "
            "Nothing was changed."
        )
        return text % {"before": project(request, project_id), "now": project(request)}
    return region_switched(request)


def region_switched(request: HttpRequest, before: str | None = None) -> str:
    """Return that a page's region is not the current one, empty when it is or is not named.

    :param before: the page's region; None to take it from the form that was sent
    """
    if before is None:
        before = request.POST.get(REGION, region(request))
    if before == region(request):
        return ""
    text = _(
        "This page showed the region %(before)s; you are working in %(now)s now. "
        "Nothing was changed."
    )
    return text % {"before": _shown(before), "now": _shown(region(request))}


def project(request: HttpRequest, project_id: str = "") -> str:
    """Return the name of one of the user's own projects for a sentence.

    The ID stands beside a name that looks like that of another one, and for one that is not known.

    :param project_id: the current project when it is empty
    """
    user = actor.user(request)
    project_id = project_id or user.project_id or ""
    names = {item.id: item.name for item in user.authorized_tenants}
    names[user.project_id] = user.project_name
    name = names.get(project_id)
    if not name:
        return _shown(project_id)
    if [folded(other) for other in names.values()].count(folded(name)) > 1:
        return f"{_shown(name)} ({project_id})"
    return _shown(name)


def _shown(text: str) -> str:
    return texts.enumerated([text])
