# SPDX-License-Identifier: Apache-2.0
"""Images that tests insert into Glance's database, which is faster than its API."""

from openstack.image.v2.image import Image

from demo.bulk import Bulk, now


def image(bulk: Bulk, name: str, owner: str, visibility: str, *, with_data: bool) -> Image:
    """Insert an image into Glance's database, and return it as an openstacksdk object.

    :param owner: the ID of a project
    """
    created_at = now()
    [image_id] = bulk.images(
        [name], owner, visibility=visibility, with_data=with_data, created_at=created_at
    )
    return Image.existing(
        id=image_id,
        name=name,
        owner=owner,
        visibility=visibility,
        created_at=f"{created_at.isoformat(timespec='seconds')}Z",
    )
