# SPDX-License-Identifier: Apache-2.0
"""``python -m django image_access``: access to images as a file, see ``docs/access-files.md``."""

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xloud_images_panel.access.failure import ServiceError
from xloud_images_panel.access.wanted import MOST_REMOVALS
from xloud_images_panel.dashboard import lock, settings, texts
from xloud_images_panel.management import explaining, exporting, files, node, staleness
from xloud_images_panel.management.operator import Operator
from xloud_images_panel.management.reports import Report, Status

# The disk's failures; all others concern the given path.
_WRITING_FAILED = (errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC)


class Command(BaseCommand):
    """A command that exports the access to all images, and applies access files."""

    help = "Show and change which projects the images of the cloud are shared with."
    # Horizon's checks concern a web server, and take longer than most of this command.
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        export = actions.add_parser("export", help="write the access to all images")
        export.add_argument("--format", choices=exporting.FORMATS, default="yaml")
        export.add_argument("--output", metavar="FILE", help="instead of the standard output")
        plan = actions.add_parser("plan", help="show what applying a file would change")
        apply = actions.add_parser("apply", help="make the access what a file says")
        for of_file in (plan, apply):
            of_file.add_argument("file", metavar="FILE", help="in YAML; - for the standard input")
            of_file.add_argument(
                "--max-removals",
                type=_number,
                default=MOST_REMOVALS,
                metavar="N",
                help="projects that may lose their access to an image, default %(default)s",
            )
        apply.add_argument(
            "--accept",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="accept on behalf of added projects; without it as the panel's settings say",
        )
        apply.add_argument(
            "--without-lock",
            action="store_true",
            help="go on though Horizon's cache cannot keep two changes of one image apart",
        )
        stale = actions.add_parser("stale", help="name the members that lead nowhere")
        explain = actions.add_parser(
            "explain", help="say whether a project lists an image and can use it, and why"
        )
        explain.add_argument("project", metavar="PROJECT", help="an ID, a name or domain/name")
        explain.add_argument("image", metavar="IMAGE", help="an ID or a name")
        for action in (export, plan, apply, explain, stale):
            action.add_argument("--os-cloud", metavar="NAME", default="", help="of clouds.yaml")
            action.add_argument("--os-region-name", metavar="NAME", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run a subcommand, and exit with its status.

        :raises CommandError: when the subcommand cannot begin, fails midway, or is interrupted
        """
        self.stderr.style_func = None  # not all of its lines are errors
        if refusal := node.refusal():
            raise CommandError(refusal, returncode=Status.USAGE)
        run: Callable[[dict[str, Any]], Status] = getattr(self, f"_{options['action']}")
        ending, self.stderr.ending = self.stderr.ending, ""  # progress overwrites its own line
        try:
            ended = run(options)
        except ServiceError as error:
            raise CommandError(texts.describe(error)) from error
        except files.Unusable:
            ended = Status.USAGE
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was done is in the trail.") from None
        except BrokenPipeError:
            # The reader is gone. Python would report that again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ended = Status.FAILED
        except OSError as error:
            if error.errno not in _WRITING_FAILED:
                raise
            raise CommandError(str(error)) from error
        finally:
            self.stderr.ending = ending
        if ended:
            sys.exit(ended)

    def _export(self, options: dict[str, Any]) -> Status:
        # The standard output may be the export itself.
        report = Report(self.stderr, self.stderr)
        operator = self._operator(options)
        if not options["output"]:
            if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale says
                sys.stdout.reconfigure(encoding="utf-8", errors="replace")
            out = self.stdout
            out.ending = ""
            return exporting.write(operator, out, report, form=options["format"])
        try:
            with exporting.replaced(Path(options["output"])) as file:
                return exporting.write(operator, file, report, form=options["format"])
        except OSError as error:
            if error.errno in _WRITING_FAILED:
                raise
            raise CommandError(str(error), returncode=Status.USAGE) from error

    def _plan(self, options: dict[str, Any]) -> Status:
        return self._file(options).plan()

    def _apply(self, options: dict[str, Any]) -> Status:
        if not options["without_lock"]:
            _check_lock()
        file = self._file(options)
        if not node.has_trail():
            file.report.warning("Nothing is written to the trail: LOGGING does not name it.")
        accept = options["accept"]
        return file.apply(accept=settings.get().accept_on_behalf if accept is None else accept)

    def _stale(self, options: dict[str, Any]) -> Status:
        report = Report(self.stdout, self.stderr)
        return staleness.show(self._operator(options), report)

    def _explain(self, options: dict[str, Any]) -> Status:
        report = Report(self.stdout, self.stderr)
        operator = self._operator(options)
        return explaining.answer(operator, report, options["project"], options["image"])

    def _file(self, options: dict[str, Any]) -> files.File:
        report = Report(self.stdout, self.stderr)
        path = options["file"]
        try:
            asked = files.read(path, report)
        except OSError as error:
            raise CommandError(str(error), returncode=Status.USAGE) from error
        return files.File(path, asked, self._operator(options), report, options["max_removals"])

    @staticmethod
    def _operator(options: dict[str, Any]) -> Operator:
        changes = options["action"] == "apply"
        return Operator(options["os_cloud"], options["os_region_name"], changes=changes)


def _number(text: str) -> int:
    """Return a number of removals."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def _check_lock() -> None:
    """Check that Horizon's cache can keep two changes of one image's access apart."""
    if lock.shared_cache_problem():
        raise CommandError(
            "Horizon's cache is not shared between processes, so this change and one in the "
            "dashboard could not be kept apart. Set CACHES to memcached, Redis or a database, or "
            "say --without-lock when nobody else changes access.",
            returncode=Status.USAGE,
        )
    if why := lock.silence():
        raise CommandError(f"Horizon's cache does not answer: {why}")
