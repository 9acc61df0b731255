# SPDX-License-Identifier: Apache-2.0
"""The panel's use of Horizon's cache."""

import re
from pathlib import Path

import pytest
from django.core.cache import cache

from xloud_images_panel.dashboard import caching


@pytest.fixture
def broken(monkeypatch):
    """Make the cache fail at every call."""

    def fail(*_args, **_kwargs):
        raise ConnectionError("nobody there")

    for name in ("get_many", "set_many", "delete_many"):
        monkeypatch.setattr(cache, name, fail)


def test_a_value_is_kept_until_it_is_dropped():
    name = caching.key("kind", "one")
    caching.set(name, {"a": 1}, 60)
    assert caching.get(name) == {"a": 1}
    caching.delete(name)
    assert caching.get(name, "nothing") == "nothing"


def test_parts_of_a_key_cannot_be_taken_for_each_other():
    assert caching.key("kind", "a", "b") != caching.key("kind", "ab")
    assert caching.key("kind", "a,b") != caching.key("kind", "a", "b")


def test_a_key_is_one_that_memcached_takes():
    name = caching.key("kind", "two words\n" * 100)
    assert len(name) < 200
    assert name.isascii()
    assert " " not in name
    assert "\n" not in name


def test_two_versions_do_not_read_each_others_values(monkeypatch):
    caching.set(caching.key("kind", "one"), 1, 60)
    monkeypatch.setattr(caching, "VERSION", caching.VERSION + 1)
    assert caching.get(caching.key("kind", "one")) is None


def test_a_cache_that_does_not_answer_holds_nothing(broken):
    caching.set("name", 1, 60)
    caching.delete("name")
    assert caching.get("name", "nothing") == "nothing"


def test_a_value_is_added_where_there_is_none():
    cache.clear()
    assert caching.add("name", 1, 60)
    assert not caching.add("name", 2, 60)
    assert caching.get("name") == 1


def test_everybody_may_add_to_a_cache_that_does_not_answer(broken, monkeypatch):
    """Adding succeeds while the cache is down, because it holds nobody else's value."""

    def fail(*_args, **_kwargs):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(cache, "add", fail)
    assert caching.add("name", 1, 60)
    assert caching.add("name", 2, 60)


def test_only_the_lock_uses_the_cache_itself():
    """All code but the lock uses the wrapper, which tolerates failures and versions the keys."""
    package = Path(caching.__file__).parent.parent
    users = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "django.core.cache" in re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL)
    }
    assert users == {"dashboard/caching.py", "dashboard/lock.py"}
