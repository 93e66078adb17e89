"""What Dagster's own UI asks the webserver for, recorded from a real browser."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.ensure_chromium import find

LOADED = 180.0  # seconds a page may take at most
SETTLE = 6.0  # seconds for which it goes on asking


@dataclass(frozen=True, slots=True)
class Query:
    """A GraphQL request of the UI."""

    name: str
    body: Mapping[str, Any]


def record(address: str, pages: Mapping[str, str], pictures: Path) -> dict[str, list[Query]]:
    """Open pages of the UI; what each asked for, repeated polls once. Writes a picture of each."""
    from playwright.sync_api import Request, sync_playwright

    asked: dict[str, list[Query]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PIPELINE_CHROMIUM") or find(), args=["--no-sandbox"]
        )
        for name, path in pages.items():
            found: dict[str, Query] = {}  # by name: a poll is asked for again and again

            def note(request: Request, found: dict[str, Query] = found) -> None:
                if "/graphql" in request.url and request.post_data:
                    body = json.loads(request.post_data)
                    found.setdefault(body["operationName"], Query(body["operationName"], body))

            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.on("request", note)
            page.goto(address + path)
            page.wait_for_load_state("networkidle", timeout=LOADED * 1000)
            page.wait_for_timeout(SETTLE * 1000)
            page.screenshot(path=pictures / f"{name.replace(' ', '-')}.png")
            page.close()
            asked[name] = list(found.values())
        browser.close()
    return asked
