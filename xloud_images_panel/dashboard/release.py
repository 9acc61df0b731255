# SPDX-License-Identifier: Apache-2.0
"""The releases of Horizon that the panel supports."""

import importlib.metadata
import re

from django.core.exceptions import ImproperlyConfigured

#: The first release of Horizon that the panel is tested with, and OpenStack's name for it.
OLDEST = (25, 3)
OLDEST_NAME = "2025.1"


def check() -> None:
    """Refuse a Horizon that is too old, before its pages fail one by one.

    A Horizon without package metadata, such as a source checkout, is not refused.

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
