"""What a picture is asked for: the labelled lines of a picture prompt, or any other prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABELS = ("lecture", "segment", "heading", "said", "show", "variation", "style")
_LINE = re.compile(rf"\s*({'|'.join(_LABELS)}):\s*(.*)", re.IGNORECASE)
_OF = re.compile(r"(\d{1,4})\s+of\s+(\d{1,4})")
_PROMPT_READ_MOST = 20_000  # characters: nothing beyond is looked at
_SAID_MOST = 600  # characters: more cannot be shown in one picture
_WORD_MOST = 50  # characters
_SHORT_MOST = 300  # characters of a title, a heading, a wish


@dataclass(frozen=True, slots=True)
class Brief:
    """The fields of a prompt; empty where the prompt does not say.

    `segment` counts from 1; 0 of 0 means that the prompt belongs to no lecture.
    """

    said: str
    lecture: str = ""
    heading: str = ""
    show: str = ""
    segment: int = 0
    segments: int = 0
    variation: int = 1
    variant: str = ""  # another arrangement of the same picture for each text

    @property
    def opens(self) -> bool:
        """Whether it is the first of several segments."""
        return self.segment == 1 and self.segments > 1

    @property
    def closes(self) -> bool:
        """Whether it is the last of several segments."""
        return self.segment == self.segments > 1


def read_brief(prompt: str) -> Brief:
    """The brief in a prompt. A prompt without labelled lines is what is said, all of it."""
    fields: dict[str, str] = {}
    rest: list[str] = []
    readable = prompt[:_PROMPT_READ_MOST].encode(errors="replace").decode()  # no lone surrogates
    for line in readable.splitlines():
        match = _LINE.match(line)
        if match and match[1].lower() not in fields:
            fields[match[1].lower()] = _tidy(match[2])
        elif line.strip():
            rest.append(line)
    said = fields.get("said") or _tidy(" ".join(rest))
    show = fields.get("show", "")[:_SHORT_MOST]
    of = _OF.search(fields.get("segment", ""))
    number = re.search(r"\d{1,3}", fields.get("variation", ""))
    return Brief(
        said=(said or show or fields.get("heading", "") or fields.get("lecture", ""))[:_SAID_MOST],
        lecture=fields.get("lecture", "")[:_SHORT_MOST],
        heading=fields.get("heading", "")[:_SHORT_MOST],
        show=show,
        segment=int(of[1]) if of else 0,
        segments=int(of[2]) if of else 0,
        variation=int(number[0]) if number else 1,
    )


def _tidy(text: str) -> str:
    """In one line; of a word that no line could hold only the beginning."""
    words = (word if len(word) <= _WORD_MOST else f"{word[:_WORD_MOST]}…" for word in text.split())
    return " ".join(words)
