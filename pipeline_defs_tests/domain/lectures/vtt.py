"""A strict reader of WebVTT files, after the syntax of https://www.w3.org/TR/webvtt1/#file-structure."""

from __future__ import annotations

import html
import re

TIMING = re.compile(
    r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
)
REFERENCE = re.compile(r"&(?!(?:amp|lt|gt);)")


def read(text: str) -> list[tuple[str, float, float, str]]:
    """(identifier, start, end, text) of every cue; AssertionError where the file is not valid."""
    assert "\0" not in text
    assert "\r" not in text
    assert text.endswith("\n")
    header, *blocks = text.removesuffix("\n").split("\n\n")
    assert header == "WEBVTT"
    found = [_cue(block) for block in blocks if not block.startswith("NOTE ")]
    for note in blocks:
        assert not note.startswith("NOTE ") or "-->" not in note
    return found


def _cue(block: str) -> tuple[str, float, float, str]:
    identifier, timing, *payload = block.split("\n")
    assert identifier
    assert "-->" not in identifier
    matched = TIMING.fullmatch(timing)
    assert matched, timing
    h1, m1, s1, f1, h2, m2, s2, f2 = (int(group) for group in matched.groups())
    start, end = h1 * 3600 + m1 * 60 + s1 + f1 / 1000, h2 * 3600 + m2 * 60 + s2 + f2 / 1000
    assert start < end
    assert payload
    for line in payload:
        assert line
        assert not set("<>") & set(line), line
        assert not REFERENCE.search(line), line
    return identifier, start, end, html.unescape("\n".join(payload))
