"""The hub: who joins late is told how far the others are."""

from __future__ import annotations

from typing import Any, cast

from pipeline_defs.web.hub import Hub
from pipeline_defs.web.metrics import Metrics


def test_a_listener_is_told_which_events_went_out_before_it_came() -> None:
    hub = Hub(cast(Any, None), None, Metrics())
    with hub.listen() as first, hub.listen() as second:
        assert hub.follow(first, "default", "article-1", 3) == 3
        hub._hand_out(hub._feeds["default", "article-1"], 4, {"stage": "writing"})
        assert hub.follow(second, "default", "article-1", 3) == 4
