"""A change of access to an image: what it is, how it is carried out, what came of it.

Nothing in here knows of HTTP or of Django: a :class:`Change` goes in, an
:class:`Outcome` comes out. The other side of it is the answer of a project to
what is shared with it: a status goes in, an :class:`Answer` for each image
comes out.
"""

import dataclasses
import enum
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from xloud_images_panel import glance, services
from xloud_images_panel.services import Reason, ServiceError

# Eight identical requests at once make that many rows of one member at the most.
_MOST_ROWS = 8
# Why Glance does not list the members of an image that nobody has access to as a member.
_NO_ACCESS = {Reason.MISSING, Reason.FORBIDDEN}


class Invalid(Exception):
    """A change that is not sent, with the sentence why for the log."""


class Verb(enum.StrEnum):
    """What is done with a project's access."""

    ADD = "add"
    REMOVE = "remove"


class Images(Protocol):
    """What carrying out a change asks of Glance; see :class:`glance.Glance`."""

    def member(self, image_id: str, project_id: str) -> glance.Member | None: ...

    def members(self, image_id: str) -> list[glance.Member]: ...

    def add_member(self, image_id: str, project_id: str) -> bool: ...

    def remove_member(self, image_id: str, project_id: str) -> bool: ...

    def set_member_status(self, image_id: str, project_id: str, status: str) -> None: ...


@dataclasses.dataclass(frozen=True)
class Change:
    """Who is added and who is removed, as project IDs.

    It is always what changed, never the whole selection: two administrators
    working at once do not undo each other.

    :raises Invalid: for an empty change, an ID twice, empty or too long, and
        for one that is both added and removed. Glance would take each of
        these, or break: of a member added twice at once it makes two rows.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        both = self.add + self.remove
        if not both:
            raise Invalid("nothing to change")
        if len(set(both)) != len(both):
            raise Invalid("a project is named twice")
        for project_id in both:
            if not project_id:
                raise Invalid("an empty project ID")
            if len(project_id) > glance.LONGEST_MEMBER_ID:
                raise Invalid("a project ID that is too long")


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of one project.

    :ivar error: why it was not done, None when it was
    :ivar changed: False when there was nothing to do any more: somebody else
        had added or removed the project meanwhile
    :ivar status: the member status that an added project has now; with an
        ``error`` as well it was added but its status could not be set
    :ivar unsure: with an ``error``, that it may have been done nevertheless:
        Glance did not answer, and could not be asked afterwards either
    :ivar request_ids: what Glance called the requests for it
    """

    project_id: str
    verb: Verb
    changed: bool = True
    status: str = ""
    error: ServiceError | None = None
    unsure: bool = False
    request_ids: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the project has, or has no, access now as it was asked for."""
        return self.error is None or bool(self.status)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of each project of a change, the removed ones first."""

    results: tuple[Result, ...]

    @property
    def failed(self) -> list[Result]:
        """The projects that still have, or still lack, access."""
        return [result for result in self.results if not result.done]

    @property
    def not_accepted(self) -> list[Result]:
        """The projects that were added, but could not be accepted for."""
        return [result for result in self.results if result.done and result.error]

    def done(self, verb: Verb) -> list[Result]:
        """The projects for which this verb was carried out."""
        return [result for result in self.results if result.done and result.verb is verb]


def carry_out(
    change: Change,
    image_id: str,
    images: Images,
    accept: bool,
    record: Callable[[Result], None] = lambda result: None,
) -> Outcome:
    """Remove first, then add, so that a swap at the quota of members works.

    :param image_id: the image, whose visibility is ``shared``
    :param accept: accept on behalf of each added project, so that the image
        is in its lists at once; this never changes a status that a project
        has set itself
    :param record: is told each result as soon as it is known, from several
        threads: what a worker that is killed has done is on record then. Of a
        result that turns out otherwise it is told once more
    :returns: a result for each project; a failure of one does not stop the others
    """
    recorded: dict[str, Result] = {}

    def remove(project_id: str) -> Result:
        return _result(project_id, Verb.REMOVE, lambda: images.remove_member(image_id, project_id))

    def add(project_id: str) -> Result:
        result = _result(project_id, Verb.ADD, lambda: images.add_member(image_id, project_id))
        if result.error:
            return result
        return _settle_status(result, image_id, images, accept)

    def put_on_record(result: Result) -> None:
        recorded[result.project_id] = result
        record(result)

    def known(work: Callable[[str], Result]) -> Callable[[str], Result]:
        def work_and_record(project_id: str) -> Result:
            result = work(project_id)
            if not (result.error and result.error.doubtful):
                put_on_record(result)
            return result

        return work_and_record

    removed = services.in_parallel(known(_traced(remove)), change.remove)
    removed = _until_gone(removed, _traced(remove), image_id, images)
    results = [*removed, *services.in_parallel(known(_traced(add)), change.add)]
    for _look in range(2):  # the second for what accepting on behalf left in doubt
        if any(result.error and result.error.doubtful for result in results):
            results = _looked_after(results, image_id, images, accept)
    for result in results:
        if recorded.get(result.project_id) != result:
            put_on_record(result)
    return Outcome(tuple(results))


