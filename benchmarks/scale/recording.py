"""The requests that Dagster's own page sends, taken from the page: nothing is written by hand."""

from __future__ import annotations

import json
import os
from typing import Any

from scripts.ensure_chromium import find

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VIEWS = ("overview", "partitions")
SETTLED = 3000  # milliseconds after which the page has asked for everything

Requests = dict[str, dict[str, Any]]  # body of each GraphQL request by its operation's name


def page_requests(dagster_url: str, asset: str) -> Requests:
    """Queries of the asset's page and of its partitions, one of each name."""
    from playwright.sync_api import sync_playwright

    found: Requests = {}

    def keep(request: Any) -> None:
        if request.method == "POST" and "/graphql" in request.url:
            body = json.loads(request.post_data)
            if asset in json.dumps(body["variables"]):
                found.setdefault(body["operationName"], body)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PIPELINE_CHROMIUM") or str(find()), args=ARGUMENTS
        )
        page = browser.new_page()
        page.on("request", keep)
        for view in VIEWS:
            page.goto(f"{dagster_url}/assets/{asset}?view={view}")
            page.wait_for_timeout(SETTLED)
        browser.close()
    return found
