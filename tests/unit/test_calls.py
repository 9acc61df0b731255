# SPDX-License-Identifier: Apache-2.0
"""Calls to the services: retries, one kind of error, and limits."""

import functools
import math
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
import tenacity.nap
from glanceclient import exc as glance_errors
from keystoneauth1 import exceptions as keystone_errors
from urllib3.exceptions import NewConnectionError

from tests.limits import LIMITS
from xloud_images_panel.access import threads
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.dashboard import texts
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import calls, transport
from xloud_images_panel.services.calls import Service


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """Record the waits in seconds instead of waiting, and return them."""
    seconds = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", seconds.append)
    return seconds


def failing(*errors):
    """Return a function that raises these errors, one per call, and then returns "done"."""
    left = list(errors)

    def call():
        if left:
            raise left.pop(0)
        return "done"

    return call


def too_many_requests():
    """Return the error of a busy Keystone, for which keystoneauth of 2025.1 has no class."""
    return keystone_errors.HTTPClientError(http_status=429)


def untrusted():
    """Return the error of an untrusted certificate, wrapped by glanceclient."""
    error = glance_errors.CommunicationError("certificate")
    error.__context__ = ssl.SSLCertVerificationError("self-signed")
    return error


@pytest.mark.parametrize(
    "error",
    [
        glance_errors.CommunicationError("reset"),
        keystone_errors.InternalServerError("deadlock"),
        keystone_errors.ServiceUnavailable(),
        keystone_errors.ConnectFailure(),
        too_many_requests(),
        transport.Unreadable("not JSON"),
    ],
)
def test_transient_failure_is_tried_again(error):
    """A transient failure is retried, and leaves no error if the next try succeeds."""
    assert Service("Glance", LIMITS).ask(failing(error)) == "done"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (keystone_errors.Forbidden(), Reason.FORBIDDEN),
        (keystone_errors.NotFound(), Reason.MISSING),
        (keystone_errors.Conflict(), Reason.CONFLICT),
        (keystone_errors.RequestEntityTooLarge(), Reason.REFUSED),
        (keystone_errors.BadRequest(), Reason.REFUSED),
        (keystone_errors.Unauthorized(), Reason.UNAUTHENTICATED),
        (glance_errors.InvalidEndpoint("slow"), Reason.TIMED_OUT),
        (keystone_errors.ConnectTimeout(), Reason.TIMED_OUT),
    ],
)
def test_lasting_failure_is_not_tried_again(error, reason, slept):
    """A lasting failure is raised at once, with its reason."""
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(failing(error))
    assert caught.value.reason is reason
    assert caught.value.tries == 1
    assert slept == []


def test_tries_are_bounded():
    """A call to a service that stays broken fails after the last try."""
    errors = [keystone_errors.InternalServerError() for _try in range(9)]
    with pytest.raises(ServiceError, match="HTTP 500") as caught:
        Service("Glance", LIMITS).ask(failing(*errors))
    assert caught.value.tries == LIMITS.tries


def test_service_that_hangs_is_not_asked_again():
    """A service that hangs gets no other call, because all calls share one time limit."""
    service = Service("Keystone", LIMITS)
    with pytest.raises(ServiceError):
        service.ask(failing(keystone_errors.ConnectTimeout()))
    with pytest.raises(ServiceError, match="not asked again"):
        service.ask(failing())


@pytest.mark.parametrize(
    "error", [keystone_errors.ConnectFailure(), keystone_errors.ServiceUnavailable()]
)
def test_service_that_stays_away_is_not_asked_again(error):
    """A service that failed at all tries of one call gets no other: its tries would fail too."""
    service = Service("Glance", LIMITS)
    with pytest.raises(ServiceError):
        service.ask(failing(*[error] * LIMITS.tries))
    with pytest.raises(ServiceError, match="not asked again") as caught:
        service.ask(failing())
    assert not caught.value.uncertain


