"""Takes the pictures of the README and of docs/ from the running stack: `make screenshots`.

Needs a stack with a finished demo (`make run` in another terminal, or `pipeline demo`), and no keys
of providers: the tour of the Dagster UI makes a lecture whose clips fail and are slow on purpose.
Pictures are written to docs/images/.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import httpx

from pipeline_defs.settings import PROJECT_ROOT, get_settings
from scripts.dagster_tour import Tour, save
from scripts.ensure_chromium import find

IMAGES = PROJECT_ROOT / "docs" / "images"
DESKTOP = {"width": 1280, "height": 800}
TALL = {"width": 1280, "height": 1500}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> int:
    """Studio in desktop and phone width, then the Dagster UI."""
    from playwright.sync_api import sync_playwright

    settings = get_settings()
    key = settings.required("development_api_key")
    article = newest(settings.gateway_url, key, "articles")
    lecture = newest(settings.gateway_url, key, "lectures")
    campaign = newest(settings.gateway_url, key, "campaigns")
    shop_page = newest(settings.gateway_url, key, "pages")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PIPELINE_CHROMIUM") or find(),
            args=ARGUMENTS,
        )
        page = browser.new_page(viewport=DESKTOP)
        page.goto(f"{settings.gateway_url}/studio")
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state("networkidle")
        save(page, IMAGES / "studio-list.png")
        page.set_viewport_size(TALL)
        save(page, IMAGES / "studio-home.png")
        for name, path in {
            "studio-pages": "/studio/pages",
            "studio-page": f"/studio/pages/{shop_page}",
            "studio-batch": newest_batch(settings.gateway_url, key),
        }.items():
            page.goto(settings.gateway_url + path)
            page.wait_for_timeout(1500)
            save(page, IMAGES / f"{name}.png")
        page.set_viewport_size(DESKTOP)
        page.goto(f"{settings.gateway_url}/studio/articles/{article}")
        page.wait_for_timeout(1500)
        save(page, IMAGES / "studio-article.png")
        page.set_viewport_size(PHONE)
        save(page, IMAGES / "studio-phone.png")
        page.set_viewport_size(TALL)
        page.goto(f"{settings.gateway_url}/studio/lectures/{lecture}")
        page.wait_for_timeout(2500)
        save(page, IMAGES / "studio-lecture.png")
        page.goto(f"{settings.gateway_url}/studio/campaigns/{campaign}")
        page.wait_for_timeout(1500)
        save(page, IMAGES / "studio-campaign.png")
        page.goto(f"{settings.gateway_url}/studio/campaigns/{campaign}/calls/1")
        page.wait_for_timeout(2500)
        save(page, IMAGES / "studio-call.png")
        page.set_viewport_size(DESKTOP)
        for name, path in dagster_pages(article, lecture).items():
            page.goto(settings.dagster_url + path)
            page.wait_for_timeout(6000)
            if name == "dagster-video":
                page.get_by_text("Show Markdown").first.click()
                page.wait_for_timeout(1500)
            save(page, IMAGES / f"{name}.png")
        Tour(settings, page, IMAGES).take()
        browser.close()
    print(f"written to {IMAGES.relative_to(PROJECT_ROOT)}")  # noqa: T201 # a script talks
    return 0


def newest(gateway_url: str, key: str, kind: str) -> str:
    """The id of the newest completed unit of a kind."""
    items = _items(f"{gateway_url}/v1/{kind}", key, status="completed")
    if not items:
        raise SystemExit(f"none of the {kind} is finished yet: run `pipeline demo` first")
    return items[0]["id"]


def newest_batch(gateway_url: str, key: str) -> str:
    """The address in Studio of the newest batch; of all of them where there is none."""
    items = _items(f"{gateway_url}/v1/batches", key)
    return items[0]["links"]["studio"] if items else "/studio/batches"


def _items(url: str, key: str, **params: str) -> list[dict[str, Any]]:
    answer = httpx.get(
        url,
        params={**params, "limit": 1},
        headers={"authorization": f"Bearer {key}"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["items"]


def dagster_pages(article: str, lecture: str) -> dict[str, str]:
    """Pictures of the Dagster UI: name of the file, path of the page."""
    section = f"{article}%2F02"
    return {
        "dagster-lineage": "/locations/__repository__@pipeline/asset-groups/lectures/lineage",
        "dagster-section": f"/assets/section_draft?view=partitions&partition={section}",
        "dagster-article": f"/assets/article?view=partitions&partition={article}",
        "dagster-video": f"/assets/lecture_video?view=partitions&partition={lecture}",
        "dagster-narration": f"/assets/segment_narration?view=partitions&partition={lecture}%2F003",
        "dagster-runs": "/runs",
    }


if __name__ == "__main__":
    sys.exit(main())
