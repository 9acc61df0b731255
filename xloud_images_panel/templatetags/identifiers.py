# SPDX-License-Identifier: Apache-2.0
"""Identifiers and texts in a page: to be read, and for a form that sends them back."""

import html

from django import template
from django.utils.safestring import SafeString, mark_safe

from xloud_images_panel.dashboard.received import columns

register = template.Library()


@register.filter
def as_it_is(identifier: str) -> SafeString:
    """Escape an identifier or a text for an attribute, and nothing more.

    Glance takes any text as a member, and Horizon's escaping makes ``{%`` of the ``{$`` in it,
    which keeps AngularJS from running it. So this is for ``ng-non-bindable`` places only.
    """
    return mark_safe(html.escape(identifier))  # noqa: S308 - it is escaped


@register.filter
def in_groups(identifier: str) -> SafeString:
    """Return an ID in groups that can be read, and copied as one."""
    return columns.identifier(identifier)
