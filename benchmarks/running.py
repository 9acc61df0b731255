"""The cloud that is measured: Keystone, Glance, and Horizon with the panel and without it."""

import contextlib
import dataclasses
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator

from benchmarks import mariadb
from benchmarks.options import Options
from demo.cloud import Cloud, Service, wait_until_served
from demo.data import seed

STOPPING_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Running:
    """A cloud that answers.

    :ivar horizon: address of the dashboard with the panel
    :ivar plain: address of Horizon as it comes
    """

    cloud: Cloud
    horizon: str
    plain: str


@contextlib.contextmanager
def running(options: Options, say: Callable[[str], None]) -> Iterator[Running]:
    """Bring up a new cloud with the demo's data, and end everything afterwards.

    :raises demo.cloud.CloudError: when something does not start
    """
    shutil.rmtree(options.folder, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        database = ""
        if options.database == "mariadb":
            say("Starting MariaDB")
            database = stack.enter_context(mariadb.running(options.port + 4, secrets.token_hex(16)))
        cloud = Cloud(
            options.folder, options.port + 2, options.port + 3, secrets.token_hex(8), database
        )
        cloud.prepare(say)
        cloud.compress(with_plugin=False)
        horizon = _measured(cloud.horizon(options.port, "python"))
        plain = cloud.horizon(options.port + 1, "python", with_plugin=False)
        say("Starting Keystone, Glance and Horizon")
        services = [*cloud.services(), horizon, plain]
        processes = [stack.enter_context(_process(service)) for service in services]
        for service, process in zip(services, processes, strict=True):
            wait_until_served(service, alive=lambda process=process: process.poll() is None)
        seed(cloud, say)
        yield Running(cloud, horizon.url, plain.url)


def _measured(service: Service) -> Service:
    """Return a dashboard that counts its requests and has the empty pages of the floor."""
    return dataclasses.replace(
        service,
        environment=service.environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.empty.settings"},
    )


@contextlib.contextmanager
def _process(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        service.command,
        env=service.environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
