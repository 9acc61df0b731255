# SPDX-License-Identifier: Apache-2.0
"""The lock of a change in Horizon's cache: taken, checked, renewed, lost and released."""

import logging
import threading

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections
from django.test import override_settings

from xloud_images_panel.access.failure import Busy, Reason, ServiceError
from xloud_images_panel.dashboard import caching, lock
from xloud_images_panel.dashboard.lock import CacheSilent, image_lock

REGION, IMAGE = "RegionOne", "00000000-0000-4000-8000-000000000001"
KEY = caching.key("change", REGION, IMAGE)
BACKENDS = "django.core.cache.backends."


@pytest.fixture(autouse=True)
def empty_cache():
    """Begin with a free lock."""
    cache.clear()


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes some calls of Horizon's cache fail, and counts them."""

    def failing(*calls):
        noticed = threading.Semaphore(0)

        class Cache:
            def __getattr__(self, name):
                if name not in calls:
                    return getattr(cache, name)
                noticed.release()
                raise ConnectionError("gone")

        monkeypatch.setattr(lock, "cache", Cache())
        return noticed

    return failing


def lost(place):
    """Return whether a change must stop."""
    try:
        place.check()
    except ServiceError as error:
        return (error.service, error.reason, error.tries) == ("Horizon", Reason.PLACE_LOST, 0)
    return False


def test_second_one_is_kept_out():
    """A second change is refused until the first one has ended."""
    with image_lock(REGION, IMAGE), pytest.raises(Busy), image_lock(REGION, IMAGE):
        pass
    with image_lock(REGION, IMAGE) as place:
        assert not lost(place)


def test_image_of_another_region_is_another():
    """Each region has its own locks, because mirrored images have the same ID."""
    with image_lock(REGION, IMAGE), image_lock("RegionTwo", IMAGE):
        pass


def test_place_is_left_after_a_failure():
    """An error in a change does not lock others out of the image."""
    with pytest.raises(ZeroDivisionError), image_lock(REGION, IMAGE):
        raise ZeroDivisionError
    with image_lock(REGION, IMAGE):
        pass


def test_place_that_was_flushed_is_lost():
    """A flushed lock stays lost even if its key returns, as somebody else may have held it."""
    with image_lock(REGION, IMAGE) as place:
        holder = cache.get(KEY)
        cache.clear()
        assert lost(place)
        cache.set(KEY, holder)
        assert lost(place)
        assert place.lost


def test_place_that_somebody_else_took_is_lost_and_stays_theirs():
    """A holder that lost its lock in a long pause neither writes nor lets a third change in."""
    with image_lock(REGION, IMAGE) as place:
        cache.set(KEY, "somebody else")
        assert lost(place)
    assert cache.get(KEY) == "somebody else"


def test_place_of_somebody_else_is_not_renewed(failing, monkeypatch):
    """A holder that has lost its lock stops renewing it."""
    looked = threading.Semaphore(0)
    renew = lock.Place.renew

    def renew_and_tell(place):
        renew(place)
        looked.release()

    monkeypatch.setattr(lock.Place, "renew", renew_and_tell)
    monkeypatch.setattr(lock, "RENEWED_EVERY", 0.001)
    with image_lock(REGION, IMAGE):
        cache.set(KEY, "somebody else")
        assert looked.acquire(timeout=10)
        touched = failing("touch")
        # The current renewal may have begun earlier; the next two have not.
        assert all(looked.acquire(timeout=10) for _time in range(3))
        assert not touched.acquire(blocking=False)


def test_place_is_kept_for_as_long_as_a_change_takes(monkeypatch):
    """A living holder renews its lease, which ends soon after a holder was killed."""
    renewed = threading.Event()

    class Cache:
        def __getattr__(self, name):
            return getattr(cache, name)

        def touch(self, key, seconds):
            if cache.touch(key, seconds) and seconds == lock.LEASE:
                renewed.set()

    monkeypatch.setattr(lock, "cache", Cache())
    monkeypatch.setattr(lock, "RENEWED_EVERY", 0.001)
    with image_lock(REGION, IMAGE):
        assert renewed.wait(10)


# -- the thread of a lock


class Database:
    """A thread's database connection, as on a site with a database cache."""

    def __init__(self):
        self.closed_by = None

    def close(self):
        self.closed_by = threading.current_thread()


class Watched(LocMemCache):
    """A cache that records the threads that call it, and opens a database connection in each.

    :cvar asked_by: threads, in the order of their calls
    :cvar closed_by: threads that have closed their connections to the cache
    """

    asked_by, closed_by, databases = [], [], []

    def add(self, *args, **kwargs):
        self.asked_by.append(threading.current_thread())
        connections["default"] = Database()
        self.databases.append(connections["default"])
        return super().add(*args, **kwargs)

    def get(self, *args, **kwargs):
        self.asked_by.append(threading.current_thread())
        return super().get(*args, **kwargs)

    def close(self, **kwargs):
        self.closed_by.append(threading.current_thread())


@pytest.fixture
def watched(settings):
    """Make Horizon use a watched cache, and return its class."""
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Watched", "LOCATION": "watched"}}
    for noted in (Watched.asked_by, Watched.closed_by, Watched.databases):
        noted.clear()
    caches["default"].clear()
    return Watched


