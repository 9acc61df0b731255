# SPDX-License-Identifier: Apache-2.0
"""The nodes, with the balancer in front and the services behind them: start and stop."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from demo import processes
from demo.cloud import HOST, Cloud, ensure_programs
from demo.data import seed
from demo.ha import balancer, mariadb, memcached
from demo.ha.options import PORTS, Options
from demo.processes import Process


@dataclass(frozen=True)
class Running:
    """Running nodes, with the balancer in front and the services behind them.

    :ivar url: the dashboard's address, which is the balancer's
    :ivar status_url: the balancer's own page
    :ivar nodes: the dashboards' processes
    :ivar others: all other processes of the cloud
    """

    cloud: Cloud
    url: str
    status_url: str
    nodes: list[Process]
    others: list[Process]

    def busy(self) -> list[Process]:
        """Return the nodes that are answering a request now."""
        states = balancer.states(self.status_url)
        return [node for node in self.nodes if int(states[node.service.name]["scur"])]


@contextlib.contextmanager
def running(options: Options, say: Callable[[str], None], **environment: str) -> Iterator[Running]:
    """Start the cloud with the demo's data, and stop everything afterwards.

    :param say: called with each step
    :param environment: further variables for the nodes, such as ``HORIZON_SETTINGS``
    :raises demo.cloud.CloudError: when something cannot be installed or does not start
    """
    port, status, *node_ports, keystone, glance, database, cache = range(
        options.port, options.port + PORTS
    )
    folder = options.folder
    # Installs missing programs before the first service starts, because starting takes time.
    ensure_programs({"mariadbd": "mariadb-server", "memcached": "memcached", "haproxy": "haproxy"})
    with contextlib.ExitStack() as stack:
        say("Starting MariaDB and memcached")
        # A new password for each start, because only these services need it.
        password = secrets.token_hex(16)
        shared = f"{HOST}:{cache}"
        cloud = Cloud(
            folder,
            keystone,
            glance,
            options.password,
            mariadb.url(database, password),
            keystone_cache=shared,
            horizon_cache=shared,
        )
        cloud.configure()
        stores = [
            mariadb.service(folder / "mariadb", database, password),
            memcached.service(cache, cloud.logs),
        ]
        others = stack.enter_context(processes.running(stores))
        cloud.prepare(say)
        say("Starting Keystone, Glance, the Horizon nodes and the balancer")
        others += stack.enter_context(processes.running(cloud.services()))
        seed(cloud, say)
        dashboards = [
            cloud.node(f"node-{number}", node_port, options.panel, port)
            for number, node_port in enumerate(node_ports, 1)
        ]
        dashboards = [
            replace(service, environment=service.environment | environment)
            for service in dashboards
        ]
        nodes = stack.enter_context(processes.running(dashboards))
        front = balancer.service(folder, port, status, dashboards)
        others += stack.enter_context(processes.running([front]))
        yield Running(cloud, front.url, f"http://{HOST}:{status}", nodes, others)
