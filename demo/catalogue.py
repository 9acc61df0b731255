# SPDX-License-Identifier: Apache-2.0
"""Access that has grown over years, for the pages about all images and projects.

The demos add it to :mod:`demo.data`; the tests start with :mod:`demo.data` alone.
"""

from collections.abc import Callable
from types import MappingProxyType

from openstack.connection import Connection

from demo.bulk import Bulk
from demo.cloud import Cloud
from demo.data import ADMIN, Image, Project, connect, missing, seed_projects, upload
from demo.data import DOMAINS as FIRST_DOMAINS
from demo.data import PROJECTS as FIRST_PROJECTS

DOMAINS = ("students",)
PROJECTS = (
    # The Default domain has a project of this name too.
    Project("data-science", "The partners' own models", domain="partners"),
    Project("thesis-a", "Summer term", domain="students"),
    Project("thesis-b", "Summer term", domain="students"),
    Project("billing-old", "Switched off; app-team-b has its work", enabled=False),
)
#: Tags of projects: `tag:gpu` finds them in every table of projects.
TAGS = MappingProxyType(
    {
        "gpu": ("data-science", "research", "partners/data-science"),
        "course": ("students/thesis-a", "students/thesis-b"),
    }
)
#: Stands for a project that is deleted once it is a member.
DELETED = "summer-school-2024"
#: A member that is no project's ID, because somebody typed the name.
NO_PROJECT = "app-team-b"
IMAGES = (
    Image(
        "alma-9",
        "platform",
        "shared",
        members={
            "app-team-a": "accepted",
            "app-team-b": "pending",
            "data-science": "rejected",
            "partners/observatory": "pending",
            "students/thesis-a": "accepted",
        },
    ),
    Image(
        "cuda-12",
        "research",
        "shared",
        members={"data-science": "accepted", "partners/data-science": "rejected"},
    ),
    Image(
        "centos-7", "platform", "shared", members={DELETED: "accepted", "app-team-b": "accepted"}
    ),
    Image("windows-2019", "platform", "shared", members={DELETED: "pending"}),
    # Deactivated: projects that have accepted it list it, but cannot start it.
    Image("opensuse-15", "platform", "shared", members={"app-team-a": "accepted"}),
)


def seed(cloud: Cloud, say: Callable[[str], None]) -> None:
    """Create missing objects and keep existing ones; :func:`demo.data.seed` runs first.

    :param say: called with each step that changes something
    """
    with connect(cloud, ADMIN.name, ADMIN.project) as admin:
        projects = seed_projects(
            admin, (*FIRST_DOMAINS, *DOMAINS), (*FIRST_PROJECTS, *PROJECTS), say
        )
        _seed_tags(admin, projects)
        images = missing(admin, IMAGES)
        if not images:
            return
        # An interrupted start may have left it.
        deleted = admin.identity.find_project(DELETED, domain_id="default")
        deleted = deleted or admin.identity.create_project(name=DELETED, domain_id="default")
        try:
            for image in images:
                say(f"Uploading the image {image.name}")
                created = upload(admin, image, {**projects, DELETED: deleted.id})
                _age(cloud, admin, image.name, created.id, projects)
        finally:
            admin.identity.delete_project(deleted)


def _seed_tags(admin: Connection, projects: dict[str, str]) -> None:
    for tag, names in TAGS.items():
        for name in names:
            project = admin.identity.get_project(projects[name])
            if tag not in project.tags:
                project.add_tag(admin.identity, tag)


def _age(
    cloud: Cloud, admin: Connection, name: str, image_id: str, projects: dict[str, str]
) -> None:
    """Bring an image into the state that it would reach over the years."""
    if name == "centos-7":
        admin.image.add_member(image_id, member_id=projects["billing-old"])
        # In Glance, two simultaneous requests can make two rows of one member, but not every time,
        # so the rows are written into its database.
        bulk = Bulk(cloud, admin)
        try:
            research = projects["research"]
            bulk.members([(image_id, research, status) for status in ("pending", "accepted")])
        finally:
            bulk.close()
    if name == "windows-2019":
        admin.image.add_member(image_id, member_id=projects["platform"])  # its own project
        admin.image.add_member(image_id, member_id=NO_PROJECT)
    if name == "opensuse-15":
        admin.image.deactivate_image(image_id)
