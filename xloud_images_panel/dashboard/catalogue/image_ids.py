# SPDX-License-Identifier: Apache-2.0
"""The IDs of many images in an address.

An address survives a reload and the login page, and can be kept and sent to a colleague. Gunicorn
accepts 4,094 characters of it, and a hundred IDs have 3,700. So each ID is written as its 16 bytes
in 22 characters of Base64. ``model/image-ids.js`` does the same in the browser.
"""

import base64
import binascii
import uuid
from collections.abc import Iterable

from xloud_images_panel.access.model import is_image_id

#: The most images of one page.
MOST = 100
_SEPARATOR = "."
_SHORT = 22


class BadIDs(ValueError):
    """The value is no list of IDs, or has too many."""


def short(image_ids: Iterable[str]) -> str:
    """Return image IDs as text for an address."""
    return _SEPARATOR.join(map(_short, image_ids))


def read(text: str) -> list[str]:
    """Return the image IDs in a text, each once.

    :raises BadIDs: for a text that :func:`short` never returns, and for more IDs than :data:`MOST`
    """
    ids = list(dict.fromkeys(map(_long, text.split(_SEPARATOR))))
    if len(ids) > MOST:
        raise BadIDs("too many images")
    return ids


def _short(image_id: str) -> str:
    # Glance accepts upper-case IDs when an image is created, and SQLite distinguishes case.
    value = uuid.UUID(image_id)
    if str(value) != image_id:
        return image_id
    return base64.urlsafe_b64encode(value.bytes).decode()[:_SHORT]


def _long(text: str) -> str:
    if is_image_id(text):
        return text
    try:
        if len(text) != _SHORT:
            raise BadIDs(text)
        return str(uuid.UUID(bytes=base64.b64decode(f"{text}==", b"-_", validate=True)))
    except (binascii.Error, ValueError) as error:
        raise BadIDs(text) from error
