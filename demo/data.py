# SPDX-License-Identifier: Apache-2.0
"""The contents of the cloud: projects, users and images, and the files to log in with."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openstack
from openstack.connection import Connection
from openstack.identity.v3.user import User as IdentityUser
from openstack.image.v2.image import Image as CreatedImage

from demo.cloud import REGION, Cloud
from demo.images import qcow2

MIB = 1024**2


@dataclass(frozen=True)
class Project:
    """A project to create."""

    name: str
    description: str
    domain: str = "Default"
    enabled: bool = True


@dataclass(frozen=True)
class User:
    """A user who can log in, with a role in one project of the Default domain."""

    name: str
    project: str
    role: str


@dataclass(frozen=True)
class Image:
    """An image to upload.

    :ivar visibility: its final visibility; an image with ``members`` is shared first
    :ivar members: the projects that it is, or was, shared with, and their member statuses
    """

    name: str
    owner: str
    visibility: str
    disk_format: str = "qcow2"
    members: Mapping[str, str] = field(default_factory=dict)


DOMAINS = ("partners",)
PROJECTS = (
    Project("platform", "Builds the golden images"),
    Project("app-team-a", "The shop's front end"),
    Project("app-team-b", "The shop's back end"),
    Project("data-science", "Models and notebooks"),
    Project("research", "University of the North"),
    # In another domain: "observatory (partners)" outside tables of projects.
    Project("observatory", "University of the South", domain="partners"),
)
ADMIN = User("admin", "admin", "admin")
USERS = (
    User("pat", "platform", "member"),
    User("ann", "app-team-a", "member"),
    User("rita", "app-team-a", "reader"),
    User("bob", "app-team-b", "member"),
)
IMAGES = (
    Image("ubuntu-24.04-lts", "platform", "shared"),
    Image("debian-13", "platform", "shared", members={"app-team-a": "pending"}),
    Image("rocky-10", "platform", "private"),
    Image("cirros", "admin", "public", disk_format="raw"),
    Image("packer-base", "app-team-b", "community"),
    Image("jupyter-notebook", "data-science", "community", disk_format="raw"),
    # Last year's golden image: its access can be copied to its successor.
    Image(
        "ubuntu-22.04-lts",
        "platform",
        "shared",
        members={"data-science": "accepted", "research": "accepted"},
    ),
    # No longer shared; Glance restores its members' access when it is shared again.
    Image(
        "rocky-9",
        "platform",
        "private",
        members={"app-team-b": "pending", "research": "pending"},
    ),
    # Glance lists it with app-team-a's received images; the panel must not.
    Image("storefront-build", "app-team-a", "shared"),
)


def connect(cloud: Cloud, user: str, project: str, project_domain: str = "Default") -> Connection:
    """Return an authenticated client for the cloud's services.

    :param user: a name in the Default domain
    :param project: the name of the project to work in
    :param project_domain: the name of that project's domain
    """
    return openstack.connect(
        # Ignores the caller's clouds.yaml and OS_* variables.
        load_yaml_config=False,
        load_envvars=False,
        auth_url=cloud.keystone_url,
        username=user,
        password=cloud.password,
        user_domain_name="Default",
        project_name=project,
        project_domain_name=project_domain,
        region_name=REGION,
    )


def seed(cloud: Cloud, say: Callable[[str], None]) -> None:
    """Create missing objects and keep existing ones.

    Keystone and Glance must be serving.

    :param cloud: the cloud to fill
    """
    with connect(cloud, ADMIN.name, ADMIN.project) as admin:
        _seed_glance_service(cloud, admin)
        projects = seed_projects(admin, DOMAINS, PROJECTS, say)
        _seed_users(cloud, admin, projects, say)
    # A new token, because the first one's catalogue may lack Glance.
    with connect(cloud, ADMIN.name, ADMIN.project) as admin:
        for image in missing(admin, IMAGES):
            say(f"Uploading the image {image.name}")
            upload(admin, image, projects)
    (cloud.folder / "seeded").write_text(cloud.fingerprint)


def write_openrc_files(cloud: Cloud) -> list[Path]:
    """Write ``openrc-<user>.sh`` for every user, readable by their owner only.

    :returns: the files
    """
    return [_write_openrc(cloud, user) for user in (ADMIN, *USERS)]


def _seed_glance_service(cloud: Cloud, admin: Connection) -> None:
    """Put Glance in the catalogue, and give it the user that checks tokens."""
    project = admin.identity.find_project("service", domain_id="default")
    if project is None:
        project = admin.identity.create_project(name="service", domain_id="default")
    user = _ensure_user(cloud, admin, "glance", project.id)
    admin.identity.assign_project_role_to_user(
        project, user, admin.identity.find_role("service", ignore_missing=False)
    )
    service = admin.identity.find_service("glance")
    if service is None:
        service = admin.identity.create_service(name="glance", type="image")
    endpoints = {
        endpoint.interface: endpoint for endpoint in admin.identity.endpoints(service_id=service.id)
    }
    for interface in ("public", "internal", "admin"):
        if interface not in endpoints:
            admin.identity.create_endpoint(
                service_id=service.id,
                interface=interface,
                url=cloud.glance_url,
                region_id=REGION,
            )
        elif endpoints[interface].url != cloud.glance_url:
            # The port has changed since the last start.
            admin.identity.update_endpoint(endpoints[interface], url=cloud.glance_url)


def seed_projects(
    admin: Connection,
    names_of_domains: Iterable[str],
    wanted: Iterable[Project],
    say: Callable[[str], None],
) -> dict[str, str]:
    """Create domains and projects that are missing.

    :param say: called with each step that changes something
    :returns: the project IDs by name, including the administrator's; those of ``wanted`` also
        by ``domain/name``
    """
    domains = {domain.name: domain.id for domain in admin.identity.domains()}
    for name in names_of_domains:
        if name not in domains:
            say(f"Creating the domain {name}")
            domains[name] = admin.identity.create_domain(name=name).id
    # One request for each name, because Keystone silently cuts a list of all projects at 1,000.
    projects = {ADMIN.project: admin.identity.find_project(ADMIN.project, domain_id="default").id}
    for project in wanted:
        domain_id = domains[project.domain]
        found = admin.identity.find_project(project.name, domain_id=domain_id)
        if found is None:
            say(f"Creating the project {project.name}")
            found = admin.identity.create_project(
                name=project.name,
                description=project.description,
                domain_id=domain_id,
                is_enabled=project.enabled,
            )
        projects[f"{project.domain}/{project.name}"] = found.id
        projects.setdefault(project.name, found.id)
    return projects


def _seed_users(
    cloud: Cloud, admin: Connection, projects: dict[str, str], say: Callable[[str], None]
) -> None:
    roles = {role.name: role.id for role in admin.identity.roles()}
    known = {user.name for user in admin.identity.users(domain_id="default")}
    for user in USERS:
        if user.name not in known:
            say(f"Creating the user {user.name}, {user.role} of {user.project}")
        account = _ensure_user(cloud, admin, user.name, projects[user.project])
        admin.identity.assign_project_role_to_user(
            projects[user.project], account, roles[user.role]
        )


def _ensure_user(cloud: Cloud, admin: Connection, name: str, project_id: str) -> IdentityUser:
    user = admin.identity.find_user(name, domain_id="default")
    if user is None:
        return admin.identity.create_user(
            name=name,
            password=cloud.password,
            domain_id="default",
            default_project_id=project_id,
        )
    seeded = cloud.folder / "seeded"
    if not seeded.exists() or seeded.read_text() != cloud.fingerprint:
        # The password may have changed since the last start.
        admin.identity.update_user(user, password=cloud.password)
    return user


def missing(admin: Connection, images: Iterable[Image]) -> list[Image]:
    """Return the images whose names Glance does not have."""
    # `all` omits other projects' community images, even for an administrator.
    known = {
        image.name
        for visibility in ("all", "community")
        for image in admin.image.images(visibility=visibility)
    }
    return [image for image in images if image.name not in known]


def upload(admin: Connection, image: Image, projects: Mapping[str, str]) -> CreatedImage:
    """Create an image with its members.

    :param projects: IDs by the names that the image uses for its owner and its members
    """
    created = admin.image.create_image(
        name=image.name,
        owner=projects[image.owner],
        visibility="shared" if image.members else image.visibility,
        disk_format=image.disk_format,
        container_format="bare",
        data=_disk(image),
        allow_duplicates=True,
    )
    for member, status in image.members.items():
        admin.image.add_member(created, member_id=projects[member])
        if status != "pending":
            admin.image.update_member(projects[member], created, status=status)
    if image.members and image.visibility != "shared":
        admin.image.update_image(created, visibility=image.visibility)
    return created


def _disk(image: Image) -> bytes:
    label = f"{image.name}\n".encode()
    if image.disk_format == "raw":
        return label.ljust(MIB, b"\0")
    return qcow2(label, virtual_size=512 * MIB)


def _write_openrc(cloud: Cloud, user: User) -> Path:
    variables = {
        "OS_AUTH_URL": cloud.keystone_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": user.name,
        "OS_PASSWORD": cloud.password,
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_NAME": user.project,
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_REGION_NAME": REGION,
    }
    path = cloud.folder / f"openrc-{user.name}.sh"
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(
        "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    )
    return path
