"""What a user of the product does: over the API, in the Dagster UI, at the local providers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import urlsplit

import httpx
import psycopg

from pipeline_defs.local.postgres import SUPERUSER
from pipeline_defs.local.record import StackRecord
from pipeline_defs_tests.product import ProductStack

FINAL = {"completed", "incomplete", "failed", "cancelled"}
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
BACKFILL = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
STALE = """
query Stale($keys: [AssetKeyInput!], $partition: String!) {
  assetNodes(assetKeys: $keys) { assetKey { path } staleStatus(partition: $partition) }
}"""
PARTITIONS = """
query Partitions($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { assetPartitionStatuses {
    ... on DefaultPartitionStatuses {
      materializedPartitions failedPartitions unmaterializedPartitions materializingPartitions
  } } } }
}"""
REPOSITORY = {"repositoryLocationName": "pipeline", "repositoryName": "__repository__"}


@dataclass
class Journey:
    """A user's session with one running product."""

    product: ProductStack

    def __post_init__(self) -> None:
        self.api = httpx.Client(
            base_url=self.product.gateway_url, headers=self.product.headers, timeout=20
        )
        settings = self.product.settings
        self.dagster = httpx.Client(base_url=settings["DAGSTER_URL"], timeout=30)
        self.providers = httpx.Client(
            base_url=settings["LOCAL_PROVIDERS_URL"],
            headers={"Authorization": f"Bearer {settings['LOCAL_PROVIDERS_KEY']}"},
            timeout=20,
        )

    def __enter__(self) -> Journey:
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self.api, self.dagster, self.providers):
            client.close()

    def create(self, topic: str, sections: Any = 3, **more: Any) -> str:
        """A new article."""
        answer = self.api.post("/v1/articles", json={"topic": topic, "sections": sections, **more})
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def lecture(self, topic: str | None = None, minutes: float = 0.5, **more: Any) -> str:
        """A new lecture."""
        body = {"minutes": minutes, **({"topic": topic} if topic else {}), **more}
        answer = self.api.post("/v1/lectures", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def page(self, **more: Any) -> str:
        """A new page; what is not said is of a category without products."""
        body = {"page_type": "category", "target_url": "https://shop.example/tents", **more}
        answer = self.api.post("/v1/pages", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def unit(self, unit_id: str) -> dict[str, Any]:
        """The unit as the API shows it; waits out a gateway that is just being restarted."""
        give_up = time.monotonic() + 30
        while True:
            try:
                answer = self.api.get(path_of(unit_id))
                if answer.status_code == 200:
                    return answer.json()
                assert answer.status_code in (500, 503), answer.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < give_up, "the gateway stays away"
            time.sleep(0.3)

    def wait(self, unit_id: str, seconds: float = 120, *, until: Any = None) -> dict[str, Any]:
        """Wait for a final state, or for `until(unit)`."""
        give_up = time.monotonic() + seconds
        while True:
            unit = self.unit(unit_id)
            if until(unit) if until else unit["status"] in FINAL:
                return unit
            assert time.monotonic() < give_up, f"after {seconds} s: {_summary(unit)}"
            time.sleep(0.2)

    def finished(self, unit_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait until it is completed."""
        unit = self.wait(unit_id, seconds)
        assert unit["status"] == "completed", _summary(unit)
        return unit

    def post(self, unit_id: str, action: str, **body: Any) -> httpx.Response:
        """An action on a unit."""
        return self.api.post(f"{path_of(unit_id)}/{action}", json=body)

    def graphql(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask Dagster as its UI does."""
        answer = self.dagster.post("/graphql", json={"query": document, "variables": variables})
        answer.raise_for_status()
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def launch(
        self,
        job: str,
        assets: list[str],
        partition: str,
        config: dict[str, Any] | None = None,
        *,
        op: str | None = None,
    ) -> str:
        """Materialize one partition from the UI; the run's id. Plain jobs have neither, but of them
        a single op can be launched."""
        chosen = {"assetSelection": [{"path": [asset]} for asset in assets]} if assets else {}
        chosen |= {"solidSelection": [op]} if op else {}
        tags = [{"key": "dagster/partition", "value": partition}] if partition else []
        params = {
            "selector": {**REPOSITORY, "pipelineName": job, **chosen},
            "mode": "default",
            "runConfigData": config or {},
            "executionMetadata": {"tags": tags},
        }
        launched = self.graphql(LAUNCH, params=params)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]

    def backfill(self, assets: list[str], partitions: list[str]) -> str:
        """Backfill partitions from the UI."""
        params = {
            "assetSelection": [{"path": [asset]} for asset in assets],
            "partitionNames": partitions,
        }
        launched = self.graphql(BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return launched["backfillId"]

    def run_status(self, run_id: str) -> str:
        """The state of a run."""
        query = "query R($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        return self.graphql(query, id=run_id)["runOrError"]["status"]

    def run_ended(self, run_id: str, seconds: float = 60) -> str:
        """Wait for the end of a run; its state."""
        give_up = time.monotonic() + seconds
        while (status := self.run_status(run_id)) not in ("SUCCESS", "FAILURE", "CANCELED"):
            assert time.monotonic() < give_up, f"run {run_id} is {status} after {seconds} s"
            time.sleep(0.2)
        return status

    def runs_of(self, unit_id: str) -> list[dict[str, Any]]:
        """Runs that worked on a unit, newest first."""
        query = """query R($filter: RunsFilter!) { runsOrError(filter: $filter) {
            ... on Runs { results { runId status startTime endTime jobName } } } }"""
        wanted = {"tags": [{"key": "pipeline/unit", "value": unit_id}]}
        return self.graphql(query, filter=wanted)["runsOrError"]["results"]

    def stale(self, asset: str, partition: str) -> str:
        """FRESH, STALE or MISSING, as the UI shows it for one partition."""
        nodes = self.graphql(STALE, keys=[{"path": [asset]}], partition=partition)["assetNodes"]
        return nodes[0]["staleStatus"]

    def settled(self, look: Callable[[], list[str]], index: int, wanted: str) -> list[str]:
        """What `look` returns, once its entry `index` is what is wanted or ten seconds are over."""
        give_up = time.monotonic() + 10
        while (seen := look())[index] != wanted and time.monotonic() < give_up:
            time.sleep(0.3)
        return seen

    def sql(self, statement: LiteralString, *parameters: object) -> Any:
        """Run a statement over all organizations, as an operator would; its first value, if any."""
        record = StackRecord.load(self.product.state / "stack.json")
        assert record is not None
        server = urlsplit(self.product.settings["DATABASE_URL"])
        place = f"{server.hostname}:{server.port}{server.path}"
        url = f"postgresql://{SUPERUSER}:{record.superuser_password}@{place}"
        with psycopg.connect(url) as connection:
            cursor = connection.execute(statement, parameters)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def ledger_entries(self) -> int:
        """Finished research and text calls in the ledger, over all articles."""
        return self.sql(
            "select count(*) from app.ledger where status = 'done' "
            "and step in ('search', 'outline', 'write')"
        )

    def research_texts(self, unit_id: str) -> dict[int, dict[str, str]]:
        """Per section: the texts of its research, by URL."""
        with psycopg.connect(self.product.settings["DATABASE_URL"]) as connection:
            connection.execute("select set_config('app.org', 'default', true)")
            rows = connection.execute(
                "select section_order, research from app.article_sections where article_id = %s",
                (unit_id,),
            ).fetchall()
        return {order: {s["url"]: s["text"] for s in found["sources"]} for order, found in rows}

    def partitions(self, asset: str) -> dict[str, list[str]]:
        """Partitions of an asset by state."""
        node = self.graphql(PARTITIONS, key={"path": [asset]})["assetNodeOrError"]
        return node["assetPartitionStatuses"]

    def calls(self) -> list[dict[str, Any]]:
        """All calls the local providers got."""
        return self.providers.get("/_control/calls").json()["calls"]

    def faults(self, *rules: dict[str, Any]) -> None:
        """Have the local providers misbehave; without rules, behave."""
        if rules:
            answer = self.providers.put("/_control/faults", json={"rules": list(rules)})
        else:
            answer = self.providers.delete("/_control/faults")
        assert answer.status_code < 300, answer.text


def path_of(unit_id: str) -> str:
    """The address of a unit; the beginning of its id names its kind."""
    return f"/v1/{unit_id.partition('-')[0]}s/{unit_id}"


def paid_twice(calls: list[dict[str, Any]]) -> list[str]:
    """Idempotency keys that were billed more than once."""
    billed = [c["idempotency_key"] for c in calls if c["billed"] and c["idempotency_key"]]
    return sorted({key for key in billed if billed.count(key) > 1})


def _summary(unit: dict[str, Any]) -> dict[str, Any]:
    parts = [
        (s.get("order") or s.get("n"), s["status"], s.get("error") or s.get("assets"))
        for s in unit.get("sections", unit.get("segments", []))
    ]
    return {k: unit.get(k) for k in ("id", "status", "error", "progress")} | {"parts": parts}
