# SPDX-License-Identifier: Apache-2.0
"""What is in the pages of the panel that a test sends without having opened them."""

from django.test import Client

from xloud_images_panel.dashboard import made_for


def shown(client: Client) -> dict[str, str]:
    """Return the hidden fields of a page that a user would open now, by the session."""
    session = client.session
    return {
        made_for.PROJECT: session["token"].project["id"] or "",
        made_for.REGION: session["services_region"],
    }
