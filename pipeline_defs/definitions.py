"""The code location: everything below `defs/`, with what is common to all assets applied once."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

PACKAGE = Path(__file__).parent
GROUPS = {"articles": ("article", "section")}  # group: prefixes of its assets' names
OWNERS = {"articles": ["team:editorial"]}


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions of the product."""
    return build_defs()


def build_defs() -> dg.Definitions:
    """Load the defs folder, then give every asset its group and owners; runs are in-process, since
    the multiprocess executor leaves orphan steps that work on after their run was failed."""
    loaded = dg.load_from_defs_folder(path_within_project=PACKAGE)
    merged = dg.Definitions.merge(loaded, dg.Definitions(executor=dg.in_process_executor))
    return merged.map_asset_specs(func=_with_group)


def _with_group(spec: dg.AssetSpec) -> dg.AssetSpec:
    name = spec.key.path[-1]
    for group, prefixes in GROUPS.items():
        if name.startswith(prefixes):
            return spec.replace_attributes(group_name=group, owners=OWNERS[group])
    return spec
