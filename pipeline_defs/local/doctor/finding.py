"""What a check found, in words for the person at the terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `pipeline doctor`: what was looked at, how it is, what to do about it."""

    check: str
    level: Literal["ok", "warn", "fail"]
    message: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", message)


def warn(check: str, message: str, advice: str) -> Finding:
    """It works, but look at it."""
    return Finding(check, "warn", message, advice)


def fail(check: str, message: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check, "fail", message, advice)
