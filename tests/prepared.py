# SPDX-License-Identifier: Apache-2.0
"""Prepared databases and keys, which the clouds of one environment copy."""

import contextlib
import dataclasses
import fcntl
import hashlib
import importlib.metadata
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import demo.cloud
from demo.cloud import Cloud


def prepare(cloud: Cloud, folder: Path, say: Callable[[str], None]) -> None:
    """Prepare a cloud of SQLite databases from a model, which is rebuilt if it is outdated.

    :param folder: the model's folder; other processes may use it at the same time
    :param say: called with each step
    :raises demo.cloud.CloudError: when a step fails
    """
    # No cloud has these ports. The catalogue of each copy gets the ports of its own cloud.
    model = dataclasses.replace(cloud, folder=folder, keystone_port=1, glance_port=2)
    stamp = folder / "stamp"
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _made_from(cloud)
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            model.prepare(say)
            stamp.write_text(wanted)
        shutil.copytree(
            folder, cloud.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("log", "stamp")
        )
    # Setting the ports with Keystone's own command takes three seconds of processor time.
    with contextlib.closing(sqlite3.connect(cloud.folder / "keystone.db")) as database, database:
        change = "UPDATE endpoint SET url = replace(url, ?, ?)"
        database.execute(change, (model.keystone_url, cloud.keystone_url))
    cloud.bootstrapped.write_text(cloud.fingerprint)
    cloud.prepare(say)


def _made_from(cloud: Cloud) -> str:
    """Return a digest of everything that the databases and keys depend on."""
    digest = hashlib.sha256(Path(demo.cloud.__file__).read_bytes())
    for prefix, name in (
        (cloud.services_prefix, "keystone"),
        (cloud.services_prefix, "glance"),
        (cloud.horizon_prefix, "horizon"),
    ):
        (packages,) = prefix.glob("lib/python3*/site-packages")
        for found in importlib.metadata.distributions(name=name, path=[str(packages)]):
            digest.update(f"{name} {found.version}\n".encode())
    digest.update(f"{cloud.password} {cloud.metadata_definitions}".encode())
    return digest.hexdigest()
