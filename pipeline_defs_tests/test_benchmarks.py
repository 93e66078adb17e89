"""The benchmarks rest on the product's inner parts: what they add to it still fits."""

from __future__ import annotations

import subprocess
import sys

import pytest

GATEWAY = """
from benchmarks.ours import gateway
assert "/v1/bench/{kind}" in gateway.build_app().openapi()["paths"]
assert gateway.routes().handlers["bench/requested"] is gateway.requested
"""
LOCATION = """
import dagster as dg
from benchmarks.ours.definitions import defs
dg.Definitions.validate_loadable(defs())
assert "make_bench_jobs" in {job.name for job in defs().resolve_all_job_defs()}
"""


@pytest.mark.parametrize("program", [GATEWAY, LOCATION], ids=["gateway", "code location"])
def test_what_is_measured_is_the_product_with_one_line_more(program: str) -> None:
    """In a process of its own: it changes limits and routes."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