def test_command_has_patience_with_a_service_that_restarts(monkeypatch):
    """A command goes on if a service answers again within 60 seconds, but not later."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(calls.time, "monotonic", lambda: clock.now)
    service = Service("Glance", replace(LIMITS, patience=60, total_time=math.inf, tries=1))
    away = keystone_errors.ConnectFailure("away")

    def fail():
        raise away

    for seconds in (0, 50):
        clock.now += seconds
        with pytest.raises(ServiceError):
            service.ask(fail)
    assert service.ask(lambda: "there") == "there"
    for seconds in (0, 60):
        clock.now += seconds
        with pytest.raises(ServiceError):
            service.ask(fail)
    with pytest.raises(ServiceError, match="not asked again"):
        service.ask(lambda: "there")


def test_change_that_was_sent_once_is_in_doubt():
    """A change is uncertain if the first answer was lost, even if the next tries reached nobody."""
    nobody = keystone_errors.ConnectFailure()
    nobody.__context__ = NewConnectionError(None, "refused")
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(
            failing(keystone_errors.ConnectFailure("reset"), *[nobody] * 9)
        )
    assert caught.value.uncertain
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(failing(*[nobody] * 9))
    assert not caught.value.uncertain


def test_change_that_met_an_untrusted_certificate_was_not_sent():
    """A change that met an untrusted certificate, after a try that reached nobody, was not sent."""
    nobody = keystone_errors.ConnectFailure()
    nobody.__context__ = NewConnectionError(None, "refused")
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(failing(nobody, untrusted()))
    assert (caught.value.reason, caught.value.tries) == (Reason.UNTRUSTED, 2)
    assert not caught.value.uncertain


def test_change_that_was_stopped_before_it_could_be_sent_is_not_in_doubt():
    """A change that lost its lock, after a try that reached nobody, is not uncertain."""
    nobody = keystone_errors.ConnectFailure()
    nobody.__context__ = NewConnectionError(None, "refused")
    stopped = ServiceError("Horizon", Reason.PLACE_LOST)
    with pytest.raises(ServiceError) as caught:
        Service("Glance", LIMITS).ask(failing(nobody, stopped))
    assert (caught.value.reason, caught.value.tries) == (Reason.PLACE_LOST, 2)
    assert not caught.value.uncertain


def test_call_begins_until_the_time_of_the_request_is_over(monkeypatch):
    """Calls begin until the request's time is over, but not after."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    service = Service("Glance", replace(LIMITS, total_time=30))
    now[0] = 1029.5
    assert service.ask(failing()) == "done"
    now[0] = 1030.0
    with pytest.raises(ServiceError, match="not asked after 30 seconds"):
        service.ask(failing())


def test_request_has_an_end():
    """The time limit ends a request and frees the worker, however many calls it makes."""
    with pytest.raises(ServiceError, match="not asked after") as caught:
        Service("Glance", replace(LIMITS, total_time=1e-9)).ask(failing())
    assert caught.value.reason is Reason.OUT_OF_TIME
    assert not caught.value.uncertain


def test_user_reads_how_long_a_service_was_asked():
    """The message names the operator's time limit in seconds."""
    error = ServiceError("Glance", Reason.OUT_OF_TIME, bound=30.0, tries=0)
    assert texts.describe(error) == (
        "The image service (Glance) was not finished after 30 seconds, when the dashboard "
        "stopped asking."
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_request_that_changes_nothing_has_the_time_for_reading(user_request, settings, method):
    """A GET or HEAD request has the limit reading_time, a POST request the limit request_time."""
    settings.XLOUD_IMAGES_PANEL = {"request_time": 60, "reading_time": 1e-9}
    user_request.method = method
    service = Service("Glance", connection(user_request).limits)
    if method == "POST":
        assert service.ask(failing()) == "done"
    else:
        with pytest.raises(ServiceError, match="out of time"):
            service.ask(failing())


def test_failing_call_of_a_request_that_is_near_its_end_is_not_tried_again(slept):
    """A failing call is not retried if the wait would end after the request's time limit."""
    error = too_many_requests()
    error.retry_after = 3
    with pytest.raises(ServiceError) as caught:
        Service("Keystone", replace(LIMITS, total_time=2)).ask(failing(error))
    assert caught.value.tries == 1
    assert slept == []


@pytest.mark.parametrize("error", [AttributeError, LookupError, TypeError, ValueError])
def test_error_of_our_own_is_not_the_services(error):
    """An error in our own code is raised at the first try, not as the service's."""
    with pytest.raises(error, match="ours"):
        Service("Glance", LIMITS).ask(failing(error("ours")))


def test_failing_call_is_tried_again_within_the_time_limit_only(slept):
    """A failing call is not retried if the wait is longer than a call may take."""
    error = too_many_requests()
    error.retry_after = 3
    with pytest.raises(ServiceError) as caught:
        Service("Keystone", replace(LIMITS, timeout=2)).ask(failing(error))
    assert caught.value.tries == 1
    assert slept == []


def test_retry_after_is_respected(slept):
    """The next try waits for the time that a busy service requests."""
    error = too_many_requests()
    error.retry_after = 3
    Service("Keystone", LIMITS).ask(failing(error))
    assert slept == [3]


def test_service_answers_so_many_calls_at_once():
    """A request's calls are limited even outside a pool: one user's request is no load test."""
    service, under_way, most = Service("Glance", replace(LIMITS, max_workers=3)), [], []

    def call(number):
        under_way.append(number)
        most.append(len(under_way))
        threading.Event().wait(0.001)  # give other calls time to begin
        under_way.remove(number)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: service.ask(call, number), range(60)))
    assert max(most) == 3


