"""Pages and scans of Glance's lists of images."""

import collections
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Generic, TypeVar

from xloud_images_panel import services, settings
from xloud_images_panel.glance import Glance, Image, SharedImage, is_image_id
from xloud_images_panel.services import Reason, ServiceError

# Glance cuts a list at 1,000. The first request of a scan asks for little,
# because mostly a page is full after it; the second one for what the first
# lets expect, because Glance takes a millisecond for each image; the next ones
# for more and more.
_FIRST_BATCH = 100
_SMALLEST_BATCH = 40
_LARGEST_BATCH = 1000
# Requests for lists that one page may cost, where nothing has to be looked up.
_MOST_BATCHES = 12


Row = TypeVar("Row", Image, SharedImage)


@dataclasses.dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list, with the markers of the pages around it.

    ``complete`` is False when reading stopped at its bound before the page was
    full; the marker in that direction then goes on from there.
    """

    items: list[Row]
    previous_marker: str | None = None
    next_marker: str | None = None
    complete: bool = True


def shared_with_project(
    glance: Glance,
    limit: int,
    marker: str | None = None,
    backwards: bool = False,
    status: str = "",
    name: str = "",
) -> Page[SharedImage]:
    """Return one page of the images that other projects share with the current one.

    Glance has no query for this: its list has the project's own shared
    images in it, carries no member status, and shows an administrator's
    token every shared image in the cloud. So the project's own are left
    out, and the membership of each of the others is looked up.

    :param limit: images on a page
    :param marker: where the page begins; None for the first
    :param backwards: read from the marker towards the beginning
    :param status: only with this member status; empty for any
    :param name: only images with this in their name, in any case
    :raises ServiceError: ``REFUSED`` or ``MISSING`` when the marker is
        gone; otherwise as the service failed
    """

    def look_up(image: Image) -> SharedImage | None:
        member = glance.member(image.id, glance.project_id)
        return SharedImage(image, member) if member and status in ("", member.status) else None

    return _page(
        glance,
        {"visibility": "shared", "member_status": status or "all"},
        lambda image: image.owner != glance.project_id and _matches(image, name),
        look_up,
        limit,
        marker,
        backwards,
    )


def community(
    glance: Glance,
    limit: int,
    marker: str | None = None,
    backwards: bool = False,
    name: str = "",
    **filters: str | int,
) -> Page[Image]:
    """Return one page of the cloud's community images, the project's own among them.

    :param limit: images on a page
    :param marker: where the page begins; None for the first
    :param backwards: read from the marker towards the beginning
    :param name: only images with this in their name, in any case; Glance
        itself only knows whole names
    :param filters: filters of Glance's own: ``owner``, ``disk_format``,
        ``size_min`` and ``size_max`` (bytes)
    :raises ServiceError: as :func:`shared_with_project`
    """
    return _page(
        glance,
        {"visibility": "community", **filters},
        lambda image: _matches(image, name),
        lambda image: image,
        limit,
        marker,
        backwards,
    )


def shared(glance: Glance, limit: int, name: str = "", besides: str = "") -> Page[Image]:
    """Return shared images that the user may see: of an administrator, all in the cloud.

    :param limit: images at the most
    :param name: only images with this in their name, in any case
    :param besides: ID of an image that is left out
    :returns: with ``complete`` False when there are so many that they were
        not all looked through
    :raises ServiceError: as the service failed
    """
    return _page(
        glance,
        {"visibility": "shared", "member_status": "all"},
        lambda image: image.id != besides and _matches(image, name),
        lambda image: image,
        limit,
        None,
        False,
    )


def _page(
    glance: Glance,
    query: Mapping[str, str | int],
    wanted: Callable[[Image], bool],
    row: Callable[[Image], Row | None],
    limit: int,
    marker: str | None,
    backwards: bool,
) -> Page[Row]:
    """Read Glance's list until a page is full, or until it has cost enough.

    :param query: what Glance filters by
    :param wanted: what it cannot filter by
    :param row: makes a row of an image, or none where a lookup says so; how
        many images it gets for one page is bounded (``scan_limit``). It is
        called in a pool, where lookups go on while the next list is read
    """
    limits = settings.get()
    found: list[Row] = []
    waiting: collections.deque[Future[Row | None]] = collections.deque()
    looked_up, position, complete, missed = 0, marker, True, False

    def next_batch(listed: int) -> int:
        """Return how many more images may fill the page, and a quarter more."""
        kept = len(found) + len(waiting)
        if not kept:
            return 4 * listed
        return 5 * (limit + 1 - kept) * listed // (4 * kept)

    def room() -> int:
        """Return how many lookups may be under way.

        One for each row that is missing, and one more to tell whether there is another.
        After one that made no row, enough to keep the pool busy.
        """
        missing = limit + 1 - len(found)
        return max(missing, limits.max_workers) if missed else missing

    def settle(most: int | None = None) -> None:
        """Make rows of lookups, the first ones first, until there is room for another."""
        nonlocal missed
        while waiting and len(found) <= limit and len(waiting) >= (most or room()):
            made = waiting.popleft().result()
            if made is None:
                missed = True
            else:
                found.append(made)

    # One list is read besides.
    with services.pool(besides=1) as pool:
        try:
            for image in _listed(glance, query, marker, backwards, next_batch):
                position = image.marker
                if not wanted(image):
                    continue
                waiting.append(pool.submit(row, image))
                looked_up += 1
                settle(1 if looked_up == limits.scan_limit else None)
                if len(found) > limit:
                    break
                if looked_up == limits.scan_limit:
                    complete = False
                    break
        except _BoundReached:
            complete = False
        settle(1)

    onwards = None
    if len(found) > limit:
        found, complete = found[:limit], True
        onwards = found[-1].marker
    elif not complete:
        onwards = position
    # The page that the marker comes from lies in the other direction.
    back = found[0].marker if marker and found else None
    if backwards:
        return Page(found[::-1], onwards, back, complete)
    return Page(found, back, onwards, complete)


def _listed(
    glance: Glance,
    query: Mapping[str, str | int],
    marker: str | None,
    backwards: bool,
    next_batch: Callable[[int], int],
) -> Iterator[Image]:
    """Yield the images that Glance lists by name, from a marker on.

    Hidden images need a query of their own; they come after the others,
    so that a marker stands in one of the two lists and nothing is sorted
    here by other rules than the database's.

    :param next_batch: how many to ask for in the second list, from how many
        there were in the first
    :raises _BoundReached: after so many lists as one page may cost
    """
    direction = "desc" if backwards else "asc"
    starts_hidden, image_id = _parse_marker(marker)
    lists = [False, True]
    if backwards:
        lists = [True, False] if starts_hidden or not marker else [False]
    elif starts_hidden:
        lists = [True]
    size, batches, listed = _FIRST_BATCH, 0, 0
    for hidden in lists:
        more = True
        while more:
            if batches == _MOST_BATCHES:
                raise _BoundReached
            batches += 1
            page = {
                **query,
                "os_hidden": str(hidden).lower(),
                "sort": f"name:{direction},id:{direction}",
                "limit": size,
            }
            if image_id:
                page["marker"] = image_id
            images, next_id = glance.listed(page)
            listed += len(images)
            yield from images
            # Glance leaves "next" out at the end; a page that policy
            # emptied may still carry it.
            more = bool(next_id) and next_id != image_id
            image_id = next_id if more else None
            # An estimate that was wrong once is not trusted again.
            size = next_batch(listed) if batches == 1 else 4 * size
            size = min(max(size, _SMALLEST_BATCH), _LARGEST_BATCH)


def _matches(image: Image, name: str) -> bool:
    return name.casefold() in image.name.casefold()


class _BoundReached(Exception):
    """A scan has cost as many requests as one page may."""


def _parse_marker(marker: str | None) -> tuple[bool, str | None]:
    """Split a marker of ours into whether it is in the list of hidden images, and the ID."""
    hidden, image_id = False, marker or None
    if image_id and image_id.startswith("hidden:"):
        hidden, image_id = True, image_id.removeprefix("hidden:")
    if image_id and not is_image_id(image_id):
        raise ServiceError("Glance", Reason.REFUSED, details="not a marker")
    return hidden, image_id