def _until_gone(
    removed: list[Result], remove: Callable[[str], Result], image_id: str, images: Images
) -> list[Result]:
    """Remove projects again that Glance has more than once, until it lists none of them.

    Each deletion takes one row of a member away, the one that Glance finds
    first; with another row left the project still has access.
    """
    results = {result.project_id: result for result in removed}
    for row in range(_MOST_ROWS if results else 0):
        gone = [item for item, result in results.items() if not result.error]
        try:
            members = {member.project_id for member in images.members(image_id)}
        except ServiceError as error:
            if error.reason not in _NO_ACCESS:
                for item in gone:
                    results[item] = dataclasses.replace(results[item], error=error, unsure=True)
            break
        again = [item for item in gone if item in members]
        if not again:
            break
        for result in services.in_parallel(remove, again):
            request_ids = results[result.project_id].request_ids + result.request_ids
            if not result.error and (not result.changed or row == _MOST_ROWS - 1):
                error = ServiceError("Glance", Reason.BROKEN, details="a member, and no member")
                result = dataclasses.replace(result, error=error)
            results[result.project_id] = dataclasses.replace(result, request_ids=request_ids)
    return list(results.values())


def _result(project_id: str, verb: Verb, call: Callable[[], bool]) -> Result:
    try:
        return Result(project_id, verb, changed=call())
    except ServiceError as error:
        return Result(project_id, verb, changed=False, error=error)


Traced = TypeVar("Traced", "Result", "Answer")


def _traced(work: Callable[[str], Traced]) -> Callable[[str], Traced]:
    """Make a function note in its result the IDs of the requests that it made."""

    def traced(item: str) -> Traced:
        with services.traced() as request_ids:
            result = work(item)
        return dataclasses.replace(result, request_ids=tuple(request_ids))

    return traced


def _settle_status(result: Result, image_id: str, images: Images, accept: bool) -> Result:
    """Accept on behalf of a project that was added, unless it has decided itself."""
    # Of one that was a member before, the status is not known yet.
    status = glance.PENDING if result.changed else ""
    try:
        if not result.changed:
            member = images.member(image_id, result.project_id)
            if member is None:  # removed by somebody else in this moment
                error = ServiceError("Glance", Reason.CONFLICT, details="added and removed at once")
                return dataclasses.replace(result, error=error)
            status = member.status
        if accept and status == glance.PENDING:
            images.set_member_status(image_id, result.project_id, glance.ACCEPTED)
            status = glance.ACCEPTED
    except ServiceError as error:
        return dataclasses.replace(result, status=status, error=error)
    return dataclasses.replace(result, status=status)


def _looked_after(
    results: list[Result], image_id: str, images: Images, accept: bool
) -> list[Result]:
    """Ask Glance what became of the projects whose last answer does not tell."""
    try:
        members = {member.project_id: member for member in images.members(image_id)}
    except ServiceError:
        members = None

    def look(result: Result) -> Result:
        if not (result.error and result.error.doubtful):
            return result
        result = dataclasses.replace(result, unsure=members is None)
        if result.unsure:
            return result
        member = members.get(result.project_id)
        if result.verb is Verb.REMOVE:
            return result if member else dataclasses.replace(result, changed=True, error=None)
        if member is None:
            return dataclasses.replace(result, changed=False, status="")
        if result.status:  # it was the status that failed
            failed = accept and member.status == glance.PENDING
            error = result.error if failed else None
            return dataclasses.replace(result, status=member.status, error=error)
        added = dataclasses.replace(result, changed=False, error=None)
        settled = _settle_status(added, image_id, images, accept)
        return dataclasses.replace(settled, changed=True)

    return [look(result) for result in results]


#: Images that one request may answer: as many as a page has.
MOST_ANSWERED = 100


class ReceivedImages(Protocol):
    """What answering asks of Glance; see :class:`glance.Glance`."""

    def received(self, image_id: str) -> glance.SharedImage: ...

    def set_my_status(self, image_id: str, status: str) -> None: ...


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of the current project's answer to one image.

    :ivar image_name: its name; its ID where the image could not be read
    :ivar hidden: whether Glance leaves it out of its lists, unless they are asked for it
    :ivar error: why the member status is not what was asked for, None when it is
    :ivar changed: False when it was so already, or is not so
    :ivar unsure: with an ``error``, that it may have been done nevertheless
    :ivar request_ids: what Glance called the requests for it
    """

    image_id: str
    image_name: str
    error: ServiceError | None = None
    changed: bool = True
    unsure: bool = False
    request_ids: tuple[str, ...] = ()
    hidden: bool = False


def answer(
    image_ids: Iterable[str],
    status: str,
    images: ReceivedImages,
    record: Callable[[Answer], None] = lambda answer: None,
) -> list[Answer]:
    """Accept or reject images that are shared with the current project.

    :param image_ids: the images; one that is named twice is answered once
    :param status: ``accepted`` or ``rejected``
    :param record: is told each answer as soon as it is known, from several threads
    :returns: an answer for each image, in order; a failure of one does not
        stop the others
    """

    def answer_one(image_id: str) -> Answer:
        answer = Answer(image_id, image_id, changed=False)
        try:
            received = images.received(image_id)
        except ServiceError as error:
            return dataclasses.replace(answer, error=error)
        image = received.image
        answer = dataclasses.replace(answer, image_name=image.name, hidden=image.hidden)
        if received.member.status == status:
            return answer
        try:
            images.set_my_status(image_id, status)
        except ServiceError as error:
            return look_after(dataclasses.replace(answer, error=error))
        return dataclasses.replace(answer, changed=True)

    def look_after(answer: Answer) -> Answer:
        if not answer.error.doubtful:
            return answer
        try:
            now = images.received(answer.image_id).member.status
        except ServiceError:
            return dataclasses.replace(answer, unsure=True)
        done = dataclasses.replace(answer, error=None, changed=True)
        return done if now == status else answer

    def answer_and_record(image_id: str) -> Answer:
        answer = _traced(answer_one)(image_id)
        record(answer)
        return answer

    return services.in_parallel(answer_and_record, dict.fromkeys(image_ids))
