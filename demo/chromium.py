# SPDX-License-Identifier: Apache-2.0
"""The Chromium for tests and benchmarks; the demo itself needs none."""

import re
import shutil
import subprocess
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

# The same engine without a browser's window, for about a third of the processor time.
_SHELL = Path("/usr/lib/chromium/chromium-headless-shell")


def options(profile: str | Path, *more: str) -> ChromeOptions:
    """Return the options of a headless Chromium that shows no prompts.

    :param profile: a folder of its own
    :param more: further arguments
    """
    made = ChromeOptions()
    made.binary_location = _program()
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


def _program() -> str:
    """Return Debian's headless shell if it has the driver's version, otherwise Chromium."""
    driver = shutil.which("chromedriver")
    if driver and _SHELL.exists() and _version(str(_SHELL)) == _version(driver):
        return str(Path(__file__).with_name("headless-shell"))
    return shutil.which("chromium") or ""


def _version(program: str) -> str:
    """Return a program's version, such as ``150.0.7871.100``."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return re.search(r"[\d.]+", said.stdout).group()


def start(made: ChromeOptions) -> Chrome:
    """Start a Chromium with the system's driver."""
    return Chrome(made, ChromeService(shutil.which("chromedriver")))
