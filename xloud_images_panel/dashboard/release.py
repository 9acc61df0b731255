# SPDX-License-Identifier: Apache-2.0
"""Which releases of Horizon the panel is for."""

import importlib.metadata
import re

from django.core.exceptions import ImproperlyConfigured

#: The first release of Horizon that the panel is tested with, and OpenStack's name for it.
OLDEST = (25, 3)
OLDEST_NAME = "2025.1"


def check() -> None:
    """Refuse a Horizon that is too old, before any of its pages fails in its own way.

    A Horizon without package metadata, as in a checkout of its sources, is not refused.

    :raises ImproperlyConfigured: which stops Horizon from starting
    """
    try:
        version = importlib.metadata.version("horizon")
    except importlib.metadata.PackageNotFoundError:
        return
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and tuple(map(int, numbers.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise ImproperlyConfigured(
            f"The Xloud Images Panel needs Horizon {oldest} (OpenStack {OLDEST_NAME}) or later; "
            f"this is Horizon {version}. Upgrade Horizon, or remove the panel's file from "
            "openstack_dashboard/local/enabled."
        )
