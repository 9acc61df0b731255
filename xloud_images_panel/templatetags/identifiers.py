# SPDX-License-Identifier: Apache-2.0
"""Filters for identifiers and texts on a page, to display or to send back in a form."""

import html

from django import template
from django.utils.safestring import SafeString, mark_safe

from xloud_images_panel.dashboard.received import columns

register = template.Library()


@register.filter
def as_it_is(identifier: str) -> SafeString:
    """Escape an identifier or a text for an attribute, and nothing more.

    Glance accepts any text as a member. Horizon's escaping turns ``{$`` into ``{%``, which keeps
    AngularJS from running the text. So this filter is only for ``ng-non-bindable`` elements.
    """
    return mark_safe(html.escape(identifier))  # noqa: S308 - it is escaped


@register.filter
def in_groups(identifier: str) -> SafeString:
    """Return an ID in readable groups that are copied as one."""
    return columns.identifier(identifier)
