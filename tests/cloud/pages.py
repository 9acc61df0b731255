# SPDX-License-Identifier: Apache-2.0
"""Contents of the panel's pages, for tests that submit forms without opening them."""

import html
import json
import re

from django.test import Client

from xloud_images_panel.dashboard import made_for


def shown(client: Client) -> dict[str, str]:
    """Return the hidden fields of a page that the session's user would open now."""
    session = client.session
    return {
        made_for.PROJECT: session["token"].project["id"] or "",
        made_for.REGION: session["services_region"],
    }


def selected(page: str) -> dict[str, str]:
    """Return the selection in a project table, including copied projects, by project ID."""
    return {change["id"]: change["verb"] for change in changes_in(page)}


def changes_in(page: str) -> list[dict[str, str]]:
    """Return the changes that the browser finds in a page; none for a page without a table."""
    found = re.findall(r'data-changes="(\[.*?\])"', page, re.DOTALL)
    return [change for changes in found for change in json.loads(html.unescape(changes))]
