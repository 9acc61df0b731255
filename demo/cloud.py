# SPDX-License-Identifier: Apache-2.0
"""The cloud itself: its configuration, its databases, and how to run its services.

This module starts no long-running process. The demo gives the services to honcho, the tests give
them to ``subprocess``.
"""

import fcntl
import grp
import hashlib
import importlib.metadata
import os
import pwd
import secrets
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

HOST = "127.0.0.1"
REGION = "RegionOne"
ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "xloud_images_panel"

# Marks every cloud's folder, so that no other folder is filled or removed by mistake.
MARKER = ".xloud-demo"

Panel = Literal["angular", "python"]

# A proxy of the environment must not be used for connections on this machine, neither by this
# process nor by its children.
for _name in ("no_proxy", "NO_PROXY"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), HOST, "localhost"]))

# The commands that `Cloud.prepare` is running.
_steps: set[subprocess.Popen[bytes]] = set()


class CloudError(Exception):
    """A step of starting the cloud failed; the message names the step and the log."""


@dataclass(frozen=True)
class Service:
    """One server process.

    :ivar name: its name in messages and logs
    :ivar url: its base address
    :ivar probe: an address that answers without authentication once it serves, ``http://…`` or, for
        a service with another protocol, ``tcp://…``
    :ivar command: program and arguments
    :ivar environment: the whole environment of the process
    :ivar log: the file for its output
    """

    name: str
    url: str
    probe: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    log: Path


