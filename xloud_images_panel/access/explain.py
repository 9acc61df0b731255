# SPDX-License-Identifier: Apache-2.0
"""Whether a project lists an image and can use the image by its ID, and why.

The rules are Glance's defaults for a user with the role member in the project. Each was measured
with such a token on Glance 33, and ``tests/cloud/test_explain.py`` measures them again. A project
*lists* an image when Glance's unfiltered list includes the image. It *can use* an image when Glance
returns the record and the data. Nova and Cinder accept only active images.

A token with the role admin sees more. A token that was issued before its project was disabled or
deleted works while Glance caches it (five minutes).
"""

import dataclasses
import enum
from collections.abc import Collection

from xloud_images_panel.access.model import STRONGEST_FIRST


class Existence(enum.StrEnum):
    """Whether something exists, according to its service."""

    THERE = "there"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Relation(enum.StrEnum):
    """The relation of a project to an image: its owner, a member with a status, or none."""

    OWNER = "owner"
    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"
    NONE = "none"
    UNKNOWN = "unknown"


class Fact(enum.StrEnum):
    """A fact that decides an answer."""

    # These let the project in.
    OWNER = "owner"
    PUBLIC = "public"
    ACCEPTED = "accepted"
    #: Each of these four lets the project use the image, but not list it.
    PENDING = "pending"
    REJECTED = "rejected"
    COMMUNITY = "community"
    WITHOUT_OWNER = "without owner"
    # These keep the project out.
    PROJECT_MISSING = "project missing"
    IMAGE_MISSING = "image missing"
    PROJECT_DISABLED = "project disabled"
    DOMAIN_DISABLED = "domain disabled"
    PRIVATE = "private"
    NOT_MEMBER = "not a member"
    HIDDEN = "hidden"
    NO_DATA = "no data yet"
    DEACTIVATED = "deactivated"
    UPLOAD_FAILED = "upload failed"
    BEING_DELETED = "being deleted"
    NOT_ACTIVE = "not active"
    PROJECT_UNKNOWN = "project not known"
    DOMAIN_UNKNOWN = "domain not known"
    IMAGE_UNKNOWN = "image not known"
    MEMBERS_UNKNOWN = "members not known"
    VISIBILITY_UNKNOWN = "visibility not known"


class Action(enum.StrEnum):
    """A step towards another answer."""

    SWITCH_REGION = "switch region"
    ENABLE_PROJECT = "enable the project"
    ENABLE_DOMAIN = "enable the domain"
    SHARE = "set the visibility to shared"
    PUBLISH = "set the visibility to public"
    ADD_PROJECT = "add the project"
    ASK_AGAIN = "ask the project again"
    ACCEPT = "accept"
    UNHIDE = "show in lists again"
    UPLOAD = "wait for the data, or upload it"
    REACTIVATE = "reactivate"


class Answer(enum.StrEnum):
    """The answer to a yes-or-no question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True)
class Situation:
    """A project and an image, as the services report them.

    :ivar enabled: whether the project itself is enabled, apart from its domain
    :ivar domain: whether the project's domain is enabled
    :ivar visibility: the image's visibility in Glance, empty without an image
    :ivar status: the status of the image
    :ivar owned: whether the image has an owner
    :ivar other_regions: whether the image may be in a region that was not queried
    """

    project: Existence = Existence.THERE
    image: Existence = Existence.THERE
    enabled: bool = True
    domain: Answer = Answer.YES
    visibility: str = ""
    status: str = "active"
    hidden: bool = False
    owned: bool = True
    relation: Relation = Relation.NONE
    other_regions: bool = False


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    :ivar facts: the deciding fact first; each of the others also keeps the project out, or is
        not known
    :ivar changes: the steps that would turn the answer into yes, in order, if such steps exist
    """

    answer: Answer
    facts: tuple[Fact, ...]
    changes: tuple[Action, ...] = ()


@dataclasses.dataclass(frozen=True)
class Explanation:
    """The answers to both questions.

    :ivar lists: whether the image is in the project's list of images
    :ivar uses: whether the project can use the image by its ID
    """

    lists: Verdict
    uses: Verdict


@dataclasses.dataclass
class _Found:
    """The facts found for one question: supporting, against, and unknown."""

    supporting: list[Fact] = dataclasses.field(default_factory=list)
    against: list[Fact] = dataclasses.field(default_factory=list)
    unknown: list[Fact] = dataclasses.field(default_factory=list)
    changes: list[Action] = dataclasses.field(default_factory=list)

    def keeps_out(self, fact: Fact, *changes: Action) -> None:
        self.against.append(fact)
        self.changes += changes

    def verdict(self) -> Verdict:
        if self.against:
            return Verdict(Answer.NO, (*self.against, *self.unknown), tuple(self.changes))
        if self.unknown:
            return Verdict(Answer.UNKNOWN, tuple(self.unknown))
        return Verdict(Answer.YES, tuple(self.supporting))


def relation_of(project_id: str, owner: str, statuses: Collection[str]) -> Relation:
    """Return the relation of a project to a shared image.

    Glance may have two rows of one member. One accepted row is enough to list the image, whichever
    is older, although ``GET …/members/{project}`` returns the older row. Pending and rejected rows
    have the same effect. The owner's own membership has none.

    :param owner: the ID of the image's owner, empty for none
    :param statuses: the statuses of all of the project's rows in Glance
    """
    if owner and owner == project_id:
        return Relation.OWNER
    for status in STRONGEST_FIRST:
        if status in statuses:
            return Relation(status)
    # A newer Glance may have another status: the project is a member that has not accepted.
    return Relation.PENDING if statuses else Relation.NONE


