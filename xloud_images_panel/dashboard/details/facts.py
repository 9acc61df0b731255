# SPDX-License-Identifier: Apache-2.0
"""Access to one image for its details page: visibility, owner, and who has access."""

import dataclasses
from collections import Counter
from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import (
    PENDING,
    REJECTED,
    Image,
    Member,
    Project,
    SharedImage,
)
from xloud_images_panel.dashboard import actor, log_in_again, roles, settings, texts
from xloud_images_panel.dashboard.manage_access import project_table
from xloud_images_panel.dashboard.manage_access.image_access import Services
from xloud_images_panel.dashboard.manage_access.project_rows import Row, by_name

#: Most projects on one page: the name of each can cost a request.
MOST_LISTED = 200
#: Projects shown at first; a button shows the others.
UNFOLDED = 20

# Who can use the image, by visibility, if that is not a list of projects.
_EVERYBODY = {
    "public": _("Every project can use this image and has it in its image lists."),
    "community": _("Every project can use this image; it is found under Community Images."),
    "private": _("Only the project that owns this image can use it."),
}
# Meanings of the current project's own answer.
_MEANINGS = {
    PENDING: _(
        "This project has not decided yet: the image is in none of its image lists until it is "
        "accepted, and can be used by its ID."
    ),
    REJECTED: _(
        "This project has rejected the image: it is in none of its image lists, and can still be "
        "used by its ID."
    ),
}
# Meanings of other projects' answers.
_ANSWERS = {
    PENDING: _(
        "Pending: the project has not decided yet. The image is in none of its image lists, and "
        "the project can use it by its ID."
    ),
    REJECTED: _(
        "Rejected: the project has taken the image out of its image lists, and can still use it "
        "by its ID."
    ),
}


@dataclasses.dataclass(frozen=True)
class HasAccess:
    """A project with access to the image.

    :ivar name: empty if the user may not see it
    :ivar fact: what sets it apart from an ordinary project; empty for an ordinary one
    """

    project_id: str
    name: str
    status: str
    fact: str = ""


@dataclasses.dataclass(frozen=True)
class WhoHasAccess:
    """The projects that an image is shared with, apart from its owner.

    :ivar counts: the number of projects for each answer, as text: "2 Pending"
    :ivar projects: the projects on the page
    :ivar more: the number of other projects
    :ivar answers: the meanings of these answers
    """

    counts: tuple[str, ...] = ()
    projects: tuple[HasAccess, ...] = ()
    more: int = 0
    answers: tuple[str, ...] = ()

    @property
    def unfolded(self) -> int:
        """The number of projects shown at first."""
        return UNFOLDED

    @property
    def folded(self) -> int:
        """The number of projects that a button shows."""
        return max(0, len(self.projects) - UNFOLDED)


@dataclasses.dataclass(frozen=True)
class Facts:
    """The facts about access on the details page of an image.

    :ivar owner_name: empty if the user may not see it
    :ivar member: the membership of the current project, if the image is shared with it
    :ivar who: who has access, if the user may know that
    :ivar own: whether the current project owns the image
    :ivar asks_administrator: whether it does, but the user cannot choose the projects
    :ivar problem: why it is not known who has access
    :ivar unnamed: why names are missing
    """

    image: Image
    owner_name: str = ""
    member: Member | None = None
    who: WhoHasAccess | None = None
    own: bool = False
    asks_administrator: bool = False
    problem: str = ""
    unnamed: str = ""

    @property
    def visibility(self) -> str:
        """The visibility in the dashboard's words."""
        return texts.visibility(self.image.visibility)

    @property
    def status(self) -> str:
        """The current project's answer in the dashboard's words, empty without an answer."""
        if self.member is None:
            return ""
        return str(dict(texts.STATUS_CHOICES).get(self.member.status, self.member.status))

    @property
    def meaning(self) -> str:
        """The meaning of that answer, if the word alone does not convey it."""
        return str(_MEANINGS.get(self.member.status, "")) if self.member else ""

    @property
    def everybody(self) -> str:
        """The sentence on who can use the image, if that does not depend on members."""
        return str(_EVERYBODY.get(self.image.visibility, ""))


