# SPDX-License-Identifier: Apache-2.0
"""The project and region that a page showed, checked when the page sends a form.

Horizon keeps both in the session, which all tabs of a browser share, so a page can be older than
the last switch. The page carries both in hidden fields. Nothing is changed for a project or in a
region that the page did not show.
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
    """Return the user's region, or an empty string if the catalog names none."""
    return actor.user(request).services_region or ""


def switched(request: HttpRequest) -> str:
    """Return a sentence if a page's project or region is not current, or an empty string.

    A form without the fields may belong to any project, so it counts as switched.
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
    """Return a sentence if a page names a region that is not current, or an empty string.

    :param before: the page's region; None to read it from the sent form
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

    The ID follows a name that looks like another project's, and replaces an unknown name.

    :param project_id: empty for the current project
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
