# SPDX-License-Identifier: Apache-2.0
"""Checks that this is a Horizon node, and that the command runs as Horizon's user.

The lock is an entry in Horizon's cache, and the trail is a line in Horizon's log. Another user of
the node could read neither, would leave files that the service cannot write, or would have a
separate cache. A change would be neither kept apart nor on record.
"""

import logging
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from openstack_dashboard import settings as horizon_settings

from xloud_images_panel.dashboard import trail


def refusal() -> str:
    """Return why the command must not run as this user, empty if it may.

    The service's user owns the files that Horizon itself writes: its secret key, the trail, a
    cache or database in files. Without such a file, any user except root counts as the service's
    user, because this user was able to read Horizon's settings.
    """
    mine = os.geteuid()
    known = False
    for path in _own_files():
        try:
            found = path.stat()
        except FileNotFoundError:
            continue  # a trail that has no line yet
        except OSError as error:
            return f"This user cannot read {path}, which is Horizon's own: {error.strerror}."
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            continue  # /dev/stderr and the like
        if (owner := found.st_uid) != mine:
            return (
                f"{path} belongs to the user {_name(owner)}, and this is {_name(mine)}. "
                f"Run the command as Horizon does: sudo -u {_name(owner)}"
            )
        # Any program that reads the settings creates an empty trail, which proves nothing.
        known = known or stat.S_ISDIR(found.st_mode) or found.st_size > 0
    if mine == 0 and not known:
        return (
            "This is root, and nothing tells which user Horizon runs as. Run the command as "
            "that user: sudo -u horizon, for example"
        )
    return ""


def _own_files() -> Iterator[Path]:
    """Yield the files that a running Horizon has written."""
    for handler in _handlers():
        if isinstance(handler, logging.FileHandler):
            yield Path(handler.baseFilename)
    cache = settings.CACHES["default"]
    if cache["BACKEND"].endswith("FileBasedCache"):
        yield Path(cache["LOCATION"])
    elif cache["BACKEND"].endswith("DatabaseCache"):
        for database in settings.DATABASES.values():
            path = Path(database.get("NAME") or "")
            if path.is_absolute():  # a database in a file
                yield path
    local = settings.LOCAL_PATH or Path(horizon_settings.__file__).parent / "local"
    secret_key = Path(local) / ".secret_key_store"
    # The folder may have an old key file that Horizon does not read.
    if _content(secret_key) == settings.SECRET_KEY:
        yield secret_key


def _content(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _handlers() -> Iterator[logging.Handler]:
    """Yield the handlers that a line of the trail reaches."""
    logger: logging.Logger | None = trail.LOG
    while logger:
        yield from logger.handlers
        logger = logger.parent if logger.propagate else None


def _name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def has_trail() -> bool:
    """Return whether a line about a change is written anywhere."""
    return trail.LOG.isEnabledFor(logging.INFO) and any(
        handler.level <= logging.INFO and not isinstance(handler, logging.NullHandler)
        for handler in _handlers()
    )