def test_place_has_one_thread_of_its_own(watched):
    """A lock calls the cache in one thread, so that writing threads leave no connections behind."""
    with image_lock(REGION, IMAGE) as place:
        writers = [threading.Thread(target=place.check) for _writer in range(3)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    assert len(watched.asked_by) > len(writers)
    [asked_by] = set(watched.asked_by)
    assert asked_by not in (threading.current_thread(), *writers)


def test_renewal_and_look_are_one_after_the_other(monkeypatch, watched):
    """A check during a long renewal waits for its end, in the same thread."""
    renewing, looked = threading.Event(), threading.Event()

    def touch(_key, _seconds):
        watched.asked_by.append(threading.current_thread())
        looked.clear()
        renewing.set()
        looked.wait(0.05)
        return True

    monkeypatch.setattr(watched, "touch", staticmethod(touch), raising=False)
    monkeypatch.setattr(lock, "RENEWED_EVERY", 0.001)
    with image_lock(REGION, IMAGE) as place:
        assert renewing.wait(10)
        place.check()
        looked.set()
    assert len(set(watched.asked_by)) == 1


@pytest.mark.parametrize("end", ["left", "busy", "silent"])
def test_nothing_is_left_of_a_place(end, monkeypatch, watched):
    """No thread or connection is left, however the lock ended."""
    if end == "busy":
        cache.set(KEY, "somebody else")
    before = set(threading.enumerate())
    place = lock.Place(KEY)
    if end == "left":
        place.take()
        place.leave()
        assert [database.closed_by for database in watched.databases] == watched.asked_by[:1]
    else:
        if end == "silent":
            monkeypatch.setattr(watched, "add", lambda *_args: 1 / 0)
        with pytest.raises(Busy):
            place.take()
    assert set(threading.enumerate()) == before
    assert len(watched.closed_by) == 1
    assert watched.closed_by[0] not in before


def test_worker_of_horizon_that_ends_does_not_wait_for_the_renewal():
    """Horizon can stop during a change without waiting for a renewal; the lease ends by itself."""
    before = set(threading.enumerate())
    with image_lock(REGION, IMAGE):
        begun = set(threading.enumerate()) - before
    # The pool's thread for the cache is not a daemon; Python stops it before it waits for threads.
    assert [thread.daemon for thread in begun].count(False) == 1


def test_place_that_cannot_be_renewed_is_held_until_it_expires(caplog, failing, monkeypatch):
    """If a lock cannot be renewed, the log has the reason and the renewal is tried again."""
    tried = failing("touch")
    monkeypatch.setattr(lock, "RENEWED_EVERY", 0.001)
    with image_lock(REGION, IMAGE) as place:
        assert all(tried.acquire(timeout=10) for _time in range(2))
        assert not lost(place)
    assert "Cannot renew" in caplog.text


def test_cache_that_does_not_answer_lets_nobody_in(caplog, failing):
    """No change begins without the cache, because two could collide; the log has the reason."""
    failing("add")
    with pytest.raises(CacheSilent), image_lock(REGION, IMAGE):
        pass
    assert "gone" in caplog.text


def test_cache_that_stops_answering_ends_the_change(failing):
    """A cache that stops answering ends the change, because the lock's holder is unknown."""
    with image_lock(REGION, IMAGE) as place:
        failing("get")
        assert lost(place)


@pytest.mark.parametrize("call", ["get", "delete"])
def test_cache_that_does_not_answer_at_the_end_harms_nothing(caplog, call, failing):
    """A cache failure after a complete change is harmless: the lease frees the lock."""
    with image_lock(REGION, IMAGE):
        failing(call)
    assert "Cannot leave" in caplog.text


@pytest.mark.parametrize(
    ("backend", "shared"),
    [
        ("locmem.LocMemCache", False),
        ("dummy.DummyCache", False),
        ("filebased.FileBasedCache", True),
        ("db.DatabaseCache", True),
    ],
)
def test_cache_of_one_process_is_an_error_in_the_log(backend, caplog, shared, tmp_path):
    """A cache of one process breaks locks and notes; the log and administrators get a message."""
    caches_ = {"default": {"BACKEND": BACKENDS + backend, "LOCATION": str(tmp_path)}}
    with override_settings(CACHES=caches_):
        lock.warn_if_not_shared()
        problem = lock.shared_cache_problem()
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (problem == "") is shared
    assert bool(errors) is not shared
    if errors:
        assert backend.split(".")[1] in errors[0].getMessage()


def test_cache_that_keeps_nothing_does_not_keep_from_changing():
    """A cache that keeps nothing, and so has no key to check, allows changes after a warning."""
    with (
        override_settings(CACHES={"default": {"BACKEND": f"{BACKENDS}dummy.DummyCache"}}),
        image_lock(REGION, IMAGE) as place,
    ):
        assert caches["default"].get(KEY) is None
        assert not lost(place)


def test_cache_that_keeps_nothing_is_named(monkeypatch):
    """A broken cache is described by its own error, or as keeping nothing."""
    assert lock.silence() == ""
    monkeypatch.setattr(cache, "get", lambda *_args: None)
    assert lock.silence() == "it keeps nothing"

    def refused(*_args):
        raise ConnectionError("refused")

    monkeypatch.setattr(cache, "set", refused)
    assert lock.silence() == "ConnectionError: refused"
