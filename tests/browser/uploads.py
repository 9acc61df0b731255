# SPDX-License-Identifier: Apache-2.0
"""Images created through Glance's API, for clouds with a database elsewhere."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import pytest
from openstack.connection import Connection
from openstack.image.v2.image import Image


@pytest.fixture
def create_image(admin: Connection, cleanup: ExitStack) -> Callable[..., Image]:
    """Return a function that uploads a small image, which is removed after the test."""

    def create_image(name: str, owner: str, visibility: str, members: Mapping[str, str]) -> Image:
        image = admin.image.create_image(
            name=name,
            owner=owner,
            visibility=visibility,
            disk_format="raw",
            container_format="bare",
            data=bytes(512),
            allow_duplicates=True,
        )
        cleanup.callback(admin.image.delete_image, image.id)
        for project_id, status in members.items():
            admin.image.add_member(image, member_id=project_id)
            if status != "pending":
                admin.image.update_member(project_id, image, status=status)
        return image

    return create_image
