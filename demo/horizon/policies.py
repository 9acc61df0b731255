# SPDX-License-Identifier: Apache-2.0
"""Horizon's policy files, parsed in C."""

import functools
import types

import yaml


def parse_in_c() -> None:
    """Let Horizon parse its policy files with PyYAML's parser in C.

    With the one in Python each process takes 0.7 seconds of processor time for them, and a test
    with policy files of its own takes them once more. Both parsers give the same.
    """
    # This module of Horizon's needs its settings.
    from openstack_auth import policy

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where PyYAML was built without it
    policy.yaml = types.SimpleNamespace(
        safe_load=functools.partial(yaml.load, Loader=loader), YAMLError=yaml.YAMLError
    )
