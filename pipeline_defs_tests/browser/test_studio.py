"""Studio in a real browser, as an editor uses it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Browser, expect  # noqa: TID253 (browser tests only)

from pipeline_defs.domain.articles.models import ArticleRequest
from pipeline_defs.storage import articles
from pipeline_defs_tests.browser.visits import EVIL, streaming, studio, visit_all
from pipeline_defs_tests.web import writing
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.writing import Text

TEXTS = [
    Text(
        "Catching light",
        (
            "A leaf is a factory floor laid out for one purpose: to catch light. Its flat "
            "blade spreads thousands of cells towards the sun, each packed with chloroplasts.",
            "Inside every chloroplast, stacks of thin membranes hold the pigment *chlorophyll*. "
            "It takes up red and blue light and lets most of the green pass.",
        ),
        "Chlorophyll absorbs mainly red and blue light.",
        "chlorophyll absorbs light most strongly in the blue and red portions of the spectrum",
        "Chloroplasts and pigments",
    ),
    Text(
        "Splitting water",
        (
            "The energy of the light is spent at once: it tears electrons from water. What is "
            "left of the water leaves the leaf as oxygen.",
        ),
        "The oxygen we breathe comes from water.",
        "the oxygen released is derived from water, not from carbon dioxide",
        "The light reactions",
    ),
    Text(
        "Building sugar",
        (
            "In the stroma the Calvin cycle uses the captured energy to fix carbon dioxide. "
            "Six turns yield one molecule of glucose.",
        ),
        "Six turns of the cycle yield one glucose.",
        "six turns of the cycle are needed to make one molecule of glucose",
        "The Calvin cycle",
    ),
]


async def queued(world: World, topic: str, sections: int = 3) -> str:
    """An article waiting to be written."""
    request = ArticleRequest(topic=topic, sections=sections)
    return await world.transact(lambda tx: articles.create(tx, request, "test"))


async def written(world: World, topic: str = "How plants turn light into sugar") -> str:
    """A finished article."""
    article_id = await queued(world, topic)
    await world.transact(lambda tx: writing.plan(tx, article_id, topic, TEXTS))
    for order, text in enumerate(TEXTS, start=1):
        await world.transact(lambda tx, n=order: writing.start_section(tx, article_id, n))
        await world.transact(
            lambda tx, n=order, t=text: writing.write_section(tx, article_id, n, t)
        )
    await world.transact(lambda tx: writing.spend(tx, article_id, "draft", 0.0042))
    await world.transact(lambda tx: writing.assemble_article(tx, article_id, TEXTS))
    return article_id


async def test_an_editor_signs_in_creates_an_article_and_watches_it_being_written(
    browser: Browser, world: World
) -> None:
    async with studio(browser, world) as (page, _):
        form = page.locator("#new-article")
        await form.get_by_label("Topic").fill("Photosynthesis")
        await form.get_by_label("Number of sections").fill("3")
        await form.get_by_role("button", name="Create article").click()
        await page.wait_for_url("**/studio/articles/*")
        article_id = page.url.rsplit("/", 1)[-1]
        head = page.locator("[data-region=head]")
        await expect(head.get_by_text("Waiting")).to_be_visible()

        await world.transact(lambda tx: writing.plan(tx, article_id, "Light to sugar", TEXTS))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Light to sugar")
        await expect(head.get_by_text("In work")).to_be_visible()
        await expect(page.locator("details.section")).to_have_count(3)
        bar = page.locator("[data-region=progress] progress")
        before = await bar.evaluate("bar => bar.value")

        await world.transact(lambda tx: writing.start_section(tx, article_id, 1))
        await expect(page.locator("#part-1").get_by_text("Researching")).to_be_visible()
        await expect(page.locator("#live")).to_contain_text("Researching section 1")
        await page.reload()
        await world.transact(lambda tx: writing.write_section(tx, article_id, 1, TEXTS[0]))
        await expect(page.locator("#part-1").get_by_text("Finished")).to_be_visible()
        assert await bar.evaluate("bar => bar.value") > before

        for order in (2, 3):
            await world.transact(lambda tx, n=order: writing.start_section(tx, article_id, n))
            await world.transact(
                lambda tx, n=order: writing.write_section(tx, article_id, n, TEXTS[n - 1])
            )
        await world.transact(lambda tx: writing.assemble_article(tx, article_id, TEXTS))
        await expect(page.locator(".reading h1")).to_have_text("Light to sugar")
        await expect(page.locator(".reading")).to_contain_text("Chlorophyll absorbs mainly")
        await expect(page.locator("[data-region=progress] .percentage")).to_have_text("100 %")


async def test_the_list_moves_live_and_filters(browser: Browser, world: World) -> None:
    article_id = await queued(world, "Volcanoes")
    await written(world)
    async with studio(browser, world) as (page, _):
        row = page.locator(f"[data-unit={article_id}]")
        await expect(row.get_by_text("Waiting", exact=True)).to_be_visible()
        await world.transact(lambda tx: writing.plan(tx, article_id, "On volcanoes", TEXTS))
        await expect(row.get_by_text("In work")).to_be_visible()
        await expect(row.get_by_role("link")).to_have_text("On volcanoes")
        await page.get_by_role("link", name="Finished").click()
        await expect(page.locator(".list > li")).to_have_count(1)
        await expect(page.get_by_role("link", name="Finished")).to_have_attribute(
            "aria-current", "page"
        )


async def test_actions_work_and_refusals_are_said_in_words(browser: Browser, world: World) -> None:
    article_id = await written(world)
    async with studio(browser, world) as (page, watch):
        await page.goto(f"/studio/articles/{article_id}")
        section = page.locator("#part-2")
        await section.locator("> summary").click()
        await section.get_by_text("Edit the brief").click()
        await section.get_by_label("Title").fill("Water, torn apart")
        await section.get_by_label("Notes").fill("Begin with the oxygen")
        await section.get_by_role("button", name="Save brief").click()
        await expect(section.locator("> summary")).to_contain_text("Water, torn apart")
        await expect(section.locator("> summary")).to_contain_text("Stale")

        await page.get_by_role("button", name="Rebuild what is stale").click()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()
        cancel = page.get_by_role("button", name="Cancel")
        await cancel.click()
        await page.get_by_role("button", name="Really cancel?").click()
        await expect(page.locator("[data-region=head]").get_by_text("Cancelled")).to_be_visible()
        await page.get_by_role("button", name="Approve as draft").click()
        await expect(page.get_by_text("Will be published as a draft")).to_be_visible()
        await world.transact(
            lambda tx: tx.run("units.set_status", id=article_id, status="queued", stage=None)
        )
        # the page does not know yet that the article is queued again: what it asks is refused
        await page.evaluate(
            f"document.querySelector('[data-post$=resume],[data-post$=rebuild]')?.remove();"
            f"document.querySelector('.actions').insertAdjacentHTML('beforeend',"
            f"'<button type=button data-post=/v1/articles/{article_id}/resume>Go on</button>');"
            f"document.querySelector('.actions').lastElementChild.click()"
        )
        await expect(page.get_by_role("alert")).to_contain_text("is queued")
        watch.complaints = [c for c in watch.complaints if "409" not in c]


async def test_faulty_input_is_explained_at_the_field(browser: Browser, world: World) -> None:
    async with studio(browser, world) as (page, watch):
        form = page.locator("#new-article")
        await form.get_by_label("Topic").fill("   ")
        await form.get_by_label("Number of sections").fill("99")
        await form.get_by_role("button", name="Create article").click()
        problem = form.locator("[data-problem]")
        await expect(problem).to_contain_text("Topic must not be empty")
        await expect(problem).to_contain_text("Sections may be at most 30")
        await expect(form.get_by_label("Topic")).to_have_attribute("aria-invalid", "true")
        await expect(form.get_by_label("Topic")).to_be_focused()
        await form.get_by_label("My own").check()
        await form.get_by_label("Sections, one per line").fill("Light | pigments first\n\nSugar")
        await form.get_by_label("Topic").fill("Plants")
        await form.get_by_role("button", name="Create article").click()
        await page.wait_for_url("**/studio/articles/*")
        watch.complaints = [c for c in watch.complaints if "422" not in c]


async def test_a_wrong_key_is_refused_in_words_and_sign_out_ends_it(
    browser: Browser, world: World
) -> None:
    async with studio(browser, world, sign_in=False) as (page, watch):
        await page.goto("/studio")
        assert "/studio/sign-in" in page.url
        await page.get_by_label("API key").fill("pk_wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert").first).to_contain_text("not valid")
        await page.get_by_label("API key").fill(world.keys["default"])
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/studio")
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url("**/studio/sign-in")
        await page.goto("/studio")
        assert "/studio/sign-in" in page.url
        watch.complaints = [c for c in watch.complaints if "401" not in c]


async def test_hostile_texts_stay_texts_everywhere(browser: Browser, world: World) -> None:
    texts = [Text(evil, (evil,), evil, evil, evil, url="javascript:alert(1)") for evil in EVIL]
    title = "".join(EVIL)[:150]
    article_id = await queued(world, title, len(texts))
    await world.transact(lambda tx: writing.plan(tx, article_id, title, texts))
    for order, text in enumerate(texts[:-1], start=1):
        await world.transact(lambda tx, n=order: writing.start_section(tx, article_id, n))
        await world.transact(
            lambda tx, n=order, t=text: writing.write_section(tx, article_id, n, t)
        )
    error = {"code": EVIL[0], "message": EVIL[1], "advice": EVIL[2], "retryable": True}
    last = len(texts)
    await world.transact(lambda tx: writing.start_section(tx, article_id, last))
    await world.transact(lambda tx: writing.fail_section(tx, article_id, last, error))
    async with studio(browser, world) as (page, _):
        await expect(page.locator(".list h2")).to_have_text(title)
        await page.goto(f"/studio/articles/{article_id}")
        for message in EVIL:
            await world.progress(article_id, message)
        await expect(page.locator("#live")).to_have_text(EVIL[-1])
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        await expect(page.locator("#part-2 .section-title")).to_have_text(EVIL[1])
        await expect(page.locator(f"#part-{last} .error-box")).to_contain_text(EVIL[2])
        assert await page.locator("#main a[href^='javascript']").count() == 0
        assert await page.locator("#main script, #main img, #main svg").count() == 0
        await world.transact(lambda tx: writing.assemble_article(tx, article_id, texts[:-1]))
        await expect(page.locator(".reading h1")).to_have_text(title)
        assert await page.locator("#main a[href^='javascript']").count() == 0


async def test_a_page_finds_back_after_the_stream_breaks(browser: Browser, world: World) -> None:
    article_id = await queued(world, "Bread")
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/articles/{article_id}")
        await streaming(world)
        for _ in range(2):
            world.gateway.hub.close()
            await asyncio.sleep(0.1)
        await world.transact(lambda tx: writing.plan(tx, article_id, "On bread", TEXTS))
        await expect(page.get_by_role("heading", level=1)).to_have_text("On bread")
        await streaming(world)


async def test_the_keyboard_is_enough(browser: Browser, world: World) -> None:
    article_id = await written(world)
    async with studio(browser, world) as (page, _):
        await page.goto(f"/studio/articles/{article_id}")
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("Skip to content")).to_be_focused()
        summary = page.locator("#part-1 > summary")
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await summary.evaluate("s => s === document.activeElement"):
                break
        outline = await summary.evaluate("s => getComputedStyle(s).outlineStyle")
        assert outline == "solid"
        await page.keyboard.press("Enter")
        await expect(page.locator("#part-1 .prose")).to_be_visible()


async def test_pages_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    finished = await written(world)
    failed = await _failed(world)
    running = await queued(world, "The roads of the Roman empire, and what became of them")
    await world.transact(lambda tx: writing.plan(tx, running, "Roman roads", TEXTS))
    await world.transact(lambda tx: writing.start_section(tx, running, 1))
    pages = {
        "articles": "/studio",
        "finished": f"/studio/articles/{finished}",
        "failed": f"/studio/articles/{failed}",
        "running": f"/studio/articles/{running}",
    }
    await visit_all(browser, world, axe, pictures, pages)


async def _failed(world: World) -> str:
    article_id = await queued(world, "Batteries")
    await world.transact(lambda tx: writing.plan(tx, article_id, "How batteries age", TEXTS))
    await world.transact(lambda tx: writing.start_section(tx, article_id, 1))
    error = {
        "code": "RATE_LIMITED",
        "message": "the research provider refused three attempts",
        "advice": "Wait a few minutes, then try again.",
        "retryable": True,
    }
    await world.transact(lambda tx: writing.fail_section(tx, article_id, 1, error))
    await world.transact(
        lambda tx: tx.run("units.finish", id=article_id, status="failed", error=error)
    )
    return article_id
