"""The sensor as the only way from events to runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline_defs_tests.journey import Journey
from pipeline_defs_tests.product import ProductStack


@pytest.fixture(scope="module")
def silent_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductStack]:
    """The product with the gateway's own submission of runs switched off."""
    product = ProductStack(
        tmp_path_factory.mktemp("sensor") / "state", {"GATEWAY_DISPATCH": "false"}
    )
    try:
        product.start()
        yield product
    finally:
        product.remove()


@pytest.mark.slow
def test_the_sensor_alone_delivers_every_article(silent_gateway: ProductStack) -> None:
    with Journey(silent_gateway) as user:
        articles = [user.create(topic, 1) for topic in ("Coffee", "Sleep", "Calculus")]
        finished = [user.finished(article_id, seconds=300) for article_id in articles]
        assert [article["article"]["word_count"] > 0 for article in finished] == [True] * 3
