# SPDX-License-Identifier: Apache-2.0
"""HAProxy in front of several dashboards."""

import csv
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from demo.cloud import HOST, Service, ensure_program

# Longest time of a dashboard's answer (seconds): a change of access while a service hangs, see the
# panel's setting `request_time`.
_LONGEST = 180


def service(folder: Path, port: int, status_port: int, nodes: Iterable[Service]) -> Service:
    """Return a balancer, ready to be started.

    Requests go to the nodes in turn, without sticky sessions. A node that refuses connections is
    skipped at once. If a node breaks off a request that only reads, the request is sent to the
    next node, which is safe.

    :param folder: for its configuration
    :param port: TCP port on loopback for the dashboard
    :param status_port: TCP port on loopback for the balancer's own page
    :param nodes: the dashboards
    :raises demo.cloud.CloudError: when it cannot be installed
    """
    program = ensure_program("haproxy", "haproxy")
    servers = "\n".join(
        f"    server {node.name} {node.url.removeprefix('http://')}" for node in nodes
    )
    configuration = folder / "haproxy.cfg"
    configuration.write_text(f"""\
global
    maxconn 1000

defaults
    mode http
    timeout connect 5s
    timeout client {_LONGEST}s
    timeout server {_LONGEST}s

frontend horizon
    bind {HOST}:{port}
    default_backend horizon

backend horizon
    balance roundrobin
    # A file that each node serves as soon as Horizon is loaded in it.
    option httpchk GET /static/dashboard/img/favicon.ico
    default-server check inter 1s fall 2 rise 1
    # A connection that was kept could end under a request that must not be sent twice, and a node
    # that is to stop would wait for it.
    option http-server-close
    http-reuse never
    option redispatch 1
    retries 2
    retry-on conn-failure empty-response
    http-request disable-l7-retry unless {{ method GET HEAD }}
{servers}

frontend status
    bind {HOST}:{status_port}
    stats enable
    stats uri /
    stats refresh 5s
""")
    return Service(
        "balancer",
        f"http://{HOST}:{port}",
        f"http://{HOST}:{port}/auth/login/",
        [program, "-db", "-f", str(configuration)],
        {},
        folder / "log" / "haproxy.log",
    )


def states(status_url: str) -> dict[str, dict[str, str]]:
    """Return the balancer's view of each node, by name.

    :param status_url: address of the balancer's own page
    :returns: HAProxy's own fields, such as ``status`` (``UP``) and ``scur``, the number of
        the node's running requests
    """
    with urllib.request.urlopen(f"{status_url}/;csv", timeout=10) as answer:
        lines = answer.read().decode().removeprefix("# ").splitlines()
    return {
        row["svname"]: row
        for row in csv.DictReader(lines)
        if row["pxname"] == "horizon" and row["svname"] not in ("FRONTEND", "BACKEND")
    }
