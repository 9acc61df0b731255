# SPDX-License-Identifier: Apache-2.0
"""SQLite as Django 5.1 can be told to use it by options, for older ones.

A transaction takes the lock for writing when it begins. Otherwise two that have read and then
write fail at once, and Django's cache in a database loses what it was to keep, without a word.
"""

from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite with ``transaction_mode`` and ``init_command``."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection whose readers wait for no writer."""
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        self.cursor().execute("BEGIN IMMEDIATE")
