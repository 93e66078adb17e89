"""Workers made of the real parts, and the project's own providers to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline_defs_tests.gateways.conftest import catalog, settings_with
from pipeline_defs_tests.gateways.local_server import running_local_server
from pipeline_defs_tests.runtime.conftest import admin, count, db, redis, workers

__all__ = ["admin", "catalog", "count", "db", "redis", "settings_with", "workers"]


@pytest.fixture(scope="package")
def local_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's local provider server, run as the stack runs it."""
    with running_local_server(tmp_path_factory.mktemp("providers")) as url:
        yield url
