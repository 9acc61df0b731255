# SPDX-License-Identifier: Apache-2.0
"""The names of Keystone's domains."""

from collections.abc import Callable
from typing import Any

from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.services import transport
from xloud_images_panel.services.connection import Cache

#: Keystone silently truncates pages at max_db_limit, 1,000 by default. A page with fewer rows than
#: any operator would set as this limit is the last one.
CUT_AT = 1000
SMALLEST_CUT = 20
#: The most pages that are read for one answer.
MOST_PAGES = 5


class Domains:
    """The domains of a region, read once and kept in the cache.

    :param client: a client of python-keystoneclient
    :param ask: calls Keystone, see :meth:`.calls.Service.ask`
    :param whose: distinguishes the entry in the cache from those of other users
    :param lifetime: seconds in the cache, 0 for no caching
    """

    def __init__(
        self,
        client: Any,
        ask: Callable[..., Any],
        cache: Cache,
        whose: tuple[str, ...],
        lifetime: int,
    ) -> None:
        self._client, self._ask = client, ask
        self._cache, self._lifetime = cache, lifetime
        self._key = cache.key("domains", *whose)
        # Read once in a request.
        self._listed: dict[str, str] | None = None
        self._known: dict[str, str] | None = None

    def listed(self) -> dict[str, str]:
        """Return the names of the domains by ID.

        :raises ServiceError: when Keystone does not answer or refuses
        """
        if self._listed is None:
            self._listed = self._cache.get(self._key)
        if self._listed is None:
            self._listed = self._read()
            if self._lifetime:
                self._cache.set(self._key, self._listed, self._lifetime)
        return self._listed

    def names(self) -> dict[str, str]:
        """Return the names of the domains by ID, none if the user may not list them.

        :raises ServiceError: when Keystone does not answer
        """
        try:
            return self.listed()
        except ServiceError as error:
            if error.reason is Reason.FORBIDDEN:
                return {}
            raise

    def known(self) -> dict[str, str]:
        """Return the names of the domains by ID, none if they cannot be read."""
        if self._known is None:
            try:
                self._known = self.listed()
            except ServiceError:
                self._known = {}
        return self._known

    def enabled(self, domain_id: str) -> bool:
        """Return whether a domain is enabled, never from the cache.

        :raises ServiceError: when Keystone does not answer or refuses
        """

        def read() -> bool:
            with transport.reading_answer():
                return bool(self._client.domains.get(domain_id).enabled)

        enabled: bool = self._ask(read)
        return enabled

    def _read(self) -> dict[str, str]:
        names: dict[str, str] = {}
        marker = None
        for _page in range(MOST_PAGES):
            query = {"limit": CUT_AT, "marker": marker} if marker else {"limit": CUT_AT}

            def read(query: dict[str, Any] = query) -> dict[str, str]:
                with transport.reading_answer():
                    return {item.id: item.name for item in self._client.domains.list(**query)}

            batch: dict[str, str] = self._ask(read)
            # An older Keystone ignores the marker and returns the same domains again.
            if batch.keys() <= names.keys():
                break
            names |= batch
            if len(batch) < SMALLEST_CUT:
                break
            marker = max(batch)
        return names
