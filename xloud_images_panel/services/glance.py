# SPDX-License-Identifier: Apache-2.0
"""Glance, through python-glanceclient: images, their members, and single answers of a list.

The calls use glanceclient's transport and errors, but not its models, which
fetch a JSON schema for every client and validate every record.
"""

import copy
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from glanceclient.v2 import client as glanceclient

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import (
    PENDING,
    Image,
    Member,
    SharedImage,
    addressable,
    by_project,
    folded,
    is_image_id,
)
from xloud_images_panel.services import calls, records, transport
from xloud_images_panel.services.connection import Connection
from xloud_images_panel.services.list_requests import ListRequests

Found = TypeVar("Found")

#: Glance cuts a list at this many images.
MOST_LISTED = 1000


class Glance:
    """The region's Glance, as the user of one request."""

    def __init__(self, connection: Connection) -> None:
        url = transport.without_version(connection.url_for("image"))
        session = transport.open_session(connection, url)
        self._http = glanceclient.Client(session=session).http_client
        self._ask = calls.Service("Glance", connection.limits).ask
        self._project_id = connection.actor.project_id
        self.limits = connection.limits
        self._before_write: Callable[[], None] = lambda: None
        #: The list requests of this user request, with the number of images that were too large.
        self.lists = ListRequests(lambda path: self.read_list(path))

    def asking_first(self, before_write: Callable[[], None]) -> "Glance":
        """Return a copy that calls a function before each try of a write.

        :param before_write: raises :class:`ServiceError` to keep the write from being sent
        """
        guarded = copy.copy(self)
        guarded._before_write = before_write
        return guarded

    def _read(self, path: str, parse: Callable[[dict[str, Any]], Found]) -> Found:
        """Return an answer parsed by ``parse``; an unreadable answer is a failure of Glance."""

        def read() -> Found:
            _response, body = self._http.get(path)
            with transport.reading_answer():
                if not isinstance(body, dict):
                    raise ValueError("the answer is not JSON")
                return parse(body)

        return self._ask(read)

    def _change(self, call: Callable[..., Any], path: str, **data: Any) -> None:
        """Change a member; only Glance's own answer is a success, not that of a proxy."""

        def change() -> None:
            self._before_write()
            response, body = call(path, **data)
            with transport.reading_answer():
                if response.status_code != 204 and "member_id" not in body:
                    raise ValueError("the answer is not Glance's")

        self._ask(change)

    # -- one image and its members

    def image(self, image_id: str) -> Image:
        """Return an image.

        :raises ServiceError: ``MISSING`` when the user may see no image with
            this ID; otherwise when the service fails
        """
        if not is_image_id(image_id):
            raise ServiceError("Glance", Reason.MISSING, details="not an image's ID")
        return self._read(f"/v2/images/{image_id}", records.image)

    def member_rows(self, image_id: str) -> list[Member]:
        """Return the members of an image as Glance lists them.

        Glance makes two rows of a member that is added twice at the same
        moment. It does not page this list.

        :raises ServiceError: ``FORBIDDEN`` when the image is not shared (any
            more), ``MISSING`` when it is gone
        """
        return self._read(
            f"/v2/images/{image_id}/members",
            lambda answer: [records.member(item) for item in answer["members"]],
        )

    def members(self, image_id: str) -> list[Member]:
        """Return the members of an image, each text once, with its strongest status.

        Members that differ only in spelling are separate here, even if
        Glance's database takes them for one; see :meth:`same_member`.

        :raises ServiceError: as :meth:`member_rows`
        """
        return list(by_project(self.member_rows(image_id)).values())

    def member(self, image_id: str, project_id: str) -> Member | None:
        """Return the membership of one project, None if there is none.

        Glance compares as its database does, so the member may have another
        spelling than the requested ID. Glance also answers 404 for an image
        that is not shared (any more).

        An administrator gets 404 for a project that is no member. No other call
        reveals this, because the image lists show administrators every shared
        image in the cloud.
        """
        try:
            return self._read(_member_path(image_id, project_id), records.member)
        except ServiceError as error:
            if error.reason is Reason.MISSING:
                return None
            raise

    def same_member(self, image_id: str, project_id: str, listed: str) -> bool:
        """Return whether a listed member and a project are one member to Glance's database.

        :param project_id: an ID from Keystone
        :param listed: the member as Glance lists it
        :raises ServiceError: when the service fails
        """
        if folded(listed) != folded(project_id):
            return False
        found = self.member(image_id, project_id)
        if found is None:
            return False
        if found.project_id == listed or not addressable(listed):
            return found.project_id == listed
        # Glance finds the same row of a member by each spelling of its ID.
        by_its_text = self.member(image_id, listed)
        return by_its_text is not None and by_its_text.project_id == found.project_id

    def address(self, image_id: str, listed: str) -> str:
        """Return the text by which Glance finds a member that it lists.

        Usually that is the member itself. A database that ignores accents
        finds a member with accents by its text without them.

        :raises ServiceError: ``UNADDRESSABLE`` when there is no such text
        """
        if addressable(listed):
            return listed
        plain = folded(listed)
        if addressable(plain) and self.same_member(image_id, plain, listed):
            return plain
        raise _unaddressable(listed)

    def add_member(self, image_id: str, project_id: str) -> bool:
        """Share an image with a project; return False if it was already shared.

        A conflict after a retry is the work of the earlier try, whose answer
        was lost, unless the project has already decided, which takes longer.
        At the quota, Glance answers 413 even for an existing member, because it
        checks the quota first.

        :raises ServiceError: ``OVER_QUOTA``, ``FORBIDDEN`` (not shared any
            more), ``MISSING`` (the image is gone), or when the service fails
        """
        path = f"/v2/images/{image_id}/members"
        try:
            self._change(self._http.post, path, data={"member": project_id})
        except ServiceError as error:
            if error.status == 413:
                error = error.replaced(reason=Reason.OVER_QUOTA)
            elif error.reason is not Reason.CONFLICT:
                raise
            elif error.tries == 1:
                return False
            member = self.member(image_id, project_id)
            if member is None:
                raise error from None
            return error.tries > 1 and member.status == PENDING
        return True

    def remove_member(self, image_id: str, project_id: str) -> bool:
        """Stop sharing an image with a project; return False if it was not shared.

        This removes one row of a member that Glance has twice.

        :raises ServiceError: ``FORBIDDEN``, or when the service fails; a 404
            for the member is no error, one for the image is ``MISSING``
        """
        path = _member_path(image_id, project_id)
        try:
            self._change(self._http.delete, path)
        except ServiceError as error:
            if error.reason is not Reason.MISSING:
                raise
            if error.tries > 1:
                return True
            # Glance answers 404 for a missing member and for a missing image alike.
            self.image(image_id)
            return False
        return True

    def received(self, image_id: str) -> SharedImage:
        """Return an image that another project shares with the current one.

        :raises ServiceError: ``MISSING`` when the image does not exist, or is
            not shared with the project (any more); otherwise when the service fails
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
            (any more), ``FORBIDDEN`` for a reader, or when the service fails
        """
        self.set_member_status(image_id, self._project_id, status)

    def set_member_status(self, image_id: str, project_id: str, status: str) -> None:
        """Set the status of a membership.

        An administrator may do this for any project, a project for itself,
        the owner of the image not at all.

        :raises ServiceError: ``FORBIDDEN``, ``MISSING``, or when the service fails
        """
        path = _member_path(image_id, project_id)
        self._change(self._http.put, path, data={"status": status})

    @property
    def workers(self) -> int:
        """The number of calls that are sent to Glance at the same time."""
        return self.limits.max_workers

    # -- lists

    @property
    def project_id(self) -> str:
        """The ID of the current project."""
        return self._project_id

    def listed(self, query: Mapping[str, str | int]) -> tuple[list[Image], str | None]:
        """Return the images of one answer, and the marker of the next ones, if there are any.

        :param query: Glance's own parameters, including ``limit``
        :raises ServiceError: when the service fails
        """
        return self.lists.read("/v2/images", query)

    def read_list(self, path: str) -> tuple[list[Image], str | None]:
        """Return the images of the list at a path, and the marker of the next ones.

        :raises ServiceError: when the service fails; unlike :meth:`listed`, this method does not
            try smaller answers after ``TOO_LARGE``
        """
        return self._read(path, records.listing)

    def disk_formats(self) -> list[str]:
        """Return the disk formats that this Glance accepts, from its schema of an image.

        :raises ServiceError: when the service fails
        """
        return self._read(
            "/v2/schemas/image",
            lambda schema: [
                str(item) for item in schema["properties"]["disk_format"]["enum"] if item
            ],
        )


def _unaddressable(member_id: str) -> ServiceError:
    return ServiceError("Glance", Reason.UNADDRESSABLE, details=ascii(member_id[:80]), tries=0)


def _member_path(image_id: str, project_id: str) -> str:
    if not addressable(project_id):
        raise _unaddressable(project_id)
    return f"/v2/images/{image_id}/members/{urllib.parse.quote(project_id, safe='')}"
