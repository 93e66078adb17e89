"""What the gateway counts, for Prometheus; no label ever names an organization or a unit."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline_defs import policies

LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry per app, so that several may live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "gateway_requests", "Answered requests", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.latency = Histogram(
            "gateway_request_seconds", "Time to the first byte of the answer", ["method", "route"],
            buckets=LATENCIES, registry=self.registry,
        )  # fmt: skip
        self.inbox = Counter(
            "gateway_inbox", "Arrivals: stored, duplicate, conflict, refused, dead",
            ["source", "outcome"], registry=self.registry,
        )  # fmt: skip
        self.stream_clients = Gauge(
            "gateway_stream_clients", "Open progress streams", registry=self.registry
        )
        self.stream_dropped = Counter(
            "gateway_stream_dropped", "Progress streams ended because the reader was too slow",
            registry=self.registry,
        )  # fmt: skip
        self.stream_lag = Histogram(
            "gateway_stream_lag_seconds", "From a progress event to its delivery",
            buckets=LATENCIES, registry=self.registry,
        )  # fmt: skip
        self.stream_gaps = Counter(
            "gateway_stream_gaps", "Progress events fetched from Postgres since Redis lacked them",
            registry=self.registry,
        )  # fmt: skip
        self.publications_lost = Gauge(
            "gateway_progress_publications_lost", "Own progress events Redis did not take",
            registry=self.registry,
        )  # fmt: skip
        self.queue = Gauge(
            "pipeline_units", "Units by kind and status", ["kind", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.reconciliation = Gauge(
            "pipeline_reconciliation", "What the last pass of the reconciler found and did",
            ["loss", "outcome"], registry=self.registry,
        )  # fmt: skip
        self.reconciliation_faults = Gauge(
            "pipeline_reconciliation_faults", "Areas the last pass could not look at",
            registry=self.registry,
        )  # fmt: skip
        self.reconciliation_ended = Gauge(
            "pipeline_reconciliation_timestamp_seconds", "When the last pass ended",
            registry=self.registry,
        )  # fmt: skip
        self.month_cost = Gauge(
            "pipeline_month_cost_usd", "Spent this month (UTC) by line and provider",
            ["line", "provider"], registry=self.registry,
        )  # fmt: skip
        self.month_calls = Gauge(
            "pipeline_month_calls", "Paid calls of this month (UTC) by line and provider",
            ["line", "provider"], registry=self.registry,
        )  # fmt: skip
        self.month_forecast = Gauge(
            "pipeline_month_forecast_usd",
            "What this month (UTC) will cost; NaN before there is a whole day to go by",
            registry=self.registry,
        )
        self.budgets_reached = Gauge(
            "pipeline_budgets_reached", "Budgets at their soft or hard limit this month",
            ["line", "level"], registry=self.registry,
        )  # fmt: skip
        self.database_up = Gauge("gateway_database_up", "1 or 0", registry=self.registry)
        self.redis_up = Gauge("gateway_redis_up", "1 or 0", registry=self.registry)
        self._costs_until = 0.0

    def costs_are_old(self) -> bool:
        """Whether to sum everybody's month again; whoever is told so does it."""
        now = time.monotonic()
        if now < self._costs_until:
            return False
        self._costs_until = now + policies.COST_METRICS_KEPT
        return True


class Observed:
    """ASGI middleware that counts answers by route template."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure HTTP requests."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "unmatched")
                method = scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER"
                status = str(message["status"])
                self._metrics.requests.labels(method, route, status).inc()
                self._metrics.latency.labels(method, route).observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, observed)


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
