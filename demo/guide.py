# SPDX-License-Identifier: Apache-2.0
"""``python -m demo.guide``: fill the running cloud, then print how to use it.

Runs in parallel with the services, until it is stopped with them.
"""

import os
import signal
import sys
from pathlib import Path

from demo import catalogue
from demo.__main__ import say
from demo.cloud import CloudError, wait_until_served
from demo.data import ADMIN, USERS, seed, write_openrc_files
from demo.options import DEFAULT_PASSWORD, Options


def main() -> int:
    """Return 1 when the cloud could not be filled; otherwise run until SIGTERM."""
    options = Options.from_environment()
    cloud = options.cloud()
    try:
        for service in cloud.services():
            wait_until_served(service)
        seed(cloud, say)
        catalogue.seed(cloud, say)
        write_openrc_files(cloud)
        horizon = cloud.horizon(options.port, options.panel)
        wait_until_served(horizon)
    except CloudError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print(_instructions(options, horizon.url), flush=True)
    signal.pause()
    return 0


def _instructions(options: Options, url: str) -> str:
    people = "\n".join(
        f"    {user.name:<6} {user.role} of {user.project}" for user in (ADMIN, *USERS)
    )
    # A password that the user chose is not shown on the screen.
    password = DEFAULT_PASSWORD if options.password == DEFAULT_PASSWORD else "in DEMO_PASSWORD"
    folder = os.path.relpath(options.folder)
    openstack = os.path.relpath(Path(sys.executable).with_name("openstack"))
    return f"""
Horizon {options.release.horizon} with the {options.panel} Images panel:  {url}

Users, all with the password {password}:
{people}

Try:
 1. As admin, Admin > Compute > Images, the menu of ubuntu-24.04-lts: Manage Access.
 2. As admin: Create Image with the visibility Shared; make rocky-9 Shared: its members are back.
 3. As ann, Project > Compute > Images: Shared Images, accept or reject debian-13.
 4. As ann: Community Images, search for "base" or show all.
 5. In a shell: . {folder}/openrc-admin.sh; {openstack} image member list debian-13

As admin, in Admin > Compute > Images, with access from several years:
 6. Tick ubuntu-22.04-lts, debian-13 and alma-9, then Manage Access above the table: data-science
    has access to some of them; tag:gpu finds projects in two domains.
 7. Access by Image: alma-9 has projects with all three answers.
 8. Access by Project, app-team-b: accept alma-9 on its behalf. Two domains have a data-science;
    Image Access in Identity > Projects opens the page too.
 9. Stale Access: centos-7 and windows-2019 have a deleted project. centos-7 also has a disabled
    one, and research twice; windows-2019 has its own project, and a name in place of an ID.
10. Check a Project's Access: app-team-b and alma-9 (pending), app-team-a and opensuse-15
    (deactivated), billing-old and centos-7 (disabled), app-team-b and rocky-9 (private).
11. Access by Image: export all as YAML. Access File: paste a part of it without one project, set
    mode: exact, and Check. A wrong name is shown with its line.

Logs are in {folder}/log. Ctrl-C stops everything.
"""


if __name__ == "__main__":
    sys.exit(main())
