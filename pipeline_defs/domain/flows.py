"""How events of a type become work: at once, or by one of these rules. Configuration, as data.

A rule counts events apart by its `key`, a path into the event (see paths.py): `org`, `source`,
`type`, `id`, or what stands in its `data`. Whatever the key, organizations never share one. Events
without a value at the path share the key null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.paths import Path, canonical

ROOTS = ("org", "source", "type", "id", "data")


def event_path(text: str) -> Path:
    """A path into an event; ValueError says what is wrong with it."""
    return Path.parse(text, ROOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What all rules have in common."""

    key: str = "org"

    def __post_init__(self) -> None:
        try:
            event_path(self.key)
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}.key: {error}") from error

    def key_of(self, event: Mapping[str, Any]) -> str:
        """The key that an event counts under."""
        return canonical(event_path(self.key).of(event))

    def _within(self, name: str, value: float, most: float) -> None:
        if not 0 < value <= most:
            raise ValueError(f"{type(self).__name__}.{name}: {value} is not above 0 and to {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Debounce(Keyed):
    """The last event of a key counts, once none came for `quiet` seconds, but no later than
    `at_most` seconds after the first one. Those before it end as ignored."""

    quiet: float
    at_most: float

    def __post_init__(self) -> None:
        super(Debounce, self).__post_init__()
        self._within("at_most", self.at_most, policies.FLOW_DELAY_MOST)
        self._within("quiet", self.quiet, self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Keyed):
    """Events of a key are handed over together: `size` of them, or what there is `seconds` after
    the first one."""

    size: int
    seconds: float

    def __post_init__(self) -> None:
        super(Batch, self).__post_init__()
        self._within("size", self.size, policies.FLOW_BATCH_MOST)
        self._within("seconds", self.seconds, policies.FLOW_DELAY_MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle(Keyed):
    """At most `limit` events of a key take effect within any `period` seconds; the others wait, in
    the order they came in."""

    limit: int
    period: float

    def __post_init__(self) -> None:
        super(Throttle, self).__post_init__()
        self._within("limit", self.limit, policies.FLOW_LIMIT_MOST)
        self._within("period", self.period, policies.FLOW_DELAY_MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Keyed):
    """At most `limit` events of a key take effect within any `period` seconds; the others end as
    ignored."""

    limit: int
    period: float

    def __post_init__(self) -> None:
        super(RateLimit, self).__post_init__()
        self._within("limit", self.limit, policies.FLOW_LIMIT_MOST)
        self._within("period", self.period, policies.FLOW_DELAY_MOST)


Flow = Debounce | Batch | Throttle | RateLimit
