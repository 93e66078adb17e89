"""What OpenLineage 2-0-2 asks of a `RunEvent` and of the facets we write.

The specification's JSON schemas are part of no package, so that what they require is written down
here by hand: the fields, and the formats `date-time`, `uri` and `uuid`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

TYPES = {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
SPEC = "https://openlineage.io/spec/"


def assert_is_run_event(event: dict[str, Any]) -> None:
    """All that is required is there, in its format."""
    assert event["eventType"] in TYPES
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    assert urlsplit(event["producer"]).scheme
    assert event["schemaURL"] == f"{SPEC}2-0-2/OpenLineage.json#/$defs/RunEvent"
    _assert_is_run(event["run"])
    _assert_is_named(event["job"])
    for dataset in (*event["inputs"], *event["outputs"]):
        _assert_is_named(dataset)
        for facet in dataset["facets"].values():
            _assert_is_facet(facet)
        assert isinstance(dataset["facets"]["version"]["datasetVersion"], str)


def _assert_is_run(run: dict[str, Any]) -> None:
    UUID(run["runId"])
    for name, facet in run["facets"].items():
        assert name == "parent"
        _assert_is_facet(facet)
        UUID(facet["run"]["runId"])
        _assert_is_named(facet["job"])


def _assert_is_named(thing: dict[str, Any]) -> None:
    """A job or a dataset."""
    assert isinstance(thing["namespace"], str)
    assert isinstance(thing["name"], str)


def _assert_is_facet(facet: dict[str, Any]) -> None:
    assert urlsplit(facet["_producer"]).scheme
    assert facet["_schemaURL"].startswith(f"{SPEC}facets/")
