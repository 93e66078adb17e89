"""When is a service ready? One probe per process: it returns None, or what is still missing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pipeline_defs.local import http_probe, ports
from pipeline_defs.local.programs import Probe, StackContext, worker_name

_DAGSTER_QUERY = """{
  workspaceOrError { __typename ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } }
  instance { daemonHealth { allDaemonStatuses { daemonType required lastHeartbeatTime } } }
}"""


def default_probes(context: StackContext) -> dict[str, Probe]:
    """The probes of the product's application processes, by process name."""
    started = time.time()
    dagster = context.settings["DAGSTER_URL"]
    probes: dict[str, Probe] = {
        "gateway": lambda: gateway(context.settings["GATEWAY_URL"]),
        "code-server": lambda: listening(context.ports["code-server"]),
        "dagster-webserver": lambda: code_location(dagster, context.location),
        "dagster-daemon": lambda: daemons(dagster, started),
        "worker": lambda: worker(context),
    }
    if "local-providers" in context.ports:
        probes["local-providers"] = lambda: listening(context.ports["local-providers"])
    return probes


def listening(port: int) -> str | None:
    """Ready when something accepts connections."""
    return None if ports.is_answering(port) else "does not listen yet"


def gateway(url: str) -> str | None:
    """Ready when `/readyz` says so."""
    try:
        status, body = http_probe.get(f"{url}/readyz")
    except OSError:
        return "does not answer yet"
    return None if status == 200 else f"/readyz answers {status}: {body}"


def code_location(dagster_url: str, location: str) -> str | None:
    """Ready when the web server has loaded the code location without errors."""
    answer = _ask_dagster(dagster_url)
    if isinstance(answer, str):
        return answer
    entries = answer["workspaceOrError"].get("locationEntries", [])
    for entry in entries:
        if entry["name"] == location:
            loaded = entry["locationOrLoadError"] or {}
            if loaded.get("__typename") == "PythonError":
                return f"code location {location}: {loaded['message'].strip()}"
            return None if entry["loadStatus"] == "LOADED" else "loads the code location"
    return f"has no code location {location} yet"


def daemons(dagster_url: str, since: float) -> str | None:
    """Ready when every required daemon has sent a heartbeat after `since` (Unix time)."""
    answer = _ask_dagster(dagster_url)
    if isinstance(answer, str):
        return f"heartbeats unknown: {answer}"
    waiting = [
        daemon["daemonType"]
        for daemon in answer["instance"]["daemonHealth"]["allDaemonStatuses"]
        if daemon["required"] and (daemon["lastHeartbeatTime"] or 0) < since
    ]
    return f"no heartbeat yet from {', '.join(waiting)}" if waiting else None


def worker(context: StackContext, timeout: float = 0.7) -> str | None:
    """Ready when this copy's worker answers a ping over the broker."""
    from pipeline_defs.runtime.dagster.broker import make_broker

    broker = make_broker()
    broker.conf.update(broker_url=context.settings["REDIS_URL"])
    try:
        replies = broker.control.ping(timeout=timeout) or []
    except Exception as error:  # noqa: BLE001  (kombu passes on whatever its transport raises)
        return f"broker: {type(error).__name__}: {error}"
    finally:
        broker.close()
    names = [name for reply in replies for name in reply]
    prefix = f"{worker_name(context.layout)}@"
    return None if any(name.startswith(prefix) for name in names) else "no answer to a ping yet"


def _ask_dagster(url: str) -> Mapping[str, Any] | str:
    try:
        status, body = http_probe.post(f"{url}/graphql", {"query": _DAGSTER_QUERY})
    except OSError:
        return "does not answer yet"
    if status != 200 or not body or body.get("errors"):
        return f"GraphQL answers {status}"
    return body["data"]
