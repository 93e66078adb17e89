"""Audits the citations of any markdown report, ours or a stranger's: a second, independent opinion.

Reads source lists as they occur: `[n] title: url`, `n. [title](url)`, bullets without a number,
under headings that are plain, bold or numbered (`## 7. Sources`). Where every section has a list
whose numbers start again, a number means the list that follows it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipeline_defs.domain.articles.citations import page_of

HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+)?(?:\*\*|__)?(?:\d+(?:\.\d+)*[.)]?\s+)?"
    r"(?:(?:cited|key|all|selected)\s+)?"
    r"(?:sources|references|bibliography|works cited|citations|quellen|literatur|références"
    r"|referencias|fuentes|fonti|riferimenti|bronnen|referências|fontes|źródła)"
    r"(?:\s+cited)?\s*:?(?:\*\*|__)?\s*:?\s*#*\s*$",
    re.IGNORECASE,
)
ANY_HEADING = re.compile(r"^\s{0,3}#{1,6}\s")
BRACKETED = re.compile(r"^\s*(?:[-*+]\s+)?(?:\\?\[|【)(\d{1,3})\\?(?:\]|】):?\s*(?!\()(\S.*)$")
COUNTED = re.compile(r"^\s*(\d{1,3})[.)]\s+(\S.*)$")
BULLET = re.compile(r"^\s*[-*+]\s+(\S.*)$")
URL = re.compile(r"https?://[^\s<>\"'\]]+")
CITED = re.compile(r"(?<!\\)(?:\\\\)*[\[【](\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)(?:†[^\]】]*)?[\]】]")
CODE = re.compile(r"^(```|~~~).*?(?:^\1|\Z)|`[^`\n]*`", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CitationAudit:
    """Faults: numbers cited without an entry, addresses in the text that no list names, addresses
    listed more than once, entries that are never cited (by number, else by address)."""

    dangling: tuple[int, ...]
    unlisted: tuple[str, ...]
    duplicate_urls: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def faults(self) -> int:
        """How many in all."""
        parts = (self.dangling, self.unlisted, self.duplicate_urls, self.unused)
        return sum(map(len, parts))


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class _Block:
    """Text and the list of sources that follows it."""

    text: str
    entries: tuple[_Entry, ...]


def audit_citations(markdown: str) -> CitationAudit:
    """What is wrong with the citations of a report."""
    blocks = _blocks(CODE.sub(" ", markdown))
    scopes = blocks if _numbers_start_again(blocks) else [_joined(blocks)]
    dangling: set[int] = set()
    unused: list[str] = []
    for scope in scopes:
        cited, written = _cited(scope.text), _addresses(scope.text)
        dangling |= cited - {e.number for e in scope.entries if e.number is not None}
        unused += [
            str(e.number or e.url)
            for e in scope.entries
            if e.number not in cited and e.url not in written
        ]
    listed = [e.url for block in blocks for e in block.entries if e.url]
    in_text = {url for block in blocks for url in _addresses(block.text)}
    return CitationAudit(
        dangling=tuple(sorted(dangling)),
        unlisted=tuple(sorted(in_text - set(listed))),
        duplicate_urls=tuple(sorted(url for url, n in Counter(listed).items() if n > 1)),
        unused=tuple(dict.fromkeys(unused)),
    )


def _blocks(markdown: str) -> list[_Block]:
    blocks: list[_Block] = []
    text: list[str] = []
    entries: list[_Entry] = []
    listing = False
    for line in markdown.splitlines():
        if HEADING.match(line):
            listing = True
            continue
        if ANY_HEADING.match(line):
            listing = False
        entry = _entry(line, listing=listing)
        if entry is not None:
            entries.append(entry)
        elif listing and entries and entries[-1].url is None and URL.search(line):
            entries[-1] = _Entry(entries[-1].number, _address(line))  # on a line of its own
        elif line.strip():
            if entries and not listing:
                blocks.append(_Block("\n".join(text), tuple(entries)))
                text, entries = [], []
            text.append(line)
    blocks.append(_Block("\n".join(text), tuple(entries)))
    return blocks


def _entry(line: str, *, listing: bool) -> _Entry | None:
    """An entry of a list; outside of a list only `[n] ... url` at the start of a line is one."""
    bracketed = BRACKETED.match(line)
    if bracketed and (listing or URL.search(bracketed[2])):
        return _Entry(int(bracketed[1]), _address(bracketed[2]))
    if not listing:
        return None
    counted = COUNTED.match(line)
    if counted:
        return _Entry(int(counted[1]), _address(counted[2]))
    bullet = BULLET.match(line)
    if bullet and URL.search(bullet[1]):
        return _Entry(None, _address(bullet[1]))
    return None


def _numbers_start_again(blocks: list[_Block]) -> bool:
    counts = Counter(
        number for b in blocks for number in {e.number for e in b.entries} if number is not None
    )
    return any(count > 1 for count in counts.values())


def _joined(blocks: list[_Block]) -> _Block:
    text = "\n".join(block.text for block in blocks)
    return _Block(text, tuple(entry for block in blocks for entry in block.entries))


def _cited(text: str) -> set[int]:
    cited: set[int] = set()
    for match in CITED.finditer(text):
        numbers: set[int] = set()
        for part in re.split(r"\s*[,;]\s*", match[1]):
            ends = [int(end) for end in re.split(r"\s*[–-]\s*", part)]
            numbers |= set(range(ends[0], ends[-1] + 1))
        if 0 not in numbers:  # an interval such as [0, 1], not a citation
            cited |= numbers
    return cited


def _addresses(text: str) -> set[str]:
    return {_trimmed(match[0]) for match in URL.finditer(text)}


def _address(text: str) -> str | None:
    """The last address of an entry: a title may name a site."""
    found = [_trimmed(match[0]) for match in URL.finditer(text)]
    return found[-1] if found else None


def _trimmed(url: str) -> str:
    """The page, without punctuation that belongs to the sentence."""
    url = url.rstrip(".,;:!?*")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?*")
    return page_of(url)
