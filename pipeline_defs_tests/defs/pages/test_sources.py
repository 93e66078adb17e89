"""Search figures and competitors in the making of a page: what cannot be had is a remark on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.defs.pages.context import gather_context
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import RECORDING, Stage, run_stages
from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.domain.pages.facts import KeywordFigures, PageContext
from pipeline_defs.policies import Retry
from pipeline_defs.storage import pages, products
from pipeline_defs_tests.defs.pages.conftest import Providers, Shop
from pipeline_defs_tests.runtime.conftest import ORG

TERM = "two-person tents"
IMPORTED = KeywordFigures(keyword=TERM, monthly_searches=7)
OF_SERVICE = 12_100


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt comes at once."""
    for name in ("KEYWORDS", "COMPETITORS"):
        policy = getattr(policies, name)
        quick = Retry(attempts=policy.retry.attempts, base=0.01, cap=0.02)
        monkeypatch.setattr(policies, name, replace(policy, retry=quick))


async def built(making: Making) -> PageContext:
    """The stage of the pipeline that gathers the context of a page."""
    await run_stages(making, [Stage("context-building", gather_context)], RECORDING)
    context = making.page.context
    assert context is not None
    return context


def with_competitors(*competitors: dict[str, str]) -> dict[str, Any]:
    return {"topic": "Tents", "competitors": list(competitors)}


async def import_figures(shop: Shop) -> None:
    await shop.db.transact(ORG, lambda tx: products.import_figures(tx, [IMPORTED], "en", "test"))


async def stored(shop: Shop, making: Making) -> Any:
    return await shop.db.transact(ORG, lambda tx: pages.required(tx, making.page.id))


async def test_figures_of_the_service_and_headings_of_competitors_are_gathered(
    shop: Shop, local_url: str
) -> None:
    await import_figures(shop)
    rivals = with_competitors({"url": f"{local_url}/rivals/tents"}, {"text": "<h2>Pegs</h2> Two"})
    making = await shop.page(keywords=[TERM, "nobody asks this"], metadata=rivals)
    context = await built(making)
    assert [(f.keyword, f.monthly_searches) for f in context.figures] == [(TERM, OF_SERVICE)]
    fetched, given = context.competitors
    assert (fetched.source, fetched.headings[1]) == (f"{local_url}/rivals/tents", TERM.capitalize())
    assert (given.source, given.headings) == ("given text", ("Pegs",))
    assert not [remark for remark in context.remarks if "Competitor" in remark]
    assert (await stored(shop, making)).context == context


async def test_a_competitor_that_cannot_be_looked_at_is_a_remark_and_the_others_count(
    shop: Shop, local_url: str
) -> None:
    rivals = with_competitors(
        {"url": f"{local_url}/rivals/private"},
        {"url": f"{local_url}/rivals/boots"},
        {"url": f"{local_url}/rivals/none"},
        {"url": "http://169.254.169.254/latest/meta-data"},
    )
    making = await shop.page(metadata=rivals)
    context = await built(making)
    assert [page.title for page in context.competitors] == ["Hiking boots"]
    private, missing, inside = (r for r in context.remarks if r.startswith("Competitor"))
    assert private.startswith("Competitor 1 was not looked at: ")
    assert "does not want its page to be looked at" in private
    assert missing.startswith("Competitor 3 was not looked at: ")
    assert inside.startswith("Competitor 4 was not looked at: ")
    stage = (await stored(shop, making)).stage("context-building")
    assert (stage.status, stage.detail["competitors"]) == ("completed", 1)
    assert stage.detail["remarks"] == list(context.remarks)


async def test_a_competitor_that_fails_once_is_looked_at_again(
    shop: Shop, providers: Providers, local_url: str
) -> None:
    await providers.fault("competitors", times=1, skip=1, status=502)  # robots.txt is asked first
    making = await shop.page(metadata=with_competitors({"url": f"{local_url}/rivals/tents"}))
    context = await built(making)
    assert [page.title for page in context.competitors] == ["Tents for every weather"]


@pytest.mark.parametrize("action", [{"status": 503}, {"status": 403}, {"garbage": "bad_json"}])
async def test_without_the_keyword_service_imported_figures_count_and_a_remark_says_why(
    shop: Shop, providers: Providers, action: dict[str, Any]
) -> None:
    await import_figures(shop)
    await providers.fault("keywords", **action)
    making = await shop.page(keywords=[TERM], metadata={"topic": "Tents"})
    context = await built(making)
    assert context.figures == (IMPORTED,)
    (remark,) = (r for r in context.remarks if r.startswith("No search figures: "))
    assert len(remark) > len("No search figures: .")
    assert (await stored(shop, making)).stage("context-building").status == "completed"


async def test_what_was_found_is_not_asked_for_again_until_it_is_wanted_anew(
    shop: Shop, providers: Providers, local_url: str
) -> None:
    rivals = with_competitors({"url": f"{local_url}/rivals/tents"})
    making = await shop.page(keywords=[TERM], metadata=rivals)
    before = await built(making)
    await providers.fault("keywords", status=503)
    assert await built(making) == before
    generations = {("page_context", making.page.id): 1}
    making.page = replace(making.page, generations=generations)
    assert (await built(making)).figures == ()


@pytest.mark.parametrize("code", ["DATABASE_UNAVAILABLE", "PERMITS_UNAVAILABLE"])
async def test_trouble_of_our_own_is_no_remark(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    making = await shop.page(keywords=[TERM], metadata={"topic": "Tents"})

    async def away(*_: Any) -> None:
        raise Transient(code, "it is away")

    monkeypatch.setattr(type(making.job.work), "paid", away)
    with pytest.raises(PipelineError) as caught:
        await built(making)
    assert caught.value.code == code
