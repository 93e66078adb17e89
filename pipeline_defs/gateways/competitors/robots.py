"""What a site allows us to look at: robots.txt by RFC 9309.

Its rules of all other visitors are left out as it is read, and a pattern is searched part by part:
both take time in proportion to the file, which libraries that keep every group with every agent
do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

ANYBODY = "*"
TOKEN = re.compile("[a-z_-]+")
LINE = re.compile("\r\n|\r|\n")
PERCENT = re.compile("%([0-9a-fA-F]{2})")
UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
AS_THEY_ARE = "!$&'()*+,;=:@/?-._~%#[]"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of addresses: `*` stands for anything, `$` at its end for the address' end."""

    pattern: str
    allows: bool

    def matches(self, place: str) -> bool:
        """Whether it speaks of a path with its query, both normalised."""
        anchored = self.pattern.endswith("$")
        first, *others = self.pattern.removesuffix("$").split("*")
        if not place.startswith(first):
            return False
        if not others:
            return not anchored or place == first
        at = len(first)
        for part in others[:-1]:
            at = place.find(part, at)
            if at < 0:
                return False
            at += len(part)
        if anchored:
            return place.endswith(others[-1]) and len(place) - len(others[-1]) >= at
        return place.find(others[-1], at) >= 0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules that are meant for us."""

    rules: tuple[Rule, ...] = ()

    def allows(self, url: str) -> bool:
        """The longest pattern that matches decides; of two as long, the one that allows."""
        parts = urlsplit(url)
        place = _normalised((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if place == "/robots.txt":
            return True
        found = (rule for rule in self.rules if rule.matches(place))
        best = max(found, key=lambda rule: (len(rule.pattern), rule.allows), default=None)
        return best is None or best.allows


def read_robots(data: bytes, agent: str) -> Robots:
    """The rules for `agent`, a product token, of all groups that name it; else those for anybody.

    Lines that are not understood are passed over, as the last one of a file that was cut may be.
    """
    ours: list[Rule] = []
    anybody: list[Rule] = []
    named = False
    current: frozenset[str] = frozenset()
    begun = False  # the rules of the group: another agent's line begins a group
    for name, value in _lines(data.decode("utf-8-sig", "replace")):
        if name == "user-agent":
            token = _token(value)
            current = frozenset() if begun else current
            begun = False
            if token in (agent.lower(), ANYBODY):
                current |= {token}
                named = named or token != ANYBODY
        elif name in ("allow", "disallow"):
            begun = True
            if not value:
                continue
            rule = Rule(_normalised(value), name == "allow")
            for token in current:
                (anybody if token == ANYBODY else ours).append(rule)
    return Robots(tuple(dict.fromkeys(ours if named else anybody)))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in LINE.split(text):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _token(value: str) -> str:
    """A product token without its version; anybody's is `*`."""
    lowered = value.lower()
    found = TOKEN.match(lowered)
    return found[0] if found else lowered[:1]


def _normalised(place: str) -> str:
    """As RFC 9309 compares: unreserved characters plain, all others of them encoded."""

    def plain(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in UNRESERVED else found[0].upper()

    encoded = quote(place, safe=AS_THEY_ARE, errors="replace")
    return PERCENT.sub(plain, encoded)
