"""A product to be shot at, apart from the one other tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_defs_tests.product import ProductStack


def started(folder: Path, **extra: str) -> ProductStack:
    """A product of its own."""
    product = ProductStack(folder / "state", extra)
    product.start()
    return product


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductStack]:
    """One for all tests that leave it working."""
    running = started(tmp_path_factory.mktemp("chaos"))
    try:
        yield running
    finally:
        running.remove()
