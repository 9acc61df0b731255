# SPDX-License-Identifier: Apache-2.0
"""The result as a table for people, as JSON for programs, and as a plot."""

import dataclasses
import datetime
import json
import os
import platform
import statistics
from pathlib import Path

from benchmarks.dashboard import Answer
from benchmarks.measure import Row, seconds
from benchmarks.options import Options
from benchmarks.rows import Curve

GIB = 1024**3


@dataclasses.dataclass
class Result:
    """The measurements so far.

    :ivar weight: compressed bytes that a page links, with the panel and without it
    """

    rows: list[Row] = dataclasses.field(default_factory=list)
    curves: list[Curve] = dataclasses.field(default_factory=list)
    weight: tuple[int, int] | None = None


def machine() -> str:
    """Return the machine of the measurement."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def table(result: Result) -> str:
    """Return the table in Markdown."""
    lines = [
        "| row | what | against | ours s | theirs s | ratio (median, spread) | goal | met | "
        "Keystone | Glance | bytes |",
        "| --- | --- | --- | --: | --: | --: | --- | --- | --: | --: | --: |",
    ]
    for row in result.rows:
        ours = row.ours[-1]
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        goal = "; ".join(filter(None, [row.goal, row.note]))
        lines.append(
            f"| {row.name} | {row.what} | {row.against} | {seconds(row.ours):.3f} "
            f"| {seconds(row.theirs):.3f} | {row.comparison} | {goal} | {met} "
            f"| {_count(row.ours, 'keystone')} | {_count(row.ours, 'glance')} | {ours.size or ''} |"
        )
    if result.weight:
        with_panel, without = result.weight
        difference = with_panel - without
        met = "yes" if difference <= 15 * 1024 else "**no**"
        lines.append(
            f"| F | JavaScript and CSS of every page, gzip | Horizon as it comes | | | "
            f"+{difference / 1024:.1f} KB on {without / 1024:.0f} KB | at most 15 KB | {met} "
            "| | | |"
        )
    for curve in result.curves:
        points = ", ".join(f"{size:,}: {seconds(answers):.3f} s" for size, answers in curve.points)
        lines += ["", f"{curve.name}: {points}. {curve.reason[0].upper()}{curve.reason[1:]}."]
    return "\n".join(lines)


def breakdown(rows: list[Row]) -> str:
    """Return the parts of each page's time, as Horizon itself counted them."""
    lines = [
        "| row | s | waiting for Keystone and Glance | the rest |",
        "| --- | --: | --: | --: |",
    ]
    done = set()
    for row in rows:
        if row.name not in done and row.ours[0].size:
            done.add(row.name)
            total = seconds(row.ours)
            waited = statistics.median(answer.waited for answer in row.ours)
            lines.append(f"| {row.name} | {total:.3f} | {waited:.3f} | {total - waited:.3f} |")
    return "\n".join(lines)


def write(folder: Path, options: Options, result: Result) -> Path:
    """Write everything and return the file with the table."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{options.database}-{options.scale}"
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    command = (
        f"BENCH_DATABASE={options.database} BENCH_SCALE={options.scale} "
        f"BENCH_ROWS={','.join(options.rows)} make bench"
    )
    markdown = folder / f"{name}.md"
    markdown.write_text(
        f"`{command}`, {now}, {machine()}\n\n{table(result)}\n\n"
        f"Where the time goes:\n\n{breakdown(result.rows)}\n"
    )
    plain = {
        "command": command,
        "time": now,
        "machine": machine(),
        "rows": [_plain(row) for row in result.rows],
        "curves": [
            {
                "name": curve.name,
                "reason": curve.reason,
                "points": [[size, [a.seconds for a in answers]] for size, answers in curve.points],
            }
            for curve in result.curves
        ],
        "weight": result.weight,
    }
    (folder / f"{name}.json").write_text(json.dumps(plain, indent=1))
    if result.rows:
        _plot(folder / f"{name}.png", result)
    return markdown


def _plain(row: Row) -> dict[str, object]:
    plain = dataclasses.asdict(row)
    for side in ("ours", "theirs"):
        for answer in plain[side]:
            del answer["text"]
    return plain | {"ratio": row.ratio, "met": row.met}


def _count(answers: list[Answer], service: str) -> str:
    counts = sorted({getattr(answer, service) for answer in answers})
    if counts == [0]:
        return ""
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]}-{counts[-1]}"


def _plot(path: Path, result: Result) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows, curves = result.rows, result.curves
    count = len(curves) + 1
    figure, [axes] = pyplot.subplots(1, count, figsize=(5 * count, 4), squeeze=False)
    names = [f"{row.name}: {row.goal or row.against}"[:40] for row in rows]
    axes[0].boxplot([row.ratios for row in rows], orientation="horizontal")
    axes[0].set_yticklabels(names)
    axes[0].set(title="ratios", xscale="log")
    for axis, curve in zip(axes[1:], curves, strict=True):
        sizes = [size for size, _answers in curve.points]
        axis.plot(sizes, [seconds(answers) for _size, answers in curve.points], marker="o")
        axis.set(title=curve.name, xlabel="size", ylabel="seconds", xscale="symlog", ylim=0)
    figure.tight_layout()
    figure.savefig(path)
