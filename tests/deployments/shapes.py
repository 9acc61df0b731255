# SPDX-License-Identifier: Apache-2.0
"""The shapes of real installations, each of which ends with its context."""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openstack.connection import Connection

from demo.cloud import HOST, REGION, Cloud, Panel, Service
from demo.ha import memcached
from demo.processes import Process
from demo.releases import NEWEST, RELEASES
from tests.conftest import RunningCloud
from tests.deployments import servers
from tests.environment import CLOUD, UPLOAD_PORTS, free_port
from tests.horizons import environments

BESIDE = Path(__file__).parents[1] / "beside"

_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")

# The folder that keeps Apache's environment.
KEPT = Path(os.environ.get("DEPLOYMENTS_DIR") or ".deployments").absolute()


@dataclass(frozen=True)
class Shape:
    """A dashboard as its users reach it.

    :ivar url: without a slash at the end
    :ivar panel: its Images panel
    :ivar requests: the requests to it, or to the server in front of it, one per line, starting
        with status, method and path
    :ivar asked_of_services: the requests to Keystone and Glance, if these are behind a proxy
    :ivar prefix: the start of each path in these requests
    :ivar glance: the URL of its users' Glance, if that is not the cloud's own
    :ivar region: the region that its users choose, if there are several
    :ivar uploads: whether images are created from files instead of URLs
    :ivar domain: the domain to enter, if its login page asks for one
    :ivar log: the dashboard's log
    :ivar memcached: the ``host:port`` of its cache, if that is a memcached
    """

    url: str
    panel: Panel
    requests: Callable[[], list[str]]
    asked_of_services: Callable[[], list[str]] = list
    prefix: str = "/"
    glance: str = CLOUD.glance_url
    region: str = ""
    uploads: bool = False
    domain: str = ""
    log: Path = Path(os.devnull)
    memcached: str = ""


class Place:
    """The files and processes of a shape.

    :ivar folder: a folder of the shape's own
    :ivar cloud: the Keystone and Glance that all shapes share
    """

    def __init__(self, cloud: RunningCloud, stack: ExitStack) -> None:
        self.cloud = cloud
        self.folder = Path(tempfile.mkdtemp(prefix="xloud-shape-", dir=os.environ.get("TEST_DIR")))
        self.folder.chmod(0o755)
        self._stack = stack
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, service: Service) -> Service:
        """Start a service and wait for its answer."""
        # `requests` prefers the machine's authorities to those in a dashboard's settings.
        machine = {name: os.environ[name] for name in _AUTHORITIES if name in os.environ}
        environment = dict(service.environment.items() - machine.items())
        process = Process(dataclasses.replace(service, environment=environment))
        process.start()
        self._stack.callback(process.join)
        self._stack.callback(process.terminate)
        process.wait()
        return service

    def finally_(self, function: Callable[..., object], *given: Any, **named: Any) -> None:
        """Call a function when the shape ends, before the functions registered earlier."""
        self._stack.callback(function, *given, **named)

    def memcached(self) -> str:
        """Start a memcached and return its address."""
        port = free_port()
        self.start(memcached.service(port, self.folder))
        return f"{HOST}:{port}"

    def settings(self, name: str, text: str) -> str:
        """Write settings for Horizon, and return the file's path."""
        path = self.folder / f"{name}.py"
        path.write_text(text)
        return str(path)

    def horizon(
        self, panel: Panel, described: Cloud = CLOUD, port: int = 0, **environment: str
    ) -> Service:
        """Start a dashboard, with a log of its requests in ``horizon-access.log``."""
        described.compress(**environment)
        service = described.horizon(port or free_port(), panel, **environment)
        options = (
            f"{service.environment['GUNICORN_CMD_ARGS']} --access-logformat '%(s)s %(m)s %(U)s'"
            f" --access-logfile {self.folder / 'horizon-access.log'}"
        )
        logging = service.environment | {"GUNICORN_CMD_ARGS": options}
        return self.start(dataclasses.replace(service, environment=logging))

    def lines(self, name: str) -> Callable[[], list[str]]:
        """Return a function that reads a log of requests."""
        return lambda: (self.folder / name).read_text().splitlines()


@contextmanager
def place(cloud: RunningCloud) -> Iterator[Place]:
    """Yield the place of a shape."""
    servers.install()
    with ExitStack() as stack:
        yield Place(cloud, stack)


