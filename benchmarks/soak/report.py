# SPDX-License-Identifier: Apache-2.0
"""The soak's results, in Markdown."""

from benchmarks.report import machine
from benchmarks.soak.options import Options
from benchmarks.soak.watch import Watch

#: Largest allowed factor of the users' median time while a plan runs.
MOST = 1.5


def slower(before: list[dict[str, str]], beside: list[dict[str, str]]) -> float:
    """Return the median factor by which a plan slows the users' requests down."""
    return float(beside[-1]["50%"]) / float(before[-1]["50%"])


def plan(
    before: list[dict[str, str]], beside: list[dict[str, str]], slices: list[dict[str, str]]
) -> str:
    """Return the report about the users while a plan runs.

    :param before: Locust's statistics without a plan, as in :func:`text`
    :param beside: the same with a plan
    :param slices: the rows of the plan's own requests
    """
    [own] = [row for row in slices if row["Name"] == "plan: slice"]
    medians = {row["Name"]: row["50%"] for row in before}
    lines = [
        "",
        f"Beside a plan with one thread: {slower(before, beside):.2f} times slower in the median, "
        f"at most {MOST:g} times; {own['Request Count']} slices, {own['Failure Count']} failed, "
        f"half of them within {own['50%']} ms, the longest {float(own['Max Response Time']):.0f}.",
        "",
        "| request | without a plan, 50 % (ms) | with one | failed |",
        "| --- | --: | --: | --: |",
    ]
    for row in [*sorted(beside[:-1], key=lambda row: row["Name"]), beside[-1]]:
        name = "all" if row is beside[-1] else row["Name"]
        without = medians.get(row["Name"], "")
        lines.append(f"| {name} | {without} | {row['50%']} | {row['Failure Count']} |")
    return "\n".join([*lines, ""])


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
    :param compared: the number of members compared with promises
    :param wrong: the broken promises
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
