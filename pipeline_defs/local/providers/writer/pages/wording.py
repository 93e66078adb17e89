"""Sentences from templates: the same page always gets the same ones, another page others.

In a template `{slot}` is filled in, `[is|are]` chosen by whether the product is one thing or
several, `<is|are>` by whether the attribute's name is.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

T = TypeVar("T")
_PLURALS = frozenset(("people", "men", "women", "children", "clothes", "shelves", "knives"))
_AFTER_HEAD = re.compile(r"\s(?:for|with|in|of|on|under|by|without|from|and accessories|to)\s")
_SINGULAR_S = ("ss", "us", "is")
_SLOT = re.compile(r"\{(\w+)\}")
_EITHER_NAME = re.compile(r"<([^<>|]*)\|([^<>|]*)>")
_EITHER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


@dataclass(frozen=True, slots=True)
class Choice:
    """Chooses among ways of saying something, by a stable hash of the page.

    `part` shifts every choice, so that the parts of one page do not say the same.
    """

    page: str
    part: int = 0
    used: set[str] = field(default_factory=set)

    def number(self, key: str) -> int:
        """A number that is always the same for a page and a key."""
        return int.from_bytes(hashlib.sha256(f"{self.page}\n{key}".encode()).digest()[:6], "big")

    def one(self, key: str, options: Sequence[str]) -> str:
        """One of the options, rather one that this part has not used."""
        start = self.number(key) + self.part
        turn = [options[(start + step) % len(options)] for step in range(len(options))]
        chosen = next((option for option in turn if option not in self.used), turn[0])
        self.used.add(chosen)
        return chosen

    def times(self, key: str) -> int:
        """How often this was asked before for the key."""
        count = 0
        while f"{key} {count}" in self.used:
            count += 1
        self.used.add(f"{key} {count}")
        return count

    def order(self, key: str, options: Sequence[T]) -> list[T]:
        """All options in an order of this page's own."""
        return sorted(options, key=lambda option: self.number(f"{key}\n{option}"))


@cache
def texts(name: str, language: str) -> dict[str, Any]:
    """A file of templates."""
    folder = files("pipeline_defs.local.providers.writer.pages")
    return tomllib.loads(folder.joinpath(f"{name}.{language}.toml").read_text(encoding="utf-8"))


def filled(template: str, *, several: bool = False, **slots: str) -> str:
    """A template with its slots; `{Name}` is `{name}` with a capital letter."""

    def slot(match: re.Match[str]) -> str:
        name = match[1]
        return slots[name] if name in slots else capitalized(slots[name.lower()])

    names = is_several(slots.get("name", ""))
    chosen = _EITHER.sub(lambda match: match[2 if several else 1], template)
    chosen = _EITHER_NAME.sub(lambda match: match[2 if names else 1], chosen)
    return _SLOT.sub(slot, chosen)


def sentence(template: str, *, several: bool = False, **slots: str) -> str:
    """A filled template as a sentence."""
    return closed(filled(template, several=several, **slots))


def closed(clause: str) -> str:
    """A clause as a sentence."""
    text = capitalized(clause)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def capitalized(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def is_several(words: str) -> bool:
    """Whether a name stands for several things, as far as its last word shows."""
    head = _AFTER_HEAD.split(words.strip())[0].split()  # rain jackets for hiking: jackets
    last = head[-1].casefold() if head else ""
    if last in _PLURALS:
        return True
    return len(last) > 2 and last.endswith("s") and not last.endswith(_SINGULAR_S)


def listed(names: Sequence[str], joint: str) -> str:
    """`a, b and c`."""
    return joint.join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def leading(text: str, most: int) -> str:
    """The first whole words of a text, at most so many characters; perhaps none."""
    return cut(text, most) if len(text.split(" ", 1)[0]) <= most else ""


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, cut between words."""
    if len(text) <= most:
        return text
    whole = text[: most + 1].rsplit(" ", 1)[0]
    return whole[:most].rstrip(" ,;:-–&/(")
