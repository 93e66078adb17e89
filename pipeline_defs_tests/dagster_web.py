"""Dagster's own webserver for tests: in a thread, on our definitions and an instance in memory."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
import httpx
import uvicorn
from dagster_webserver.webserver import DagsterWebserver

from pipeline_defs.domain.graph import Node
from pipeline_defs.runtime.dagster.internals import (
    GrpcServerCommand,
    GrpcServerRegistry,
    InProcessCodeLocationOrigin,
    InProcessWorkspaceLoadTarget,
    LoadableTargetOrigin,
    WorkspaceProcessContext,
)

STALE = """
query Stale($key: AssetKeyInput!, $partitions: [String!]!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode { staleStatusByPartition(partitions: $partitions) }
  }
}"""


@dataclass(frozen=True)
class DagsterWeb:
    """A running webserver: its address and its instance."""

    url: str
    instance: dg.DagsterInstance

    def stale(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """Those that Dagster's UI shows as stale."""
        partitions: defaultdict[str, list[str]] = defaultdict(list)
        for node in nodes:
            partitions[node.asset].append(node.partition)
        return frozenset(
            Node(asset, partition)
            for asset, keys in partitions.items()
            for partition, status in zip(keys, self._statuses(asset, keys), strict=True)
            if status == "STALE"
        )

    def _statuses(self, asset: str, keys: list[str]) -> list[str]:
        variables = {"key": {"path": [asset]}, "partitions": keys}
        body = {"query": STALE, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=60).json()
        return answer["data"]["assetNodeOrError"]["staleStatusByPartition"]


@contextmanager
def running_dagster() -> Generator[DagsterWeb]:
    """The webserver, until the end of the block."""
    target = LoadableTargetOrigin(
        executable_path=None, module_name="pipeline_defs.definitions", attribute="defs"
    )
    location = InProcessCodeLocationOrigin(target, location_name="pipeline")
    with (
        dg.DagsterInstance.ephemeral() as instance,
        _no_servers() as registry,
        WorkspaceProcessContext(
            instance, InProcessWorkspaceLoadTarget(location), grpc_server_registry=registry
        ) as context,
        socket.socket() as listener,
    ):
        listener.bind(("127.0.0.1", 0))
        app = DagsterWebserver(context).create_asgi_app()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        try:
            yield DagsterWeb(f"http://127.0.0.1:{listener.getsockname()[1]}", instance)
        finally:
            server.should_exit = True
            thread.join(20)


def _no_servers() -> GrpcServerRegistry:
    """Our code is in this process: no code server is started, which an instance in memory could not
    share."""
    return GrpcServerRegistry(
        instance_ref=None,
        server_command=GrpcServerCommand.API_GRPC,
        heartbeat_ttl=60,
        startup_timeout=60,
        wait_for_processes_on_shutdown=False,
    )
