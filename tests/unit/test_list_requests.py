# SPDX-License-Identifier: Apache-2.0
"""Reading lists of images of any size in answers of limited size."""

import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.services import transport
from xloud_images_panel.services.list_requests import ListRequests

LARGEST = 100


class Catalogue:
    """A list of a service whose answers must not be larger than :data:`LARGEST`.

    :ivar asked: the requested limits
    """

    def __init__(self, sizes, link="next"):
        self.sizes, self.link, self.asked = sizes, link, []

    def read(self, path):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        assert query.pop("visibility") == "shared"
        limit, begin = int(query["limit"]), int(query.get("marker", -1)) + 1
        self.asked.append(limit)
        end = begin + limit
        sizes = self.sizes[begin:end]
        more = end < len(self.sizes) or len(sizes) == limit
        if sum(sizes) > LARGEST:
            answer = {"images": [{"next": "/v2/images?marker=99"}], "first": "/v2/images"}
            if more:
                answer[self.link] = f"/v2/images?limit=1&marker={end - 1}"
            text = json.dumps(answer).encode()
            kept = text[-4096:] if transport.KEEPS_END.get() else b""
            raise ServiceError("Glance", Reason.TOO_LARGE, bound=LARGEST, end=kept)
        return list(range(begin, begin + len(sizes))), str(end - 1) if more else None


def read_all(catalogue, limit):
    """Return all items, and the number of those skipped."""
    requests, items, query = ListRequests(catalogue.read), [], {"visibility": "shared"}
    while True:
        part, marker = requests.read("/v2/images", {**query, "limit": limit})
        items += part
        if not marker:
            return items, requests.passed_over
        query["marker"] = marker


@hypothesis_settings(deadline=None)
@given(st.lists(st.sampled_from([1, 10, 49, 50, 51, 100, 101, 500])), st.integers(1, 50))
def test_every_image_that_fits_into_an_answer_is_listed_once(sizes, limit):
    """Each image that fits is listed once and in order; each other image is counted."""
    fit = [number for number, size in enumerate(sizes) if size <= LARGEST]
    assert read_all(Catalogue(sizes), limit) == (fit, len(sizes) - len(fit))


def test_answers_that_fit_are_asked_for_as_they_are_wanted():
    catalogue = Catalogue([1] * 90)
    read_all(catalogue, 40)
    assert catalogue.asked == [40, 40, 40]


def test_list_that_is_too_large_is_asked_for_in_halves():
    """A list that is too large is halved; after a part that fits, the next may be twice as long."""
    catalogue = Catalogue([30] * 6 + [1] * 30)
    read_all(catalogue, 20)
    assert catalogue.asked == [20, 10, 5, 2, 4, 2, 4, 8, 16, 20]


def test_image_that_cannot_be_passed_over_is_said():
    """A too large image is an error if its answer does not end with a link to the next page."""
    with pytest.raises(ServiceError) as caught:
        read_all(Catalogue([1, 500, 1], link="elsewhere"), 3)
    assert caught.value.reason is Reason.TOO_LARGE


def test_another_failure_is_said():
    """Another failure is raised at once, because a smaller request would fail in the same way."""
    asked = []

    def read(path):
        asked.append(path)
        raise ServiceError("Glance", Reason.FORBIDDEN, 403)

    with pytest.raises(ServiceError, match="403"):
        ListRequests(read).read("/v2/images", {"limit": 100})
    assert asked == ["/v2/images?limit=100"]
