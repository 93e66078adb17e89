"""Fault scripts: which requests go wrong, and how."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

MediaCapability = Literal["image", "speech", "video", "music", "transcription"]
Telephony = Literal["telephony", "telephony-webhook"]
Shopping = Literal["keywords", "competitors"]
Other = Literal["text", "research", "publishing", "models", "embedding"]
Capability = Other | Shopping | Telephony | MediaCapability
Garbage = Literal["html", "empty", "bad_json", "wrong_schema"]
MOST_RULES = 200
LONGEST_DELAY = 900.0


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Match(_Strict):
    """Which requests; what is not given matches all."""

    path_regex: str | None = None
    body_contains: str | None = None
    capability: Capability | None = None

    @field_validator("path_regex")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    def matches(self, path: str, capability: str, body: str) -> bool:
        """Whether a request is meant; `body_contains` also sees through JSON's escaped quotes."""
        if self.capability is not None and self.capability != capability:
            return False
        if self.path_regex is not None and not re.search(self.path_regex, path):
            return False
        wanted = self.body_contains
        return wanted is None or wanted in body or wanted in body.replace('\\"', '"')


class Drip(_Strict):
    """The answer in pieces, with a pause before each."""

    chunk_bytes: Annotated[int, Field(ge=1)]
    interval: Annotated[float, Field(ge=0, le=60)]


class Action(_Strict):
    """What goes wrong. See docs/local-providers.md for what is billed and remembered."""

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    headers: dict[str, str] = {}
    body: Any = None
    delay: Annotated[float, Field(ge=0, le=LONGEST_DELAY)] = 0.0
    drip: Drip | None = None
    truncate: bool | Annotated[int, Field(ge=0)] = False
    garbage: Garbage | None = None
    refusal: bool | str = False
    incomplete: bool | Literal["max_output_tokens", "content_filter"] = False
    lost_answer: bool = False
    duplicate: bool = False  # of a webhook: it is sent twice
    forged: bool = False  # of a webhook: another signs it

    @model_validator(mode="after")
    def _does_something(self) -> Action:
        if not self.model_fields_set - {"headers", "body"}:
            raise ValueError("an action needs at least one of the faults")
        if (self.body is not None or self.headers) and self.status is None:
            raise ValueError("`body` and `headers` go with `status`")
        return self

    @property
    def stops_before_work(self) -> bool:
        """Whether the request never reaches what does and bills the work."""
        return self.status is not None or self.garbage in {"html", "empty"}

    @property
    def cuts_after(self) -> int | None:
        """Bytes that are delivered before the connection breaks; -1 is half, None is all."""
        if self.truncate is False:
            return None
        return -1 if self.truncate is True else self.truncate


class Rule(_Strict):
    """An action for the requests that match: not the first `skip`, then at most `times`."""

    match: Match = Match()
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seed: int = 0
    action: Action


class Rules(_Strict):
    """A whole script; it replaces the one before."""

    rules: Annotated[list[Rule], Field(max_length=MOST_RULES)] = []


@dataclass
class _Live:
    rule: Rule
    chance: random.Random
    seen: int = 0
    applied: int = 0

    def applies(self) -> bool:
        """Count a matching request and say whether this one is hit."""
        self.seen += 1
        if self.seen <= self.rule.skip:
            return False
        if self.rule.times is not None and self.applied >= self.rule.times:
            return False
        if self.chance.random() >= self.rule.probability:
            return False
        self.applied += 1
        return True


@dataclass
class FaultScript:
    """The rules in force with their counters; used from the event loop only."""

    _live: list[_Live] = field(default_factory=list)

    def replace(self, rules: Rules) -> None:
        """Put a new script in force, all counters at zero."""
        self._live = [_Live(r, random.Random(r.seed)) for r in rules.rules]  # noqa: S311

    @property
    def is_empty(self) -> bool:
        """Whether no request can be hit."""
        return not self._live

    def state(self) -> list[dict[str, Any]]:
        """Each rule with how often it was matched and applied."""
        return [
            {
                **live.rule.model_dump(mode="json", exclude_defaults=True),
                "seen": live.seen,
                "applied": live.applied,
            }
            for live in self._live
        ]

    def pick(self, path: str, capability: str, body: str) -> Action | None:
        """The action of the first rule that hits this request; rules after it do not count it."""
        for live in self._live:
            if live.rule.match.matches(path, capability, body) and live.applies():
                return live.rule.action
        return None
