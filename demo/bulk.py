# SPDX-License-Identifier: Apache-2.0
"""Projects, users, images and members by the thousand, written into a cloud's databases.

Through the API, ten thousand projects take several minutes, because Keystone checks each one. That
is too slow for a benchmark or a test of sizes. So this module creates one object of each kind
through the API, and copies its rows with other IDs and names. It depends on no schema, and fills
SQLite and MariaDB alike.
"""

import datetime
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from openstack.connection import Connection

from demo.cloud import Cloud

# Rows of one INSERT, and IDs of one DELETE; SQLite accepts 32,766 values in a statement.
_BATCH = 1000

# Glance's other tables with rows for an image.
_PARTS_OF_AN_IMAGE = ("image_properties", "image_locations")


class Bulk:
    """The databases of a running cloud.

    :param cloud: the owner of the databases
    """

    def __init__(self, cloud: Cloud, admin: Connection) -> None:
        self._admin = admin
        self._keystone = sa.create_engine(cloud.database_url("keystone"))
        self._glance = sa.create_engine(cloud.database_url("glance"))

    def close(self) -> None:
        """Close the connections to the databases."""
        self._keystone.dispose()
        self._glance.dispose()

    def projects(self, names: Sequence[str], domain_id: str = "default") -> list[str]:
        """Create projects and return their IDs in the order of the names."""
        model = self._admin.identity.create_project(
            name=f"model-{uuid.uuid4().hex}", domain_id=domain_id, description="A project of many"
        )
        table = _table(self._keystone, "project")
        with self._keystone.connect() as connection:
            [row] = _rows(connection, table, table.c.id == model.id)
        self._admin.identity.delete_project(model)
        ids = [uuid.uuid4().hex for _name in names]
        rows = [{**row, "id": id_, "name": name} for id_, name in zip(ids, names, strict=True)]
        _insert(self._keystone, {table: rows})
        return ids

    def users(self, names: Sequence[str]) -> list[str]:
        """Create users without a password in the Default domain and return their IDs."""
        model = self._admin.identity.create_user(
            name=f"model-{uuid.uuid4().hex}", domain_id="default"
        )
        users, local = _table(self._keystone, "user"), _table(self._keystone, "local_user")
        with self._keystone.connect() as connection:
            [user] = _rows(connection, users, users.c.id == model.id)
            [local_user] = _rows(connection, local, local.c.user_id == model.id)
        self._admin.identity.delete_user(model)
        ids = [uuid.uuid4().hex for _name in names]
        named = list(zip(ids, names, strict=True))
        rows = {
            users: [{**user, "id": id_} for id_ in ids],
            local: [{**local_user, "user_id": id_, "name": name} for id_, name in named],
        }
        _insert(self._keystone, rows)
        return ids

    def assign(self, user_ids: Iterable[str], project_id: str, role_id: str) -> None:
        """Give users a role in a project."""
        row = {
            "type": "UserProject",
            "target_id": project_id,
            "role_id": role_id,
            "inherited": False,
        }
        rows = [{**row, "actor_id": user_id} for user_id in user_ids]
        _insert(self._keystone, {_table(self._keystone, "assignment"): rows})

    def images(
        self,
        names: Sequence[str],
        owner: str,
        *,
        visibility: str = "shared",
        with_data: bool = True,
        created_at: datetime.datetime | None = None,
    ) -> list[str]:
        """Create images, all with the same data, and return their IDs.

        :param owner: ID of the project that they belong to
        :param with_data: False for images without data, as in Glance before an upload
        :param created_at: in UTC, without a time zone; now when it is None
        """
        image, parts = self._model_of_images
        created_at = created_at or now()
        values = {"owner": owner, "visibility": visibility}
        values |= dict.fromkeys(("created_at", "updated_at"), created_at)
        if not with_data:
            unknown = ("size", "checksum", "os_hash_algo", "os_hash_value")
            values |= {"status": "queued", **dict.fromkeys(unknown)}
            parts = {}
        ids = [str(uuid.uuid4()) for _name in names]
        named = zip(ids, names, strict=True)
        rows = {
            _table(self._glance, "images"): [
                {**image, **values, "id": id_, "name": name} for id_, name in named
            ]
        }
        for part, copied in parts.items():
            rows[part] = [{**row, "image_id": id_} for id_ in ids for row in copied]
        _insert(self._glance, rows)
        return ids

    @functools.cached_property
    def _model_of_images(self) -> tuple[dict[str, Any], dict[sa.Table, list[dict[str, Any]]]]:
        """The record of an image with data, and its records in other tables."""
        model = self._admin.image.create_image(
            name="model",
            visibility="shared",
            disk_format="raw",
            container_format="bare",
            data=bytes(512),
            allow_duplicates=True,
        )
        images = _table(self._glance, "images")
        parts = [_table(self._glance, name) for name in _PARTS_OF_AN_IMAGE]
        with self._glance.connect() as connection:
            [image] = _rows(connection, images, images.c.id == model.id)
            copied = {part: _rows(connection, part, part.c.image_id == model.id) for part in parts}
        self._admin.image.delete_image(model)
        return image, copied

    def members(self, memberships: Iterable[tuple[str, str, str]]) -> None:
        """Share images, without regard to the quota.

        :param memberships: ID of the image, ID of the project, member status
        """
        table = _table(self._glance, "image_members")
        moment = now()
        row = {"can_share": False, "deleted": False, "created_at": moment, "updated_at": moment}
        rows = [
            {**row, "image_id": image_id, "member": member, "status": status}
            for image_id, member, status in memberships
        ]
        _insert(self._glance, {table: rows})

    def set_image(self, image_id: str, **values: Any) -> None:
        """Set columns of an image, even to values that the API refuses."""
        table = _table(self._glance, "images")
        with self._glance.begin() as connection:
            connection.execute(table.update().where(table.c.id == image_id).values(values))

    def remove_projects(self, ids: Sequence[str]) -> None:
        """Remove projects that :meth:`projects` created."""
        _delete(self._keystone, ids, {"project": lambda table: table.c.id})

    def remove_images(self, ids: Sequence[str]) -> None:
        """Remove images with their members."""
        _delete(
            self._glance,
            ids,
            {
                name: lambda table: table.c.image_id
                for name in ("image_members", *_PARTS_OF_AN_IMAGE)
            }
            | {"images": lambda table: table.c.id},
        )

    def remove_members(self, image_ids: Sequence[str]) -> None:
        """Remove all members of images."""
        _delete(self._glance, image_ids, {"image_members": lambda table: table.c.image_id})


