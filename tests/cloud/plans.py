# SPDX-License-Identifier: Apache-2.0
"""Helpers that send a plan slice by slice, as the browser does, and read its results."""

import json

from django.test import Client

from tests.cloud.pages import shown
from xloud_images_panel.dashboard import made_for

SLICE = "/admin/images/access/slice/"
UNDO = SLICE + "undo/"

#: The image, the verb, and the IDs of the projects.
Change = tuple[object, str, list[str]]


def send(client: Client, url: str, region: str | None = None, **content: object) -> dict:
    """Send JSON as the panel's pages do, and return the JSON of the answer."""
    if region is None:
        region = shown(client)[made_for.REGION]
    response = client.post(
        url,
        json.dumps({"region": region, **content}),
        content_type="application/json",
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert response.status_code == 200, response.content.decode()
    return response.json()


def run(client: Client, *changes: Change, accept: bool = True) -> dict:
    """Send these changes in one slice, and return the answer."""
    sent = [{"image": image.id, "verb": verb, "projects": ids} for image, verb, ids in changes]
    return send(client, SLICE, changes=sent, accept=accept)


def cells(answer: dict) -> dict[tuple[str, str], dict]:
    """Return the result of each cell, by image and project."""
    return {(cell["image"], cell["project"]): cell for cell in answer["cells"]}
