"""The stack that is measured: one small finished lecture, and copies of it by bulk SQL."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg

from pipeline_defs.local.stack import read_env_file
from pipeline_defs.runtime.dagster.graphql import DagsterApi

HERE = Path(__file__).resolve().parent
QUICK = {"image": 0.05, "speech": 0.05, "video": 0.1, "transcription": 0.05, "music": 0.05}
SCRIPT = ["A lecture that is only there to be copied.", "It has two segments, and then it ends."]
FINAL = ("completed", "incomplete", "failed", "cancelled")


class Subject:
    """A started stack by its state directory."""

    def __init__(self, state: Path) -> None:
        self.settings = read_env_file(state / "stack.env")
        self.dagster_url = self.settings["DAGSTER_URL"]
        self._graphql = httpx.Client(timeout=120)

    def __enter__(self) -> Subject:
        return self

    def __exit__(self, *_: object) -> None:
        self._graphql.close()

    def graphql(self, body: dict[str, Any]) -> dict[str, Any]:
        """The data that Dagster's webserver answers; errors are raised."""
        answer = self._graphql.post(f"{self.dagster_url}/graphql", json=body)
        document = answer.raise_for_status().json()
        if document.get("errors"):
            raise RuntimeError(document["errors"][0]["message"])
        return document["data"]

    def lecture(self) -> str:
        """Make the lecture that is copied, with ready-made media; its id once it is completed."""
        with self._http("LOCAL_PROVIDERS_URL", "LOCAL_PROVIDERS_KEY") as providers:
            providers.put("/_control/latency", json=QUICK).raise_for_status()
        body = {"script": SCRIPT, "title": "To be copied", "music_tracks": 0}
        with self._http("GATEWAY_URL", "DEVELOPMENT_API_KEY") as api:
            unit = api.post("/v1/lectures", json=body).raise_for_status().json()
            while unit["status"] not in FINAL:
                time.sleep(0.5)
                unit = api.get(f"/v1/lectures/{unit['id']}").raise_for_status().json()
        if unit["status"] != "completed":
            raise RuntimeError(f"the lecture is {unit['status']}: {unit['error']}")
        return unit["id"]

    def submit(self, lecture: str) -> None:
        """Have Dagster launch a run of the lecture, which finds that nothing is to be made."""

        async def launch() -> None:
            dagster = DagsterApi(self.dagster_url)
            try:
                await dagster.launch("assemble_lecture", ["lecture_video"], [lecture], {})
            finally:
                await dagster.aclose()

        asyncio.run(launch())

    def ours(self, path: str) -> None:
        """Ask our own API."""
        with self._http("GATEWAY_URL", "DEVELOPMENT_API_KEY") as api:
            api.get(path).raise_for_status()

    def fill(self, template: str, asset: str, first: int, last: int) -> None:
        """Copies number `first` to `last`, in Dagster's tables and in ours."""
        values = {"template": template, "asset_key": f'["{asset}"]', "first": first, "last": last}
        self._dagster("fill_dagster", values)
        self._ours("fill_units", values)
        self._analyze()

    def retain(self, last_kept: str) -> None:
        """What nights of housekeeping leave: only copies up to this one are still in Dagster."""
        values = {"last_kept": last_kept}
        self._dagster("retire_dagster", values)
        self._dagster("forget_dagster", values)
        self._ours("retire_units", values)
        self._analyze()

    def registered(self) -> int:
        """Partitions that Dagster holds."""
        with psycopg.connect(self._dagster_url()) as connection:
            row = connection.execute("select count(*) from dynamic_partitions").fetchone()
        return row[0] if row else 0

    def _http(self, url: str, key: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.settings[key]}"}
        return httpx.Client(base_url=self.settings[url], headers=headers, timeout=30)

    def _dagster_url(self) -> str:
        return self.settings["DAGSTER_DATABASE_URL"].replace("+psycopg2", "")

    def _dagster(self, name: str, values: dict[str, Any]) -> None:
        with psycopg.connect(self._dagster_url()) as connection:
            connection.execute((HERE / f"{name}.sql").read_bytes(), values)

    def _ours(self, name: str, values: dict[str, Any]) -> None:
        url = self.settings["DATABASE_ADMIN_URL"]
        # parameters put in by the client: a file may hold several statements
        with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
            connection.execute("select set_config('app.org', 'default', true)")
            connection.execute((HERE / f"{name}.sql").read_bytes(), values)

    def _analyze(self) -> None:
        for url in (self._dagster_url(), self.settings["DATABASE_ADMIN_URL"]):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("vacuum analyze")