def now() -> datetime.datetime:
    """Return the present time in UTC without a time zone, as Glance stores it."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


@functools.cache
def _table(engine: sa.Engine, name: str) -> sa.Table:
    """Return a table as the database describes it; cached, because reading it takes a while."""
    return sa.Table(name, sa.MetaData(), autoload_with=engine, resolve_fks=False)


def _rows(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    """Return rows without the integer primary keys that the database assigns."""
    given = {column.name for column in table.primary_key if isinstance(column.type, sa.Integer)}
    found = connection.execute(sa.select(table).where(where)).mappings()
    return [{name: row[name] for name in row if name not in given} for row in found]


def _insert(engine: sa.Engine, rows: dict[sa.Table, list[dict[str, Any]]]) -> None:
    with engine.begin() as connection:
        for table, all_of_them in rows.items():
            for start in range(0, len(all_of_them), _BATCH):
                connection.execute(table.insert(), all_of_them[start : start + _BATCH])


def _delete(
    engine: sa.Engine,
    ids: Sequence[str],
    columns: dict[str, Callable[[sa.Table], sa.Column[Any]]],
) -> None:
    with engine.begin() as connection:
        for name, column in columns.items():
            table = _table(engine, name)
            for start in range(0, len(ids), _BATCH):
                batch = list(ids[start : start + _BATCH])
                connection.execute(table.delete().where(column(table).in_(batch)))
