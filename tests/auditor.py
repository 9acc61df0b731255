# SPDX-License-Identifier: Apache-2.0
"""An auditor: a user whom the operator gives read-only access to the admin pages."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import RunningCloud
from tests.environment import CLOUD

NAME = "auditor"
_READS_PROJECTS = (
    "rule:admin_required or (role:reader and system_scope:all) "
    "or (role:reader and domain_id:%(target.domain_id)s)"
)
_READS_PROJECT = (
    "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
    "domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) "
    "or project_id:%(target.project.id)s"
)
_KEYSTONES_RULES = {
    "identity:list_projects": f"{_READS_PROJECTS} or role:auditor",
    "identity:get_project": f"{_READS_PROJECT} or role:auditor",
}
_KEYSTONES_DEFAULTS = {
    "identity:list_projects": _READS_PROJECTS,
    "identity:get_project": _READS_PROJECT,
}
_GLANCE_FOR_AUDITORS = {"context_is_admin": "role:admin or role:auditor"}
#: The operator's rules for Horizon, by service. Glance's default rules for changes refer to the
#: first rule, so in Horizon they allow the auditor too. Without the second rule, Horizon's own
#: list of images in the Python panel answers 403.
HORIZONS_RULES = {
    "image": _GLANCE_FOR_AUDITORS,
    "identity": {"admin_required": "role:admin or role:auditor"},
}
#: Horizon's rules without an operator's changes.
HORIZONS_DEFAULTS = {
    "image": {"context_is_admin": "role:admin"},
    "identity": {"admin_required": "role:admin or is_admin:1"},
}
_OWNERS = "role:admin or (role:member and project_id:%(project_id)s)"
_RECEIVERS = "role:admin or (role:member and project_id:%(member_id)s)"
_GLANCES_RULES = {
    **_GLANCE_FOR_AUDITORS,
    "add_member": _OWNERS,
    "delete_member": _OWNERS,
    "modify_member": _RECEIVERS,
}
_GLANCES_DEFAULTS = {
    "context_is_admin": "role:admin",
    "add_member": "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
    "delete_member": "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
    "modify_member": "rule:context_is_admin or (role:member and project_id:%(member_id)s)",
}


def for_horizon(folder: Path, rules: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Write Horizon's policy files by service, and return their folders as POLICY_DIRS."""
    for service, its_rules in rules.items():
        (folder / service).mkdir(parents=True, exist_ok=True)
        _write(folder / service / "operator.yaml", its_rules)
    return {service: [str(folder / service)] for service in rules}


def _write(path: Path, rules: dict[str, str]) -> None:
    path.write_text("".join(f'"{name}": "{rule}"\n' for name, rule in rules.items()))


@contextlib.contextmanager
def in_cloud(cloud: RunningCloud) -> Iterator[None]:
    """Create an auditor with roles in the project research, and write policies that admit it."""
    # The services reread a changed file, but deleting the file does not reset the rules.
    glances, keystones = (
        CLOUD.folder / "etc" / name / "policy.yaml" for name in ("glance", "keystone")
    )
    identity = cloud.connection("admin").identity
    role = identity.create_role(name=NAME)
    user = identity.create_user(name=NAME, password=cloud.password)
    project = identity.find_project("research")
    for name in (NAME, "reader"):
        identity.assign_project_role_to_user(project, user, identity.find_role(name))
    _write(glances, _GLANCES_RULES)
    _write(keystones, _KEYSTONES_RULES)
    try:
        yield
    finally:
        _write(glances, _GLANCES_DEFAULTS)
        _write(keystones, _KEYSTONES_DEFAULTS)
        identity.delete_user(user)
        identity.delete_role(role)