def test_what_has_not_begun_is_not_done_after_a_failure():
    """After a failure queued calls are cancelled, because the page has already failed."""
    asked = []

    def ask(number):
        asked.append(number)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        threads.in_parallel(ask, range(100), workers=1)
    assert len(asked) < 100


def test_pool_keeps_the_order_and_the_error():
    """A pool keeps the order of the items, and raises the error of a failed one."""
    assert threads.in_parallel(lambda item: item * 2, [3, 1, 2], workers=4) == [6, 2, 4]
    with pytest.raises(ZeroDivisionError):
        threads.in_parallel(lambda item: 1 / item, [1, 0, 1], workers=4)


def test_tasks_that_follow_come_before_those_that_wait():
    """Follow-up tasks run before waiting tasks, except one that is already queued."""
    done = []

    def task(name, *following):
        return lambda: (done.append(name), [task(item) for item in following])[1]

    threads.with_follow_ups([task(1, 11, 12), task(2), task(3), task(4)], workers=1)
    assert sorted(done) == [1, 2, 3, 4, 11, 12]
    assert max(done.index(11), done.index(12)) < done.index(3)


def test_tasks_that_wait_are_not_done_after_a_failure():
    """After a failure waiting tasks are cancelled, and the first error is raised."""
    done = []

    def task(number):
        done.append(number)
        return [] if number < 2 else 1 / 0

    tasks = [functools.partial(task, number) for number in range(100)]
    with pytest.raises(ZeroDivisionError):
        threads.with_follow_ups(tasks, workers=2)
    assert len(done) < 10


def test_names_of_requests_are_collected_where_somebody_wants_them():
    """Only the request IDs of one block are collected; an answer without an ID adds none."""
    threads.note_request_id("before")
    with threads.traced() as request_ids:
        for name in ("one", None, "", "two"):
            threads.note_request_id(name)
    threads.note_request_id("after")
    assert request_ids == ["one", "two"]


# -- the log, and the waits


def logged(caplog, error):
    """Return the level and text of a failing call's log line."""
    with caplog.at_level("DEBUG", "xloud_images_panel"), pytest.raises(ServiceError):
        Service("Glance", LIMITS).ask(failing(error))
    (line,) = [item for item in caplog.records if item.name.startswith("xloud_images_panel")]
    return line.levelname, line.getMessage()


def test_words_of_a_service_are_in_the_log_once(caplog):
    """A service's message is logged once, on one line, without HTML, with the request ID."""
    error = keystone_errors.Forbidden(
        message="Forbidden", details="<h1>No\nway</h1>", request_id="req-1", http_status=403
    )
    assert logged(caplog, error) == (
        "WARNING",
        "Glance: forbidden (HTTP 403) No way req-1 (tries: 1)",
    )


def test_service_without_words_is_logged_by_what_its_client_says(caplog):
    error = keystone_errors.Forbidden(message="Not for you", http_status=403)
    level, words = logged(caplog, error)
    assert level == "WARNING"
    assert words.startswith("Glance: forbidden (HTTP 403) Not for you")
    assert words.endswith(" (tries: 1)")
    assert "  " not in words
    assert "None" not in words


