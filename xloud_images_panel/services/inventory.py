# SPDX-License-Identifier: Apache-2.0
"""The inventory: every shared image of the cloud with its members, read in slices or as a stream.

Glance has no query for the images of a project, and none for images with members, so the member
list of each image is read. The list of images comes first, in pages of up to 1,000, to learn their
number. Then come the members, of a few images at a time.
"""

import dataclasses
import functools
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member
from xloud_images_panel.services.existence import LookUps
from xloud_images_panel.services.glance import MOST_LISTED, Glance
from xloud_images_panel.services.listing import Listing
from xloud_images_panel.services.markers import Marker

# Images whose members are read regardless of the time limit.
_ALWAYS_READ = 20
# Images in one part of a stream: few in the first part, because its names are looked up before the
# first row appears. Two parts are in memory, with their members.
_FIRST_STREAMED, _STREAMED = 10, 80
# Images of the first page, so that a user's first look does not wait for a thousand.
_FIRST_LISTED = 100
_SHARED = {"visibility": "shared", "member_status": "all"}


@dataclasses.dataclass(frozen=True)
class ImagesPage:
    """A page of shared images, and the marker of the next one, None at the end."""

    images: list[Image]
    marker: Marker | None


@dataclasses.dataclass(frozen=True)
class Unread:
    """An image whose members could not be read.

    :ivar error: why
    """

    image_id: str
    error: ServiceError


@dataclasses.dataclass(frozen=True)
class Members:
    """The members of some images.

    :ivar rows: by the image's ID, as Glance lists them: a member that was added twice at once
        has two rows
    :ivar not_shared: IDs of images that are gone, or not shared (any more)
    :ivar unread: the images whose members Glance failed to list
    :ivar left: IDs of the images for which the time was too short
    """

    rows: dict[str, tuple[Member, ...]]
    not_shared: list[str]
    unread: list[Unread]
    left: list[str]


def images_page(glance: Glance, marker: Marker | None = None) -> ImagesPage:
    """Return the next page of the shared images that an administrator sees: all of the cloud.

    The newest come first. Hidden images follow the others, because Glance lists them separately.
    The first page is small.

    :param marker: the end of the page before; None for the first
    :raises ServiceError: when the service fails
    """
    listing = Listing(glance, _SHARED, marker, backwards=False)
    images = listing.read(MOST_LISTED if marker else _FIRST_LISTED)
    while not images and not listing.ended:
        images = listing.read(MOST_LISTED)
    return ImagesPage(images, None if listing.ended else listing.end)


def members(glance: Glance, image_ids: Iterable[str], seconds: float = math.inf) -> Members:
    """Return the members of images, within a time limit.

    :param seconds: no image is begun after this time; the first ones are always read
    :raises ServiceError: ``UNAUTHENTICATED``, when the session has ended; another failure for one
        image does not stop the others
    """
    return _each(glance, image_ids, seconds, _lists(glance))


def members_and_projects(
    glance: Glance, projects: LookUps, image_ids: Iterable[str], seconds: float
) -> Members:
    """Return the members of images, and look up their projects.

    A project is looked up as soon as a member list names it, in parallel with the next images. If
    calls to Keystone waited for the last image, threads would be idle.

    :param seconds: as :func:`members`
    :raises ServiceError: as :func:`members`
    """

    def look_up(project_id: str) -> list[threads.Task]:
        projects.ask(project_id)
        return []

    def follow_ups(rows: tuple[Member, ...]) -> list[threads.Task]:
        unknown = projects.unknown(row.project_id for row in rows)
        return [functools.partial(look_up, item) for item in unknown]

    return _each(glance, image_ids, seconds, _lists(glance), follow_ups)


def memberships(
    glance: Glance, project_id: str, image_ids: Iterable[str], seconds: float = math.inf
) -> Members:
    """Return a project's membership of each image, none for images without access.

    Glance looks up the project among the members, as its database compares. That costs the same for
    an image with a hundred members as for one with none. An image that is gone or no longer shared
    has no members here, because Glance answers 404 for it as well.

    :param seconds: as :func:`members`
    :raises ServiceError: as :func:`members`
    """

    def look_up(image_id: str) -> tuple[Member, ...]:
        member = glance.member(image_id, project_id)
        return (member,) if member else ()

    return _each(glance, image_ids, seconds, look_up)


_Read = Callable[[str], tuple[Member, ...]]


def _lists(glance: Glance) -> _Read:
    return lambda image_id: tuple(glance.member_rows(image_id))


def _each(
    glance: Glance,
    image_ids: Iterable[str],
    seconds: float,
    read: _Read,
    follow_ups: Callable[[tuple[Member, ...]], list[threads.Task]] = lambda _rows: [],
    ended: threading.Event | None = None,
) -> Members:
    """Return the members of images, until the time is over or nobody needs them any more."""
    until = time.monotonic() + seconds
    found = Members({}, [], [], [])

    def look(number: int, image_id: str) -> list[threads.Task]:
        if ended and ended.is_set():
            return []
        if number >= _ALWAYS_READ and time.monotonic() > until:
            found.left.append(image_id)
            return []
        _note(glance, image_id, found, read)
        return follow_ups(found.rows.get(image_id, ()))

    tasks = [functools.partial(look, *item) for item in enumerate(dict.fromkeys(image_ids))]
    threads.with_follow_ups(tasks, glance.workers)
    return found


def _note(glance: Glance, image_id: str, found: Members, read: _Read) -> None:
    try:
        found.rows[image_id] = read(image_id)
    except ServiceError as error:
        if error.reason is Reason.UNAUTHENTICATED:
            raise
        refused = error.reason in (Reason.FORBIDDEN, Reason.MISSING)
        if refused and _is_not_shared(glance, image_id):
            found.not_shared.append(image_id)
        elif error.reason is Reason.OUT_OF_TIME:
            found.left.append(image_id)
        else:
            found.unread.append(Unread(image_id, error))


def _is_not_shared(glance: Glance, image_id: str) -> bool:
    """Return whether an image's members cannot be read because it is gone or not shared.

    Glance refuses such images even to administrators; a policy may refuse any other image.
    """
    try:
        return glance.image(image_id).visibility != "shared"
    except ServiceError as error:
        return error.reason is Reason.MISSING


def stream(glance: Glance) -> Iterator[tuple[list[Image], Members]]:
    """Yield all shared images with their members, in parts, so that memory use stays flat.

    The next part is read while the caller works on this one.

    :raises ServiceError: as :func:`images_page` and :func:`members`
    """
    ended = threading.Event()
    return threads.ahead(_parts(glance, ended), ended.set)


def _parts(glance: Glance, ended: threading.Event) -> Iterator[tuple[list[Image], Members]]:
    marker, size = None, _FIRST_STREAMED
    while True:
        page = images_page(glance, marker)
        left = page.images
        while left:
            images, left = left[:size], left[size:]
            ids = [image.id for image in images]
            yield images, _each(glance, ids, math.inf, _lists(glance), ended=ended)
            size = _STREAMED
        marker = page.marker
        if marker is None:
            return
