"""What Studio marks as stale, read from its pages, and what it has to mark.

Lineage, plan and Dagster say of a thing whether it follows from what it was made from. Studio's
reader asks whether what is seen will be made again: it also marks what was asked for anew, and of
lectures and pages what follows from something stale.
"""

from __future__ import annotations

import re

from pipeline_defs.domain.graph import Node, UnitGraph, affected
from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.lectures.graph import KINDS
from pipeline_defs.domain.lectures.models import SEGMENT_ASSETS

PARTS = re.compile(r'<(?:article|details|tr)[^>]* id="((?:segment|part|call|hypothesis)-\d+)"')
CHIP = '<span class="chip stale">Stale</span>'
VIDEO = "This video no longer follows from its segments"
ASSETS = re.compile(r'<li class="asset stale"[^>]*><span[^>]*>[^<]*</span> ([^<]+)<')
SEEN = {
    "articles": {"section_research": "part", "section_draft": "part"},
    "lectures": dict.fromkeys(SEGMENT_ASSETS, "segment"),
    "campaigns": {"transcript": "call", "claims": "call", "hypothesis_verdict": "hypothesis"},
}


def marked(page: str) -> set[str]:
    """The parts with a mark, and of lectures the video and each asset as `segment-3 image`."""
    _, *found = PARTS.split(page)
    blocks = dict(zip(found[::2], found[1::2], strict=True))
    parts = {part for part, block in blocks.items() if CHIP in block}
    assets = {
        f"{part} {noun.lower()}" for part, block in blocks.items() for noun in ASSETS.findall(block)
    }
    return parts | assets | ({"video"} if VIDEO in page else set())


def to_be_marked(kind: str, unit: UnitGraph) -> set[str]:
    """The same by our graph."""
    seen = {node: SEEN[kind][node.asset] for node in again(kind, unit) if node.asset in SEEN[kind]}
    of_part = {node: f"{word}-{split_part(node.partition)[1]}" for node, word in seen.items()}
    marks = set(of_part.values())
    if kind == "lectures":
        marks |= {f"{part} {KINDS[node.asset].one}" for node, part in of_part.items()}
        marks |= {"video"} & {KINDS[node.asset].one for node in again(kind, unit)}
    return marks


def again(kind: str, unit: UnitGraph) -> frozenset[Node]:
    """What is there and will be made again."""
    made = {Node(*key) for key in unit.versions}
    due = unit.standing_as("stale") | (unit.standing_as("missing") & made)
    return frozenset((affected(unit.graph, due) if kind in ("lectures", "pages") else due) & made)
