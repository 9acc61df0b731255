# SPDX-License-Identifier: Apache-2.0
"""A plan as the browser sends it, slice by slice, and what became of it."""

import json

from django.test import Client

from tests.cloud.pages import shown
from xloud_images_panel.dashboard import made_for

SLICE = "/admin/images/access/slice/"
UNDO = SLICE + "undo/"

#: The image, what is done with it, and the IDs of the projects.
Change = tuple[object, str, list[str]]


def send(client: Client, url: str, region: str | None = None, **content: object) -> dict:
    """Send JSON as a page of ours does, and return the answer's."""
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
    """Send one slice of these changes, and return its answer."""
    sent = [{"image": image.id, "verb": verb, "projects": ids} for image, verb, ids in changes]
    return send(client, SLICE, changes=sent, accept=accept)


def cells(answer: dict) -> dict[tuple[str, str], dict]:
    """Return what became of each cell, by image and project."""
    return {(cell["image"], cell["project"]): cell for cell in answer["cells"]}
