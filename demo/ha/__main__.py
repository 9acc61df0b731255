# SPDX-License-Identifier: Apache-2.0
"""``python -m demo.ha``: run two nodes in the foreground until Ctrl-C or SIGTERM."""

import os
import sys
import time

from demo import catalogue, checks, program
from demo.__main__ import say
from demo.data import ADMIN, USERS, write_openrc_files
from demo.ha.nodes import Running, running
from demo.ha.options import Options
from demo.options import DEFAULT_PASSWORD

# Seconds before an ended node is restarted; until then the other one does the work.
_RESTART_AFTER = 10


def main() -> int:
    """Run until Ctrl-C or SIGTERM and return the exit status."""
    return program.run("demo", Options.from_environment, _run)


def _run(options: Options) -> int:
    with checks.lock("DEMO_HA_DIR", options.folder), running(options, say) as ha:
        catalogue.seed(ha.cloud, say)
        write_openrc_files(ha.cloud)
        print(_instructions(options, ha), flush=True)
        return _watch(ha)


def _watch(ha: Running) -> int:
    """Restart a node that ended, as an operator's init system would.

    :returns: 1 when another process ended
    """
    ended: dict[str, float] = {}
    while True:
        time.sleep(0.5)
        for process in ha.others:
            if not process.running:
                say(f"{process.service.name} ended by itself: see {process.service.log}")
                return 1
        for node in ha.nodes:
            name = node.service.name
            if node.running:
                ended.pop(name, None)
            elif name not in ended:
                say(f"{name} ended. It is started again in {_RESTART_AFTER} seconds")
                ended[name] = time.monotonic()
            elif time.monotonic() > ended[name] + _RESTART_AFTER:
                node.start()
                say(f"{name} was started again as process {node.pid}")


def _instructions(options: Options, ha: Running) -> str:
    people = "\n".join(
        f"    {user.name:<6} {user.role} of {user.project}" for user in (ADMIN, *USERS)
    )
    nodes = "\n".join(
        f"    {node.service.name}  {node.service.url}  process {node.pid}" for node in ha.nodes
    )
    # A password that the user chose is not shown on the screen.
    password = DEFAULT_PASSWORD if options.password == DEFAULT_PASSWORD else "in DEMO_PASSWORD"
    return f"""
Horizon with the {options.panel} Images panel, two nodes behind one address:  {ha.url}
The balancer's view of the nodes:  {ha.status_url}
{nodes}

Users, all with the password {password}:
{people}

Try: as admin, open Manage Access, `kill` one of the nodes, and go on. It is started
again after {_RESTART_AFTER} seconds.

Logs are in {os.path.relpath(options.folder)}/log. Ctrl-C stops everything.
"""


if __name__ == "__main__":
    sys.exit(main())
