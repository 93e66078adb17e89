"""The graph as it is loaded, in plain JSON: what a reviewer wants to see of a change."""

from __future__ import annotations

from typing import Any

import dagster as dg


def describe(definitions: dg.Definitions) -> dict[str, Any]:
    """Assets, checks, jobs, sensors and schedules by name, sorted."""
    repository = definitions.get_repository_def()
    return {
        "assets": _assets(definitions),
        "checks": _checks(definitions),
        "jobs": {
            job.name: {"tags": dict(sorted(job.tags.items())), "description": job.description}
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
            if not job.name.startswith("__")
        },
        "sensors": {
            sensor.name: {
                "targets": sorted(target.job_name for target in sensor.targets),
                "minimum_interval_seconds": sensor.minimum_interval_seconds,
                "default_status": sensor.default_status.value,
            }
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
        "schedules": {
            schedule.name: {
                "job": schedule.job_name,
                "cron": schedule.cron_schedule,
                "default_status": schedule.default_status.value,
            }
            for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name)
        },
    }


def nodes(definitions: dg.Definitions) -> dict[str, Any]:
    """The nodes of the asset graph by name."""
    graph = definitions.resolve_asset_graph()
    return {key.to_user_string(): graph.get(key) for key in sorted(graph.get_all_asset_keys())}


def _assets(definitions: dg.Definitions) -> dict[str, Any]:
    return {
        name: {
            "deps": sorted(key.to_user_string() for key in node.parent_keys),
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "partitions": node.partitions_def.name if node.partitions_def else None,
            "checks": sorted(key.name for key in node.check_keys),
            "pools": sorted(node.pools or ()),
            "made_by_us": node.is_executable,
        }
        for name, node in nodes(definitions).items()
    }


def _checks(definitions: dg.Definitions) -> dict[str, Any]:
    specs = {
        spec.name: spec
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition)
        for spec in asset.check_specs
    }
    return {
        name: {"asset": spec.asset_key.to_user_string(), "description": spec.description}
        for name, spec in sorted(specs.items())
    }