def apache(here: Place, panel: Panel) -> Shape:
    """Run mod_wsgi below a prefix, with static files by Apache and sessions in memcached."""
    release = RELEASES[NEWEST]
    prefix = KEPT / "apache"
    wheel = environments.build_wheel(KEPT / "dist")
    python = release.environment(
        prefix, f"horizon~={release.horizon}.0", "pymemcache", python=servers.SYSTEM_PYTHON
    )
    environments.install_wheel(release, python, wheel)
    settings = here.settings(
        "prefix",
        """\
WEBROOT = "/horizon/"
HORIZON_CONFIG["user_home"] = "/horizon/project/images/"
""",
    )
    described = dataclasses.replace(CLOUD, horizon_prefix=prefix, horizon_cache=here.memcached())
    port, more = free_port(), {"HORIZON_SETTINGS": settings}
    described.compress(**more)
    # Apache's user gets copies of the files that it needs, in a folder that it may read.
    environment = described.horizon_environment(port, panel, **more)
    for name in ("HORIZON_STATE", "HORIZON_STATIC"):
        source, copy = Path(environment[name]), here.folder / name.lower()
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("static*", "*.db", "*.db-*"))
        environment[name] = str(copy)
    environments.copy_tests(here.folder / "checkout")
    script = here.folder / "horizon.wsgi"
    script.write_text(f"""\
import sys
sys.path.insert(0, {str(here.folder / "checkout")!r})
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
""")
    servers.give_to_apache(here.folder)
    server = servers.apache(
        here.folder, port, "/horizon", script, Path(environment["HORIZON_STATIC"]), prefix,
        **environment,
    )  # fmt: skip
    here.start(server)
    return Shape(server.url, panel, here.lines("access.log"), prefix="/horizon/")


def tls_proxy(here: Place, panel: Panel) -> Shape:
    """Run Horizon behind TLS, with secure cookies, sessions in signed cookies, and a memcached."""
    settings = here.settings(
        "tls",
        """\
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
""",
    )
    described = dataclasses.replace(CLOUD, horizon_cache=here.memcached())
    horizon = here.horizon(panel, described, HORIZON_SETTINGS=settings)
    certificate = servers.authority(here.folder).server
    backends = {"/": [horizon.url.removeprefix("http://")]}
    proxy = here.start(servers.nginx(here.folder, "proxy", free_port(), backends, certificate))
    return Shape(proxy.url, panel, here.lines("proxy-access.log"))


@dataclass(frozen=True)
class ServicesBehindTLS:
    """Keystone and Glance as Horizon reaches them.

    :ivar url: the start of their URLs, up to ``/identity`` and ``/image``
    :ivar glance: the URL of the same Glance without TLS
    :ivar certificate: the private authority's certificate
    """

    url: str
    glance: str
    certificate: Path


def services_behind_tls(here: Place, *interfaces: tuple[str, str]) -> ServicesBehindTLS:
    """Put Keystone and Glance behind TLS, with certificates of a private authority.

    :param interfaces: names and paths of the services whose internal endpoints lead to TLS
    """
    made, port = servers.authority(here.folder), free_port()
    url = f"https://{HOST}:{port}"
    backends, behind = {}, {}
    for service, path in zip(CLOUD.services(), ("identity", "image"), strict=True):
        behind[path] = f"{HOST}:{free_port()}"
        here.start(
            dataclasses.replace(
                service,
                probe=service.probe.replace(service.url, f"http://{behind[path]}"),
                environment=service.environment
                | {
                    "SERVE_BIND": behind[path],
                    "OS_DEFAULT__PUBLIC_ENDPOINT": f"{url}/{path}",
                    # Glance finds Keystone by Keystone's internal endpoint in the catalog.
                    "REQUESTS_CA_BUNDLE": str(made.certificate),
                },
            )
        )
        backends[f"/{path}/"] = [behind[path]]
    here.start(servers.nginx(here.folder, "services", port, backends, made.server))
    identity = here.cloud.connection("admin").identity
    services = {name: identity.find_service(name) for name, _path in interfaces}
    for name, path in interfaces:
        for before in identity.endpoints(interface="internal", service_id=services[name].id):
            identity.delete_endpoint(before)
            here.finally_(
                identity.create_endpoint,
                service_id=before.service_id,
                interface="internal",
                url=before.url,
                region_id=REGION,
            )
        endpoint = identity.create_endpoint(
            service_id=services[name].id,
            interface="internal",
            url=f"{url}/{path}",
            region_id=REGION,
        )
        here.finally_(identity.delete_endpoint, endpoint)
    return ServicesBehindTLS(url, f"http://{behind['image']}", made.certificate)


