# SPDX-License-Identifier: Apache-2.0
"""Failed calls to the services.

The client libraries have their own exceptions; the modules above know only this one.
"""

import dataclasses
import enum
from typing import Any


class Reason(enum.StrEnum):
    """Why a call to a service failed."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed out"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    OVER_QUOTA = "over quota"
    BUSY = "busy"
    REFUSED = "refused"
    BROKEN = "broken"
    UNADDRESSABLE = "unaddressable"
    PLACE_LOST = "place lost"
    TOO_LARGE = "too large"
    OUT_OF_TIME = "out of time"
    UNTRUSTED = "untrusted"
    SCANNING = "scanning"


@dataclasses.dataclass(eq=False, repr=False)
class ServiceError(Exception):
    """A failed call to Keystone or Glance. The error never changes once raised.

    :ivar service: ``"Keystone"`` or ``"Glance"``; ``"Horizon"`` where the panel itself did not send
        the call
    :ivar reason: a :class:`Reason`
    :ivar status: the HTTP status, or None without an answer
    :ivar details: the service's own words, for the log
    :ivar retry_after: seconds that the service asks to wait before another try
    :ivar tries: how often the call was made; 0 if the service was already down
    :ivar bound: the dashboard's own limit that was reached: bytes of an answer that was
        ``TOO_LARGE``, seconds of a request that is ``OUT_OF_TIME``
    :ivar end: the last bytes of an answer that was ``TOO_LARGE``, if requested
    :ivar sent: False if no try had even a connection to send the call through
    """

    service: str
    reason: Reason
    status: int | None = None
    details: str = ""
    _: dataclasses.KW_ONLY
    retry_after: float = 0
    tries: int = 1
    bound: float = 0
    end: bytes = b""
    sent: bool = True

    @property
    def uncertain(self) -> bool:
        """Whether the call may have taken effect anyway.

        A connection can break, or a proxy give up, after the service has done
        its work. The last of several tries says nothing about the first.
        """
        return self.sent and (self.tries > 1 or (self.tries == 1 and self.reason in _UNCERTAIN))

    @property
    def lasting(self) -> bool:
        """Whether the reason lasts until somebody acts on it."""
        return self.reason in _LASTING

    def replaced(self, **fields: Any) -> "ServiceError":
        """Return a copy of this error with other values of some fields."""
        return dataclasses.replace(self, **fields)

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.service}: {self.reason}{status} {self.details}".rstrip()


class Busy(Exception):
    """Somebody else is changing the access to the image; nothing was changed."""


TRANSIENT = {Reason.UNREACHABLE, Reason.BUSY, Reason.BROKEN}
_UNCERTAIN = TRANSIENT | {Reason.TIMED_OUT, Reason.TOO_LARGE}
_LASTING = {
    Reason.FORBIDDEN,
    Reason.MISSING,
    Reason.OVER_QUOTA,
    Reason.REFUSED,
    Reason.UNADDRESSABLE,
    Reason.UNTRUSTED,
}