def test_what_is_not_there_is_no_warning(caplog):
    """A 404 is no warning: an administrator's scan looks up hundreds of projects without access."""
    error = keystone_errors.NotFound(message="No member", http_status=404)
    assert logged(caplog, error)[0] == "DEBUG"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (glance_errors.InvalidEndpoint("too slow"), "Glance: timed out too slow (tries: 1)"),
        (transport.TooLarge(7), "Glance: too large more than 7 bytes (tries: 1)"),
        (untrusted(), "Glance: untrusted certificate (tries: 1)"),
    ],
)
def test_failure_of_the_way_is_logged_with_its_details(caplog, error, text):
    assert logged(caplog, error) == ("WARNING", text)


def test_service_that_cannot_be_reached_is_logged_with_the_number_of_tries(caplog):
    error = glance_errors.CommunicationError("reset")
    with pytest.raises(ServiceError):
        Service("Glance", replace(LIMITS, tries=2)).ask(failing(error, error, error))
    assert "Glance: unreachable reset (tries: 2)" in caplog.text


def test_answer_that_cannot_be_read_is_logged_with_the_reason(caplog):
    errors = [transport.Unreadable("not JSON")] * LIMITS.tries
    with pytest.raises(ServiceError):
        Service("Glance", LIMITS).ask(failing(*errors))
    assert "Glance: broken Unreadable: not JSON (tries: 5)" in caplog.text


def test_service_that_refuses_one_call_is_asked_the_next():
    """A service that refuses one call gets the next, because it is not down."""
    service = Service("Glance", LIMITS)
    with pytest.raises(ServiceError):
        service.ask(failing(keystone_errors.Forbidden(http_status=403)))
    assert service.ask(failing()) == "done"


def test_request_that_has_no_time_left_says_how_much_it_had():
    with pytest.raises(ServiceError) as caught:
        Service("Glance", replace(LIMITS, total_time=0)).ask(failing())
    assert (caught.value.bound, caught.value.tries) == (0, 0)
    with pytest.raises(ServiceError) as caught:
        Service("Glance", replace(LIMITS, total_time=1e-9)).ask(failing())
    assert caught.value.bound == 1e-9


def test_service_that_asks_for_a_minute_is_tried_again_after_a_few_seconds(slept):
    error = too_many_requests()
    error.retry_after = 60
    Service("Keystone", LIMITS).ask(failing(error))
    assert slept == [5]


def test_waits_grow_and_stay_short(slept, monkeypatch):
    """Waits are random, up to a bound that doubles until it is two seconds."""
    monkeypatch.setattr(tenacity.wait.random, "uniform", lambda low, high: high)
    error = keystone_errors.InternalServerError("deadlock")
    Service("Glance", replace(LIMITS, tries=9)).ask(failing(*[error] * 7))
    assert slept == [0.1, 0.2, 0.4, 0.8, 1.6, 2, 2]


def test_error_is_translated_whatever_raised_it():
    """Each error of the clients gets one of the reasons that the pages distinguish."""
    for error, reason in (
        (keystone_errors.Unauthorized(http_status=401), Reason.UNAUTHENTICATED),
        (keystone_errors.Forbidden(http_status=403), Reason.FORBIDDEN),
        (keystone_errors.NotFound(http_status=404), Reason.MISSING),
        (keystone_errors.Conflict(http_status=409), Reason.CONFLICT),
        (keystone_errors.BadRequest(http_status=400), Reason.REFUSED),
        (keystone_errors.HTTPClientError(http_status=429), Reason.BUSY),
        (keystone_errors.ServiceUnavailable(http_status=503), Reason.BUSY),
        (keystone_errors.BadGateway(http_status=502), Reason.BROKEN),
        (keystone_errors.ConnectTimeout(), Reason.TIMED_OUT),
        (keystone_errors.ConnectFailure(), Reason.UNREACHABLE),
        (glance_errors.CommunicationError("reset"), Reason.UNREACHABLE),
        (keystone_errors.HttpError(http_status=302), Reason.BROKEN),
        (untrusted(), Reason.UNTRUSTED),
        (transport.Unreadable("not JSON"), Reason.BROKEN),
        (transport.TooLarge(7), Reason.TOO_LARGE),
    ):
        with pytest.raises(ServiceError) as caught:
            Service("Glance", replace(LIMITS, tries=1)).ask(failing(error))
        assert caught.value.reason is reason
