# SPDX-License-Identifier: Apache-2.0
"""A MariaDB of a cloud's own, with its folder, port and process."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from demo.cloud import HOST, CloudError, Service, ensure_program, tail, user_name

NAMES = ("keystone", "glance")


def url(port: int, password: str) -> str:
    """Return the address for the field ``database`` of :class:`demo.cloud.Cloud`."""
    return f"mysql+pymysql://cloud:{password}@{HOST}:{port}/{{name}}?charset=utf8mb4"


def service(folder: Path, port: int, password: str) -> Service:
    """Return a server with a database for Keystone and one for Glance, ready to be started.

    :param folder: for its data, created when it is missing
    :param port: TCP port on loopback
    :param password: the password of the services' database user
    :raises CloudError: when it cannot be installed
    """
    server = ensure_program("mariadbd", "mariadb-server")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data, log = folder / "data", folder / "log"
    # MariaDB runs as the superuser only with an explicit --user.
    user = f"--user={user_name()}"
    if not data.exists():
        _install(data, log, user)
    orders = folder / "init.sql"
    orders.touch(mode=0o600)
    orders.write_text("\n".join(_orders(password)))
    command = [
        server,
        "--no-defaults",
        user,
        f"--datadir={data}",
        f"--init-file={orders}",
        f"--bind-address={HOST}",
        f"--port={port}",
        # In the data folder, because the path of a socket must be shorter than 108 bytes.
        "--socket=socket",
        "--innodb-buffer-pool-size=512M",
        "--max-connections=500",
    ]
    address = f"tcp://{HOST}:{port}"
    return Service("mariadb", address, address, command, {}, log)


def _install(data: Path, log: Path, user: str) -> None:
    # MariaDB's superuser is the user of this process, over the socket.
    command = [
        ensure_program("mariadb-install-db", "mariadb-server"),
        "--no-defaults",
        user,
        f"--datadir={data}",
        f"--auth-root-socket-user={user_name()}",
        "--skip-test-db",
    ]
    with log.open("ab") as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    if done.returncode:
        raise CloudError(f"`mariadb-install-db` failed:\n{tail(log)}")


def _orders(password: str) -> Iterator[str]:
    """Yield the server's statements at each start, before it accepts clients; one line each."""
    yield f"CREATE OR REPLACE USER cloud@'%' IDENTIFIED BY '{password}';"
    for name in NAMES:
        yield f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4;"
        yield f"GRANT ALL ON {name}.* TO cloud@'%';"
