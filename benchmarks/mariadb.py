"""A MariaDB of the benchmark's own: its folder, its port, its process."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pymysql

from demo.cloud import HOST, ROOT, CloudError, tail

SERVER, INSTALL = "mariadbd", "mariadb-install-db"


@contextlib.contextmanager
def running(port: int, password: str) -> Iterator[str]:
    """Run a server with a database for Keystone and one for Glance, and end it afterwards.

    It runs as the user ``mysql`` where this process may choose, as in production.

    :param port: TCP port on loopback
    :param password: of the services' database user
    :returns: what :class:`demo.cloud.Cloud` takes as ``database``
    :raises CloudError: when it cannot be installed or does not start
    """
    if not shutil.which(SERVER):
        subprocess.run([str(ROOT / ".ci/apt-install"), "mariadb-server"], check=True)
    # Not in BENCH_DIR, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="xloud-bench-mariadb-"))
    user = {"user": "mysql", "group": "mysql", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "mysql", "mysql")
    log, socket = folder / "log", folder / "socket"
    server = None
    try:
        with log.open("wb") as output:
            install = [
                INSTALL,
                "--no-defaults",
                f"--datadir={folder / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ]
            if subprocess.run(install, stdout=output, stderr=output, **user).returncode:
                raise CloudError(f"`{INSTALL}` failed:\n{tail(log)}")
            server = subprocess.Popen(
                [
                    SERVER,
                    "--no-defaults",
                    f"--datadir={folder / 'data'}",
                    f"--port={port}",
                    f"--bind-address={HOST}",
                    f"--socket={socket}",
                    f"--pid-file={folder / 'pid'}",
                    "--innodb-buffer-pool-size=512M",
                    "--max-connections=500",
                ],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **user,
            )
        _create_databases(socket, password, server, log)
        yield f"mysql+pymysql://cloud:{password}@{HOST}:{port}/{{name}}?charset=utf8mb4"
    finally:
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _create_databases(
    socket: Path, password: str, server: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = pymysql.connect(unix_socket=str(socket), user="root")
            break
        except pymysql.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise CloudError(f"MariaDB does not start:\n{tail(log)}") from None
            time.sleep(0.2)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER cloud@'%%' IDENTIFIED BY %s", (password,))
        for name in ("keystone", "glance"):
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"GRANT ALL ON {name}.* TO cloud@'%'")
