# SPDX-License-Identifier: Apache-2.0
"""The check that the command runs as Horizon's own user, with its cache and its trail."""

import errno
import logging
import os

import pytest

from xloud_images_panel.dashboard import trail
from xloud_images_panel.management import node

ROOT, HORIZON, OPERATOR = 0, 4711, 4712


@pytest.fixture
def as_user(monkeypatch):
    """Return a function that makes the process run as a user."""
    return lambda user_id: monkeypatch.setattr(os, "geteuid", lambda: user_id)


@pytest.fixture
def owned(monkeypatch, tmp_path):
    """Return a function that makes a file owned by a user."""
    owners = {}

    class Owned(type(tmp_path)):
        def stat(self, **kwargs):
            found = super().stat(**kwargs)
            values = list(found)
            values[4] = owners.get(str(self), found.st_uid)
            return os.stat_result(values)

    monkeypatch.setattr(node, "Path", Owned)

    def make(name, user_id, content="", folder=False):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if folder:
            path.mkdir()
        else:
            path.write_text(content)
        owners[str(path)] = user_id
        return path

    return make


@pytest.fixture
def trail_in(request):
    """Return a function that writes the trail into a file."""

    def send(path):
        handler = logging.FileHandler(path)
        trail.LOG.addHandler(handler)
        request.addfinalizer(handler.close)
        request.addfinalizer(lambda: trail.LOG.removeHandler(handler))

    return send


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True), (ROOT, True)])
def test_trail_belongs_to_the_services_user(as_user, owned, trail_in, user, refused):
    """Only Horizon's user may write the trail; even root may not, as it would own a new file."""
    path = owned("trail.log", HORIZON)
    trail_in(path)
    as_user(user)
    assert bool(node.refusal()) is refused
    if refused:
        assert f"{path} belongs to the user {HORIZON}" in node.refusal()


def test_empty_trail_of_root_is_no_sign_that_horizon_runs_as_root(as_user, owned, trail_in):
    """An empty trail is no sign: any program that reads the settings, even this one, creates it."""
    trail_in(owned("trail.log", ROOT))
    as_user(ROOT)
    assert "This is root" in node.refusal()


def test_trail_with_lines_of_root_is_a_sign(as_user, owned, trail_in):
    """A trail with lines of root shows that Horizon runs as root, for example in a container."""
    trail_in(owned("trail.log", ROOT, "a line"))
    as_user(ROOT)
    assert node.refusal() == ""


def test_trail_that_has_no_file_yet_is_no_reason_to_refuse(as_user, request, tmp_path):
    """A missing trail is no refusal, because with `delay` its first line creates the file."""
    handler = logging.FileHandler(tmp_path / "trail.log", delay=True)
    trail.LOG.addHandler(handler)
    request.addfinalizer(lambda: trail.LOG.removeHandler(handler))
    as_user(OPERATOR)
    assert node.refusal() == ""


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True), (ROOT, True)])
def test_secret_key_belongs_to_the_services_user(as_user, owned, settings, user, refused):
    """Only the owner of the secret key's file, which Horizon created, may run the command."""
    path = owned("local/.secret_key_store", HORIZON, "the secret")
    settings.LOCAL_PATH, settings.SECRET_KEY = str(path.parent), "the secret"
    as_user(user)
    assert bool(node.refusal()) is refused


def test_secret_key_that_is_not_read_is_no_sign(as_user, owned, settings):
    """A secret key's file that Horizon does not read is no sign, because it may be a leftover."""
    path = owned("local/.secret_key_store", ROOT, "another")
    settings.LOCAL_PATH = str(path.parent)
    as_user(HORIZON)
    assert node.refusal() == ""


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True)])
def test_cache_in_files_belongs_to_the_services_user(as_user, owned, settings, user, refused):
    """Only the owner of a file cache is accepted: Horizon cannot read another user's files."""
    path = owned("cache", HORIZON, folder=True)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(path),
        }
    }
    as_user(user)
    assert bool(node.refusal()) is refused


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True)])
def test_database_in_a_file_belongs_to_the_services_user(
    as_user, owned, settings, monkeypatch, user, refused
):
    """Only a file database that holds the cache is checked; one on a server has its own users."""
    path = owned("horizon.db", HORIZON)
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "cache"}}
    databases = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path},
        "other": {"ENGINE": "django.db.backends.mysql", "NAME": "horizon"},
    }
    monkeypatch.setattr(node.settings, "DATABASES", databases)
    as_user(user)
    assert bool(node.refusal()) is refused


def test_file_that_is_not_to_be_seen_is_a_refusal(as_user, monkeypatch, owned, trail_in):
    """A file that the user cannot read is a refusal, because it belongs to Horizon."""
    trail_in(owned("trail.log", HORIZON))

    def stat(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(node.Path, "stat", stat)
    as_user(OPERATOR)
    assert "cannot read" in node.refusal()


def test_without_any_sign_root_alone_is_refused(as_user):
    """Without a sign only root is refused; a reader of Horizon's settings passes as its user."""
    as_user(ROOT)
    assert "This is root" in node.refusal()
    as_user(HORIZON)
    assert node.refusal() == ""


def test_trail_that_nobody_writes_is_seen(monkeypatch):
    """``LOGGING`` must name the trail, or Python drops the lines of successful changes."""
    assert node.has_trail()
    monkeypatch.setattr(trail.LOG, "disabled", True)
    assert not node.has_trail()
    monkeypatch.setattr(trail.LOG, "disabled", False)
    monkeypatch.setattr(trail.LOG, "propagate", False)
    assert not node.has_trail()
