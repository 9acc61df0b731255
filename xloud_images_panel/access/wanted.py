# SPDX-License-Identifier: Apache-2.0
"""Compares an access file with the cloud: returns a plan, and findings about the lines.

A file removes members only in the mode ``exact``, and never because an entry matched nothing. An
image with an entry that is unknown or ambiguous, or with a rule that no project matches, loses no
members. An image that the file does not name stays as it is.
"""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence

from xloud_images_panel.access.document import Document, Entry, ImageEntry, Kind, Mode
from xloud_images_panel.access.finding import Finding, Problem, Severity
from xloud_images_panel.access.model import Image, Member, Project, folded, project_id_in
from xloud_images_panel.access.plan import Change, Plan

#: Removals allowed without a number from the user.
MOST_REMOVALS = 10


@dataclasses.dataclass(frozen=True)
class Cloud:
    """The images and projects that match the names in a file.

    :ivar images: by the text in the file; several if a name is not unique
    :ivar members: by image ID, without images that are not shared
    :ivar projects: by the texts of entries of the kind ``PROJECT``
    :ivar domains: the projects of the domains that rules name, by the rule's text
    :ivar tags: the projects with the tags that rules name
    :ivar domain_names: the known names, by domain ID
    """

    images: Mapping[str, Sequence[Image]]
    members: Mapping[str, Sequence[Member]]
    projects: Mapping[str, Sequence[Project]]
    domains: Mapping[str, Sequence[Project]]
    tags: Mapping[str, Sequence[Project]]
    domain_names: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The differences between a file and the current access.

    :ivar findings: in the order of the lines
    :ivar images: the images of the plan, by ID
    """

    plan: Plan
    findings: list[Finding]
    images: Mapping[str, Image]

    @property
    def failed(self) -> bool:
        """Whether a line cannot be carried out."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def removals(self) -> int:
        """The number of members that the plan removes."""
        return removals(self.plan)


def removals(plan: Plan) -> int:
    """Return the number of members that a plan removes."""
    return sum(len(change.remove) for change in plan.changes.values())


def compare(document: Document, cloud: Cloud) -> Wanted:
    """Return the plan that brings the cloud to the access that a file asks for."""
    findings: list[Finding] = []
    named: dict[str, list[ImageEntry]] = {}
    images: dict[str, Image] = {}
    for entry in document.images:
        found = _image(entry, cloud)
        if isinstance(found, Finding):
            findings.append(found)
            continue
        images[found.id] = found
        named.setdefault(found.id, []).append(entry)
    changes: dict[str, Change] = {}
    for image_id, entries in named.items():
        image = images[image_id]
        if len(entries) > 1:
            findings += [
                Finding(entry.line, Problem.IMAGE_TWICE, entry.text, (image_id,))
                for entry in entries
            ]
            continue
        (entry,) = entries
        if entry.name and entry.name not in (image.name, entry.text):
            findings.append(
                Finding(entry.line, Problem.OTHER_NAME, entry.name, (image.name,)),
            )
        projects = _Projects(entry, image, cloud)
        if change := projects.change():
            changes[image_id] = change
        findings += projects.findings
    return Wanted(
        Plan(changes),
        sorted(findings, key=lambda finding: finding.line),
        {image_id: images[image_id] for image_id in changes},
    )


def _image(entry: ImageEntry, cloud: Cloud) -> Image | Finding:
    """Return the image that an entry names, or a finding if it cannot be changed."""
    found = cloud.images.get(entry.text, ())
    shared = [image for image in found if image.visibility == "shared"]
    if len(shared) == 1 and shared[0].id in cloud.members:
        return shared[0]
    if len(shared) > 1:
        ids = tuple(image.id for image in shared)
        return Finding(entry.line, Problem.IMAGE_AMBIGUOUS, entry.text, ids)
    if found:
        return Finding(entry.line, Problem.IMAGE_NOT_SHARED, entry.text, (found[0].id,))
    return Finding(entry.line, Problem.IMAGE_UNKNOWN, entry.text)


