"""A unit's lineage as OpenLineage run events, for catalogues that read those.

Specification: OpenLineage 2-0-2, `RunEvent`; facets `DatasetVersionDatasetFacet` 1-0-1 and
`ParentRunFacet` 1-1-0. One COMPLETE event per result: its job is the asset, its output the result
in its version, its inputs what it was made from.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel

from pipeline_defs.web.lineage_shape import LineageNode, LineageShape

PRODUCER = "urn:pipeline"
NAMESPACE = "pipeline"
SPEC = "https://openlineage.io/spec"
RUN_EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
DATASET_VERSION = f"{SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json"
PARENT_RUN = f"{SPEC}/facets/1-1-0/ParentRunFacet.json"


class OpenLineageEvents(BaseModel):
    """Events, the first made first."""

    events: list[dict[str, Any]]


def open_lineage(lineage: LineageShape) -> OpenLineageEvents:
    """Everything made of a unit; bridges stand among the inputs."""
    made = [n for n in lineage.nodes if n.standing is not None and n.made_at is not None]
    made.sort(key=lambda node: (node.made_at, node.partition, node.asset))
    return OpenLineageEvents(events=[_event(node) for node in made])


def _event(node: LineageNode) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": node.made_at.isoformat() if node.made_at else "",
        "producer": PRODUCER,
        "schemaURL": RUN_EVENT,
        "run": {"runId": str(_run_id(node)), "facets": _parent(node)},
        "job": {"namespace": NAMESPACE, "name": node.asset, "facets": {}},
        "inputs": [
            _dataset(source.asset, node.partition, source.version) for source in node.made_from
        ],
        "outputs": [_dataset(node.asset, node.partition, node.version or "")],
    }


def _run_id(node: LineageNode) -> UUID:
    """The same result is the same run, however often it is exported."""
    return uuid5(NAMESPACE_URL, f"{NAMESPACE}:{node.asset}:{node.partition}:{node.version}")


def _parent(node: LineageNode) -> dict[str, Any]:
    """The Dagster run that made it."""
    if node.run_id is None:
        return {}
    return {
        "parent": {
            "_producer": PRODUCER,
            "_schemaURL": PARENT_RUN,
            "run": {"runId": node.run_id},
            "job": {"namespace": NAMESPACE, "name": "dagster"},
        }
    }


def _dataset(asset: str, partition: str, version: str) -> dict[str, Any]:
    facet = {"_producer": PRODUCER, "_schemaURL": DATASET_VERSION, "datasetVersion": version}
    return {"namespace": NAMESPACE, "name": f"{asset}/{partition}", "facets": {"version": facet}}
