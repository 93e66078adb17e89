"""One input is edited: the stale set is exactly the expected one, and the same for everybody.

Asked are our own rules, Dagster's GraphQL, lineage and plan of API and command line, and Studio.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.calls.requests import CampaignRebuild
from pipeline_defs.domain.graph import Node, UnitGraph, affected, requested
from pipeline_defs.domain.lectures.models import SegmentEdit
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.runtime.inspection import inspect_now
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import calls, campaign_changes, lecture_changes, products
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.cli.conftest import Pipeline
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.staleness import stored, studio
from pipeline_defs_tests.staleness.conftest import Place
from pipeline_defs_tests.web.interviewing import claims

# Dagster warns of its own use of what it is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SIZES = (1, 99)
VOICE = "update app.organizations set content_defaults = %s where org_id = 'default'"


class Units:
    """Units of a place, and what everybody says is stale of them."""

    def __init__(self, place: Place, pipeline: Pipeline) -> None:
        self.place, self.pipeline = place, pipeline
        self._client = place.served.world.client()
        blobs = open_blobs(place.served.world.gateway.settings)
        self.file = place.served.do(blobs.put(b"sound and picture", "video/mp4")).as_dict()

    def do(self, work: Callable[[Transaction], Awaitable[Any]]) -> Any:
        """Change the database, or read it."""
        return self.place.served.do(self.place.served.world.transact(work))

    def finished(self, kind: str, create: Callable[[Transaction], Awaitable[str]]) -> str:
        """A unit of which everything is made and told, and which rests."""

        unit_id = self.made(kind, create)
        assert self.agreed(kind, unit_id, frozenset()) == frozenset()
        return unit_id

    def made(self, kind: str, create: Callable[[Transaction], Awaitable[str]]) -> str:
        """The same, without asking anybody."""

        async def make(tx: Transaction) -> tuple[str, list[Made]]:
            unit_id = await create(tx)
            told = await stored.complete(tx, kind, unit_id)
            if kind != "pages":
                await stored.finish(tx, kind, unit_id)
            return unit_id, told

        unit_id, told = self.do(make)
        stored.tell_all(kind, told, self.place.dagster.instance)
        return unit_id

    def patch(self, path: str, **body: Any) -> None:
        """Edit something over the API."""
        answer = self.place.served.do(self._client.patch(f"/v1/{path}", json=body))
        assert answer.status_code == 200, answer.text

    def inspect(self, kind: str, unit_id: str) -> None:
        """What happens to every unit that has changed."""
        url, database = self.place.dagster.url, self.place.served.world.gateway.database
        self.place.served.do(inspect_now(database, url, "default", LINES[kind], unit_id))

    def agreed(self, kind: str, unit_id: str, expected: frozenset[Node]) -> frozenset[Node]:
        """What is stale, once Dagster has heard of it; all others must say the same."""
        unit = self.do(lambda tx: stored.graph_of(tx, kind, unit_id))
        ours = unit.standing_as("stale")
        give_up = time.monotonic() + 20
        while (theirs := self.place.dagster.stale(unit.graph.nodes)) != expected:
            assert time.monotonic() < give_up, f"Dagster: {sorted(theirs)}, we: {sorted(ours)}"
            time.sleep(0.1)
        lineage = self._get(f"{kind}/{unit_id}/lineage")["nodes"]
        shown = {Node(n["asset"], n["partition"]) for n in lineage if n["standing"] == "stale"}
        assert shown == ours == theirs
        told = json.loads(self.pipeline("lineage", unit_id, "--json").stdout)["nodes"]
        assert told == lineage
        self._shown_in_studio(kind, unit_id, unit)
        wanted = affected(unit.graph, requested(unit))
        planned = json.loads(self.pipeline("plan", unit_id, "--json").stdout)
        assert planned == self._get(f"{kind}/{unit_id}/plan")
        named = [n for stage in planned["stages"] for g in stage["groups"] for n in g["nodes"]]
        assert {Node(n["asset"], n["partition"]) for n in named} == wanted
        return ours

    def _shown_in_studio(self, kind: str, unit_id: str, unit: UnitGraph) -> None:
        """Studio marks what will be made again; pages by the shape its mark is made from."""
        if kind == "pages":
            assets = self._get(f"pages/{unit_id}")["assets"]
            made = {node.asset for node in studio.again(kind, unit)}
            assert {a["name"] for a in assets if a["stale"]} >= made
            return
        page = self.place.served.do(self.place.served.world.studio(f"/studio/{kind}/{unit_id}"))
        assert studio.marked(page) == studio.to_be_marked(kind, unit)

    def _get(self, path: str) -> Any:
        answer = self.place.served.do(self._client.get(f"/v1/{path}"))
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def units(place: Place, pipeline: Pipeline) -> Units:
    """Units that can be made, edited and asked about."""
    return Units(place, pipeline)


def nodes(partition: str, *assets: str) -> frozenset[Node]:
    return frozenset(Node(asset, partition) for asset in assets)


@pytest.mark.parametrize("size", SIZES)
def test_an_edited_segment_of_a_lecture(units: Units, size: int) -> None:
    own = units.finished("lectures", lambda tx: stored.lecture(tx, size, units.file))
    part, film = f"{own}/{size:03d}", nodes(own, "lecture_video")

    def edit(**fields: str) -> None:
        wanted = SegmentEdit.model_validate(fields)
        units.do(lambda tx: lecture_changes.edit_segment(tx, own, size, wanted, "test"))
        units.inspect("lectures", own)

    edit(heading="Another heading")
    drawn = nodes(part, "segment_image")
    assert units.agreed("lectures", own, drawn | film) == drawn | film
    edit(heading=f"Heading {size}")  # as it was: nothing of it is stale
    if size == 1:
        edit(picture="Another picture")
        assert units.agreed("lectures", own, drawn) == drawn
    edit(text="Other words are said here.")
    expected = drawn | nodes(part, "segment_narration")
    assert units.agreed("lectures", own, expected) == expected


@pytest.mark.parametrize("size", [1, policies.ARTICLE_MAX_SECTIONS])
def test_an_edited_section_of_an_article(units: Units, size: int) -> None:
    """At 30 sections, not at 99: an article of more is refused (contract A)."""
    own = units.finished("articles", lambda tx: stored.article(tx, size))
    part = f"{own}/{size:02d}"
    written = nodes(part, "section_research", "section_draft")
    units.patch(f"articles/{own}/sections/{size}", notes="Something else")
    assert units.agreed("articles", own, written) == written
    edited = units.pipeline("edit", f"{own}/{size}", "--title", "Another title", "--notes", "")
    assert edited.exit_code == 0, edited.output
    expected = written | nodes(own, "article")
    assert units.agreed("articles", own, expected) == expected


@pytest.mark.parametrize("size", SIZES)
def test_new_evidence_of_a_campaign(units: Units, size: int) -> None:
    own = units.finished("campaigns", lambda tx: stored.campaign(tx, size, units.file))
    both = nodes(f"{own}/01", "hypothesis_verdict") | nodes(own, "campaign_report")

    async def said(tx: Transaction) -> None:
        call = await calls.get(tx, own, size)
        assert call is not None
        await calls.store_claims(tx, call, claims()[1:], {"claims": 1})

    units.do(said)
    units.inspect("campaigns", own)
    assert units.agreed("campaigns", own, both) == both

    async def read_again(tx: Transaction) -> None:
        anew = CampaignRebuild.model_validate(
            {"parts": [size], "assets": ["claims"], "fresh": True}
        )
        await campaign_changes.rebuild(tx, own, anew, "test")

    units.do(read_again)
    units.inspect("campaigns", own)
    every = both | nodes(f"{own}/02", "hypothesis_verdict")
    assert units.agreed("campaigns", own, every) == every


def test_a_verdict_asked_for_anew_is_due_and_not_stale(units: Units) -> None:
    own = units.finished("campaigns", lambda tx: stored.campaign(tx, 1, units.file))
    anew = {"hypotheses": [1], "assets": ["hypothesis_verdict"], "fresh": True}
    wanted = CampaignRebuild.model_validate(anew)
    units.do(lambda tx: campaign_changes.rebuild(tx, own, wanted, "test"))
    assert units.agreed("campaigns", own, frozenset()) == frozenset()
    unit = units.do(lambda tx: stored.graph_of(tx, "campaigns", own))
    assert unit.standing_as("missing") == nodes(f"{own}/01", "hypothesis_verdict")


def test_a_changed_request_of_one_page_of_ninety_nine(units: Units) -> None:
    feed = [product(number) for number in range(1, 100)]
    units.do(lambda tx: products.import_products(tx, feed, "test", replace=True))
    first, *others = [
        units.finished("pages", lambda tx, n=number: stored.page(tx, n)) for number in (1, 2)
    ]
    others += [
        units.made("pages", lambda tx, n=number: stored.page(tx, n)) for number in range(3, 100)
    ]
    for change, asset in (
        ({"keywords": ["another keyword"]}, "page_context"),
        ({"brand_voice": "Dry and short."}, "page_components"),
        ({"options": {"skip_quality": True}}, "page"),
    ):
        units.patch(f"pages/{first}", **change)
        before = nodes(first, "page_context") if asset != "page_context" else frozenset[Node]()
        components = nodes(first, "page_components") if asset == "page" else frozenset[Node]()
        expected = nodes(first, asset) | before | components
        assert units.agreed("pages", first, expected) == expected
    dearer = [product(2).model_copy(update={"price": Decimal(999)})]
    units.do(lambda tx: products.import_products(tx, dearer, "test", replace=False))
    for page in others:
        units.inspect("pages", page)
    stale = {n for page in others for n in nodes(page, "page_context", "page_components", "page")}
    expected = nodes(others[0], "page_context")
    assert units.place.dagster.stale(stale) == expected
    assert units.agreed("pages", others[0], expected) == expected
    untouched = units.do(lambda tx: stored.graph_of(tx, "pages", others[50]))
    assert untouched.standing_as("stale") == frozenset()


def test_another_brand_voice(units: Units) -> None:
    article = units.finished("articles", lambda tx: stored.article(tx, 2))
    lecture = units.finished("lectures", lambda tx: stored.lecture(tx, 1, units.file))
    sound(units, voice="Dry and short.")
    try:
        parts = [nodes(f"{article}/{n:02d}", "section_research", "section_draft") for n in (1, 2)]
        for kind, own, expected in (
            ("articles", article, nodes(article, "article_outline").union(*parts)),
            ("lectures", lecture, nodes(lecture, "lecture_script")),
        ):
            units.inspect(kind, own)
            assert units.agreed(kind, own, expected) == expected
    finally:
        sound(units)


def sound(units: Units, **voice: str) -> None:
    """How the organization is to sound."""
    with psycopg.connect(units.place.served.world.database.superuser_url) as connection:
        connection.execute(VOICE, [json.dumps(voice)])


def product(number: int) -> Product:
    return samples.tent(0, sku=f"SKU-{number}", images=())
