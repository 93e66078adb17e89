"""A stranger's text as plain words of our markdown: nothing in it can become markup or an address.

Models and search results write sentences, titles and headings. `literal` is what such a text says,
`escaped` writes it as markdown that reads the same in any renderer. Emphasis is left to the writer.
"""

from __future__ import annotations

import html
import re

SPACES = re.compile(r"\s+")
# Control characters, zero-width and direction marks, and the private-use area, where rendering
# keeps the sign that tells its own numbers from a writer's.
INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e"
                       r"\u2060-\u2069\ufeff\ue000-\uf8ff]")  # fmt: skip
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
SCHEMES = ("javascript:", "vbscript:", "data:", "mailto:")
INLINE = re.compile(r"[\\\[\]<`]|&(?=#?\w+;)")
BLOCK = re.compile(r"^(?:[#>~=+-]|[*_](?=\s|[*_\s]*$)|\d{1,9}(?=[.)](?:\s|$)))")


def one_line(text: str) -> str:
    """A text on one line, its entities and backslash escapes resolved."""
    visible = INVISIBLE.sub("", html.unescape(INVISIBLE.sub("", text)))
    return SPACES.sub(" ", ESCAPE.sub(r"\1", visible)).strip()


def literal(text: str) -> str:
    """The words of a text, without addresses; of a link its text stays."""
    words: list[str] = []
    for word in LINK.sub(r"\1", one_line(text)).split(" "):
        if not _is_address(word):
            words.append(word)
        elif words and word[-1] in ".!?" and words[-1][-1:] not in ".!?":
            words[-1] += word[-1]
    return " ".join(words)


def escaped(line: str) -> str:
    """A line as markdown that shows exactly its characters, apart from emphasis."""
    inline = INLINE.sub(lambda match: "\\" + match[0], line)
    start = BLOCK.match(inline)
    if start is None:
        return inline
    if start[0].isdigit():
        return f"{start[0]}\\{inline[start.end() :]}"
    return f"\\{inline}"


def _is_address(word: str) -> bool:
    lowered = word.lower()
    if "://" in lowered or "www." in lowered:
        return True
    return any(s in lowered and not lowered.endswith(s) for s in SCHEMES)