def explain(situation: Situation) -> Explanation:
    """Return whether a project lists an image and can use it, and why.

    An unknown fact never turns an answer into no: it turns a yes into "not known".
    """
    if Existence.MISSING in (situation.project, situation.image):
        missing = _missing(situation)
        return Explanation(missing, missing)
    listing, using = _Found(), _Found()
    for found in (listing, using):
        _project(situation, found)
    if situation.image is Existence.UNKNOWN:
        for found in (listing, using):
            found.unknown.append(Fact.IMAGE_UNKNOWN)
    else:
        _access(situation, listing, using)
        _image(situation, listing, using)
    return Explanation(listing.verdict(), using.verdict())


def _missing(situation: Situation) -> Verdict:
    found = _Found()
    if situation.project is Existence.MISSING:
        found.keeps_out(Fact.PROJECT_MISSING)
    if situation.image is Existence.MISSING:
        # No change helps a project that does not exist.
        elsewhere = situation.other_regions and situation.project is not Existence.MISSING
        found.keeps_out(Fact.IMAGE_MISSING, *([Action.SWITCH_REGION] if elsewhere else []))
    return found.verdict()


def _project(situation: Situation, found: _Found) -> None:
    """Note whether users can log in to the project."""
    if situation.project is Existence.UNKNOWN:
        found.unknown.append(Fact.PROJECT_UNKNOWN)
        return
    if situation.domain is Answer.NO:
        found.keeps_out(Fact.DOMAIN_DISABLED, Action.ENABLE_DOMAIN)
    elif situation.domain is Answer.UNKNOWN:
        found.unknown.append(Fact.DOMAIN_UNKNOWN)
    if not situation.enabled:
        found.keeps_out(Fact.PROJECT_DISABLED, Action.ENABLE_PROJECT)


def _access(situation: Situation, listing: _Found, using: _Found) -> None:
    """Note the effects of the image's visibility and of the project's relation to the image."""
    both = (listing, using)
    if situation.relation is Relation.OWNER:
        for found in both:
            found.supporting.append(Fact.OWNER)
    elif situation.visibility == "public":
        for found in both:
            found.supporting.append(Fact.PUBLIC)
    elif situation.visibility == "community":
        using.supporting.append(Fact.COMMUNITY)
        listing.keeps_out(Fact.COMMUNITY, Action.PUBLISH)
    elif situation.visibility == "private":
        # A private image keeps its old members, but Glance lets none of them in.
        using.keeps_out(Fact.PRIVATE, Action.SHARE, Action.ADD_PROJECT)
        listing.keeps_out(Fact.PRIVATE, Action.SHARE, Action.ADD_PROJECT, Action.ACCEPT)
    elif situation.visibility == "shared":
        _membership(situation, listing, using)
    else:
        for found in both:
            found.unknown.append(Fact.VISIBILITY_UNKNOWN)


def _membership(situation: Situation, listing: _Found, using: _Found) -> None:
    """Note the effects of a project's relation to a shared image that it does not own."""
    relation = situation.relation
    if relation is Relation.UNKNOWN:
        listing.unknown.append(Fact.MEMBERS_UNKNOWN)
        if situation.owned:
            using.unknown.append(Fact.MEMBERS_UNKNOWN)
        else:
            using.supporting.append(Fact.WITHOUT_OWNER)
    elif relation is Relation.NONE:
        listing.keeps_out(Fact.NOT_MEMBER, Action.ADD_PROJECT, Action.ACCEPT)
        if situation.owned:
            using.keeps_out(Fact.NOT_MEMBER, Action.ADD_PROJECT)
        else:
            using.supporting.append(Fact.WITHOUT_OWNER)
    elif relation is Relation.ACCEPTED:
        for found in (listing, using):
            found.supporting.append(Fact.ACCEPTED)
    elif relation is Relation.REJECTED:
        using.supporting.append(Fact.REJECTED)
        listing.keeps_out(Fact.REJECTED, Action.ASK_AGAIN, Action.ACCEPT)
    else:
        using.supporting.append(Fact.PENDING)
        listing.keeps_out(Fact.PENDING, Action.ACCEPT)


def _image(situation: Situation, listing: _Found, using: _Found) -> None:
    """Note the facts that keep every project from listing or using the image."""
    if situation.hidden:
        listing.keeps_out(Fact.HIDDEN, Action.UNHIDE)
    match situation.status:
        case "active":
            pass
        case "deactivated":
            # Projects that may use the image get the record; administrators also get the data.
            using.keeps_out(Fact.DEACTIVATED, Action.REACTIVATE)
        case "queued" | "saving" | "uploading" | "importing":
            using.keeps_out(Fact.NO_DATA, Action.UPLOAD)
        case "killed":
            # The only status that Glance omits from its lists.
            listing.keeps_out(Fact.UPLOAD_FAILED)
            using.keeps_out(Fact.UPLOAD_FAILED)
            for found in (listing, using):
                found.changes.clear()
        case status:
            gone = status in ("pending_delete", "deleted")
            using.keeps_out(Fact.BEING_DELETED if gone else Fact.NOT_ACTIVE)
            using.changes.clear()
