# SPDX-License-Identifier: Apache-2.0
"""The bytes that the panel adds to every page of Horizon."""

import gzip
import re

import requests

from benchmarks.running import Running


def added(running: Running) -> tuple[int, int]:
    """Return the compressed bytes of JavaScript and CSS that a page links, with and without."""
    return _linked(running.horizon), _linked(running.plain)


def _linked(url: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(f"{url}/auth/login/").text
        paths = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))(?:\?[^"]*)?"', page))
        files = (session.get(url + path).content for path in sorted(paths))
        return sum(len(gzip.compress(file, 6)) for file in files)
