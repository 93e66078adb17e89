"""Where everything of a unit came from, for people: a tree beside its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from pipeline_defs import policies
from pipeline_defs.cli.lineage_tree import Branch, Key, Told, outdated, told_of, tree_of
from pipeline_defs.cli.tables import STYLES, counted, line, one_line, render, usd

NAMES = ("", "stands", "version", "cost", "made at", "")


def lineage_text(lineage: dict[str, Any], *, whole: bool) -> str:
    """The tree of all results and bridges; `whole`: also each of many that are alike."""
    told = told_of(lineage["nodes"])
    made = [node for node in told.values() if node["standing"] and node["version"]]
    rows = [NAMES, *_rows(told, tree_of(told, whole=whole))]
    total = usd(sum(node["cost_usd"] for node in made))
    heading = line(lineage["title"], counted(len(made), "result"), total, style="bold")
    widths = [max(len(row[column]) for row in rows) for column in range(len(NAMES) - 1)]
    return render(heading, *(_line(row, widths) for row in rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> Text:
    name, stands, version, cost, made_at, remark = row
    return Text.assemble(
        name.ljust(widths[0] + 2),
        (stands.ljust(widths[1] + 2), STYLES.get(stands, "")),
        version.ljust(widths[2] + 2),
        cost.rjust(widths[3]) + "  ",
        made_at.ljust(widths[4] + 2),
        (one_line(remark), "yellow" if remark.startswith("from ") else ""),
    )


def _rows(
    told: Mapping[Key, Told], branches: Sequence[Branch], guide: str | None = None
) -> Iterator[tuple[str, ...]]:
    """A row of each branch, behind the lines that lead to it; those on top have none."""
    for branch in branches:
        is_last = branch is branches[-1]
        own = "" if guide is None else f"{guide}{'└─ ' if is_last else '├─ '}"
        name, *columns = _row(told, branch)
        yield (f"{own}{name}", *columns)
        below = "" if guide is None else f"{guide}{'   ' if is_last else '│  '}"
        yield from _rows(told, branch.below, below)


def _row(told: Mapping[Key, Told], branch: Branch) -> tuple[str, ...]:
    key = branch.keys[0]
    if branch.is_above:
        several = len(branch.keys) > 1
        name = f"{len(branch.keys)} {key[0]}" if several else _name(key)
        return name, "above", "", "", "", _ranges(branch.keys) if several else ""
    if branch.like is not None:
        return _folded(told, branch, branch.like)
    node = told[key]
    of_result = node["standing"] is not None and node["version"]
    return (
        _name(key),
        node["standing"] or "bridge",
        (node["version"] or "")[:8],
        usd(node["cost_usd"]) if of_result else "",
        _time(node["made_at"]),
        ", ".join(f"from {s['asset']} {s['version'][:8]}, changed since" for s in outdated(node)),
    )


def _folded(told: Mapping[Key, Told], branch: Branch, like: Key) -> tuple[str, ...]:
    """The cost is of all that is not shown, the time is the last of it."""
    nodes = [told[key] for key in branch.hidden]
    times = [node["made_at"] for node in nodes if node["made_at"]]
    return (
        f"{len(branch.keys)} more {branch.keys[0][0]}",
        told[like]["standing"] or "bridge",
        "",
        usd(sum(node["cost_usd"] for node in nodes)),
        _time(max(times, default=None, key=datetime.fromisoformat)),
        f"{_ranges(branch.keys)}, like {_part(like)}",
    )


def _ranges(keys: Sequence[Key]) -> str:
    """`001 to 003, 005`."""
    runs: list[list[str]] = []
    for part in sorted(_part(key) for key in keys):
        if runs and int(part) == int(runs[-1][-1]) + 1:
            runs[-1].append(part)
        else:
            runs.append([part])
    shown = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    most = policies.LINEAGE_RANGES_MOST
    return ", ".join(shown[:most]) + (" and others" if len(shown) > most else "")


def _name(key: Key) -> str:
    return f"{key[0]} {_part(key)}".rstrip()


def _part(key: Key) -> str:
    return key[1].partition("/")[2]


def _time(text: str | None) -> str:
    if text is None:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")
