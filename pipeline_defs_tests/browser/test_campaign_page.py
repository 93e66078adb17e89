"""A campaign in Studio in a real browser, as somebody who asks people uses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect  # noqa: TID253 (browser tests only)

from pipeline_defs_tests.browser.visits import EVIL, streaming, studio, visit_all
from pipeline_defs_tests.web.gateways import World
from pipeline_defs_tests.web.interviewing import REQUEST, Interviews

LISTEN_IN = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...more) {
  if (target instanceof AudioDestinationNode) {
    const splitter = target.context.createChannelSplitter(2);
    connect.call(this, splitter);
    window.ears = [0, 1].map((channel) => {
      const ear = target.context.createAnalyser();
      ear.fftSize = 4096;
      connect.call(splitter, ear, channel);
      return ear;
    });
  }
  return connect.call(this, target, ...more);
};
window.pitches = () => window.ears.map((ear) => {
  const levels = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(levels);
  return levels.indexOf(Math.max(...levels)) * ear.context.sampleRate / ear.fftSize;
});
"""
HEARS = """wanted => {
  const heard = window.pitches();
  return wanted.every((pitch, ear) => Math.abs(pitch - heard[ear]) < 30);
}"""
RESPONDENT, INTERVIEWER = 300, 500  # Hz, of the recordings of these tests
PLAYS_AFTER = "([id, at]) => document.getElementById(id).currentTime > at"


async def open_campaign(page: Page, campaign_id: str) -> None:
    await page.goto(f"/studio/campaigns/{campaign_id}")


async def open_call(page: Page, campaign_id: str, number: int, more: str = "") -> None:
    await page.goto(f"/studio/campaigns/{campaign_id}/calls/{number}{more}")