def private_authority(here: Place, panel: Panel) -> Shape:
    """Put Keystone and Glance behind TLS with a private authority that Horizon's settings trust."""
    return _behind_tls(here, panel, "trusting", "OPENSTACK_SSL_CACERT = {certificate!r}\n")


def no_verification(here: Place, panel: Panel) -> Shape:
    """Put Keystone and Glance behind TLS, with verification off in Horizon's settings."""
    return _behind_tls(here, panel, "blind", "OPENSTACK_SSL_NO_VERIFY = True\n")


def _behind_tls(here: Place, panel: Panel, name: str, text: str) -> Shape:
    made = services_behind_tls(here, ("keystone", "identity/v3"), ("glance", "image"))
    settings = here.settings(
        name,
        text.format(certificate=str(made.certificate))
        + f'OPENSTACK_KEYSTONE_URL = "{made.url}/identity/v3"\n'
        + 'OPENSTACK_ENDPOINT_TYPE = "internalURL"\n',
    )
    horizon = here.horizon(panel, HORIZON_SETTINGS=settings)
    return Shape(
        horizon.url,
        panel,
        here.lines("horizon-access.log"),
        here.lines("services-access.log"),
        glance=made.glance,
    )


def untrusted(here: Place, panel: Panel) -> Shape:
    """Put Glance behind TLS, with a private authority that Horizon's settings do not mention."""
    made = services_behind_tls(here, ("glance", "image"))
    settings = here.settings("untrusted", 'OPENSTACK_ENDPOINT_TYPE = "internalURL"\n')
    horizon = here.horizon(panel, HORIZON_SETTINGS=settings)
    requests = here.lines("horizon-access.log")
    return Shape(horizon.url, panel, requests, glance=made.glance, log=horizon.log)


def two_regions(here: Place, panel: Panel) -> Shape:
    """Add a second region with its own Glance, in which the user works."""
    region = "RegionTwo"
    other = Cloud(here.folder / "second", CLOUD.keystone_port, free_port(), CLOUD.password)
    other.configure()
    other.prepare_glance(print)
    here.start(other.services()[1])
    identity = here.cloud.connection("admin").identity
    here.finally_(identity.delete_region, identity.create_region(id=region))
    for interface in ("public", "internal"):
        endpoint = identity.create_endpoint(
            service_id=identity.find_service("glance").id,
            interface=interface,
            url=other.glance_url,
            region_id=region,
        )
        here.finally_(identity.delete_endpoint, endpoint)
    horizon = here.horizon(panel)
    requests = here.lines("horizon-access.log")
    return Shape(horizon.url, panel, requests, glance=other.glance_url, region=region)


def several_domains(here: Place, panel: Panel) -> Shape:
    """Ask for the domain on the login page, and create images only from URLs."""
    settings = here.settings(
        "domains",
        'OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True\nHORIZON_IMAGES_UPLOAD_MODE = "off"\n',
    )
    horizon = here.horizon(panel, HORIZON_SETTINGS=settings)
    return Shape(horizon.url, panel, here.lines("horizon-access.log"), domain="Default")


# The date in this time zone always differs from the one in UTC.
ZONE = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 12 else "Etc/GMT+12"


def other_settings(here: Place, panel: Panel) -> Shape:
    """Allow only uploads, and set image formats, few items in an answer, and a time zone."""
    settings = here.settings(
        "settings",
        f"""\
API_RESULT_LIMIT = 5
IMAGES_ALLOW_LOCATION = False
TIME_ZONE = {ZONE!r}
OPENSTACK_IMAGE_BACKEND = {{
    "image_formats": [("", "Select format"), ("raw", "Raw"), ("xyz", "Our own")]
}}
""",
    )
    horizon = here.horizon(panel, HORIZON_SETTINGS=settings)
    return Shape(horizon.url, panel, here.lines("horizon-access.log"), uploads=True)


def direct_upload(here: Place, panel: Panel) -> Shape:
    """Let the browser itself send the file of a new image to Glance."""
    port = UPLOAD_PORTS[panel]
    here.horizon(panel, port=port, HORIZON_UPLOAD_MODE="direct")
    url = f"http://admin.localhost:{port}"
    return Shape(url, panel, here.lines("horizon-access.log"), uploads=True)


