# SPDX-License-Identifier: Apache-2.0
"""Images that a user has chosen, some of which Glance does not show."""

from django.utils import translation

from tests.unit.conftest import GLANCE
from tests.unit.test_glance import record
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.dashboard.catalogue import seen
from xloud_images_panel.services.glance import Glance

IDS = [record(number)["id"] for number in range(3)]


def test_reason_is_in_the_language_of_the_request(requests_mock, user_request):
    """Reasons have the request's language, although the look-up threads have no language."""
    requests_mock.get(f"{GLANCE}/v2/images", json={"images": []})
    requests_mock.get(f"{GLANCE}/v2/images/{IDS[0]}", status_code=404)
    for image_id in IDS[1:]:
        requests_mock.get(f"{GLANCE}/v2/images/{image_id}", status_code=403)
    unread = {}
    with translation.override("de"):
        assert seen.images_by_id(Glance(connection(user_request)), IDS, unread) == {}
    why = "Der Abbilddienst (Glance) hat es nicht erlaubt."
    assert unread == dict.fromkeys(IDS[1:], why)
