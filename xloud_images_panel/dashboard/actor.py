# SPDX-License-Identifier: Apache-2.0
"""The user of a Django request, as the services know them."""

from typing import Any


def reads(request: Any) -> bool:
    """Tell whether a Django request only reads, by its method."""
    return request.method in ("GET", "HEAD")
