# SPDX-License-Identifier: Apache-2.0
"""The IDs of several images in an address."""

import uuid

import pytest

from xloud_images_panel.dashboard.catalogue import image_ids


def test_ids_come_back_in_their_order():
    """IDs come back from their short form in the same order."""
    ids = [str(uuid.uuid4()) for _ in range(image_ids.MOST)]
    assert image_ids.read(image_ids.short(ids)) == ids


def test_hundred_ids_fit_into_an_address():
    """A hundred IDs fit into Gunicorn's 4,094 characters, even inside the login page's address."""
    ids = [str(uuid.uuid4()) for _ in range(image_ids.MOST)]
    text = image_ids.short(ids)
    assert len(text) < 2_500
    assert not set(text) & set("%&+/=,")


def test_browser_writes_the_same():
    """The browser writes the same text; the spec of ``model/image-ids.js`` has the same two IDs."""
    ids = ["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
    assert image_ids.short(ids) == "ABEiM0RVZneImaq7zN3u_w._____________________w"


def test_id_in_capitals_stays_one():
    """An ID in capitals stays unchanged, because Glance on SQLite takes it for another image."""
    given = ["00112233-4455-6677-8899-AABBCCDDEEFF"]
    assert image_ids.read(image_ids.short(given)) == given


def test_image_that_is_named_twice_is_read_once():
    """An image that a hand-made address names twice is read once."""
    text = image_ids.short(["00112233-4455-6677-8899-aabbccddeeff"])
    assert len(image_ids.read(f"{text}.{text}")) == 1


@pytest.mark.parametrize(
    "text", ["", ".", "x", "!" * 22, "a" * 21, "../../../../etc/passwd", "ä" * 22]
)
def test_what_is_no_id_is_refused(text):
    """A text that is no ID is refused, because the panel makes no such address."""
    with pytest.raises(image_ids.BadIDs):
        image_ids.read(text)


def test_too_many_are_refused():
    """Too many IDs are refused, because each costs a request to Glance."""
    with pytest.raises(image_ids.BadIDs):
        image_ids.read(image_ids.short(str(uuid.uuid4()) for _ in range(image_ids.MOST + 1)))