def neighbour_before(here: Place, panel: Panel) -> Shape:
    """Load another plugin on the same panels before ours."""
    horizon = here.horizon(panel, HORIZON_ENABLED=str(BESIDE / "before"))
    return Shape(horizon.url, panel, here.lines("horizon-access.log"))


def neighbour_after(here: Place, panel: Panel) -> Shape:
    """Load another plugin on the same panels after ours."""
    horizon = here.horizon(panel, HORIZON_ENABLED=str(BESIDE / "after"))
    return Shape(horizon.url, panel, here.lines("horizon-access.log"))


def _customized(here: Place, panel: Panel, name: str, text: str) -> Shape:
    package = here.folder / f"customized_{name}"  # Horizon requires a module in a package
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "overrides.py").write_text("import horizon\n" + text)
    settings = here.settings(
        name,
        f"""\
import sys
sys.path.append({str(here.folder)!r})
HORIZON_CONFIG["customization_module"] = "customized_{name}.overrides"
""",
    )
    horizon = here.horizon(panel, HORIZON_SETTINGS=settings)
    return Shape(horizon.url, panel, here.lines("horizon-access.log"))


def renamed(here: Place, panel: Panel) -> Shape:
    """Rename the panels in a customization module."""
    return _customized(
        here,
        panel,
        "renamed",
        """\
for dashboard in ("project", "admin"):
    horizon.get_dashboard(dashboard).get_panel("images").name = "Golden Images"
""",
    )


def removed(here: Place, panel: Panel) -> Shape:
    """Remove Images from the dashboard Admin in a customization module."""
    return _customized(
        here,
        panel,
        "removed",
        """\
admin = horizon.get_dashboard("admin")
admin.unregister(admin.get_panel("images").__class__)
""",
    )


def two_versions(here: Place, panel: Panel) -> Shape:
    """Run two nodes that share a cache; one of them has another version of the panel."""
    cache = here.memcached()
    described = dataclasses.replace(CLOUD, horizon_cache=cache)
    public = free_port()
    described.compress()
    nodes = [described.node(name, free_port(), panel, public) for name in ("old", "new")]
    before = here.folder / "before"
    package = before / "xloud_images_panel"
    shutil.copytree(environments.ROOT / "xloud_images_panel", package)
    caching = package / "dashboard" / "caching.py"
    caching.write_text(caching.read_text().replace("\nVERSION = ", "\nVERSION = -"))
    # gunicorn searches its working directory for modules first.
    options = f"{nodes[0].environment['GUNICORN_CMD_ARGS']} --chdir {before}"
    environment = nodes[0].environment | {"GUNICORN_CMD_ARGS": options}
    nodes[0] = dataclasses.replace(nodes[0], environment=environment)
    for node in nodes:
        here.start(node)
    backends = {"/": [node.url.removeprefix("http://") for node in nodes]}
    proxy = here.start(servers.nginx(here.folder, "balancer", public, backends, None))
    return Shape(proxy.url, panel, here.lines("balancer-access.log"), memcached=cache)


#: The function that starts each shape, and the shape's Images panel, by name in the table.
SHAPES: dict[str, tuple[Callable[[Place, Panel], Shape], Panel]] = {
    "Apache, mod_wsgi, /horizon (AngularJS)": (apache, "angular"),
    "Apache, mod_wsgi, /horizon (Python)": (apache, "python"),
    "TLS proxy, signed cookies": (tls_proxy, "angular"),
    "services behind a private CA": (private_authority, "angular"),
    "services behind TLS, not verified": (no_verification, "python"),
    "Glance behind an unknown CA": (untrusted, "angular"),
    "two regions": (two_regions, "angular"),
    "several domains, no upload": (several_domains, "python"),
    "another plugin, before": (neighbour_before, "python"),
    "another plugin, after": (neighbour_after, "angular"),
    "panels renamed": (renamed, "python"),
    "Admin > Images removed": (removed, "angular"),
    "direct upload": (direct_upload, "angular"),
    "uploads alone, few items, time zone": (other_settings, "angular"),
    "two nodes, two versions": (two_versions, "python"),
}
#: Shapes in which nobody can do the whole job.
WITHOUT_THE_JOB = ("Glance behind an unknown CA", "Admin > Images removed")


def glance_of(cloud: RunningCloud, shape: Shape) -> Connection:
    """Return an administrator's client of the Glance that a shape's users work with."""
    connection = cloud.connection("admin")
    connection.image  # noqa: B018 - creates the client, so that its endpoint can be set
    connection.image.endpoint_override = f"{shape.glance}/v2"
    return connection
