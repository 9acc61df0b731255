# SPDX-License-Identifier: Apache-2.0
"""The Chromium for tests and benchmarks; the demo itself needs none."""

import shutil
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService


def options(profile: str | Path, *more: str) -> ChromeOptions:
    """Return the options of a headless Chromium that shows no prompts.

    :param profile: a folder of its own
    :param more: further arguments
    """
    made = ChromeOptions()
    made.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",  # Chromium refuses to run as root otherwise
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--window-size=1400,1000",
        f"--user-data-dir={profile}",
        *more,
    ):
        made.add_argument(argument)
    return made


def start(made: ChromeOptions) -> Chrome:
    """Start a Chromium with the system's driver."""
    return Chrome(made, ChromeService(shutil.which("chromedriver")))
