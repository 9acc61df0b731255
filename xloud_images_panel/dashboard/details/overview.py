# SPDX-License-Identifier: Apache-2.0
"""Horizon's Python overview of an image, without rows that our facts replace."""

import re

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from openstack_dashboard.dashboards.project.images.images import tabs as upstream


class OverviewTab(upstream.OverviewTab):
    """Horizon's overview without Owner and Public.

    Horizon's template has no blocks, and a copy of it would lack the additions of later
    releases. So the two rows are removed from the rendered HTML. They stay if a release renames
    them.
    """

    def render(self) -> SafeString:
        """Return the overview as HTML."""
        html = super().render()
        for title in ("Owner", "Public"):  # translated by Horizon's catalog, as in its template
            html = without_row(html, gettext(title))
        return html


class ImageDetailTabs(upstream.ImageDetailTabs):
    """Horizon's tabs of an image with our overview."""

    tabs = tuple(
        OverviewTab if tab is upstream.OverviewTab else tab for tab in upstream.ImageDetailTabs.tabs
    )


def without_row(html: str, title: str) -> SafeString:
    """Return a definition list without the rows of a title.

    An image's properties can have any title, but Horizon gives their ``dt`` an attribute and
    escapes their text.
    """
    row = rf"<dt>{re.escape(title)}</dt>\s*<dd>[^<]*</dd>\s*"
    return mark_safe(re.sub(row, "", html))  # noqa: S308 - HTML of which something is left out
