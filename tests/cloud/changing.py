# SPDX-License-Identifier: Apache-2.0
"""A process of Horizon's that changes an image's access, for a test that stops it in the middle.

``python -m tests.cloud.changing``; a JSON object on standard input describes the change:

- ``image``, ``add``: the image and the projects that it is shared with
- ``password``: the administrator's
- ``at``: the number of the write at which something happens, and whether it happens before or
  after this write checks that its place is still held (``before`` or ``after``)
- ``then``: ``"stop"`` to stop itself with SIGSTOP, ``"flush"`` to empty the cache that these
  processes share

It writes the answer's status and text to standard output as JSON.
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

# The dashboards of the run keep their sessions in the same table, and must not lose them.
PREFIX = "changing"


# Each call of the cache holds this lock. A process that is stopped under it stops outside of
# SQLite's transactions, which would block all other processes.
IDLE = threading.RLock()


def one_call_at_a_time(cache: type[BaseCache]) -> None:
    """Let the panel and Horizon in this process ask the cache one thing at a time."""

    def under_the_lock(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def ask(*arguments: object, **more: object) -> object:
            with IDLE:
                return call(*arguments, **more)

        return ask

    for name in ("add", "delete", "delete_many", "get_many", "has_key", "set", "touch"):
        setattr(cache, name, under_the_lock(getattr(cache, name)))


def main() -> None:
    """Make the change that standard input describes."""
    order = json.load(sys.stdin)
    # The cache is emptied during the change; sessions in cookies survive that.
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.XLOUD_IMAGES_PANEL = {"max_workers": 2}
    settings.CACHES["default"]["KEY_PREFIX"] = PREFIX
    django.setup()
    from django.core.cache.backends.db import DatabaseCache
    from django.db import connection
    from django.test import Client

    from xloud_images_panel.dashboard import lock

    if order["then"]:  # the others keep the long lease, to hold their place on a busy machine
        lock.LEASE, lock.RENEWED_EVERY = 4, 0.4
    numbers, one_at_a_time = itertools.count(1), threading.Lock()
    one_call_at_a_time(DatabaseCache)
    check = lock.Place.check

    def happen() -> None:
        if order["then"] == "stop":
            with IDLE:
                os.kill(os.getpid(), signal.SIGSTOP)
        elif order["then"] == "flush":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cache WHERE cache_key LIKE %s", [f"{PREFIX}:%"])
                assert cursor.rowcount

    def check_and_happen(place: lock.Place) -> None:
        with one_at_a_time:
            due = next(numbers) == order.get("at")
        if due and order["when"] == "before":
            happen()
        check(place)
        if due and order["when"] == "after":
            happen()

    lock.Place.check = check_and_happen
    client = Client(HTTP_HOST="127.0.0.1")
    login = {"username": "admin", "password": order["password"], "region": "default"}
    assert client.post("/auth/login/", login).status_code == 302
    response = client.post(
        f"/admin/images/{order['image']}/access/",
        {"add": order["add"], "accept": "on"},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    text = response.content.decode() + response.get("X-Horizon-Messages", "")
    json.dump({"status": response.status_code, "text": text}, sys.stdout)


if __name__ == "__main__":
    main()