class _Projects:
    """The projects that a file lists for one image.

    :ivar findings: about the image's lines
    """

    def __init__(self, entry: ImageEntry, image: Image, cloud: Cloud) -> None:
        self.findings: list[Finding] = []
        self._entry, self._image, self._cloud = entry, image, cloud
        self._members = [member.project_id for member in cloud.members.get(image.id, ())]
        # Members that MariaDB may treat as one project are spared together.
        self._by_writing: dict[str, list[str]] = {}
        for member in dict.fromkeys(self._members):
            self._by_writing.setdefault(folded(member), []).append(member)

    def change(self) -> Change | None:
        """Return the change of the image, None for no change."""
        add: dict[str, None] = {}
        kept: set[str] = set()
        clear = True
        # Members last: a member may be a project that the file itself adds.
        for entry in sorted(self._entry.entries, key=lambda entry: entry.kind is Kind.MEMBER):
            if entry.kind is Kind.MEMBER:
                ids = self._named_member(entry, add)
            elif entry.kind is Kind.PROJECT:
                ids = self._named_project(entry)
            else:
                ids = self._ruled(entry)
            if ids is None:
                clear = False
                continue
            for project_id, may_add in ids:
                kept.add(folded(project_id))
                if may_add and project_id not in self._members:
                    add[project_id] = None
        remove = self._others(kept) if self._entry.mode is Mode.EXACT else ()
        if remove and not clear:
            finding = Finding(
                self._entry.line, Problem.NO_REMOVALS, self._entry.text, count=len(remove)
            )
            self.findings.append(finding)
            remove = ()
        return Change(tuple(add), remove) if add or remove else None

    def _others(self, kept: set[str]) -> tuple[str, ...]:
        # The owner has access anyway; Stale Access removes its membership.
        spared = kept | {folded(self._image.owner)}
        return tuple(
            member
            for writing, members in self._by_writing.items()
            if writing not in spared
            for member in members
        )

    def _named_member(self, entry: Entry, added: Collection[str]) -> list[tuple[str, bool]] | None:
        if entry.text in self._members or entry.text in added:
            return [(entry.text, False)]
        self._note(entry, Problem.MEMBER_UNKNOWN)
        return None

    def _named_project(self, entry: Entry) -> list[tuple[str, bool]] | None:
        found = self._cloud.projects.get(entry.text, ())
        if len(found) > 1:
            self._note(entry, Problem.PROJECT_AMBIGUOUS, *(project.id for project in found))
            return None
        if not found:
            if there := self._by_writing.get(project_id_in(entry.text)):
                # A deleted project stays while the file lists it.
                self._note(entry, Problem.NO_PROJECT)
                return [(there[0], False)]
            self._note(entry, Problem.PROJECT_UNKNOWN)
            return None
        (project,) = found
        if project.id == self._image.owner:
            self._note(entry, Problem.OWNER)
            return [(project.id, False)]
        if not project.enabled and project.id not in self._members:
            self._note(entry, Problem.DISABLED)
        if entry.name and entry.name not in self._names(project):
            self._note(entry, Problem.OTHER_NAME, project.name, text=entry.name)
        return [(project.id, True)]

    def _ruled(self, entry: Entry) -> list[tuple[str, bool]] | None:
        """Return the projects of a rule; disabled ones keep their current access."""
        of_kind = self._cloud.domains if entry.kind is Kind.DOMAIN else self._cloud.tags
        found = of_kind.get(entry.text, ())
        if not found:
            self._note(entry, Problem.RULE_EMPTY, text=f"{entry.kind}: {entry.text}")
            return None
        return [
            (project.id, project.enabled and project.id != self._image.owner) for project in found
        ]

    def _names(self, project: Project) -> Iterator[str]:
        yield project.name
        yield f"{self._cloud.domain_names.get(project.domain_id, '')}/{project.name}"

    def _note(self, entry: Entry, problem: Problem, *others: str, text: str = "") -> None:
        self.findings.append(Finding(entry.line, problem, text or entry.text, others))


def too_many_removals(plan: Plan, most: int) -> list[Finding]:
    """Return a finding if a plan removes too many members, otherwise an empty list.

    :param most: the number that the user has given, :data:`MOST_REMOVALS` without one
    """
    count = removals(plan)
    return [Finding(0, Problem.TOO_MANY_REMOVALS, count=count)] if count > most else []
