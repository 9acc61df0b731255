# SPDX-License-Identifier: Apache-2.0
"""The interfaces through which changes and answers reach Glance and the lock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from xloud_images_panel.access import model


class Images(Protocol):
    """Glance, as a change needs it; see :class:`.glance.Glance`.

    :ivar workers: calls to send at the same time
    """

    @property
    def workers(self) -> int: ...

    def asking_first(self, before_write: Callable[[], None]) -> "Images": ...

    def member_rows(self, image_id: str) -> list[model.Member]: ...

    def same_member(self, image_id: str, project_id: str, listed: str) -> bool: ...

    def address(self, image_id: str, listed: str) -> str: ...

    def add_member(self, image_id: str, project_id: str) -> bool: ...

    def remove_member(self, image_id: str, project_id: str) -> bool: ...

    def set_member_status(self, image_id: str, project_id: str, status: str) -> None: ...


class ReceivedImages(Protocol):
    """Glance, as an answer needs it; see :class:`.glance.Glance`.

    :ivar workers: calls to send at the same time
    """

    @property
    def workers(self) -> int: ...

    def received(self, image_id: str) -> model.SharedImage: ...

    def set_my_status(self, image_id: str, status: str) -> None: ...


class Lock(Protocol):
    """A lock that keeps concurrent changes of one image apart.

    The block gets a function that raises :class:`.ServiceError` if the place was lost.

    :raises Busy: when somebody else is changing the image
    """

    def __call__(self, image_id: str) -> AbstractContextManager[Callable[[], None]]: ...
