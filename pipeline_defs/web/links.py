"""Addresses of things: relative ones within the gateway, absolute ones into Dagster's UI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pipeline_defs.domain.kinds import Kind
from pipeline_defs.domain.units import Unit


@dataclass(frozen=True, slots=True)
class Links:
    """Builds links; `dagster_url` is where operators see Dagster, `kinds` are those of units."""

    dagster_url: str
    kinds: Mapping[str, Kind]

    def of(self, kind: str, unit_id: str) -> dict[str, str]:
        """Links that hold for a unit from the moment it exists."""
        own = f"/v1/{kind}/{unit_id}"
        return {
            "self": own,
            "progress": f"/v1/progress/{kind}/{unit_id}",
            "cost": f"{own}/cost",
            "cancel": f"{own}/cancel",
            "studio": f"/studio/{kind}/{unit_id}",
        }

    def of_unit(self, unit: Unit) -> dict[str, str]:
        """The same with links into Dagster: the asset's partition and the present run."""
        links = self.of(unit.kind, unit.id)
        kind = self.kinds.get(unit.kind)
        if kind:
            links["dagster_asset"] = self.of_asset(kind.main_asset, unit.id)
        if unit.run_id:
            links["dagster_run"] = self.of_run(unit.run_id)
        return links

    def of_run(self, run_id: str) -> str:
        """Where Dagster shows a run."""
        return f"{self.dagster_url.rstrip('/')}/runs/{quote(run_id, safe='')}"

    def of_asset(self, asset: str, partition: str) -> str:
        """Where Dagster shows an asset's partition."""
        page = f"{self.dagster_url.rstrip('/')}/assets/{asset}?view=partitions"
        return f"{page}&partition={quote(partition, safe='')}"
