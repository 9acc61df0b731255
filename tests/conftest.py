# SPDX-License-Identifier: Apache-2.0
"""The real cloud that ``tests/cloud`` and ``tests/browser`` run against."""

import copy
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import pytest
from django.test import Client
from openstack.connection import Connection

from demo.bulk import Bulk
from demo.cloud import Cloud, Panel, Service
from demo.data import ADMIN, USERS, connect, seed
from demo.processes import Process
from tests import prepared
from tests.environment import CLOUD, PREPARED, RESULTS, free_port

PROJECT_OF = {user.name: user.project for user in (ADMIN, *USERS)}


class RunningCloud:
    """Keystone and Glance with the demo's data, and dashboards on demand.

    :param stores: services that must run before the others, such as a database server
    """

    def __init__(self, cloud: Cloud = CLOUD, stores: tuple[Service, ...] = ()) -> None:
        self.described = cloud
        self._stores = stores
        self.keystone_url = cloud.keystone_url
        self.glance_url = cloud.glance_url
        self.password = cloud.password
        self._horizons: dict[tuple[object, ...], str] = {}
        self._processes: list[Process] = []

    def start(self) -> None:
        """Start and fill the cloud.

        :raises demo.cloud.CloudError: with the end of the log of the service that failed
        """
        with without_coverage():
            for store in [self._start(store) for store in self._stores]:
                store.wait()
            if self.described.database:
                self.described.prepare(print)
            else:
                prepared.prepare(self.described, PREPARED, print)
            services = [self._start(service) for service in self.described.services()]
        for service in services:
            service.wait()
        seed(self.described, print)

    def stop(self) -> None:
        """Stop all processes, and keep the logs."""
        # An orderly shutdown takes seconds of processor time. Only workers that write coverage
        # need one.
        is_covered = any(name.startswith("COVERAGE_") for name in os.environ)
        for process in self._processes:
            if is_covered:
                process.terminate()
            else:
                process.kill()
        for process in reversed(self._processes):
            process.join()
        logs = RESULTS / "log" / os.environ.get("PYTEST_XDIST_WORKER", "")
        shutil.copytree(self.described.logs, logs, dirs_exist_ok=True)

    def restart(self, name: str) -> None:
        """Kill and restart a service, without waiting until it answers."""
        (process,) = (item for item in self._processes if item.service.name == name)
        process.kill()
        process.start()

    def connection(
        self, user: str, project: str | None = None, project_domain: str = "Default"
    ) -> Connection:
        """Return an authenticated openstacksdk client.

        :param user: one of the demo's users
        :param project: the name of a project other than the user's own
        :param project_domain: the name of that project's domain
        """
        return connect(self.described, user, project or PROJECT_OF[user], project_domain)

    def horizon(
        self, panel: Panel, with_plugin: bool = True, port: int = 0, **environment: str
    ) -> str:
        """Return a dashboard's address without a trailing slash, starting it at most once.

        :param panel: Horizon's Images panel to run
        :param with_plugin: False for Horizon without the plugin
        :param port: TCP port on loopback, or 0 for any free one
        :param environment: see :meth:`demo.cloud.Cloud.horizon_environment`
        """
        wanted = panel, with_plugin, *sorted(environment.items())
        if wanted not in self._horizons:
            with without_coverage():
                self.described.compress(with_plugin, **environment)
            service = self.described.horizon(port or free_port(), panel, with_plugin, **environment)
            self._horizons[wanted] = service.url
            self._start(service).wait()
        return self._horizons[wanted]

    def _start(self, service: Service) -> Process:
        process = Process(service)
        process.start()
        self._processes.append(process)
        return process


class without_coverage:
    """Turn off coverage in processes that run none of our code; coverage slows them down."""

    def __enter__(self) -> None:
        self._removed = {
            name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_")
        }

    def __exit__(self, *_: object) -> None:
        os.environ.update(self._removed)


@pytest.fixture(scope="session")
def cloud() -> Iterator[RunningCloud]:
    """Return the cloud, started by the first test that requests it."""
    running = RunningCloud()
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def bulk(cloud: RunningCloud) -> Iterator[Bulk]:
    """Return access to the databases, for changes that the APIs refuse or make slowly."""
    bulk = Bulk(cloud.described, cloud.connection("admin"))
    yield bulk
    bulk.close()


@pytest.fixture(scope="session")
def logins() -> dict[tuple[str, str | None], SimpleCookie]:
    """Return the cookies of logged-in users, by user and project."""
    return {}


@pytest.fixture
def login(
    cloud: RunningCloud, logins: dict[tuple[str, str | None], SimpleCookie]
) -> Callable[..., Client]:
    """Return a function that returns Django's test client, logged in through Horizon.

    Each user logs in once per run, because a login requests several tokens from Keystone.
    """

    def log_in(user: str, project: str | None = None) -> Client:
        """Log in.

        :param user: one of the demo's users
        :param project: the ID of a project to switch to, other than the user's first
        """
        client = Client(HTTP_HOST="127.0.0.1")
        if (user, project) in logins:
            client.cookies = copy.deepcopy(logins[user, project])
            return client
        response = client.post(
            "/auth/login/",
            {"username": user, "password": cloud.password, "region": "default"},
        )
        assert response.status_code == 302, response.content.decode()
        if project:
            response = client.get(f"/auth/switch/{project}/", {"next": "/project/images/"})
            assert response.status_code == 302, response.content.decode()
        logins[user, project] = copy.deepcopy(client.cookies)
        return client

    return log_in


def pytest_collection_finish() -> None:
    """Exclude permanent objects from garbage collection, which would take a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Remove the cloud's folder; its logs have been copied."""
    shutil.rmtree(CLOUD.folder, ignore_errors=True)
