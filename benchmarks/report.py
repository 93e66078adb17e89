"""Turns results into a table: report.py peers.json [ours.json ...]

Every file has the shape run_peers.py writes. Only {"W": {name: seconds}, "W2": {...}} is needed;
files are merged, the first one that has a name wins.
"""

import json
import sys
from pathlib import Path

W2_STEPS = 700
TITLES = {
    "W": "W: 30 items, step A 200 ms and step B 300 ms, 5 at once each, join (ideal 2.0-2.1 s)",
    "W2": "W2: 100 jobs of 7 durable steps that do nothing, 10 jobs at once (700 steps)",
}


def merge(files: list[dict]) -> dict:
    merged: dict = {}
    for content in reversed(files):
        for key, value in content.items():
            if not isinstance(value, dict):
                continue
            target = merged.setdefault(key, {})
            for name, entry in value.items():
                nested = isinstance(entry, dict) and isinstance(target.get(name), dict)
                target[name] = {**target[name], **entry} if nested else entry
    return merged


def row(name: str, work: str, results: dict) -> list[str]:
    median = results[work][name]
    samples = results.get("samples", {}).get(work, {}).get(name) or [median]
    floor = results[work].get("floor")
    remarks = [results.get("versions", {}).get(name, "")]
    jobs = results.get("scaled_from_jobs", {}).get(name) if work == "W2" else None
    if jobs:
        remarks.append(f"ESTIMATE: {jobs} jobs run, seconds scaled to 100")
    if failure := results.get("failures", {}).get(work, {}).get(name):
        remarks.append(f"then failed: {failure}")
    approximately = "~" if jobs else ""
    cells = [name]
    cells += [f"{approximately}{value:.2f}" for value in (min(samples), median, max(samples))]
    cells.append(f"{median / floor:.1f}" if floor else "")
    if work == "W2":
        cells.append(f"{approximately}{W2_STEPS / median:.0f}")
    return [*cells, str(len(samples)), "; ".join(filter(None, remarks))]


def table(work: str, results: dict) -> list[str]:
    steps = ["steps/s"] if work == "W2" else []
    head = ["system", "min s", "median s", "max s", "x floor", *steps, "runs", "version, remarks"]
    rows = [row(name, work, results) for name in sorted(results[work], key=results[work].get)]
    for name, reason in results.get("failures", {}).get(work, {}).items():
        if name not in results[work]:
            dashes = ["-"] * (len(head) - 2)
            rows.append([name, *dashes, f"FAILED: {reason}".replace("|", "/")])
    return [f"## {TITLES[work]}", "", *aligned([head, *rows]), ""]


def aligned(rows: list[list[str]]) -> list[str]:
    """A Markdown table whose columns also line up in a terminal."""
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    last = len(widths) - 1
    lines = []
    for line in rows:
        cells = [
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("| " + " | ".join(cells).rstrip() + " |")
    rule = ["-" * w if c in (0, last) else "-" * (w - 1) + ":" for c, w in enumerate(widths)]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]


def crashes(results: dict) -> list[str]:
    if not results.get("crash"):
        return []
    lines = ["## SIGKILL in the middle of W: bodies that ran to their end (60 is ideal)", ""]
    for name, entries in results["crash"].items():
        runs = [str(each.get("bodies", f"failed: {each.get('failure')}")) for each in entries]
        lines.append(f"- {name}: {', '.join(runs)}")
    return [*lines, ""]


def lectures(results: dict) -> list[str]:
    found = results.get("lectures")
    if not found:
        return []
    lines = ["## Lectures on our runtime", ""]
    head = ["media of", "ideal s", "median s", "efficiency"]
    rows = [
        [
            f"{run['segments']} segments",
            f"{run['ideal']:.2f}",
            f"{run['measured']:.2f}",
            f"{run['efficiency']:.2f}",
        ]
        for run in found["media"]
    ]
    real = found["real"]
    lines += [*aligned([head, *rows]), ""]
    lines.append(
        f"A real minute: {real['total']:.1f} s in all, of which its engines alone need "
        f"{real['engines_cpu']:.1f} s of CPU: {real['efficiency']:.0%} of all cores all the time."
    )
    return [*lines, ""]


def render(results: dict) -> str:
    lines = []
    for work in TITLES:
        if results.get(work) or results.get("failures", {}).get(work):
            results.setdefault(work, {})
            lines += table(work, results)
    lines += lectures(results)
    lines += crashes(results)
    if machine := results.get("machine"):
        lines.append(f"{machine['cores']} cores; load averages at the end {machine['load']}.")
    return "\n".join(lines)


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]]
    if not paths or sys.argv[1].startswith("-"):
        sys.exit(f"{__doc__.strip()}")
    print(render(merge([json.loads(path.read_text()) for path in paths])))


if __name__ == "__main__":
    main()