async def test_a_researcher_gives_a_file_and_watches_people_being_asked(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    worker = Interviews(world)
    file = tmp_path / "campaign.json"
    async with studio(browser, world) as (page, watch):
        await page.goto("/studio/campaigns")
        form = page.locator("#new-campaign")
        text = form.get_by_label("Campaign, as YAML or JSON")
        assert "hypotheses:" in await text.input_value()  # an example to start from
        wrong = {**REQUEST, "contacts": [REQUEST["contacts"][0], {"phone": "12", "name": "Eve"}]}
        file.write_text(json.dumps(wrong))
        await form.get_by_label("Or from a file").set_input_files(file)
        await expect(text).to_have_value(json.dumps(wrong))
        await form.get_by_role("button", name="Create campaign").click()
        await expect(form.locator("[data-problem]")).to_contain_text("number 2, phone")
        await expect(text).to_be_focused()
        await expect(text).to_have_value(json.dumps(wrong))
        watch.complaints = [c for c in watch.complaints if "422" not in c]

        await text.fill(json.dumps(REQUEST))
        await form.get_by_role("button", name="Create campaign").click()
        await page.wait_for_url("**/studio/campaigns/campaign-*")
        campaign_id = page.url.rsplit("/", 1)[-1]
        head = page.locator("[data-region=head]")
        await expect(head.get_by_text("Waiting")).to_be_visible()
        await expect(page.locator(".calls tbody tr")).to_have_count(4)
        assert REQUEST["contacts"][0]["phone"] not in await page.content()

        await worker.begun(campaign_id)
        await streaming(world)
        await worker.talked(campaign_id, 1)
        await expect(page.locator("#call-1")).to_contain_text("Talked")
        await expect(page.locator("#live")).to_have_text("Call 1: 2 statements found")
        await page.reload()  # it goes on where it was, without a gap
        await worker.talked(campaign_id, 2)
        await expect(page.locator("#hypothesis-1")).to_contain_text("2 statements")
        await page.get_by_role("button", name="Pause").click()
        await expect(head.get_by_text("Paused")).to_be_visible()
        await page.get_by_role("button", name="Go on calling").click()
        await expect(head.get_by_text("Paused")).to_have_count(0)
        await page.get_by_role("button", name="Cancel").click()
        await page.get_by_role("button", name="Really cancel?").click()
        await expect(head.get_by_text("Cancelled")).to_be_visible()


async def test_a_verdict_shows_what_it_rests_on_and_a_statement_can_be_heard_in_place(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    await worker.judged(campaign_id)
    async with studio(browser, world) as (page, _):
        await open_campaign(page, campaign_id)
        bread, cake = page.locator("#hypothesis-1"), page.locator("#hypothesis-2")
        await expect(bread).to_contain_text("Validated")
        await expect(bread.locator(".side-counts")).to_contain_text("3 for")
        await expect(cake).to_contain_text("Invalidated")
        await expect(cake.locator(".side-counts")).to_contain_text("3 against")
        assert await page.locator("[data-from]").count() == 0  # transcripts come with their calls
        await bread.get_by_text("1 earlier verdict").click()
        await expect(bread.locator(".history li")).to_have_count(1)
        await bread.get_by_text("3 statements").click()
        await bread.get_by_role("button", name="Play Ben at 0:08").click()
        await expect(page.locator("#mini-quote")).to_have_text("Yes, very much.")
        await page.wait_for_function(PLAYS_AFTER, arg=["evidence-player", 8.2])
        assert await page.locator("#evidence-player").evaluate("p => p.currentTime") < 12
        await page.get_by_role("link", name="Whole conversation").click()
        await page.wait_for_url("**/calls/2#t=8.00")
        await page.wait_for_function("document.getElementById('recording').currentTime === 8")

        await open_campaign(page, campaign_id)
        await page.get_by_role("link", name="No answer 1").click()
        await expect(page.locator(".calls tbody tr")).to_have_count(1)
        await expect(page.locator("#call-4")).to_contain_text("Dan")
        async with page.expect_download() as download:
            await page.get_by_role("link", name="claims.csv").click()
        assert "Yes, very much." in Path(await (await download.value).path()).read_text()
        await page.get_by_role("button", name="Judge again: hypothesis 2").click()
        await expect(page.locator("[data-region=head]").get_by_text("Waiting")).to_be_visible()


async def test_what_is_clicked_is_heard_at_its_second_and_the_words_follow(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        await open_call(page, campaign_id, 1)
        player = page.locator("#recording")
        await player.evaluate("p => p.playbackRate = 0.25")  # time to look
        await page.get_by_role("button", name="Play the statement at 0:16").click()
        await page.wait_for_function(PLAYS_AFTER, arg=["recording", 16])
        assert await player.evaluate("p => p.currentTime") < 16.9
        heard = page.locator(".heard")
        await expect(heard).to_have_text("No.")
        assert await page.locator("#utterance-4 .heard").count() == 1
        await page.locator("#utterance-3").get_by_text("cake?").click()
        await expect(heard).to_have_text("cake?")
        assert 15 <= await player.evaluate("p => p.currentTime") < 15.9
        await page.get_by_role("button", name="Play from 0:04").click()
        await expect(heard).to_have_text("Do")
        await page.locator("h1").click()
        await page.keyboard.press("Space")
        assert await player.evaluate("p => p.paused")
        await page.keyboard.press("Space")
        assert not await player.evaluate("p => p.paused")
        await page.get_by_label("Speed").select_option("1.5")
        assert await player.evaluate("p => p.playbackRate") == 1.5


async def test_each_channel_can_be_heard_alone(browser: Browser, world: World) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        await page.add_init_script(LISTEN_IN)
        await open_call(page, campaign_id, 1)
        await page.get_by_role("button", name="Play from 0:04").click()
        for name, pitches in (
            ("Respondent", [RESPONDENT, RESPONDENT]),
            ("Interviewer", [INTERVIEWER, INTERVIEWER]),
            ("Both", [RESPONDENT, INTERVIEWER]),
        ):
            await page.locator("[data-channels]").get_by_text(name).click()
            await page.wait_for_function(HEARS, arg=pitches)


async def test_where_channels_cannot_be_parted_both_are_heard_and_it_is_said(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        await page.add_init_script("delete window.AudioContext")
        await open_call(page, campaign_id, 1)
        await page.locator("[data-channels]").get_by_text("Respondent").click()
        await expect(page.get_by_text("cannot part the channels")).to_be_visible()
        await expect(page.get_by_label("Both")).to_be_checked()
        await page.get_by_role("button", name="Play from 0:04").click()
        await page.wait_for_function(PLAYS_AFTER, arg=["recording", 4])


async def test_the_waveform_of_each_channel_says_who_speaks_and_a_click_seeks(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        await open_call(page, campaign_id, 1)
        theirs = page.get_by_role("img", name="Waveform. Respondent: speaks for")
        await expect(theirs).to_have_attribute("aria-label", re.compile("between 0:08 and 0:16"))
        await expect(page.get_by_role("img", name="Waveform. Interviewer")).to_be_visible()
        box = await theirs.bounding_box()
        assert box is not None
        await theirs.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
        await page.wait_for_function(PLAYS_AFTER, arg=["recording", 9.8])
        at = await page.locator("#recording").evaluate("player => player.currentTime")
        assert at < 13  # of 20 seconds
        now = theirs.locator(".now")
        await expect(now).not_to_have_attribute("x1", "0")


async def test_reading_a_call_again_asks_what_it_costs_and_is_followed_on_its_page(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        await open_call(page, campaign_id, 2)
        await page.get_by_role("button", name="Extract again").click()
        await page.get_by_role("button", name="Pay anew for the claims (so far $0.00)?").click()
        await expect(page.locator("[data-region=statements]")).to_contain_text(
            "None were found yet"
        )
        await expect(page.get_by_role("button", name="Transcribe again")).to_have_count(0)
        await expect(page.locator(".utterance")).to_have_count(4)
        await streaming(world)
        await world.progress(campaign_id, "Call 2: looking for claims")
        await expect(page.locator("#live")).to_have_text("Call 2: looking for claims")


async def test_hostile_texts_of_a_campaign_stay_texts(browser: Browser, world: World) -> None:
    worker = Interviews(world)
    campaign_id = await worker.queued(
        title=EVIL[0],
        goal=EVIL[1],
        consent="".join(EVIL),
        hypotheses=[{"text": evil} for evil in EVIL[:2]],
        checklist=[{"question": EVIL[2], "hypothesis": 1}],
        contacts=[{"phone": f"+1202555014{n}", "name": evil} for n, evil in enumerate(EVIL[:4])],
    )
    await worker.begun(campaign_id)
    await worker.talked(campaign_id, 1)
    await worker.talked(campaign_id, 2, *EVIL)
    async with studio(browser, world) as (page, _):
        made = "#main script, #main svg[onload], #main img, #main [onerror], #main [autofocus]"
        await open_campaign(page, campaign_id)
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        await expect(page.locator("h1")).to_have_text(EVIL[0])
        await expect(page.locator("#hypothesis-2 h3")).to_contain_text(EVIL[1])
        for number, evil in enumerate(EVIL[:4], start=1):
            await expect(page.locator(f"#call-{number} th")).to_contain_text(evil)
        assert await page.locator(made).count() == 0
        await open_call(page, campaign_id, 2, "#t=<img src=x onerror=alert(1)>")
        await expect(page.locator("h1")).to_contain_text(EVIL[1])
        marked = page.locator("#utterance-2 .note")
        for evil, note in zip(EVIL, await marked.all(), strict=True):
            await expect(note).to_contain_text(f"like an instruction to a machine: “{evil}”")
        await expect(page.locator("#utterance-4 .note")).to_have_count(0)
        assert await page.locator(made).count() == 0


async def test_the_keyboard_reaches_statements_channels_and_calls(
    browser: Browser, world: World
) -> None:
    worker = Interviews(world)
    campaign_id = (await worker.finished(await worker.queued())).id
    async with studio(browser, world) as (page, _):
        for address, wanted in (
            ("", {"#evidence-1 > summary", "#call-1 a", "[data-region=report] a"}),
            ("/calls/1", {"#recording", "[name=channel]", "#utterance-2 button", "#speed"}),
        ):
            await page.goto(f"/studio/campaigns/{campaign_id}{address}")
            reached: set[str] = set()
            for _ in range(60):
                await page.keyboard.press("Tab")
                reached |= {
                    selector
                    for selector in wanted
                    if await page.evaluate("s => !!document.activeElement?.matches(s)", selector)
                }
            assert reached == wanted


async def test_pages_of_campaigns_are_accessible_and_fit_phones_in_light_and_dark(
    browser: Browser, world: World, axe: str, pictures: Path
) -> None:
    worker = Interviews(world)
    finished = (await worker.finished(await worker.queued())).id
    await worker.judged(finished)
    running = await worker.queued(title="Tea and coffee", budget_usd="5")
    await worker.begun(running)
    await worker.talked(running, 1)
    await visit_all(
        browser,
        world,
        axe,
        pictures,
        {
            "new-campaign": "/studio/campaigns",
            "campaign": f"/studio/campaigns/{finished}",
            "campaign-running": f"/studio/campaigns/{running}",
            "call": f"/studio/campaigns/{finished}/calls/1",
        },
    )
