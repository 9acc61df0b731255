# SPDX-License-Identifier: Apache-2.0
"""Two Horizon nodes behind a balancer, with a Glance that can be made to wait."""

import random
import shutil
from collections.abc import Iterator

import pytest
from openstack.connection import Connection

from demo import checks
from demo.cloud import Panel
from demo.data import connect
from demo.ha.nodes import Running, running
from demo.ha.options import PORTS, Options
from tests.browser.conftest import (  # noqa: F401 - fixtures
    admin,
    browser,
    chromium,
    cleanup,
    domain_ids,
    manage_access,
    members,
    new_image,
    new_project,
    panel,
    project_ids,
    pytest_runtest_makereport,
    sessions,
    visit,
    visit_as,
)
from tests.browser.uploads import create_image  # noqa: F401 - a fixture
from tests.conftest import PROJECT_OF
from tests.environment import RESULTS
from tests.faults import Proxy


class BalancedCloud:
    """The cloud behind the nodes, with the interface that the browser tests expect."""

    def __init__(self, ha: Running) -> None:
        self._ha = ha
        self.password = ha.cloud.password

    def connection(self, user: str, project: str | None = None) -> Connection:
        """Return an authenticated openstacksdk client."""
        return connect(self._ha.cloud, user, project or PROJECT_OF[user], "Default")


@pytest.fixture(scope="session")
def ha(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:  # noqa: F811
    """Return the nodes, started with the first test."""
    folder = tmp_path_factory.mktemp("ha")
    options = Options(folder / "cloud", free_ports(), "secret", panel)
    try:
        with running(options, print) as nodes:
            yield nodes
    finally:
        shutil.copytree(folder / "cloud/log", RESULTS / f"log-ha-{panel}", dirs_exist_ok=True)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def glance(ha: Running) -> Iterator[Proxy]:
    """Return the Glance of the catalogue, which can be made to wait."""
    proxy = Proxy(ha.cloud.glance_url)
    with BalancedCloud(ha).connection("admin") as connection:
        [service] = connection.identity.services(type="image")
        for endpoint in connection.identity.endpoints(service_id=service.id):
            connection.identity.update_endpoint(endpoint, url=proxy.url)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def cloud(ha: Running, glance: Proxy) -> BalancedCloud:
    """Return the cloud behind the nodes."""
    return BalancedCloud(ha)


@pytest.fixture
def dashboard(ha: Running) -> str:
    """Return the balancer's address."""
    return ha.url


@pytest.fixture(autouse=True)
def both_nodes_and_glance_are_there(ha: Running, glance: Proxy) -> Iterator[None]:
    """Start the nodes that a test has stopped, so that the next test begins with both."""
    yield
    glance.heal()
    for node in ha.nodes:
        if not node.running:
            node.start()
    for node in ha.nodes:
        node.wait()


def free_ports() -> int:
    """Return the first of ``PORTS`` consecutive ports that are free."""
    while True:
        first = random.randrange(20_000, 30_000)  # noqa: S311 - no secret
        try:
            checks.free("", first, PORTS)
        except checks.OptionError:
            continue
        return first
