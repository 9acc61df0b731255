# SPDX-License-Identifier: Apache-2.0
"""Whether the command may run: only as Horizon's own user, with its cache and its trail."""

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
    """No other user may write it, not even root, because a new file would then belong to root."""
    path = owned("trail.log", HORIZON)
    trail_in(path)
    as_user(user)
    assert bool(node.refusal()) is refused
    if refused:
        assert f"{path} belongs to the user {HORIZON}" in node.refusal()


def test_empty_trail_of_root_is_no_sign_that_horizon_runs_as_root(as_user, owned, trail_in):
    """The handler makes the file when any program reads the settings, this one too."""
    trail_in(owned("trail.log", ROOT))
    as_user(ROOT)
    assert "This is root" in node.refusal()


def test_trail_with_lines_of_root_is_a_sign(as_user, owned, trail_in):
    """A container may run everything as root."""
    trail_in(owned("trail.log", ROOT, "a line"))
    as_user(ROOT)
    assert node.refusal() == ""


def test_trail_that_has_no_file_yet_is_no_reason_to_refuse(as_user, request, tmp_path):
    """With `delay` the file is made with its first line."""
    handler = logging.FileHandler(tmp_path / "trail.log", delay=True)
    trail.LOG.addHandler(handler)
    request.addfinalizer(lambda: trail.LOG.removeHandler(handler))
    as_user(OPERATOR)
    assert node.refusal() == ""


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True), (ROOT, True)])
def test_secret_key_belongs_to_the_services_user(as_user, owned, settings, user, refused):
    """Horizon keeps the key in a file that it has created."""
    path = owned("local/.secret_key_store", HORIZON, "the secret")
    settings.LOCAL_PATH, settings.SECRET_KEY = str(path.parent), "the secret"
    as_user(user)
    assert bool(node.refusal()) is refused


def test_secret_key_that_is_not_read_is_no_sign(as_user, owned, settings):
    """The file may be a leftover."""
    path = owned("local/.secret_key_store", ROOT, "another")
    settings.LOCAL_PATH = str(path.parent)
    as_user(HORIZON)
    assert node.refusal() == ""


@pytest.mark.parametrize(("user", "refused"), [(HORIZON, False), (OPERATOR, True)])
def test_cache_in_files_belongs_to_the_services_user(as_user, owned, settings, user, refused):
    """Horizon cannot read a cache file that belongs to another user."""
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
    """The check is for a database that holds the cache; one on a server has users of its own."""
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
    """The file belongs to Horizon, which this user is not."""
    trail_in(owned("trail.log", HORIZON))

    def stat(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(node.Path, "stat", stat)
    as_user(OPERATOR)
    assert "cannot read" in node.refusal()


def test_without_any_sign_root_alone_is_refused(as_user):
    """A user who can read Horizon's settings is taken for its user."""
    as_user(ROOT)
    assert "This is root" in node.refusal()
    as_user(HORIZON)
    assert node.refusal() == ""


def test_trail_that_nobody_writes_is_seen(monkeypatch):
    """``LOGGING`` has to name it, or Python drops the lines of successful changes."""
    assert node.has_trail()
    monkeypatch.setattr(trail.LOG, "disabled", True)
    assert not node.has_trail()
    monkeypatch.setattr(trail.LOG, "disabled", False)
    monkeypatch.setattr(trail.LOG, "propagate", False)
    assert not node.has_trail()
