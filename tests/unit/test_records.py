# SPDX-License-Identifier: Apache-2.0
"""Records from Glance's answers."""

import datetime

import pytest

from tests.unit.test_glance import OTHER, record
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Image, Member
from xloud_images_panel.services import records

NEW_YEAR = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_image_is_read_whole():
    item = record(1, disk_format="qcow2", container_format="bare", size=7, os_hidden=True)
    assert records.image(item) == Image(
        id=item["id"],
        name="image-1",
        owner=OTHER,
        visibility="shared",
        status="active",
        disk_format="qcow2",
        container_format="bare",
        size=7,
        hidden=True,
        created_at=NEW_YEAR,
    )


@pytest.mark.parametrize(
    "missing", [{}, {"owner": None, "disk_format": None, "container_format": None, "size": None}]
)
def test_image_that_was_only_begun_has_neither_format_nor_size(missing):
    """Values that Glance omits or sets to null, even an image's owner, are read as unset."""
    item = {"id": "x", "visibility": "private", "status": "queued", **missing}
    assert records.image(item) == Image("x", "x", "", "private", "queued", "", "", None)


@pytest.mark.parametrize("name", ["", " ", "\u200b", None])
def test_name_that_shows_nothing_is_replaced_by_the_id(name):
    """An invisible name is replaced by the ID, because a link needs some text to click on."""
    item = record(1, name=name)
    assert records.image(item).name == item["id"]


@pytest.mark.parametrize(
    ("more", "snapshot"),
    [
        ({}, False),
        ({"image_type": "snapshot"}, True),
        ({"image_type": "image"}, False),
        ({"block_device_mapping": "[]"}, True),
    ],
)
def test_snapshots_are_horizons(more, snapshot):
    """A snapshot is known by the marks that Nova sets for instances and for volumes."""
    assert records.image(record(1, **more)).snapshot is snapshot


@pytest.mark.parametrize("times", [{}, {"created_at": None, "updated_at": ""}])
def test_member_without_times(times):
    assert records.member({"member_id": OTHER, "status": "pending", **times}) == Member(
        OTHER, "pending"
    )


def test_member_has_the_times_of_its_addition_and_of_its_answer():
    later = NEW_YEAR + datetime.timedelta(days=1)
    item = {
        "member_id": OTHER,
        "status": "rejected",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
    }
    assert records.member(item) == Member(OTHER, "rejected", NEW_YEAR, later)


@pytest.mark.parametrize(
    ("link", "marker"),
    [
        ({}, None),
        ({"next": "/v2/images?limit=1&marker=x"}, "x"),
        ({"next": "/v2/images?limit=1"}, None),
    ],
)
def test_part_of_a_list_has_the_marker_of_the_next(link, marker):
    images, found = records.listing({"images": [record(1)], **link})
    assert [image.name for image in images] == ["image-1"]
    assert found == marker


@pytest.mark.parametrize(
    ("words", "quota"),
    [
        ("The limit has been exceeded. Attempted: 129, Maximum: 128", 128),
        ("attempted: 129, maximum: 128", 128),
        ("Request Entity Too Large", None),
        ("", None),
    ],
)
def test_quota_of_members_is_in_the_words_of_a_refusal(words, quota):
    error = ServiceError("Glance", Reason.OVER_QUOTA, 413, words)
    assert records.quota_in(error) == quota
