"""What people see of a result in the Dagster UI: the metadata of events, in the order they read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dagster as dg

from pipeline_defs.domain.kinds import studio_path
from pipeline_defs.runtime.work import Made


def of_version(made: Made, studio_url: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """What it is, where to see and hear it, `more` (what it cost), and tables last."""
    told = as_metadata(made.metadata)
    tables = {n: value for n, value in told.items() if isinstance(value, dg.TableMetadataValue)}
    short = {name: value for name, value in told.items() if name not in tables}
    path = studio_path(made.asset, made.partition)
    link = {"studio": dg.MetadataValue.url(studio_url + path)} if path else {}
    return {**short, **link, **more, **tables}


def as_metadata(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Dagster metadata of a JSON object: `{"md": text}`, `{"url": link}`, `{"time": ISO 8601}` and
    `{"table": [rows]}` become rich values; None and empty tables are left out, all else stays."""
    rich = {name: _rich(value) for name, value in plain.items()}
    return {name: value for name, value in rich.items() if value is not None}


def _rich(value: Any) -> Any:
    match value:
        case {"md": str(text)}:
            return dg.MetadataValue.md(text)
        case {"url": str(link)}:
            return dg.MetadataValue.url(link)
        case {"time": str(moment)}:
            return dg.MetadataValue.timestamp(datetime.fromisoformat(moment))
        case {"table": list(rows)}:
            return dg.MetadataValue.table([dg.TableRecord(row) for row in rows]) if rows else None
        case _:
            return value
