# SPDX-License-Identifier: Apache-2.0
"""Export of the access to all images of the cloud, written while it is read."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xloud_images_panel.access import export, plain_yaml
from xloud_images_panel.access.export import Membership
from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.dashboard import texts
from xloud_images_panel.management.operator import Operator
from xloud_images_panel.management.reports import Report, Status, Stream
from xloud_images_panel.services import inventory, memberships

FORMATS = ("yaml", "csv")


def write(operator: Operator, out: Stream, report: Report, *, form: str) -> Status:
    """Write the access to each shared image that has members, and return the exit status.

    :param form: one of :data:`FORMATS`
    :raises ServiceError: when a service does not answer; the export is then incomplete
    """
    failed: list[str] = []

    def unread(image_id: str, error: ServiceError) -> None:
        failed.append(image_id)
        report.warning(f"{image_id} is missing in the export: {texts.describe(error)}")

    glance = operator.glance()
    names = memberships.Names(operator.keystone())
    rows = _counted(memberships.named(inventory.stream(glance), names, unread), report)
    if form == "csv":
        out.write(export.BYTE_ORDER_MARK)
    lines = written = 0
    for piece in (export.csv_lines if form == "csv" else export.yaml_text)(rows):
        out.write(piece)
        lines += piece.count("\n")
        written += len(piece.encode(errors="replace"))
    out.flush()
    if too_large := texts.too_large(glance.lists.passed_over):
        failed.append("")
        report.warning(too_large)
    if form == "yaml" and (lines > plain_yaml.MOST_LINES or written > plain_yaml.MOST_BYTES):
        report.warning(
            "This is more than one file may have when it is read: cut it in parts before plan "
            "and apply."
        )
    return Status.FAILED if failed else Status.DONE


def _counted(rows: Iterator[Membership], report: Report) -> Iterator[Membership]:
    for number, row in enumerate(rows, start=1):
        report.progress("memberships", number)
        yield row
    report.end_of_progress()


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Stream]:
    """Provide a file that replaces another one once it is complete.

    :param path: of the file to replace, whose permissions the new one gets
    :raises OSError: when the file cannot be written
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            yield file
        with contextlib.suppress(FileNotFoundError):
            Path(name).chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
