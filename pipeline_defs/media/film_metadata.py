"""What a film says about itself, in ffmpeg's format for metadata."""

from __future__ import annotations

from collections.abc import Sequence

_SPECIAL = "\\=;#"


def film_metadata(title: str, chapters: Sequence[tuple[float, str]], seconds: float) -> str:
    """Title and chapters of a film of `seconds`; a chapter ends where the next one begins."""
    lines = [";FFMETADATA1", f"title={_escaped(title)}"]
    ends = [begin for begin, _ in chapters[1:]] + [seconds]
    for (begin, name), end in zip(chapters, ends, strict=False):
        times = (f"START={round(begin * 1000)}", f"END={round(end * 1000)}")
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", *times, f"title={_escaped(name)}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    # ffmpeg takes a backslash at the end of a line, even an escaped one, for a line that goes on
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in plain.rstrip("\\ "))
