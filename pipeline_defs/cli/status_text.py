"""The running stack in the terminal: addresses, processes, queue."""

from __future__ import annotations

from typing import Any


def status_text(found: dict[str, Any]) -> str:
    """What `pipeline status` prints."""
    lines = [
        f"Studio and API  {found['gateway']['url']}",
        f"Dagster         {found['dagster']['url']}",
        "",
        f"{'process':<20}{'state':<10}{'pid':>8}{'up':>12}{'restarts':>10}  log",
    ]
    lines += [
        f"{s['name']:<20}{s['state']:<10}{s['pid'] or '-':>8}{duration(s['uptime_seconds']):>12}"
        f"{s['restarts']:>10}  {s['log']}"
        for s in found["services"]
    ]
    if queue := found.get("queue"):
        lines += ["", *_queue_lines(queue)]
    return "\n".join(lines)


def duration(seconds: int) -> str:
    """`45 s`, `13 min`, `2 h 5 min`, `3 d 4 h`."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _queue_lines(queue: dict[str, Any]) -> list[str]:
    lines = [
        f"pages: {queue['pending']} pending, {queue['processing']} processing "
        f"(at most {queue['max_concurrency']} at once)"
    ]
    for kind, statuses in sorted(queue["kinds"].items()):
        counts = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        lines.append(f"{kind}: {counts or 'none'}")
    return lines
