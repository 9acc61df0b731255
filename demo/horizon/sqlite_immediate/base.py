# SPDX-License-Identifier: Apache-2.0
"""SQLite for older Django, with two options of Django 5.1.

A transaction takes the write lock when it begins. Otherwise two transactions that read before they
write fail at once, and Django's database cache silently loses entries.
"""

from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite with ``transaction_mode`` and ``init_command``."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection whose readers do not wait for writers."""
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        self.cursor().execute("BEGIN IMMEDIATE")
