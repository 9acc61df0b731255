# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks``: start a cloud, fill it, measure, and write the results."""

import sys

from benchmarks.options import RESULTS, Options
from demo import program

say = program.timed("bench")


def main() -> int:
    """Run the benchmark and return its exit status."""
    return program.run("bench", Options.from_environment, _run, stopped=130)


def _run(options: Options) -> int:
    # Imported late: these modules need the packages that `make bench` installs.
    from benchmarks import exports, many, plans, report, rows, scans, weight
    from benchmarks.fill import filled
    from benchmarks.running import running

    result = report.Result()
    with running(options, say) as cloud, filled(cloud.cloud, options.sizes, say) as what:
        bench = rows.Bench(cloud, what, say)
        if "F" in options.rows:
            result.weight = weight.added(cloud)
        for name, title, function in (
            ("A", "Manage Access opens", rows.opening),
            ("A'", "Manage Access in Chromium", rows.in_chromium),
            ("B", "Confirm", rows.confirming),
            ("C", "Shared Images of a member", rows.shared_as_member),
            ("D", "Shared Images of an administrator", rows.shared_as_administrator),
            ("G", "many projects at once", many.found),
            ("H", "many members in Chromium", many.many_members),
            ("I", "a plan of many images", plans.carried_out),
            ("G2", "Access by Image", scans.by_image),
            ("H2", "Access by Project", scans.by_project),
            ("J", "Stale Access", scans.stale),
            ("K", "export", exports.exported),
        ):
            if name not in options.rows:
                continue
            say(f"Measuring {name}: {title}")
            for row in function(bench):
                result.rows.append(row)
                say(f"  {row.name}: {row.what} / {row.against}: {row.comparison}")
            # Written after each row, so that a later failure does not lose the results.
            report.write(RESULTS, options, result)
        if "E" in options.rows:
            for function in (rows.members_grow, rows.own_images_grow, rows.projects_grow):
                say(f"Measuring E: {function.__name__.replace('_', ' ')}")
                result.curves.append(function(bench))
            result.rows.append(rows.flat(result.curves[-1]))
        if "L" in options.rows:  # last: it removes the images that the others need
            for function in (scans.images_grow, scans.memberships_grow):
                say(f"Measuring L: {function.__name__.replace('_', ' ')}")
                result.curves.append(function(bench))
    print(report.table(result))
    say(f"Written to {report.write(RESULTS, options, result)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
