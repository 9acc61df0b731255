# SPDX-License-Identifier: Apache-2.0
"""What is in the pages of the panel that a test sends without having opened them."""

import html
import json
import re

from django.test import Client

from xloud_images_panel.dashboard import made_for


def shown(client: Client) -> dict[str, str]:
    """Return the hidden fields of a page that a user would open now, by the session."""
    session = client.session
    return {
        made_for.PROJECT: session["token"].project["id"] or "",
        made_for.REGION: session["services_region"],
    }


def selected(page: str) -> dict[str, str]:
    """Return by project ID what is selected in a project table, or has been copied into it."""
    return {change["id"]: change["verb"] for change in changes_in(page)}


def changes_in(page: str) -> list[dict[str, str]]:
    """Return the changes that the browser finds in a page; none on one without a table."""
    found = re.findall(r'data-changes="(\[.*?\])"', page, re.DOTALL)
    return [change for changes in found for change in json.loads(html.unescape(changes))]
