"""Visits to Studio in a real browser: signed in, watched, in every size and colour scheme."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page  # noqa: TID253 (browser tests only)

from pipeline_defs_tests.web.gateways import World

EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}${7*7}",
    "javascript:alert(1)",
    "' onfocus=alert(1) autofocus x='",
    "</textarea><script>alert(1)</script>",
]


class Watch:
    """Everything a page complained about."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", lambda m: self._note(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("dialog", lambda dialog: self._note(f"dialog {dialog.message}"))

    def _note(self, text: str) -> None:
        self.complaints.append(text)


@asynccontextmanager
async def studio(
    browser: Browser, world: World, *, sign_in: bool = True, **options: Any
) -> AsyncGenerator[tuple[Page, Watch]]:
    """A page of a fresh browser profile, signed in; it must not have complained at the end."""
    context = await browser.new_context(base_url=world.url, **options)
    context.set_default_timeout(10_000)
    page = await context.new_page()
    watch = Watch(page)
    try:
        if sign_in:
            await page.goto("/studio/sign-in")
            await page.get_by_label("API key").fill(world.keys["default"])
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/studio")
        yield page, watch
        assert watch.complaints == [], watch.complaints[:3]
    finally:
        await context.close()


async def streaming(world: World) -> None:
    """Wait until somebody follows the progress."""
    async with asyncio.timeout(10):
        while world.gateway.hub.clients == 0:
            await asyncio.sleep(0.05)


async def visit_all(
    browser: Browser, world: World, axe: str, pictures: Path, pages: Mapping[str, str]
) -> None:
    """Look at pages, by name, in light on a desktop and in dark on a phone: nothing overflows, axe
    finds nothing. Pictures are kept.

    Colours do not depend on the width, nor the layout on the colours: two visits see all of both.
    """
    for scheme, device, width, height in (
        ("light", "desktop", 1280, 860),
        ("dark", "phone", 390, 844),
    ):
        options: dict[str, Any] = {
            "color_scheme": scheme,
            "viewport": {"width": width, "height": height},
            "bypass_csp": True,  # for axe only: it is put into the page
        }
        async with studio(browser, world, **options) as (page, _):
            for name, address in pages.items():
                await page.goto(address)
                await page.evaluate(OPEN_A_PART)
                if await page.locator("iframe").count():  # it is drawn where it is in sight
                    tall = await page.evaluate("document.documentElement.scrollHeight")
                    await page.set_viewport_size({"width": width, "height": tall})
                    await page.wait_for_timeout(300)
                await page.screenshot(
                    path=pictures / f"{name}-{device}-{scheme}.png", full_page=True
                )
                await page.set_viewport_size({"width": width, "height": height})
                over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert over <= 0, (name, device)
                assert await violations(page, axe) == [], (name, device)


async def violations(page: Page, axe: str) -> list[tuple[str, list[str]]]:
    """What axe finds wrong with a page: the rule, and where."""
    await page.evaluate(axe)
    found = await page.evaluate("axe.run()")
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]]


OPEN_A_PART = """document.querySelectorAll(
    'details.section:first-of-type, #segment-1 details, #plan, #hypothesis-1 details, ' +
    '#cost-table, #edit-request, #reject'
).forEach(part => part.open = true)"""
