"""A lecture in Studio in a real browser, as a course producer uses it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect  # noqa: TID253 (browser tests only)

from pipeline_defs.domain.errors import ErrorRecord
from pipeline_defs_tests.browser.visits import EVIL, streaming, studio, visit_all
from pipeline_defs_tests.web.filming import Studio
from pipeline_defs_tests.web.gateways import World


async def playing(player: Locator) -> None:
    """Wait until a player has a picture to show and moves on."""
    await expect(player).to_have_js_property("error", None)
    await player.evaluate(
        """player => new Promise((done, failed) => {
            const look = () => player.readyState >= 2 && player.currentTime > 0 ? done() : 0;
            setInterval(look, 20); setTimeout(() => failed("it does not play"), 9000);
        })"""
    )


async def open_page(page: Page, lecture_id: str) -> None:
    await page.goto(f"/studio/lectures/{lecture_id}")


async def test_a_producer_creates_a_lecture_and_watches_it_being_made(
    browser: Browser, world: World
) -> None:
    worker = Studio(world)
    async with studio(browser, world) as (page, _):
        await page.get_by_text("Lecture", exact=True).click()
        form = page.locator("#new-lecture")
        await form.get_by_label("Topic").last.fill("How honey bees dance")
        await form.get_by_label("Minutes").fill("0.5")
        await form.get_by_label("Voice").select_option("deep")
        await form.get_by_role("button", name="Create lecture").click()
        await page.wait_for_url("**/studio/lectures/*")
        lecture_id = page.url.rsplit("/", 1)[-1]
        head = page.locator("[data-region=head]")
        await expect(head.get_by_text("Waiting")).to_be_visible()
        await expect(head).to_contain_text("deep voice")

        await worker.scripted(lecture_id)
        await expect(page.locator(".segment")).to_have_count(3)
        await expect(head.get_by_text("In work")).to_be_visible()
        await worker.working(lecture_id, "segment_image", 2)
        await expect(page.locator("#segment-2")).to_contain_text("The image is being made")
        await expect(page.locator("#live")).to_contain_text("Segment 2: image is being made")
        await page.reload()  # it goes on where it was, without a gap
        for order in (1, 2, 3):
            await worker.segment(lecture_id, order)
        await expect(page.locator("#segment-2 .thumb video")).to_be_visible()
        await expect(page.locator("#film")).to_have_count(0)
        await worker.filmed(lecture_id)
        await worker.finished(lecture_id)
        await expect(page.locator("#film")).to_be_visible()
        await expect(page.locator("[data-region=progress] .percentage")).to_have_text("100 %")
        await expect(page.locator(".stages .completed")).to_have_count(7)


async def test_a_script_of_ones_own_is_sent_in_its_parts_and_refused_at_the_field(
    browser: Browser, world: World
) -> None:
    async with studio(browser, world) as (page, watch):
        await page.goto("/studio?kind=lectures")
        form = page.locator("#new-lecture")
        await expect(form).to_be_visible()
        await form.get_by_label("My own script").check()
        await form.get_by_label("Script", exact=True).fill("A short text.\n\n" + "x" * 300)
        await form.get_by_label("Minutes").fill("")
        await form.get_by_role("button", name="Create lecture").click()
        await expect(form.locator("[data-problem]")).to_contain_text("may have at most 260")
        await expect(form.get_by_label("Script", exact=True)).to_be_focused()
        await form.get_by_label("Script", exact=True).fill(
            "Bees dance at home, in the dark, on the comb, for their sisters to follow.\n\n"
            "The run of the dance says where the flowers are, and how far the flight will be."
        )
        await form.get_by_role("button", name="Create lecture").click()
        await page.wait_for_url("**/studio/lectures/*")
        await expect(page.locator("[data-region=head]")).to_contain_text("0:20 min")
        watch.complaints = [c for c in watch.complaints if "422" not in c]


async def test_the_video_plays_with_captions_and_chapters_lead_into_it(
    browser: Browser, world: World
) -> None:
    lecture_id = await Studio(world).made()
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        film = page.locator("#film")
        assert await film.evaluate("film => film.textTracks[0].mode") == "showing"
        await page.get_by_role("button", name="The waggle run").click()
        await playing(film)
        assert await film.evaluate("film => film.currentTime") >= 1
        assert await film.evaluate("film => film.textTracks[0].cues.length") == 1
        chapter = page.get_by_role("button", name="The waggle run")
        await expect(chapter).to_have_attribute("aria-current", "true")
        await expect(page.locator("#segment-1")).to_have_attribute("data-playing", "true")
        await expect(page.locator("#film-facts")).to_contain_text("-16.2 LUFS")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Captions").click()
        name = (await download.value).suggested_filename
        assert name == "How-honey-bees-dance-captions.vtt"


async def test_a_player_goes_on_playing_while_other_parts_change(
    browser: Browser, world: World
) -> None:
    worker = Studio(world)
    lecture_id = await worker.queued()
    await worker.scripted(lecture_id)
    await worker.segment(lecture_id, 1)
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        await streaming(world)
        voice = page.locator("#segment-1 audio")
        await voice.evaluate("audio => { audio.loop = true; audio.marked = true; audio.play() }")
        await playing(voice)
        await worker.segment(lecture_id, 2)
        await worker.segment(lecture_id, 3, "segment_image", "segment_narration")
        await expect(page.locator("#segment-3 img")).to_be_visible()
        assert await voice.evaluate("audio => audio.marked && !audio.paused")
        clip = page.locator("#segment-2 .thumb video")
        assert await clip.evaluate("clip => clip.networkState") <= 1  # nothing is loaded unasked
        await page.get_by_role("button", name="Play the clip of segment 2").click()
        await playing(clip)
        await expect(clip).to_be_focused()
        assert await voice.evaluate("audio => audio.paused")  # one sound at a time


async def test_an_edit_turns_stale_what_follows_and_the_rebuild_names_it(
    browser: Browser, world: World
) -> None:
    worker = Studio(world)
    lecture_id = await worker.made()
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        segment = page.locator("#segment-2")
        await segment.get_by_text("Edit", exact=True).click()
        await segment.get_by_label("What is said").fill("Straight up means towards the sun.")
        await expect(segment.locator("[data-counter]")).to_have_text("34 of 260 characters")
        await segment.get_by_role("button", name="Save segment").click()
        await expect(segment.locator(".said")).to_have_text("Straight up means towards the sun.")
        await expect(segment.locator(".segment-head")).to_contain_text("Stale")
        await expect(segment.locator(".asset.stale")).to_have_count(4)
        await expect(page.locator("#segment-1 .asset.stale")).to_have_count(0)
        await expect(page.locator("#film-notes")).to_contain_text("no longer follows")
        plan = page.locator("#plan")
        await expect(plan).to_contain_text(
            "Will make: 1 image, 1 narration, 1 start frame, 1 clip and the video"
        )
        assert await segment.get_by_label("What is to be seen").input_value() == ""
        await page.get_by_role("button", name="Rebuild what is stale").click()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()
        await worker.remade(lecture_id, pitch=330)
        await expect(page.locator("[data-region=head]").get_by_text("Finished")).to_be_visible()
        await expect(page.locator(".asset.stale")).to_have_count(0)
        await expect(plan).to_have_count(0)


async def test_making_again_asks_what_it_costs_and_files_are_checked(
    browser: Browser, world: World
) -> None:
    lecture_id = await Studio(world).made()
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        await page.get_by_role("button", name="Check files").click()
        await expect(page.locator("#toasts")).to_contain_text("Every file is there")
        segment = page.locator("#segment-3")
        await segment.get_by_text("Make again").click()
        await segment.get_by_role("button", name="Narration", exact=True).click()
        await segment.get_by_role("button", name="Pay anew for 1 narration and the video?").click()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Really cancel?").click()
        await expect(page.locator("[data-region=head]").get_by_text("Cancelled")).to_be_visible()


async def test_what_is_being_typed_survives_what_happens_meanwhile(
    browser: Browser, world: World
) -> None:
    worker = Studio(world)
    lecture_id = await worker.queued()
    await worker.scripted(lecture_id)
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        segment = page.locator("#segment-1")
        await segment.get_by_text("Edit", exact=True).click()
        await segment.get_by_label("Heading").fill("Half a wor")
        await worker.segment(lecture_id, 1)
        await expect(segment.locator(".thumb video")).to_be_visible()
        assert await segment.get_by_label("Heading").input_value() == "Half a wor"
        await expect(segment.get_by_label("Heading")).to_be_focused()


async def test_hostile_texts_stay_texts_everywhere(browser: Browser, world: World) -> None:
    worker = Studio(world)
    lecture_id = await worker.queued("".join(EVIL)[:110], 1)
    await worker.scripted(lecture_id, EVIL)
    error = ErrorRecord(EVIL[0], EVIL[1], retryable=True, advice=EVIL[2])
    await worker.fails(lecture_id, 1, "segment_image", error)
    for order in (2, 3):
        await worker.segment(lecture_id, order)
    client = world.client()
    for order, evil in enumerate(EVIL[:6], start=1):
        edit = {"heading": evil, "picture": evil}
        answer = await client.patch(f"/v1/lectures/{lecture_id}/segments/{order}", json=edit)
        assert answer.status_code == 200
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        await world.progress(lecture_id, EVIL[0])
        await expect(page.locator("#live")).to_have_text(EVIL[0])
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for order, evil in enumerate(EVIL[:6], start=1):
            await expect(page.locator(f"#head-{order} h3")).to_contain_text(evil)
            await expect(page.locator(f"#said-{order}")).to_have_text(EVIL[order - 1])
        await expect(page.locator("#state-1")).to_contain_text(EVIL[2])
        made = "#main script, #main svg, #main [onload], #main [onerror], #main [autofocus]"
        assert await page.locator(made).count() == 0
        assert await page.locator("#main a[href^='javascript']").count() == 0


async def test_the_keyboard_reaches_chapters_players_and_forms(
    browser: Browser, world: World
) -> None:
    lecture_id = await Studio(world).made()
    async with studio(browser, world) as (page, _):
        await open_page(page, lecture_id)
        wanted = {"#film", ".chapters button", "#segment-1 audio", "#edit-1 > summary"}
        for _ in range(80):
            await page.keyboard.press("Tab")
            reached = {
                s
                for s in wanted
                if await page.evaluate("s => !!document.activeElement?.matches(s)", s)
            }
            wanted -= reached
            if "#edit-1 > summary" in reached:
                await page.keyboard.press("Enter")
                await expect(page.locator("#edit-1 form")).to_be_visible()
        assert wanted == set()


async def test_pages_of_lectures_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    worker = Studio(world, size=(640, 360))
    finished = await worker.made("How honey bees dance", 1)
    await worker.spend(finished, 2, "clip", 0.2)
    running = await worker.queued("How volcanoes erupt", 1)
    await worker.scripted(running)
    for order in (1, 2):
        await worker.segment(running, order)
    await worker.segment(running, 3, "segment_image", "segment_start_frame")
    await worker.working(running, "segment_narration", 3)
    await worker.working(running, "segment_image", 4)
    await visit_all(
        browser,
        world,
        axe,
        pictures,
        {
            "units": "/studio",
            "new-lecture": "/studio?kind=lectures",
            "lecture": f"/studio/lectures/{finished}",
            "lecture-running": f"/studio/lectures/{running}",
            "lecture-incomplete": f"/studio/lectures/{await _incomplete(worker)}",
        },
    )


async def _incomplete(worker: Studio) -> str:
    """One image was refused, one segment was edited afterwards."""
    lecture_id = await worker.incomplete("How bread rises")
    edit = {"text": "Yeast eats sugar and breathes out gas, and the dough holds it like a balloon."}
    await worker.world.client().patch(f"/v1/lectures/{lecture_id}/segments/3", json=edit)
    return lecture_id
