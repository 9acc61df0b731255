# SPDX-License-Identifier: Apache-2.0
"""A Horizon process that changes images' access, for tests that stop it halfway.

``python -m tests.cloud.changing PASSWORD``, with the administrator's password. Each line of
standard input is a JSON object that describes a change:

- ``image``, ``add``: the image and the projects that it is shared with
- ``at``: the number of the write at which something happens
- ``when``: ``"before"`` or ``"after"`` this write checks that its place is still held
- ``then``: ``"stop"`` to stop the process with SIGSTOP, ``"flush"`` to empty the cache that these
  processes share

The process writes each response's status and text to standard output as a line of JSON.
"""

import functools
import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.cache.backends.base import BaseCache

# The test run's dashboards keep their sessions in the same table and must not lose them.
PREFIX = "changing"


# Each cache call holds this lock. The process stops only while it holds the lock, and thus never
# within a SQLite transaction, which would block all other processes.
IDLE = threading.RLock()


def one_call_at_a_time(cache: type[BaseCache]) -> None:
    """Serialize the cache calls of the panel and Horizon in this process."""

    def under_the_lock(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def ask(*arguments: object, **more: object) -> object:
            with IDLE:
                return call(*arguments, **more)

        return ask

    for name in ("add", "delete", "delete_many", "get_many", "has_key", "set", "touch"):
        setattr(cache, name, under_the_lock(getattr(cache, name)))


def main() -> None:
    """Make the changes that standard input describes."""
    # The cache is emptied during a change; sessions in cookies survive that.
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.XLOUD_IMAGES_PANEL = {"max_workers": 2}
    settings.CACHES["default"]["KEY_PREFIX"] = PREFIX
    django.setup()
    from django.core.cache.backends.db import DatabaseCache
    from django.db import connection
    from django.test import Client

    from xloud_images_panel.dashboard import lock

    one_call_at_a_time(DatabaseCache)
    lease, check = (lock.LEASE, lock.RENEWED_EVERY), lock.Place.check

    def happen(what: str) -> None:
        if what == "stop":
            with IDLE:
                os.kill(os.getpid(), signal.SIGSTOP)
        else:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cache WHERE cache_key LIKE %s", [f"{PREFIX}:%"])
                assert cursor.rowcount

    def expect(what: str, number: int, when: str) -> None:
        """Trigger an event at a write of the next change."""
        numbers, one_at_a_time = itertools.count(1), threading.Lock()

        def check_and_happen(place: lock.Place) -> None:
            with one_at_a_time:
                due = next(numbers) == number
            if due and when == "before":
                happen(what)
            check(place)
            if due and when == "after":
                happen(what)

        # Changes without an event keep the long lease, to hold their place on a busy machine.
        lock.LEASE, lock.RENEWED_EVERY = 4, 0.4
        lock.Place.check = check_and_happen

    client = Client(HTTP_HOST="127.0.0.1")
    login = {"username": "admin", "password": sys.argv[1], "region": "default"}
    assert client.post("/auth/login/", login).status_code == 302
    for line in sys.stdin:
        order = json.loads(line)
        (lock.LEASE, lock.RENEWED_EVERY), lock.Place.check = lease, check
        if "then" in order:
            expect(order["then"], order["at"], order["when"])
        response = client.post(
            f"/admin/images/{order['image']}/access/",
            {"add": order["add"], "accept": "on"},
            headers={"x-requested-with": "XMLHttpRequest"},
        )
        text = response.content.decode() + response.get("X-Horizon-Messages", "")
        sys.stdout.write(f"{json.dumps({'status': response.status_code, 'text': text})}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
