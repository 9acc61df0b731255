# SPDX-License-Identifier: Apache-2.0
"""Pages and scans of Glance's lists of images.

Lists are read by the time of creation, newest first. A name can be missing or change between two
pages, and Glance loses images without a name behind a marker. The time of creation always exists
and never changes, so an image keeps its place. Hidden images follow the others, because Glance
lists them separately.
"""

import dataclasses
import unicodedata
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import (
    DISK_FORMATS_IN_CONTAINERS,
    Image,
    SharedImage,
    is_image_id,
)
from xloud_images_panel.access.visible_text import folded
from xloud_images_panel.services.glance import MOST_LISTED, Glance
from xloud_images_panel.services.listing import Listing
from xloud_images_panel.services.markers import Marker

#: Glance stores no longer names.
LONGEST_NAME = 255
# The first request of a scan asks for few images, because it usually fills a page and Glance takes
# a millisecond for each image. Each of the next requests asks for twice as many.
FIRST_BATCH = 100
# The most list requests for one page; `scan_limit` bounds its lookups.
MOST_BATCHES = 12
Row = TypeVar("Row", Image, SharedImage)


@dataclasses.dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list, with the markers of the pages around it.

    ``complete`` is False if reading stopped at its limit before the page was
    full; the marker in that direction then continues from there.
    """

    items: list[Row]
    previous_marker: Marker | None = None
    next_marker: Marker | None = None
    complete: bool = True


@dataclasses.dataclass(frozen=True)
class _Query(Generic[Row]):
    """A query for the images of a list.

    :ivar filters: Glance's own filters
    :ivar wanted: a filter that Glance does not have
    :ivar row: makes a row of an image, or none
    :ivar asks: whether ``row`` takes a request
    """

    filters: Mapping[str, str | int]
    wanted: Callable[[Image], bool]
    row: Callable[[Image], Row | None]
    asks: bool


def shared_with_project(
    glance: Glance,
    limit: int,
    marker: Marker | None = None,
    *,
    backwards: bool = False,
    status: str = "",
    search: str = "",
    owner: str = "",
) -> Page[SharedImage]:
    """Return one page of the images that other projects share with the current one.

    Glance has no query for this. Its list includes the project's own shared
    images, has no member status, and shows an administrator's token every
    shared image in the cloud. So the project's own images are left out, and
    the membership of each other image is looked up.

    :param limit: images on a page
    :param marker: where the page begins; None for the first
    :param backwards: read from the marker towards the beginning
    :param status: only with this member status; empty for any
    :param search: only images whose name visibly contains this text, or the image with this ID
    :param owner: only images of this project
    :raises ServiceError: when the service fails
    """

    def look_up(image: Image) -> SharedImage | None:
        member = glance.member(image.id, glance.project_id)
        return SharedImage(image, member) if member and status in ("", member.status) else None

    query = _Query(
        {
            "visibility": "shared",
            "member_status": status or "all",
            **({"owner": owner} if owner else {}),
        },
        lambda image: image.owner != glance.project_id,
        look_up,
        asks=True,
    )
    return _search(glance, query, search, limit, marker, backwards=backwards)


def community(
    glance: Glance,
    limit: int,
    marker: Marker | None = None,
    *,
    backwards: bool = False,
    search: str = "",
    image_format: str = "",
    **filters: str | int,
) -> Page[Image]:
    """Return one page of the cloud's community images, including the project's own.

    :param limit: images on a page
    :param marker: where the page begins; None for the first
    :param backwards: read from the marker towards the beginning
    :param search: as :func:`shared_with_project`
    :param image_format: only of this format, as :attr:`.Image.format`
    :param filters: filters of Glance's own: ``owner``, ``size_min`` and ``size_max`` (bytes)
    :raises ServiceError: when the service fails
    """
    if image_format:
        filters["disk_format"] = DISK_FORMATS_IN_CONTAINERS.get(image_format, image_format)
    query = _Query(
        {"visibility": "community", **filters},
        lambda image: image_format in ("", image.format),
        _itself,
        asks=False,
    )
    return _search(glance, query, search, limit, marker, backwards=backwards)


def all_shared(glance: Glance, limit: int, search: str = "", exclude: str = "") -> Page[Image]:
    """Return the shared images that the user may see; an administrator sees all in the cloud.

    :param limit: the maximum number of images
    :param search: as :func:`shared_with_project`
    :param exclude: ID of an image that is left out
    :returns: with ``complete`` False if there were too many images to search
        all of them
    :raises ServiceError: when the service fails
    """
    query = _Query(
        {"visibility": "shared", "member_status": "all"},
        lambda image: image.id != exclude,
        _itself,
        asks=False,
    )
    return _search(glance, query, search, limit, None, backwards=False)


def every(glance: Glance, limit: int, search: str) -> Page[Image]:
    """Return the images of every visibility that the user may see; an administrator sees all.

    :param limit: the maximum number of images
    :param search: as :func:`shared_with_project`
    :returns: as :func:`all_shared`
    :raises ServiceError: when the service fails
    """
    # Without a visibility Glance leaves out community images of other projects.
    query = _Query({"visibility": "all"}, lambda image: True, _itself, asks=False)
    return _search(glance, query, search, limit, None, backwards=False)


def _itself(image: Image) -> Image:
    return image


def can_match(search: str) -> bool:
    """Return whether a name can contain this text."""
    fits = len(unicodedata.normalize("NFC", search)) <= LONGEST_NAME
    return not search or (fits and bool(folded(search)))


def _search(
    glance: Glance,
    query: _Query[Row],
    search: str,
    limit: int,
    marker: Marker | None,
    *,
    backwards: bool,
) -> Page[Row]:
    """Return one page of the images that a search finds, by ID or else by name."""
    if not can_match(search):
        return Page([])
    if is_image_id(search) and not marker:
        ids = ",".join(dict.fromkeys((search, search.lower())))
        by_id = dataclasses.replace(query, filters={**query.filters, "id": f"in:{ids}"})
        page = _page(glance, by_id, limit, None, backwards=False)
        if page.items:
            return page
    if not search:
        return _page(glance, query, limit, marker, backwards=backwards)
    text = folded(search)
    by_name = dataclasses.replace(
        query, wanted=lambda image: query.wanted(image) and text in folded(image.name)
    )
    return _page(glance, by_name, limit, marker, backwards=backwards)


def _page(
    glance: Glance, query: _Query[Row], limit: int, marker: Marker | None, *, backwards: bool
) -> Page[Row]:
    """Read Glance's list until a page is full, or until a limit is reached.

    One row more than the page has shows whether another page exists. The number of images that are
    looked up is limited (``scan_limit``), and so is the number of list requests.
    """
    limits = glance.limits
    listing = Listing(glance, query.filters, marker, backwards=backwards)
    candidates: list[Image] = []
    found: list[tuple[Image, Row]] = []
    size, looked_up, complete, onwards = max(FIRST_BATCH, limit + 1), 0, True, None
    while len(found) <= limit:
        if not candidates:
            if listing.ended:
                break
            if listing.requests == MOST_BATCHES:
                complete, onwards = False, listing.end
                break
            try:
                candidates = [
                    image for image in listing.read(min(size, MOST_LISTED)) if query.wanted(image)
                ]
            except ServiceError as error:
                # Show the rows found so far if the next page begins further on.
                if error.reason is not Reason.OUT_OF_TIME or listing.end == marker:
                    raise
                complete, onwards = False, listing.end
                break
            size *= 2
            continue
        missing = limit + 1 - len(found)
        if not query.asks:
            found += [(image, row) for image in candidates[:missing] if (row := query.row(image))]
            del candidates[:missing]
            continue
        count = min(max(missing, limits.max_workers), limits.scan_limit - looked_up)
        asked, candidates = candidates[:count], candidates[count:]
        rows = threads.in_parallel(query.row, asked, limits.max_workers)
        found += [(image, row) for image, row in zip(asked, rows, strict=True) if row]
        looked_up += len(asked)
        if looked_up == limits.scan_limit:
            complete, onwards = False, listing.marker(asked[-1])
            break

    if len(found) > limit:
        found, complete = found[:limit], True
        onwards = listing.marker(found[-1][0])
    # The page that the marker comes from lies in the other direction.
    back = listing.marker(found[0][0], turned=True) if marker and found else None
    items = [row for _image, row in found]
    if backwards:
        return Page(items[::-1], onwards, back, complete)
    return Page(items, back, onwards, complete)
