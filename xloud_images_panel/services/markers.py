# SPDX-License-Identifier: Apache-2.0
"""The place in a list of images where a page begins, for use in a URL."""

import base64
import dataclasses
import datetime
import re
import uuid
from typing import Self

from xloud_images_panel.access.model import is_image_id

# IDs in one marker: a URL with it stays below 2,000 characters.
MOST_IN_A_MARKER = 20
_MARKER = re.compile(
    rf"([hn])\.(\d{{1,10}})((?:\.[\w-]{{22,36}}){{1,{MOST_IN_A_MARKER}}})", re.ASCII
)
_SHORT_ID = 22  # the characters of a UUID in base64


@dataclasses.dataclass(frozen=True)
class Marker:
    """The place in a list behind which a page begins, even if the image there is gone.

    Glance does not accept an image that is gone as a marker. Then the list is read from the second
    of its creation on, without the images that came before it in this second: Glance keeps
    fractions of a second, but does not show them.

    :ivar hidden: whether the place is in the list of hidden images
    :ivar second: the image's time of creation, in seconds since 1970
    :ivar image_ids: the image, then the ones before it in the same second, nearest first
    """

    hidden: bool
    second: int
    image_ids: tuple[str, ...]

    def __str__(self) -> str:
        """Return the marker in the form for URLs."""
        ids = ".".join(map(_shortened, self.image_ids))
        return f"{'h' if self.hidden else 'n'}.{self.second}.{ids}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a marker from a URL.

        :raises ValueError: for text that is no marker
        """
        match = _MARKER.fullmatch(text)
        if not match:
            raise ValueError("not a marker")
        ids = tuple(_full_length(part) for part in match[3].split(".")[1:])
        return cls(match[1] == "h", int(match[2]), ids)

    def times(self, *, backwards: bool) -> str:
        """Return Glance's filter for the times of creation from this place on."""
        second = self.second if backwards else self.second + 1
        time = datetime.datetime.fromtimestamp(second, datetime.UTC)
        return f"{'gte' if backwards else 'lt'}:{time:%Y-%m-%dT%H:%M:%SZ}"


def _shortened(image_id: str) -> str:
    """Return an ID in base64; one in capitals, which Glance also accepts, stays as it is."""
    number = uuid.UUID(image_id)
    if str(number) != image_id:
        return image_id
    return base64.urlsafe_b64encode(number.bytes).decode().rstrip("=")


def _full_length(part: str) -> str:
    image_id = part
    if len(part) == _SHORT_ID:
        image_id = str(uuid.UUID(bytes=base64.urlsafe_b64decode(f"{part}==")))
    if not is_image_id(image_id):
        raise ValueError("not a marker")
    return image_id
