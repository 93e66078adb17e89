"""The kinds of units, as addresses, ids, Studio, the database and the command line name them.

What all of them know of a line beyond its own pages and commands stands here, once. Light on
purpose: help texts of the command line are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline_defs.domain.states import (
    ARTICLE,
    BATCH,
    CALL,
    CAMPAIGN,
    JOB,
    LECTURE,
    LECTURE_ASSET,
    PAGE,
    SECTION,
    Machine,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of unit.

    `name` stands in addresses, `noun` in sentences and at the beginning of ids; `part` and `parts`
    are what it consists of, empty where it has no parts; `assets` are those that can be asked for
    anew, `main_asset` the one whose page in Dagster stands for the whole unit. `machine` says how
    units move, `machines` how the rows of its own tables do, by the tables' names. `anchors` are
    what parts are called on the unit's page in Studio, by asset, and without a name for all others.
    `steps`: the asset on which each paid step is booked, by the step's name up to its first slash.
    """

    name: str
    noun: str
    part: str
    parts: str
    assets: tuple[str, ...]
    main_asset: str
    machine: Machine
    machines: tuple[Machine, ...] = ()
    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    anchors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def studio(self) -> str:
        """Where Studio lists them."""
        return "/studio/pages" if self.name == "pages" else f"/studio?kind={self.name}"

    @property
    def with_article(self) -> str:
        """`an article`, `a lecture`."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"


ARTICLES = Kind(
    name="articles",
    noun="article",
    part="section",
    parts="sections",
    assets=("article_outline", "section_research", "section_draft", "article"),
    main_asset="article",
    machine=ARTICLE,
    machines=(SECTION,),
    anchors={"": "part"},
    steps={
        "outline": "article_outline",
        "search": "section_research",
        "write": "section_draft",
        "publish": "article_publication",
    },
)
LECTURES = Kind(
    name="lectures",
    noun="lecture",
    part="segment",
    parts="segments",
    assets=(
        "lecture_script",
        "segment_image",
        "segment_narration",
        "segment_start_frame",
        "segment_clip",
        "lecture_music",
        "lecture_video",
    ),
    main_asset="lecture_video",
    machine=LECTURE,
    machines=(LECTURE_ASSET,),
    anchors={"": "segment"},
    steps={
        "script": "lecture_script",
        "image": "segment_image",
        "picture": "segment_image",
        "speech": "segment_narration",
        "narration": "segment_narration",
        "transcript": "segment_narration",
        "clip": "segment_clip",
        "music": "lecture_music",
    },
)
CAMPAIGNS = Kind(
    name="campaigns",
    noun="campaign",
    part="call",
    parts="calls",
    assets=("transcript", "claims", "hypothesis_verdict", "campaign_report"),
    main_asset="campaign_report",
    machine=CAMPAIGN,
    machines=(CALL,),
    anchors={
        "": "call",
        "hypothesis_evidence": "hypothesis",
        "hypothesis_verdict": "hypothesis",
    },
    steps={
        "call": "call",
        "recording": "call_recording",
        "transcript": "transcript",
        "retrieval": "claims",
        "claims": "claims",
        "stance": "claims",
    },
)
PAGES = Kind(
    name="pages",
    noun="page",
    part="",
    parts="",
    assets=("page_context", "page_components", "page"),
    main_asset="page",
    machine=PAGE,
    machines=(JOB, BATCH),
    steps={
        "keywords": "page_context",
        "competitor": "page_context",
        "write": "page_components",
        "publish": "page_publication",
    },
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ARTICLES, LECTURES, PAGES, CAMPAIGNS)}
MACHINES = tuple(m for kind in KINDS.values() for m in (kind.machine, *kind.machines))
STATUSES = tuple(sorted({status for kind in KINDS.values() for status in kind.machine.states}))


def kind_of(unit_id: str) -> Kind | None:
    """The kind that an id belongs to by its beginning; None when it is of none."""
    noun = unit_id.partition("-")[0]
    return next((kind for kind in KINDS.values() if kind.noun == noun), None)


def studio_path(asset: str, partition: str) -> str | None:
    """Where Studio shows a partition of an asset: its unit's page, at the part where it is one."""
    unit_id, _, number = partition.partition("/")
    kind = kind_of(unit_id)
    if kind is None:
        return None
    page = f"/studio/{kind.name}/{unit_id}"
    anchor = kind.anchors.get(asset, kind.anchors.get(""))
    return f"{page}#{anchor}-{int(number)}" if anchor and number.isdigit() else page


def booked_on(kind: str, step: str) -> str:
    """The asset that a step of a unit is paid for; empty where its line books it on none."""
    known = KINDS.get(kind)
    return known.steps.get(step.partition("/")[0], "") if known else ""
