# SPDX-License-Identifier: Apache-2.0
"""Actions offered to each role, even where Horizon's own policy check is lenient."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import path
from horizon.exceptions import NotAuthorized
from openstack_auth import policy as auth_policy
from openstack_dashboard import policy

from xloud_images_panel.dashboard import roles
from xloud_images_panel.dashboard.horizon import strict_rules

MINE = "a" * 32


def user(*names):
    """Return the request of a user with these roles in the project MINE."""
    who = SimpleNamespace(
        id="user",
        username="user",
        project_id=MINE,
        project_name="mine",
        domain_id=None,
        user_domain_id="default",
        is_superuser="admin" in names,
        roles=[{"name": name} for name in names],
    )
    return SimpleNamespace(user=who, session={})


@pytest.fixture(scope="module", params=["lenient", "strict"], autouse=True)
def horizon(request):
    """Imitate Horizon up to 26, or from 27 on, which reads its rules once."""
    conf_of = auth_policy._get_policy_conf
    strict = request.param == "strict"

    def conf(*arguments):
        made = conf_of(*arguments)
        made.set_default("enforce_new_defaults", strict, "oslo_policy")
        return made

    # Reading Nova's and Neutron's rules takes a second each time.
    files = {name: settings.POLICY_FILES[name] for name in ("identity", "image")}
    with pytest.MonkeyPatch.context() as patch, override_settings(POLICY_FILES=files):
        patch.setattr(auth_policy, "_get_policy_conf", conf)
        patch.setattr(auth_policy, "_ENFORCER", None)
        patch.setattr(auth_policy.auth_utils, "get_user", lambda request: request.user)
        strict_rules.cache_clear()
        yield request.param
    strict_rules.cache_clear()


@pytest.mark.parametrize(
    ("rule", "names", "allowed"),
    [
        ("modify_member", ("reader",), False),
        ("modify_member", ("member", "reader"), True),
        ("modify_member", ("admin", "member", "reader"), True),
        ("communitize_image", ("reader",), False),
        ("communitize_image", ("member", "reader"), True),
        ("modify_image", ("reader",), False),
        ("modify_image", ("member", "reader"), True),
        ("context_is_admin", ("member", "reader"), False),
        ("context_is_admin", ("admin", "member", "reader"), True),
        ("get_images", ("reader",), True),
    ],
)
def test_rules_count_as_glance_takes_them(rule, names, allowed):
    """A reader reads, a member changes its project's own images, an administrator all images."""
    target = {"project_id": MINE, "member_id": MINE}
    assert roles.may(user(*names), rule, target=target) is allowed


def test_lenient_horizon_would_offer_more(horizon):
    """A lenient Horizon offers more; without this difference the tests above prove nothing."""
    target = {"member_id": MINE}
    offered = policy.check((("image", "modify_member"),), user("reader"), target)
    assert offered is (horizon == "lenient")


def test_what_the_operator_wrote_counts(monkeypatch, request, tmp_path):
    """The operator's rules for Glance, whose file Horizon also has, are applied."""
    written = tmp_path / "policy.yaml"
    written.write_text('"modify_member": "role:reader"\n')
    monkeypatch.setattr(
        auth_policy, "_get_policy_file_with_full_path", lambda _service: (str(written), [])
    )
    monkeypatch.setattr(auth_policy, "_ENFORCER", None)
    strict_rules.cache_clear()
    request.addfinalizer(strict_rules.cache_clear)
    assert roles.may(user("reader"), "modify_member", target={"member_id": MINE})
    assert not roles.may(user("nobody"), "modify_member", target={"member_id": MINE})


@pytest.fixture
def operator_writes(monkeypatch, tmp_path):
    """Return a function that puts rules into the operator's policy file for Glance."""

    def operator_writes(**rules):
        written = tmp_path / "policy.yaml"
        written.write_text("".join(f'"{name}": "{rule}"\n' for name, rule in rules.items()))
        monkeypatch.setattr(
            auth_policy, "_get_policy_file_with_full_path", lambda _service: (str(written), [])
        )
        monkeypatch.setattr(auth_policy, "_ENFORCER", None)
        strict_rules.cache_clear()

    yield operator_writes
    strict_rules.cache_clear()


# An operator's rule that lets auditors see the admin pages.
OPENED = {"context_is_admin": "role:admin or role:auditor"}
# Glance's own default for changes, without the opened rule.
OWNERS = "role:admin or (role:member and project_id:%(project_id)s)"


@pytest.mark.parametrize(
    ("names", "sees", "manages"),
    [
        (("admin", "member", "reader"), True, True),
        (("auditor", "reader"), True, False),
        (("auditor", "member", "reader"), True, False),
        (("member", "reader"), False, False),
    ],
)
@pytest.mark.parametrize("rules", [{}, {"add_member": OWNERS, "delete_member": OWNERS}])
def test_auditor_sees_and_does_not_manage(operator_writes, rules, names, sees, manages):
    """An auditor sees but does not manage, even by the default rule, which names the opened one."""
    operator_writes(**OPENED, **rules)
    assert roles.may_see_access(user(*names)) is sees
    assert roles.may_manage_access(user(*names), "b" * 32) is manages


def test_operator_says_who_else_manages(operator_writes):
    """Both rules for changes, once the operator writes them, replace the administrator roles."""
    allowed = "role:admin or role:auditor"
    operator_writes(**OPENED, add_member=allowed)
    assert not roles.may_manage_access(user("auditor"), "b" * 32)
    operator_writes(**OPENED, add_member=allowed, delete_member=allowed)
    assert roles.may_manage_access(user("auditor"), "b" * 32)


def test_auditor_manages_what_is_the_own_projects(operator_writes):
    """An auditor with the role member manages images of its own project, as the rule allows."""
    operator_writes(**OPENED, add_member=OWNERS, delete_member=OWNERS)
    assert roles.may_manage_access(user("auditor", "member"), MINE)


def test_every_rule_has_to_allow_it():
    """Every rule must allow an action; one refusal is enough to forbid it."""
    target = {"project_id": MINE, "member_id": MINE}
    assert not roles.may(user("member"), "get_images", "context_is_admin", target=target)


def test_target_stays_as_it_was():
    """A target stays unchanged, although Horizon adds missing keys to its dictionary."""
    target = {"member_id": MINE}
    roles.may(user("member"), "modify_member", target=target)
    assert target == {"member_id": MINE}


@pytest.mark.parametrize(("rule", "opened"), [("get_images", True), ("modify_image", False)])
def test_page_is_closed_to_whoever_may_not(rule, opened):
    """A rule closes the view itself, not only its link; an open view gets its URL's arguments."""

    def view(request, image_id):
        return f"the page of {image_id}"

    (pattern,) = roles.needed(rule, [path("<image_id>/", view)])
    request = user("reader")
    request.path = "/project/images/shared/1/"

    if opened:
        assert pattern.callback(request, image_id="1") == "the page of 1"
    else:
        with pytest.raises(NotAuthorized, match="/project/images/shared/1/"):
            pattern.callback(request, image_id="1")
