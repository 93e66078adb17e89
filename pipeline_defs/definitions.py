"""The code location: everything below `defs/`, executed in the process of the run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dagster as dg

PACKAGE = Path(__file__).parent


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions of the product, built once per process.

    Dagster asks for them anew with every run; a warm worker would spend half a second each time.
    """
    return _built()


@cache
def _built() -> dg.Definitions:
    """Runs are in-process: the multiprocess executor leaves orphan steps that work on after their
    run was failed."""
    loaded = dg.load_from_defs_folder(path_within_project=PACKAGE)
    return dg.Definitions.merge(loaded, dg.Definitions(executor=dg.in_process_executor))
