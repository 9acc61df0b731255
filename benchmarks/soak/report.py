# SPDX-License-Identifier: Apache-2.0
"""What came of the soak, in Markdown."""

from benchmarks.report import machine
from benchmarks.soak.options import Options
from benchmarks.soak.watch import Watch


def text(
    options: Options,
    requests: list[dict[str, str]],
    watch: Watch,
    failures: list[dict[str, str]],
    compared: int,
    wrong: list[str],
) -> str:
    """Return the report.

    :param requests: Locust's statistics, one row for each kind of request, the last for all
    :param failures: Locust's failures, one row for each kind
    :param compared: how many members were compared with what was promised
    :param wrong: the promises that were broken
    """
    total = requests[-1]
    failed, count = int(total["Failure Count"]), int(total["Request Count"])
    lines = [
        f"{options.users} users, {options.minutes} minutes, {machine()}: {count} requests, "
        f"{float(total['Requests/s']):.1f} a second, {failed} failed ({failed / count:.2%}).",
        "",
        "| request | number | failed | 50 % (ms) | 95 % | 99 % |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for row in [*sorted(requests[:-1], key=lambda row: row["Name"]), total]:
        name = "all" if row is total else row["Name"]
        lines.append(
            f"| {name} | {row['Request Count']} | {row['Failure Count']} "
            f"| {row['50%']} | {row['95%']} | {row['99%']} |"
        )
    if failures:
        lines.append("")
    lines += [f"- {row['Name']}: {row['Error']}, {row['Occurrences']} times" for row in failures]
    lines += ["", "| worker | MiB at the start | MiB at the end |", "| --- | --: | --: |"]
    lines += [
        f"| {name} | {memory:.0f} | {watch.last.get(name, 0):.0f} |"
        for name, memory in sorted(watch.first.items())
    ]
    lines += [
        "",
        f"Database connections: at most {watch.connections}.",
        f"Members in Glance compared with what was promised: {compared}, wrong: {len(wrong)}.",
        *(f"- {line}" for line in wrong),
        "",
    ]
    return "\n".join(lines)