def of_received(shared: SharedImage) -> Facts:
    """Return the facts about an image that another project shares with the current one."""
    return Facts(shared.image, shared.owner_name, shared.member)


def read(request: HttpRequest, image_id: str) -> Facts:
    """Return the facts about an image, as far as the user may know them.

    :raises ServiceError: when Glance does not show the image; the facts report every other
        failure
    :raises SessionEnded: when a service no longer accepts the session
    """
    services = Services(request)
    image = services.glance.image(image_id)
    project_id = actor.user(request).project_id or ""
    own = bool(project_id) and image.owner == project_id
    members: list[Member] = []
    problem = ""
    sees_members = image.visibility == "shared" and _sees_members(request, image, own=own)
    try:
        if sees_members:
            members = services.glance.members(image.id)
            member = next((item for item in members if item.project_id == project_id), None)
        elif image.visibility == "shared" and project_id:
            member = services.glance.member(image.id, project_id)
        else:
            member = None
    except ServiceError as error:
        log_in_again.check(error)
        problem, member, sees_members = services.unavailable(error), None, False
    others = [item for item in members if item.project_id != image.owner]
    listed = sorted(others, key=lambda item: item.project_id)[:MOST_LISTED]
    names = _Names(services, image, listed)
    return Facts(
        image,
        owner_name=names.owner,
        member=None if own else member,
        who=_who(others, names.projects) if sees_members else None,
        own=own,
        asks_administrator=own
        and image.visibility == "shared"
        and not roles.may_manage_access(request),
        problem=problem,
        unnamed=names.problem,
    )


def _sees_members(request: HttpRequest, image: Image, *, own: bool) -> bool:
    """Return whether Glance lists all members to the user; others see only their own."""
    target = {"project_id": image.owner}
    return roles.may(request, "get_members", target=target) and (
        own or roles.sees_every_image(request)
    )


def _who(members: list[Member], projects: tuple[HasAccess, ...]) -> WhoHasAccess:
    counts = Counter(member.status for member in members)
    return WhoHasAccess(
        counts=tuple(
            f"{counts[status]} {label}" for status, label in texts.STATUS_CHOICES if counts[status]
        ),
        projects=projects,
        more=len(members) - len(projects),
        answers=tuple(str(text) for status, text in _ANSWERS.items() if counts[status]),
    )


class _Names:
    """The names of an image's owner and members, as far as the user may see them.

    :ivar owner: the owner's name
    :ivar projects: the members
    :ivar problem: why names are missing
    """

    def __init__(self, services: Services, image: Image, members: list[Member]) -> None:
        self._services = services
        self.problem = ""
        self._trusted = settings.get().trusted_projects
        if roles.may_list_projects(services.request):
            rows = self._from_keystone(image, members)
        else:
            rows = self._of_the_user(image, members)
        rows = sorted(rows, key=lambda row: not self._name(row))  # rows without a name come last
        self.owner = next((self._name(row) for row in rows if row.owner), "")
        self.projects = tuple(
            HasAccess(row.id, self._name(row), row.status_label, row.fact)
            for row in rows
            if not row.owner
        )

    def _name(self, row: Row) -> str:
        return self._trusted.get(row.id) or (row.label if row.name else "")

    def _from_keystone(self, image: Image, members: list[Member]) -> list[Row]:
        page = project_table.owner_and_members(
            self._services.keystone, image, members, self._services.glance, self._describe
        )
        self.problem = page.incomplete
        return page.rows

    def _describe(self, error: ServiceError) -> str:
        """Return why names are missing; a missing permission to see them is no failure."""
        log_in_again.check(error)
        return "" if error.reason is Reason.FORBIDDEN else texts.describe(error)

    def _of_the_user(self, image: Image, members: Iterable[Member]) -> list[Row]:
        """Return rows with the names of the user's own projects."""
        user = actor.user(self._services.request)
        names = {item.id: item.name for item in user.authorized_tenants}
        names[user.project_id] = user.project_name

        def row(listed: str, status: str = "", *, owner: bool = False) -> Row:
            name = names.get(listed) or ""
            return Row(Project(listed, name, enabled=True), "", status, owner, listed, label=name)

        rows = [row(item.project_id, item.status) for item in members]
        return [row(image.owner, owner=True), *sorted(rows, key=by_name)]
