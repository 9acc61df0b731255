"""Glance, through python-glanceclient: images, their members, and one answer of a list.

The calls go through glanceclient's transport and its errors, not through its
models: those fetch a JSON schema for every client and validate every record.
"""

import dataclasses
import datetime
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from glanceclient.v2 import client as glanceclient
from openstack_dashboard.api import base

from xloud_images_panel import services
from xloud_images_panel.services import Reason, ServiceError
from xloud_images_panel.visible_text import shows

ACCEPTED, PENDING, REJECTED = "accepted", "pending", "rejected"
STATUSES = (ACCEPTED, PENDING, REJECTED)

#: Glance takes any text up to this length as a member; one more gives 500.
LONGEST_MEMBER_ID = 255
#: Container formats that Horizon offers as formats of images, with the disk format that it gives
#: these (``openstack_dashboard.api.glance``).
DISK_FORMATS_IN_CONTAINERS = {"docker": "raw", "ova": "vmdk"}
#: Glance cuts a list at so many images.
MOST_LISTED = 1000

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
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
    created_at: datetime.datetime | None = None

    @property
    def format(self) -> str:
        """The format as Horizon offers it when an image is created."""
        disk_format = DISK_FORMATS_IN_CONTAINERS.get(self.container_format)
        return self.container_format if disk_format == self.disk_format else self.disk_format


@dataclasses.dataclass(frozen=True)
class SharedImage:
    """An image that another project shares with the current one, and the membership.

    :ivar owner_name: the owner's name, where the user may see it
    """

    image: Image
    member: Member
    owner_name: str = ""


def is_image_id(text: str) -> bool:
    """Tell whether this has the form of an image's ID (a UUID with dashes)."""
    return bool(_UUID.fullmatch(text))


def quota_in(error: ServiceError) -> int | None:
    """Return the number of members that Glance's answer 413 names as the maximum."""
    match = _MAXIMUM.search(error.details)
    return int(match.group(1)) if match else None


class Glance:
    """The region's Glance, as the user of one request."""

    def __init__(self, request: Any) -> None:
        url = base.url_for(request, "image")
        self._http = glanceclient.Client(
            session=services.open_session(request, url.rstrip("/").removesuffix("/v2"))
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

    @property
    def project_id(self) -> str:
        """The ID of the current project."""
        return self._project_id

    def listed(self, query: Mapping[str, str | int]) -> tuple[list[Image], str | None]:
        """Return the images of one answer, and the marker of the next ones, if there are any.

        :param query: Glance's own parameters, ``limit`` among them
        :raises ServiceError: as the service failed
        """
        return self._read("/v2/images?" + urllib.parse.urlencode(query), _listing)

    def disk_formats(self) -> list[str]:
        """Return the disk formats that this Glance takes, from its schema of an image.

        :raises ServiceError: as the service failed
        """
        return self._read(
            "/v2/schemas/image",
            lambda schema: [
                str(item) for item in schema["properties"]["disk_format"]["enum"] if item
            ],
        )

    def pending_count(self) -> tuple[int, bool]:
        """Count the images that wait for the project's decision, with one request.

        Hidden images are not counted: Glance has a list of their own.

        :returns: how many there are, and whether there may be more
        :raises ServiceError: as the service failed
        """
        query = {"visibility": "shared", "member_status": PENDING, "limit": MOST_LISTED}
        images, more = self.listed(query)
        return sum(image.owner != self._project_id for image in images), bool(more)


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
    return Member(project_id=item["member_id"], status=item["status"], created_at=_created_at(item))


def _created_at(item: dict[str, Any]) -> datetime.datetime | None:
    time = item.get("created_at")
    return datetime.datetime.fromisoformat(time) if time else None


def _image(item: dict[str, Any]) -> Image:
    name = item.get("name") or ""
    return Image(
        id=item["id"],
        # A name that shows nothing would be a link that nobody can click on.
        name=name if shows(name) else item["id"],
        owner=item.get("owner") or "",
        visibility=item["visibility"],
        status=item["status"],
        disk_format=item.get("disk_format") or "",
        container_format=item.get("container_format") or "",
        size=item.get("size"),
        hidden=bool(item.get("os_hidden")),
        # What Horizon itself goes by, in its get_image_type().
        snapshot=item.get("image_type") == "snapshot" or "block_device_mapping" in item,
        created_at=_created_at(item),
    )
