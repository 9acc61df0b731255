"""Glance, through python-glanceclient: images, their members, and what others share.

The calls go through glanceclient's transport and its errors, not through its
models: those fetch a JSON schema for every client and validate every record.
"""

import collections
import dataclasses
import datetime
import re
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from glanceclient.v2 import client as glanceclient
from openstack_dashboard.api import base

from xloud_images_panel import services, settings
from xloud_images_panel.services import Reason, ServiceError

ACCEPTED, PENDING, REJECTED = "accepted", "pending", "rejected"
STATUSES = (ACCEPTED, PENDING, REJECTED)

#: Glance takes any text up to this length as a member; one more gives 500.
LONGEST_MEMBER_ID = 255

# Glance cuts a list at 1,000. The first request of a scan asks for little,
# because mostly a page is full after it; the second one for what the first
# lets expect, because Glance takes a millisecond for each image; the next ones
# for more and more.
_FIRST_BATCH = 100
_SMALLEST_BATCH = 40
_LARGEST_BATCH = 1000
# Requests for lists that one page may cost, where nothing has to be looked up.
_MOST_BATCHES = 12
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"/v\d+(\.\d+)?$")
_MAXIMUM = re.compile(r"maximum\D{0,5}(\d+)", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Member:
    """A project that an image is shared with."""

    project_id: str
    status: str
    created_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Image:
    """An image, as far as the panel shows it."""

    id: str
    name: str
    owner: str
    visibility: str
    status: str
    disk_format: str
    container_format: str
    size: int | None
    hidden: bool = False
    snapshot: bool = False

    @property
    def marker(self) -> str:
        """Where this image stands in the lists."""
        return f"hidden:{self.id}" if self.hidden else self.id


@dataclasses.dataclass(frozen=True)
class SharedImage:
    """An image that another project shares with the current one, and the membership.

    :ivar owner_name: the owner's name, where the user may see it
    """

    image: Image
    member: Member
    owner_name: str = ""

    @property
    def marker(self) -> str:
        """Where this image stands in the list."""
        return self.image.marker


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


def is_image_id(text: str) -> bool:
    """Tell whether this has the form of an image's ID (a UUID with dashes)."""
    return bool(_UUID.fullmatch(text))


def without_version(url: str) -> str:
    """Return an endpoint of the catalog without the version that may stand at its end.

    As glanceclient's own ``strip_version``, which does so right behind the host only.
    """
    return _VERSION.sub("", url.rstrip("/"))


def quota_in(error: ServiceError) -> int | None:
    """Return the number of members that Glance's answer 413 names as the maximum."""
    match = _MAXIMUM.search(error.details)
    return int(match.group(1)) if match else None


class Glance:
    """The region's Glance, as the user of one request."""

    def __init__(self, request: Any) -> None:
        url = base.url_for(request, "image")
        self._http = glanceclient.Client(
            session=services.open_session(request, without_version(url))
        ).http_client
        self._ask = services.Service("Glance").ask
        self._project_id = request.user.project_id

    def _read(self, path: str, parse: Callable[[dict[str, Any]], Any]) -> Any:
        """Return what ``parse`` makes of an answer; one it cannot read is a failure of Glance."""

        def read() -> Any:
            _response, body = self._http.get(path)
            if not isinstance(body, dict):
                raise ValueError("the answer is not JSON")
            return parse(body)

        return self._ask(read)

    def _change(self, call: Callable[..., Any], path: str, **data: Any) -> None:
        """Change a member; success is only what Glance itself answers, not a proxy before it."""

        def change() -> None:
            response, body = call(path, **data)
            if response.status_code != 204 and "member_id" not in body:
                raise ValueError("the answer is not Glance's")

        self._ask(change)

    # -- one image and its members

    def image(self, image_id: str) -> Image:
        """Return an image.

        :raises ServiceError: ``MISSING`` when there is none with this ID that
            the user may see; otherwise as the service failed
        """
        if not is_image_id(image_id):
            raise ServiceError("Glance", Reason.MISSING, details="not an image's ID")
        return self._read(f"/v2/images/{image_id}", _image)

    def members(self, image_id: str) -> list[Member]:
        """Return the projects that an image is shared with, each once.

        Glance makes two rows of a member that was added twice at the same
        moment, and does not page this list.

        :raises ServiceError: ``FORBIDDEN`` when the image is not shared (any
            more), ``MISSING`` when it is gone
        """
        members = self._read(
            f"/v2/images/{image_id}/members",
            lambda answer: [_member(item) for item in answer["members"]],
        )
        return list({member.project_id: member for member in members}.values())

    def member(self, image_id: str, project_id: str) -> Member | None:
        """Return the membership of one project, None when there is none.

        An administrator gets 404 for a project that is no member; this is the
        only way to learn it, because the image lists show administrators
        every shared image in the cloud.
        """
        try:
            return self._read(_member_path(image_id, project_id), _member)
        except ServiceError as error:
            if error.reason is Reason.MISSING:
                return None
            raise

    def add_member(self, image_id: str, project_id: str) -> bool:
        """Share an image with a project; return False when it was shared already.

        After a retry a conflict is the work of the try before, whose answer was
        lost, unless the project has decided already: that takes longer.
        At the quota Glance answers 413 for an existing member too, before it
        looks whether there is one.

        :raises ServiceError: ``OVER_QUOTA``, ``FORBIDDEN`` (not shared any
            more), ``MISSING`` (the image is gone), or as the service failed
        """
        path = f"/v2/images/{image_id}/members"
        try:
            self._change(self._http.post, path, data={"member": project_id})
        except ServiceError as error:
            if error.status == 413:
                error.reason = Reason.OVER_QUOTA
            elif error.reason is not Reason.CONFLICT:
                raise
            elif error.tries == 1:
                return False
            member = self.member(image_id, project_id)
            if member is None:
                raise
            return error.tries > 1 and member.status == PENDING
        return True

    def remove_member(self, image_id: str, project_id: str) -> bool:
        """Stop sharing an image with a project; return False when it was not shared.

        Of a member that Glance has twice, one row is removed.

        :raises ServiceError: ``FORBIDDEN``, or as the service failed; a 404
            of the member is no error, one of the image is ``MISSING``
        """
        path = _member_path(image_id, project_id)
        try:
            self._change(self._http.delete, path)
        except ServiceError as error:
            if error.reason is not Reason.MISSING:
                raise
            if error.tries > 1:
                return True
            # Glance says 404 of a member and of an image alike.
            self.image(image_id)
            return False
        return True

    def received(self, image_id: str) -> SharedImage:
        """Return an image that another project shares with the current one.

        :raises ServiceError: ``MISSING`` when there is no such image, or when it
            is not shared with the project (any more); otherwise as the service failed
        """
        image = self.image(image_id)
        own = image.owner == self._project_id
        member = None if own else self.member(image.id, self._project_id)
        if member is None or image.visibility != "shared":
            raise ServiceError("Glance", Reason.MISSING, details=f"{image_id} is not shared")
        return SharedImage(image, member)

    def set_my_status(self, image_id: str, status: str) -> None:
        """Accept or reject an image for the current project.

        :raises ServiceError: ``MISSING`` when the image is not shared with it
            (any more), ``FORBIDDEN`` for a reader, or as the service failed
        """
        self.set_member_status(image_id, self._project_id, status)

    def set_member_status(self, image_id: str, project_id: str, status: str) -> None:
        """Set the status of a membership.

        An administrator may do this for any project, a project for itself,
        the owner of the image not at all.

        :raises ServiceError: ``FORBIDDEN``, ``MISSING``, or as the service failed
        """
        path = _member_path(image_id, project_id)
        self._change(self._http.put, path, data={"status": status})

    # -- lists

    def shared_with_me(
        self,
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
            member = self.member(image.id, self._project_id)
            return SharedImage(image, member) if member and status in ("", member.status) else None

        return self._page(
            {"visibility": "shared", "member_status": status or "all"},
            lambda image: image.owner != self._project_id and _matches(image, name),
            look_up,
            limit,
            marker,
            backwards,
        )

    def community(
        self,
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
        :raises ServiceError: as :meth:`shared_with_me`
        """
        return self._page(
            {"visibility": "community", **filters},
            lambda image: _matches(image, name),
            lambda image: image,
            limit,
            marker,
            backwards,
        )

    def shared(self, limit: int, name: str = "", besides: str = "") -> Page[Image]:
        """Return shared images that the user may see: of an administrator, all in the cloud.

        :param limit: images at the most
        :param name: only images with this in their name, in any case
        :param besides: ID of an image that is left out
        :returns: with ``complete`` False when there are so many that they were
            not all looked through
        :raises ServiceError: as the service failed
        """
        return self._page(
            {"visibility": "shared", "member_status": "all"},
            lambda image: image.id != besides and _matches(image, name),
            lambda image: image,
            limit,
            None,
            False,
        )

    def pending_count(self) -> tuple[int, bool]:
        """Count the images that wait for the project's decision, with one request.

        Hidden images are not counted: Glance has a list of their own.

        :returns: how many there are, and whether there may be more
        :raises ServiceError: as the service failed
        """
        query = {"visibility": "shared", "member_status": PENDING, "limit": _LARGEST_BATCH}
        images, more = self._read("/v2/images?" + urllib.parse.urlencode(query), _listing)
        return sum(image.owner != self._project_id for image in images), bool(more)

    def _page(
        self,
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
                for image in self._listed(query, marker, backwards, next_batch):
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
        self,
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
                images, next_id = self._read("/v2/images?" + urllib.parse.urlencode(page), _listing)
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


def _listing(answer: dict[str, Any]) -> tuple[list[Image], str | None]:
    """Return the images of an answer, and the marker that its link to the next ones has."""
    link = urllib.parse.urlsplit(answer.get("next", ""))
    marker = urllib.parse.parse_qs(link.query).get("marker", [None])[0]
    return [_image(item) for item in answer["images"]], marker


def _member_path(image_id: str, project_id: str) -> str:
    # Glance takes these as members as well, but they are directories to HTTP clients and proxies:
    # the URL would be that of the image.
    if project_id in (".", ".."):
        raise ServiceError("Glance", Reason.REFUSED, details="a path, not a member", tries=0)
    return f"/v2/images/{image_id}/members/{urllib.parse.quote(project_id, safe='')}"


def _member(item: dict[str, Any]) -> Member:
    created_at = item.get("created_at")
    return Member(
        project_id=item["member_id"],
        status=item["status"],
        created_at=datetime.datetime.fromisoformat(created_at) if created_at else None,
    )


def _image(item: dict[str, Any]) -> Image:
    return Image(
        id=item["id"],
        name=item.get("name") or item["id"],
        owner=item.get("owner") or "",
        visibility=item["visibility"],
        status=item["status"],
        disk_format=item.get("disk_format") or "",
        container_format=item.get("container_format") or "",
        size=item.get("size"),
        hidden=bool(item.get("os_hidden")),
        # What Horizon itself goes by, in its get_image_type().
        snapshot=item.get("image_type") == "snapshot" or "block_device_mapping" in item,
    )
