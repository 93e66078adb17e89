"""A user of the whole running product, and a small lecture to change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.product import ProductStack

QUICK = {"image": 0.05, "speech": 0.05, "video": 0.1, "transcription": 0.05, "music": 0.05}
SHORT = 2 / 6  # minutes: two segments


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductStack]:
    """The whole product, running detached."""
    product = ProductStack(tmp_path_factory.mktemp("stack") / "state")
    try:
        product.start()
        yield product
    finally:
        product.remove()


@pytest.fixture(scope="module")
def user(stack: ProductStack) -> Iterator[Journey]:
    """A user of the running product."""
    with Journey(stack) as journey:
        journey.faults()
        yield journey


@pytest.fixture
def quick(user: Journey) -> Iterator[None]:
    """The providers answer with ready-made media: for tests of what happens, not of what it is."""
    user.providers.put("/_control/latency", json=QUICK).raise_for_status()
    yield
    user.providers.delete("/_control/latency").raise_for_status()
    user.faults()


@pytest.fixture(scope="module")
def small(user: Journey) -> str:
    """A lecture of two segments of ready-made media; tests leave it finished."""
    user.providers.put("/_control/latency", json=QUICK).raise_for_status()
    lecture_id = user.lecture("Coffee", SHORT)
    user.finished(lecture_id)
    user.providers.delete("/_control/latency").raise_for_status()
    return lecture_id