@dataclass(frozen=True)
class Cloud:
    """Keystone and Glance in a folder, with any number of dashboards.

    :ivar folder: holds everything that the cloud writes
    :ivar keystone_port: TCP port on loopback
    :ivar glance_port: TCP port on loopback
    :ivar password: the password of every user in it
    :ivar database: SQLAlchemy's address of a database server, with ``{name}`` for the name of a
        database; SQLite files in the folder when it is empty
    :ivar keystone_cache: ``host:port`` of a memcached for Keystone; when it is empty Keystone is
        one process, with a cache in its memory
    :ivar horizon_cache: the same for Horizon, for sessions too; a table in a SQLite file when it
        is empty
    :ivar services_prefix: folder of the environment with Keystone and Glance
    :ivar horizon_prefix: folder of the environment with Horizon and the panel
    :ivar upload_origins: ``scheme://host:port`` of pages whose users' browsers may send files to
        Glance, where Horizon's upload mode is ``direct``
    :ivar metadata_definitions: the only file of metadata definitions for Glance; all of Glance's
        own when it is empty
    :ivar static_files: folder of the collected and compressed files, which clouds of the same
        environment may share; in the cloud's own folder when it is None
    :ivar idle_seconds: how long Horizon waits for idle threads before it answers with the results
        of parallel reads; futurist's own second when it is None
    """

    folder: Path
    keystone_port: int
    glance_port: int
    password: str = field(repr=False)
    database: str = field(default="", repr=False)
    keystone_cache: str = ""
    horizon_cache: str = ""
    services_prefix: Path = Path(sys.prefix)
    horizon_prefix: Path = Path(sys.prefix)
    upload_origins: tuple[str, ...] = ()
    metadata_definitions: str = ""
    static_files: Path | None = None
    idle_seconds: float | None = None

    @property
    def keystone_url(self) -> str:
        """Keystone's versioned address, as in the catalogue and ``OS_AUTH_URL``."""
        return f"http://{HOST}:{self.keystone_port}/v3"

    @property
    def glance_url(self) -> str:
        """Glance's address as in the catalogue."""
        return f"http://{HOST}:{self.glance_port}"

    def database_url(self, name: str) -> str:
        """Return SQLAlchemy's address of the database of a service, ``keystone`` or ``glance``."""
        if self.database:
            return self.database.format(name=name)
        # The services of one cloud write concurrently; SQLite's default timeout is 5 seconds.
        return f"sqlite:///{self.folder / name}.db?timeout=20"

    @property
    def logs(self) -> Path:
        """The folder of the services' logs."""
        return self.folder / "log"

    @property
    def fingerprint(self) -> str:
        """The values in Keystone's database; when they change, the database must be updated."""
        password = hashlib.sha256(self.password.encode()).hexdigest()
        return f"{self.keystone_port} {self.glance_port} {password}"

    @property
    def bootstrapped(self) -> Path:
        """The file that holds the fingerprint of Keystone's database."""
        return self._etc("keystone") / "bootstrapped"

    def prepare(self, say: Callable[[str], None]) -> None:
        """Write the configuration and prepare the databases, so that the services can start.

        Existing data is kept. After a change of port or password, Keystone's catalogue and the
        administrator's password follow.

        :param say: called with each step
        :raises CloudError: when a step fails
        """
        self.configure()
        with ThreadPoolExecutor() as pool:
            waiting = [
                pool.submit(step, say)
                for step in (self._prepare_keystone, self.prepare_glance, self._prepare_horizon)
            ]
        for step in waiting:
            step.result()

    def configure(self) -> None:
        """Make the folders and write the configuration files, which is quick."""
        self._make_folders()
        self._write_configuration()

    def services(self) -> list[Service]:
        """Return Keystone and Glance, ready to be started in any order."""
        return [
            self._service(
                self.services_prefix,
                "keystone",
                "keystone.wsgi.api:application",
                self.keystone_port,
                "/v3",
                # With several processes, a cache in one process's memory would miss the others'
                # changes.
                SERVE_WORKERS="2" if self.keystone_cache else "1",
                OS_KEYSTONE_CONFIG_DIR=str(self._etc("keystone")),
            ),
            self._service(
                self.services_prefix,
                "glance",
                "glance.wsgi.api:application",
                self.glance_port,
                "/healthcheck",
                **({} if self.database else {"SERVE_ONE_WRITER": str(self.folder / "glance.lock")}),
                OS_GLANCE_CONFIG_DIR=str(self._etc("glance")),
                # In the environment: the only files from which Glance reads these are the system's.
                OS_CORS__ALLOWED_ORIGIN=",".join(self.upload_origins),
                OS_CORS__ALLOW_HEADERS="Content-Type,X-Auth-Token,X-Requested-With,X-CSRFToken",
            ),
        ]

    def horizon(
        self, port: int, panel: Panel, with_plugin: bool = True, **environment: str
    ) -> Service:
        """Return a dashboard on this cloud.

        :param port: TCP port on loopback
        :param panel: Horizon's Images panel to run
        :param with_plugin: False for Horizon without the panel, for comparison
        :param environment: for ``local_settings.py``, see :meth:`horizon_environment`
        """
        variants = [] if with_plugin else ["plain"]
        variants += [Path(value).name for value in environment.values()]
        return self._service(
            self.horizon_prefix,
            "-".join(["horizon", panel, *variants]),
            "demo.horizon.wsgi:application",
            port,
            "/auth/login/",
            **self.horizon_environment(port, panel, with_plugin, **environment),
        )

    def node(self, name: str, port: int, panel: Panel, public_port: int) -> Service:
        """Return one of several dashboards behind a balancer.

        :param port: TCP port on loopback
        :param public_port: the balancer's, the public port of all nodes
        """
        return self._service(
            self.horizon_prefix,
            name,
            "demo.horizon.wsgi:application",
            port,
            "/auth/login/",
            # Running requests may take this long (seconds) after the stop.
            SERVE_GRACEFUL="30",
            **self.horizon_environment(public_port, panel),
        )

    def horizon_environment(
        self, port: int, panel: Panel, with_plugin: bool = True, **environment: str
    ) -> dict[str, str]:
        """Return the environment variables that Horizon's ``local_settings.py`` reads.

        :param environment: further variables: ``HORIZON_ENABLED``, a folder with files that enable
            another plugin; ``HORIZON_UPLOAD_MODE``, Horizon's own setting; ``HORIZON_SETTINGS``, a
            file with more settings
        """
        return {
            "DJANGO_SETTINGS_MODULE": "demo.horizon.settings",
            "HORIZON_STATE": str(self.folder / "horizon"),
            "HORIZON_STATIC": str(self._static(with_plugin, **environment)),
            "HORIZON_KEYSTONE_URL": self.keystone_url,
            "HORIZON_IMAGES_PANEL": panel,
            "HORIZON_PORT": str(port),
            "HORIZON_WITH_PANEL": "yes" if with_plugin else "no",
            "HORIZON_MEMCACHED": self.horizon_cache,
            "HORIZON_IDLE_SECONDS": "" if self.idle_seconds is None else str(self.idle_seconds),
            "SERVE_PRELOAD": "yes",
            **environment,
        }

    def compress(self, with_plugin: bool = True, **environment: str) -> bool:
        """Collect and compress the static files, unless this was done for the same sources.

        :param environment: the dashboard's
        :returns: whether there was work to do
        :raises CloudError: when Horizon's commands fail
        """
        static = self._static(with_plugin, **environment)
        static.parent.mkdir(parents=True, exist_ok=True)
        stamp = static.with_name(f"{static.name}.stamp")
        wanted = self._sources_digest()
        with static.with_name(f"{static.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if static.is_dir() and stamp.exists() and stamp.read_text() == wanted:
                return False
            stamp.unlink(missing_ok=True)
            log = self.static_log(with_plugin, **environment)
            log.unlink(missing_ok=True)
            # Horizon's pages name the same files with either panel.
            environment = self.horizon_environment(0, "angular", with_plugin, **environment)
            self._run(self._horizon_python, "-m", "demo.horizon.static", log=log, **environment)
            stamp.write_text(wanted)
        return True

    def static_log(self, with_plugin: bool = True, **environment: str) -> Path:
        """Return the file with the output of the commands that made the static files."""
        static = self._static(with_plugin, **environment)
        return static.with_name(f"{static.name}.log")

    def _sources_digest(self) -> str:
        """Return a digest of everything that the static files are made from."""
        digest = hashlib.sha256()
        for line in _sources(self.horizon_prefix):
            digest.update(line.encode())
        return digest.hexdigest()

    def _static(self, with_plugin: bool, **environment: str) -> Path:
        name = "static" if with_plugin else "static-plain"
        folder = self.static_files or self.folder / "horizon"
        for variable in ("HORIZON_ENABLED", "HORIZON_SETTINGS"):
            if path := environment.get(variable):
                # The file may have other contents in another cloud.
                name, folder = f"{name}-{Path(path).stem}", self.folder / "horizon"
        return folder / name

    @property
    def _horizon_python(self) -> str:
        return str(self.horizon_prefix / "bin" / "python")

    def _etc(self, name: str) -> Path:
        return self.folder / "etc" / name

    def _make_folders(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MARKER).touch()
        # The folder holds keys, passwords and databases.
        self.folder.chmod(0o700)
        for name in ("log", "etc/keystone", "etc/glance", "images", "staging", "tasks", "horizon"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def _service(
        self, prefix: Path, name: str, application: str, port: int, probe: str, **environment: str
    ) -> Service:
        url = f"http://{HOST}:{port}"
        log = self.logs / f"{name}.log"
        configuration = Path(__file__).with_name("gunicorn.conf.py")
        return Service(
            name=name,
            url=url,
            probe=url + probe,
            command=[str(prefix / "bin" / "python"), "-m", "gunicorn"],
            environment=_environment(
                GUNICORN_CMD_ARGS=f"--config {shlex.quote(str(configuration))}",
                SERVE_APP=application,
                SERVE_BIND=f"{HOST}:{port}",
                SERVE_LOG=str(log),
                **environment,
            ),
            log=log,
        )

    def _write_configuration(self) -> None:
        password = _escape(self.password)
        _write(
            self._etc("keystone") / "keystone.conf",
            f"""\
[DEFAULT]
log_file = {self.logs}/keystone-api.log

{self._keystone_cache()}
[database]
connection = {_escape(self.database_url("keystone"))}
# A cloud for trying and testing need not outlive a failure of the machine.
sqlite_synchronous = False

[identity]
# The cheapest that bcrypt has: everybody knows the password, and with Keystone's default each login
# would cost 0.2 seconds of processor time.
password_hash_rounds = 4

[fernet_tokens]
key_repository = {self._etc("keystone")}/fernet-keys

[fernet_receipts]
key_repository = {self._etc("keystone")}/fernet-keys

[credential]
key_repository = {self._etc("keystone")}/credential-keys
""",
        )
        _write(
            self._etc("glance") / "glance-api.conf",
            f"""\
[DEFAULT]
log_file = {self.logs}/glance-api.log
enabled_backends = file:file,http:http
# What Horizon's Create Image by URL needs: it adds the URL as the image's location.
show_multiple_locations = True

[database]
connection = {_escape(self.database_url("glance"))}
sqlite_synchronous = False

[glance_store]
default_backend = file

[file]
filesystem_store_datadir = {self.folder}/images

[http]

# From this machine alone, on any port.
[import_filtering_opts]
allowed_hosts = [{HOST}]
allowed_ports = []

[os_glance_staging_store]
filesystem_store_datadir = {self.folder}/staging

[os_glance_tasks_store]
filesystem_store_datadir = {self.folder}/tasks

[oslo_concurrency]
lock_path = {self.folder}/staging

[paste_deploy]
flavor = keystone
config_file = {self.services_prefix}/etc/glance/glance-api-paste.ini

[keystone_authtoken]
www_authenticate_uri = {self.keystone_url}
auth_url = {self.keystone_url}
auth_type = password
username = glance
password = {password}
user_domain_id = default
project_name = service
project_domain_id = default
region_name = {REGION}
""",
        )
        key = self.folder / "horizon" / "secret-key"
        if not key.exists():
            _write(key, secrets.token_urlsafe(48))

    def _keystone_cache(self) -> str:
        backend = "dogpile.cache.memory"
        if self.keystone_cache:
            backend = f"dogpile.cache.pymemcache\nmemcache_servers = {self.keystone_cache}"
        return f"""\
[cache]
enabled = True
backend = {backend}
"""

    def _prepare_keystone(self, say: Callable[[str], None]) -> None:
        done = self.bootstrapped
        if done.exists() and done.read_text() == self.fingerprint:
            return
        say("Keystone: creating the database, the keys and the administrator")
        if not done.exists():
            self._keystone_manage("db_sync")
            self._write_ahead_log("keystone")
            owner = []
            if os.geteuid() == 0:  # required only in this case
                group = grp.getgrgid(os.getegid()).gr_name
                owner = ["--keystone-user", user_name(), "--keystone-group", group]
            for setup in ("fernet_setup", "credential_setup"):
                self._keystone_manage(setup, *owner)
        # In the environment, so that a list of processes does not show the password.
        self._keystone_manage(
            "bootstrap",
            OS_BOOTSTRAP_PASSWORD=self.password,
            OS_BOOTSTRAP_REGION_ID=REGION,
            OS_BOOTSTRAP_PUBLIC_URL=self.keystone_url,
            OS_BOOTSTRAP_INTERNAL_URL=self.keystone_url,
            OS_BOOTSTRAP_ADMIN_URL=self.keystone_url,
        )
        _write(done, self.fingerprint)

    def prepare_glance(self, say: Callable[[str], None]) -> None:
        """Prepare Glance's database alone, for a cloud that uses another cloud's Keystone.

        :raises CloudError: when a step fails
        """
        done = self._etc("glance") / "database-ready"
        if done.exists():
            return
        say("Glance: creating the database and the metadata definitions")
        self._glance_manage("db", "sync")
        self._write_ahead_log("glance")
        # Without any definitions, Horizon's image forms get an error 500 from Horizon's own API.
        definitions = self.services_prefix / "etc/glance/metadefs" / self.metadata_definitions
        self._glance_manage("db_load_metadefs", str(definitions))
        done.touch()

    def _write_ahead_log(self, name: str) -> None:
        """Let readers of a SQLite database continue during a write. The file keeps this setting."""
        if self.database:
            return
        with sqlite3.connect(self.folder / f"{name}.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()

    def _prepare_horizon(self, say: Callable[[str], None]) -> None:
        if not self.horizon_cache and not (self.folder / "horizon" / "horizon.db").exists():
            say("Horizon: creating the table of its cache and sessions")
            log = self.logs / "prepare-horizon.log"
            environment = self.horizon_environment(0, "angular")
            self._run(
                self._horizon_python, "-m", "django", "createcachetable", log=log, **environment
            )
        say("Horizon: collecting and compressing the static files, where they changed")
        self.compress()

    def _keystone_manage(self, *arguments: str, **environment: str) -> None:
        self._run(
            self._script("keystone-manage"), "--config-dir", str(self._etc("keystone")), *arguments,
            **environment,
        )  # fmt: skip

    def _glance_manage(self, *arguments: str) -> None:
        program = self._script("glance-manage")
        self._run(program, "--config-dir", str(self._etc("glance")), *arguments)

    def _script(self, name: str) -> str:
        return str(self.services_prefix / "bin" / name)

    def _run(self, *command: str, log: Path | None = None, **environment: str) -> None:
        log = log or self.logs / f"prepare-{Path(command[0]).name}.log"
        with log.open("a") as output:
            output.write(f"+ {shlex.join(command)}\n")
            output.flush()
            with subprocess.Popen(
                command,
                env=_environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as step:
                _steps.add(step)
                step.wait()
                _steps.discard(step)
        if step.returncode:
            raise CloudError(f"`{shlex.join(command)}` failed, see {log}:\n{tail(log)}")


def stop_steps() -> None:
    """End the commands that :meth:`Cloud.prepare` is running, in all threads."""
    for step in list(_steps):
        step.terminate()


def wait_until_served(
    service: Service, alive: Callable[[], bool] = lambda: True, seconds: float = 60
) -> None:
    """Return as soon as a service answers.

    :param service: a service that was started
    :param alive: returns False to end the waiting, because the process ended
    :param seconds: the longest time to wait
    :raises CloudError: with the end of the service's log
    """
    deadline = time.monotonic() + seconds
    while alive() and time.monotonic() < deadline:
        try:
            _probe(service.probe)
        except urllib.error.HTTPError as error:
            raise CloudError(f"{service.name}: {error}, see {service.log}") from error
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CloudError(f"{service.name} does not answer, see {service.log}:\n{tail(service.log)}")


def _probe(address: str) -> None:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "tcp":
        socket.create_connection((parts.hostname, parts.port), timeout=10).close()
    else:
        urllib.request.urlopen(address, timeout=10).close()


def ensure_program(program: str, package: str) -> str:
    """Return the path of a Debian package's program, installing the package where possible.

    :raises CloudError: when it is missing and cannot be installed
    """
    ensure_programs({program: package})
    return shutil.which(program, path=_programs()) or program


def ensure_programs(packages: Mapping[str, str]) -> None:
    """Install the packages of missing programs, or name all of them in one error.

    :param packages: the Debian package of each program
    :raises CloudError: when a program is missing and cannot be installed
    """
    missing = [packages[item] for item in packages if not shutil.which(item, path=_programs())]
    if missing:
        done = subprocess.run([str(ROOT / ".ci/apt-install"), *missing], stderr=subprocess.PIPE)
        if done.returncode:
            raise CloudError(done.stderr.decode(errors="replace").strip())


def _programs() -> str:
    # An ordinary user's PATH lacks Debian's folders for servers.
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def user_name() -> str:
    """Return the name of the user that runs this process, independent of the environment."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container without an entry; the programs take a number as well
        return str(os.geteuid())


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, or nothing if it does not exist."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _environment(**more: str) -> dict[str, str]:
    environment = dict(os.environ)
    # The caller's own cloud must not leak in.
    for name in list(environment):
        if name.startswith("OS_"):
            del environment[name]
    # `demo` is not an installed package; Python finds it in the checkout.
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(ROOT), environment.get("PYTHONPATH")])
    )
    return environment | more


def _escape(value: str) -> str:
    """Escape a value for oslo.config, where ``$`` would begin a substitution."""
    return value.replace("$", "$$")


def _write(path: Path, content: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content)


def _sources(horizon_prefix: Path) -> Iterator[str]:
    (packages,) = horizon_prefix.glob("lib/python3*/site-packages")
    for distribution in importlib.metadata.distributions(name="horizon", path=[str(packages)]):
        yield distribution.version
    installed = packages / PLUGIN.name  # missing in an editable installation
    for folder in (installed if installed.exists() else PLUGIN, Path(__file__).parent / "horizon"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".js", ".scss", ".css", ".html", ".svg", ".png"} or (
                path.suffix == ".py" and path.parent.name in {"enabled", "horizon", "local"}
            ):
                stat = path.stat()
                yield f"{path}\n{stat.st_mtime_ns}\n{stat.st_size}\n"
