# SPDX-License-Identifier: Apache-2.0
"""The measured cloud: Keystone, Glance, and Horizon with the panel and without it."""

import contextlib
import dataclasses
import secrets
import shutil
from collections.abc import Callable, Iterator

from benchmarks.options import Options
from demo import processes
from demo.cloud import Cloud, Service
from demo.data import seed
from demo.ha import mariadb, memcached
from demo.processes import Process


@dataclasses.dataclass(frozen=True)
class Running:
    """A running cloud.

    :ivar horizon: address of the dashboard with the panel
    :ivar plain: address of Horizon without the panel
    :ivar dashboard: the process whose children are the workers of the dashboard with the panel
    """

    cloud: Cloud
    horizon: str
    plain: str
    dashboard: Process


@contextlib.contextmanager
def running(options: Options, say: Callable[[str], None]) -> Iterator[Running]:
    """Start a new cloud with the demo's data, and stop it afterwards.

    :raises demo.cloud.CloudError: when something does not start
    """
    shutil.rmtree(options.folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        cloud = Cloud(options.folder, options.port + 2, options.port + 3, secrets.token_hex(8))
        cloud.configure()
        if options.database == "mariadb":
            # As in production, with a cache for Keystone.
            say("Starting MariaDB and memcached")
            password, cache = secrets.token_hex(16), memcached.service(options.port + 5, cloud.logs)
            cloud = dataclasses.replace(
                cloud,
                database=mariadb.url(options.port + 4, password),
                keystone_cache=cache.url.removeprefix("tcp://"),
            )
            database = mariadb.service(options.folder / "mariadb", options.port + 4, password)
            stack.enter_context(processes.running([database, cache]))
        cloud.prepare(say)
        cloud.compress(with_plugin=False)
        horizon = _measured(cloud.horizon(options.port, "python"))
        plain = cloud.horizon(options.port + 1, "python", with_plugin=False)
        say("Starting Keystone, Glance and Horizon")
        *_services, dashboard, _plain = stack.enter_context(
            processes.running([*cloud.services(), horizon, plain])
        )
        seed(cloud, say)
        yield Running(cloud, horizon.url, plain.url, dashboard)


def _measured(service: Service) -> Service:
    """Return a dashboard that counts its requests and has the floor's empty pages."""
    return dataclasses.replace(
        service,
        environment=service.environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.empty.settings"},
    )
