"""Asks Dagster's webserver to start and look up runs, over its public GraphQL API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline_defs import policies
from pipeline_defs.domain.errors import Transient
from pipeline_defs.runtime.dispatch_tags import PARTITION, RANGE_END, RANGE_START

REPOSITORY = {"repositoryLocationName": "pipeline", "repositoryName": "__repository__"}
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on InvalidSubsetError { message }
    ... on UnauthorizedError { message }
    ... on PipelineNotFoundError { message }
  }
}"""
ADD_PARTITION = """a%d: addDynamicPartition(
  repositorySelector: $repository, partitionsDefName: %s, partitionKey: %s) { __typename }"""
FIND = """
query Find($filter: RunsFilter!, $limit: Int) {
  runsOrError(filter: $filter, limit: $limit) {
    __typename ... on Runs { results { runId status endTime } }
  }
}"""
UNFINISHED = ("QUEUED", "NOT_STARTED", "MANAGED", "STARTING", "STARTED", "CANCELING")


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run as a look-up returns it. `ended_at` is seconds since the epoch."""

    run_id: str
    status: str
    ended_at: float | None

    @property
    def unfinished(self) -> bool:
        """Whether it may still do something."""
        return self.status in UNFINISHED


class DagsterApi:
    """A client of one webserver. Every failure to reach it is Transient `DAGSTER_UNAVAILABLE`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, timeout=policies.DAGSTER_API_TIMEOUT, follow_redirects=False
        )

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def add_partitions(self, partitions: str, keys: Sequence[str]) -> None:
        """Register keys, in order; one that exists already stays."""
        # Aliased mutations of one document run in order; both literals are JSON-quoted ids of ours.
        fields = "\n".join(
            ADD_PARTITION % (n, json.dumps(partitions), json.dumps(key))
            for n, key in enumerate(keys)
        )
        document = f"mutation Add($repository: RepositorySelector!) {{ {fields} }}"
        await self._ask(document, {"repository": REPOSITORY})

    async def launch(
        self,
        job: str,
        assets: Sequence[str],
        partitions: Sequence[str],
        tags: Mapping[str, str],
        *,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Launch a job, on a contiguous range of partitions if any are named; the run's id."""
        all_tags = {**tags, **partition_tags(partitions)}
        params = {
            "selector": {
                **REPOSITORY,
                "pipelineName": job,
                "assetSelection": [{"path": asset.split("/")} for asset in assets],
            },
            "mode": "default",
            "runConfigData": dict(config or {}),
            "executionMetadata": {
                "tags": [{"key": key, "value": value} for key, value in all_tags.items()]
            },
        }
        answer = (await self._ask(LAUNCH, {"params": params}))["launchPipelineExecution"]
        if answer["__typename"] != "LaunchRunSuccess":
            raise Transient(
                "LAUNCH_REFUSED",
                f"Dagster did not launch {job}: {answer['__typename']} "
                f"{str(answer.get('message') or answer.get('errors') or '')[:300]}",
                advice="Look at the code location in the Dagster UI.",
            )
        return str(answer["run"]["runId"])

    async def observe(self, asset: str, partition: str, data_version: str) -> None:
        """Report the data version of an external asset's partition, as staleness reads it."""
        body = {
            "partition": partition,
            "data_version": data_version,
            "description": "Changed: what is made from it is stale until it is rebuilt.",
        }
        try:
            response = await self._client.post(f"/report_asset_observation/{asset}", json=body)
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise _unavailable(error) from error

    async def runs_tagged(self, key: str, value: str, limit: int = 10) -> list[FoundRun]:
        """Runs that carry a tag, newest first."""
        return await self._find({"tags": [{"key": key, "value": value}]}, limit)

    async def unfinished_runs(self, limit: int) -> list[FoundRun]:
        """Runs that wait or work, at most `limit`."""
        return await self._find({"statuses": list(UNFINISHED)}, limit)

    async def _find(self, wanted: Mapping[str, Any], limit: int) -> list[FoundRun]:
        answer = (await self._ask(FIND, {"filter": wanted, "limit": limit}))["runsOrError"]
        return [
            FoundRun(run["runId"], run["status"], run["endTime"])
            for run in answer.get("results", [])
        ]

    async def _ask(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            response = await self._client.post(
                "/graphql", json={"query": document, "variables": variables}
            )
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unavailable(error) from error
        if not answer.get("data"):
            raise Transient("DAGSTER_UNAVAILABLE", f"{str(answer.get('errors'))[:300]}")
        return answer["data"]


def _unavailable(error: Exception) -> Transient:
    return Transient(
        "DAGSTER_UNAVAILABLE",
        f"Dagster's webserver does not answer ({type(error).__name__})",
        advice="Check it with `pipeline doctor`; the work is dispatched again.",
    )


def partition_tags(partitions: Sequence[str]) -> dict[str, str]:
    """The tags that select one partition, or a contiguous range of them; none for none."""
    if not partitions:
        return {}
    if len(partitions) == 1:
        return {PARTITION: partitions[0]}
    return {RANGE_START: partitions[0], RANGE_END: partitions[-1]}
