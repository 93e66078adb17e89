"""Haikus: up to three verses on themes that people give, and the poem they make.

    (verse_theme)[verses] -> verse -> (haiku_verses)[haikus] -> haiku

Pure rules and frozen models: what there is, when it is stale, what has to run next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, Field

from pipeline_defs import policies
from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs.domain.graph import AssetKind, Bridge, Graph, Node, Standing, UnitGraph
from pipeline_defs.domain.keys import part_key
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.domain.states import machine
from pipeline_defs.domain.versions import AssetVersion, Maker, maker, version_of
from pipeline_defs.domain.work import Work

HAIKUS = Kind(
    name="haikus",
    noun="haiku",
    part="verse",
    parts="verses",
    assets=("verse", "haiku"),
    main_asset="haiku",
    machine=machine(
        "haikus",
        "queued",
        ("queued", "generating"),
        ("generating", "completed | incomplete | failed | cancelled"),
        ("completed | incomplete | failed | cancelled", "queued"),
    ),
    machines=(
        machine(
            "haiku_verses",
            "pending",
            ("pending", "ready | failed"),
            ("ready | failed", "pending"),
        ),
    ),
)
VERSE_THEME, HAIKU_VERSES = "verse_theme", "haiku_verses"
BRIDGES = frozenset({VERSE_THEME, HAIKU_VERSES})
INSTRUCTIONS = "Write one verse of a haiku."
# A changed instruction or rule turns exactly what it makes stale.
MAKERS: Mapping[str, Maker] = {
    "verse": maker(INSTRUCTIONS),
    "haiku": maker(code=(f"{__name__}:bound",)),
}
WRITING = policies.StepPolicy(
    "text", timeout=5, retry=policies.Retry(attempts=3, base=0.01, cap=0.02)
)
ASSET_KINDS = {
    "verse": AssetKind("verse", "verses", policies.CAPABILITY_LIMITS["text"]),
    "haiku": AssetKind("haiku", "haikus", 1, whole=True),
}


class HaikuRequest(BaseModel):
    """What people ask for: a theme per verse."""

    themes: list[str] = Field(min_length=1, max_length=3)


class VerseEdit(BaseModel):
    """Another theme for a verse."""

    theme: str = Field(min_length=1, max_length=100)


@dataclass(frozen=True, slots=True)
class Verse:
    """A verse: its theme, how it stands, what was written."""

    haiku_id: str
    order: int
    theme: str
    status: str
    text: str | None

    @property
    def key(self) -> str:
        """Its partition."""
        return part_key(self.haiku_id, self.order, 1)


@dataclass(frozen=True, slots=True)
class Haiku:
    """A haiku as it is stored, with the versions of what was made of it."""

    id: str
    status: str
    text: str | None
    verses: tuple[Verse, ...]
    versions: Mapping[tuple[str, str], AssetVersion]
    has_unreported: bool

    def version(self, asset: str, partition: str) -> AssetVersion | None:
        """The version that stands, if there is one."""
        return self.versions.get((asset, partition))


def bound(verses: list[str]) -> str:
    """The poem."""
    return "\n".join(verses)


def repeated(verses: list[str]) -> list[str]:
    """Faults of the check: each verse that stands twice."""
    return [
        f"'{verse}' stands twice" for verse in sorted({v for v in verses if verses.count(v) > 1})
    ]


def code_version(asset: str) -> str:
    """Version of what makes an asset; no model of the catalogue is asked."""
    return MAKERS[asset].version({})


def theme_version(verse: Verse) -> str:
    """What a verse is written from."""
    return version_of(verse.theme)


def verse_inputs(verse: Verse) -> str:
    """Hash of all a verse depends on."""
    return version_of(theme_version(verse), code_version("verse"))


def verses_version(haiku: Haiku) -> str:
    """What a haiku is bound from: its verses, in order."""
    made = [haiku.version("verse", verse.key) for verse in haiku.verses]
    return version_of([version.data_version if version else "" for version in made])


def haiku_inputs(haiku: Haiku) -> str:
    """Hash of all a haiku depends on."""
    return version_of(verses_version(haiku), code_version("haiku"))


def standing_of(haiku: Haiku) -> UnitGraph:
    """What a haiku consists of, and how it stands with each of it."""
    standing = {Node("verse", verse.key): _of_verse(haiku, verse) for verse in haiku.verses}
    whole = Node("haiku", haiku.id)
    graph = Graph(
        {**{node: frozenset[Node]() for node in standing}, whole: frozenset(standing)}, ASSET_KINDS
    )
    standing[whole] = _of_whole(haiku)
    bridges = [Bridge(Node(VERSE_THEME, v.key), theme_version(v)) for v in haiku.verses]
    bridges.append(Bridge(Node(HAIKU_VERSES, haiku.id), verses_version(haiku)))
    return UnitGraph(haiku.id, graph, standing, tuple(bridges), haiku.versions)


def next_work(haiku: Haiku) -> Work | None:
    """What has to run next, or None when the haiku is as complete as it will be."""
    due = [verse.key for verse in haiku.verses if verse.status == "pending"]
    if due:
        keys = tuple(v.key for v in haiku.verses if due[0] <= v.key <= due[-1])
        return Work("write_verses", ("verse",), "verses", keys)
    is_whole = all(verse.status == "ready" for verse in haiku.verses)
    if (is_whole and _of_whole(haiku) != "fresh") or haiku.has_unreported:
        return Work("bind_haikus", ("haiku",), HAIKUS.name, (haiku.id,))
    return None


def outcome_of(haiku: Haiku) -> tuple[str, ErrorRecord | None]:
    """How it ends."""
    failed = [str(verse.order) for verse in haiku.verses if verse.status == "failed"]
    if not failed:
        return "completed", None
    advice = "Give it another theme, then resume."
    message = f"verse {' and '.join(failed)} could not be written"
    return "incomplete", ErrorRecord("PARTS_FAILED", message, retryable=False, advice=advice)


def steps(haiku: Haiku) -> tuple[int, int]:
    """(done, total) for the progress bar: each verse, and the haiku."""
    done = sum(verse.status == "ready" for verse in haiku.verses)
    return done + (_of_whole(haiku) == "fresh"), len(haiku.verses) + 1


def _of_verse(haiku: Haiku, verse: Verse) -> Standing:
    if verse.status == "failed":
        return "failed"
    made = haiku.version("verse", verse.key)
    if made is None:
        return "missing"
    return "fresh" if made.input_hash == verse_inputs(verse) else "stale"


def _of_whole(haiku: Haiku) -> Standing:
    made = haiku.version("haiku", haiku.id)
    if made is None:
        return "skipped" if any(v.status == "failed" for v in haiku.verses) else "missing"
    return "fresh" if made.input_hash == haiku_inputs(haiku) else "stale"
