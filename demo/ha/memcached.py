# SPDX-License-Identifier: Apache-2.0
"""A memcached of a cloud's own, for sessions and caches that several processes share."""

from pathlib import Path

from demo.cloud import HOST, Service, ensure_program, user_name


def service(port: int, logs: Path) -> Service:
    """Return a memcached, ready to be started.

    :param port: TCP port on loopback
    :raises demo.cloud.CloudError: when it cannot be installed
    """
    program = ensure_program("memcached", "memcached")
    url = f"tcp://{HOST}:{port}"
    # memcached runs as the superuser only with an explicit -u; 64 MiB are its own default.
    command = [program, "-l", HOST, "-p", str(port), "-U", "0", "-u", user_name()]
    return Service("memcached", url, url, command, {}, logs / "memcached.log")
