# SPDX-License-Identifier: Apache-2.0
"""Whether this is a Horizon node, and this the user that Horizon runs as.

The lock is an entry in Horizon's cache and the trail a line in Horizon's log. Somebody else on the
node could read neither, would leave files behind that the service cannot write, or would have a
cache of their own: a change would be neither kept apart nor on record.
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
    """Return why the command must not run as this user, empty where it may.

    The service's user is the one whom the files belong to that Horizon itself writes: its secret
    key, the trail, a cache or database in files. Without such a file any user but root is taken
    for it, who was able to read Horizon's settings.
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
            continue  # /dev/stderr and its like
        if (owner := found.st_uid) != mine:
            return (
                f"{path} belongs to the user {_name(owner)}, and this is {_name(mine)}. "
                f"Run the command as Horizon does: sudo -u {_name(owner)}"
            )
        # Any program that reads the settings makes an empty trail, so that one proves nothing.
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
    # Another one may be left there, which Horizon does not read.
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
    """Tell whether a line about a change is written anywhere."""
    return trail.LOG.isEnabledFor(logging.INFO) and any(
        handler.level <= logging.INFO and not isinstance(handler, logging.NullHandler)
        for handler in _handlers()
    )
