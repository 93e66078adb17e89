"""The walk-through of docs/dagster-ui.md, done in a browser: each step takes its picture.

A step that does not come out as the document says ends the tour with an error. It makes a lecture
of its own with the local providers, one of whose clips is made to fail.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from pipeline_defs.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

WINDOW = {"width": 1280, "height": 800}
LONG = {"width": 1280, "height": 1150}
COLOURS = 128
PATIENCE = 120.0  # seconds for anything that has to happen
EDITED = (
    "Magma collects in a chamber below the crust. When its pressure grows, it finds cracks, rises "
    "through a conduit and breaks out as lava, gas and ash."
)
FRESH = "ops: {segment_media: {config: {fresh: true}}}"


def save(page: Page, path: Path) -> None:
    """What the page shows, as a PNG of few colours: a third of the size, and no less to be read."""
    from PIL import Image

    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


class Tour:
    """One lecture of three segments, looked at in the Dagster UI."""

    def __init__(self, settings: Settings, page: Page, images: Path) -> None:
        self._dagster = settings.dagster_url
        self._page = page
        self._images = images
        key = settings.required("development_api_key")
        headers = {"authorization": f"Bearer {key}"}
        self._api = httpx.Client(base_url=settings.gateway_url, headers=headers, timeout=30)
        providers_key = settings.required("local_providers_key")
        self._providers = httpx.Client(
            base_url=settings.required("local_providers_url"),
            headers={"authorization": f"Bearer {providers_key}"},
            timeout=30,
        )

    def take(self) -> None:
        """All steps in their order."""
        with self._faults(
            {"match": {"capability": "video"}, "times": 1, "action": {"refusal": True}}
        ):
            lecture = self._lecture()
        self._backfill(lecture)
        self._remake_one(lecture)
        self._read_staleness(lecture)
        self._read_checks_and_cost()
        with self._faults({"match": {"capability": "video"}, "action": {"delay": 60}}):
            self._cancel(lecture)
        self._launch_by_hand(lecture)

    def _lecture(self) -> str:
        body = {"topic": "How volcanoes work", "minutes": 0.5}
        answer = self._api.post("/v1/lectures", json=body)
        answer.raise_for_status()
        lecture = answer.json()["id"]
        self._until(lambda: self._unit(lecture)["status"] == "incomplete", "an incomplete lecture")
        return lecture

    def _backfill(self, lecture: str) -> None:
        """The partition that failed, and no other, is launched again."""
        failed = next(s["n"] for s in self._unit(lecture)["segments"] if self._clip(s) == "failed")
        self._open("segment_clip", f"{lecture}/{failed:03d}")
        self._shoot("failed")
        self._page.get_by_role("button", name="Materialize").first.click()
        self._page.get_by_role("button", name="Failed", exact=True).click()
        self._page.wait_for_timeout(1000)
        self._shoot("backfill")
        self._launch()
        self._until(lambda: self._unit(lecture)["status"] == "completed", "a completed lecture")

    def _remake_one(self, lecture: str) -> None:
        """A new image of one segment; the others stay."""
        before = self._runs_of("segment_image", lecture)
        self._open("segment_image", f"{lecture}/002")
        self._page.get_by_role("button", name="Materialize").first.click()
        self._page.get_by_text("Config", exact=True).last.click()
        self._page.get_by_role("button", name="Add config").click()
        self._page.locator(".CodeMirror").first.click()
        self._page.keyboard.type(FRESH)
        self._page.wait_for_timeout(1500)
        self._page.get_by_role("button", name="Save config").click()
        self._page.wait_for_timeout(1000)
        self._shoot("again")
        self._launch()
        remade = {f"{lecture}/002"}
        self._until(lambda: remade <= self._changed(before, "segment_image", lecture), "an image")
        if self._changed(before, "segment_image", lecture) != remade:
            raise SystemExit("more than the image of one segment was made again")

    def _read_staleness(self, lecture: str) -> None:
        """Another text turns the narration of its segment unsynced, and no other."""
        answer = self._api.patch(f"/v1/lectures/{lecture}/segments/3", json={"text": EDITED})
        answer.raise_for_status()
        key = f"{lecture}/003"
        self._until(lambda: self._stale("segment_narration", key) == "STALE", "a stale narration")
        if self._stale("segment_narration", f"{lecture}/001") != "FRESH":
            raise SystemExit("the narration of a segment that nobody edited is stale")
        self._open("segment_narration", key)
        self._page.get_by_text("Unsynced").first.hover()
        self._page.wait_for_timeout(1200)
        self._shoot("stale")

    def _read_checks_and_cost(self) -> None:
        """What checks found, and figures over partitions."""
        self._goto("/assets/segment_narration?view=checks&checkDetail=narration_says_its_script")
        self._shoot("checks")
        self._page.set_viewport_size(LONG)
        self._goto("/assets/segment_narration")
        self._page.get_by_text("Plots", exact=True).first.click()
        self._page.wait_for_timeout(1500)
        self._shoot("cost")
        self._page.set_viewport_size(WINDOW)

    def _cancel(self, lecture: str) -> None:
        """A run that waits for a slow provider is ended; nothing is lost."""
        answer = self._api.post(
            f"/v1/lectures/{lecture}/rebuild",
            json={"parts": [1], "assets": ["segment_clip"], "fresh": True},
        )
        answer.raise_for_status()
        self._until(lambda: bool(self._unit(lecture)["links"].get("dagster_run")), "a run")
        self._until(lambda: self._run_status(lecture) == "STARTED", "a run at work")
        self._page.goto(self._unit(lecture)["links"]["dagster_run"])
        self._page.wait_for_timeout(4000)
        self._page.get_by_role("button", name="Terminate").first.click()
        self._page.wait_for_timeout(1200)
        self._shoot("cancel")
        self._page.get_by_role("button", name="Terminate").last.click()
        self._until(lambda: self._unit(lecture)["status"] == "cancelled", "a cancelled lecture")

    def _launch_by_hand(self, lecture: str) -> None:
        """What was cancelled, stale or not made yet goes on with any run of it."""
        self._open("segment_narration", f"{lecture}/003")
        self._page.get_by_role("button", name="Materialize").first.click()
        self._page.wait_for_timeout(1000)
        self._launch()
        self._until(lambda: self._unit(lecture)["status"] == "completed", "a completed lecture")
        if self._stale("segment_narration", f"{lecture}/003") != "FRESH":
            raise SystemExit("the narration is stale although it was made again")
        self._goto("/runs")
        self._shoot("runs")

    @contextmanager
    def _faults(self, rule: Mapping[str, Any]) -> Iterator[None]:
        self._providers.put("/_control/faults", json={"rules": [rule]}).raise_for_status()
        try:
            yield
        finally:
            self._providers.delete("/_control/faults").raise_for_status()

    def _open(self, asset: str, partition: str) -> None:
        self._goto(f"/assets/{asset}?view=partitions&partition={quote(partition, safe='')}")

    def _goto(self, path: str) -> None:
        self._page.goto(self._dagster + path)
        self._page.wait_for_timeout(5000)

    def _launch(self) -> None:
        self._page.get_by_role("button", name="Launch").last.click()
        self._page.wait_for_timeout(2000)

    def _shoot(self, name: str) -> None:
        save(self._page, self._images / f"dagster-tour-{name}.png")

    def _unit(self, lecture: str) -> dict[str, Any]:
        answer = self._api.get(f"/v1/lectures/{lecture}")
        answer.raise_for_status()
        return answer.json()

    @staticmethod
    def _clip(segment: Mapping[str, Any]) -> str:
        return segment["assets"]["segment_clip"]["status"]

    def _stale(self, asset: str, partition: str) -> str:
        query = """query ($key: AssetKeyInput!, $partition: String!) {
            assetNodeOrError(assetKey: $key) {
                ... on AssetNode { staleStatus(partition: $partition) }
            }
        }"""
        answer = self._ask(query, key={"path": [asset]}, partition=partition)
        return answer["assetNodeOrError"]["staleStatus"]

    def _runs_of(self, asset: str, lecture: str) -> dict[str, str]:
        """The run that made each partition last."""
        query = """query ($key: AssetKeyInput!, $partitions: [String!]) {
            assetNodeOrError(assetKey: $key) {
                ... on AssetNode {
                    latestMaterializationByPartition(partitions: $partitions) { runId partition }
                }
            }
        }"""
        keys = [f"{lecture}/{number:03d}" for number in (1, 2, 3)]
        answer = self._ask(query, key={"path": [asset]}, partitions=keys)
        made = answer["assetNodeOrError"]["latestMaterializationByPartition"]
        return {event["partition"]: event["runId"] for event in made if event}

    def _changed(self, before: Mapping[str, str], asset: str, lecture: str) -> set[str]:
        now = self._runs_of(asset, lecture)
        return {key for key, run in now.items() if before.get(key) != run}

    def _run_status(self, lecture: str) -> str:
        run = self._unit(lecture)["links"]["dagster_run"].rpartition("/")[2]
        query = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        return self._ask(query, id=run)["runOrError"].get("status", "")

    def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self._dagster}/graphql", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()["data"]

    @staticmethod
    def _until(holds: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > give_up:
                raise SystemExit(f"the tour waited {PATIENCE:g} s for {what}")
            time.sleep(0.5)
