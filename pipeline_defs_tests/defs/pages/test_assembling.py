"""Putting a page together: from what was gathered, and what has become of it since."""

from __future__ import annotations

from dataclasses import replace

from pipeline_defs.defs.pages.assembling import assemble_page
from pipeline_defs.defs.pages.context import gather_context
from pipeline_defs.runtime import control
from pipeline_defs.runtime.lines import PAGE_LINE
from pipeline_defs_tests.defs.pages.conftest import Shop
from pipeline_defs_tests.domain.pages import samples
from pipeline_defs_tests.runtime.conftest import ORG


async def test_a_page_that_failed_meanwhile_is_not_linked_to(shop: Shop) -> None:
    neighbours = {
        name: await shop.page(
            target_url=f"https://shop.example/{name}", metadata={"topic": f"The {name} one"}
        )
        for name in ("bad", "good")
    }
    making = await shop.page(metadata={"topic": "Tents"})
    await gather_context(making)
    bad = neighbours["bad"].page.id
    await shop.db.transact(ORG, lambda tx: control.begin(tx, PAGE_LINE, bad, "queued"))
    await shop.db.transact(ORG, lambda tx: control.finish(tx, PAGE_LINE, bad, "failed"))
    making.page = replace(making.page, components=samples.components())
    await assemble_page(making)
    html = making.assembled.html
    assert ("https://shop.example/good" in html, "https://shop.example/bad" in html) == (
        True,
        False,
    )
