"""Runs the gateway: `python -m pipeline_defs.web --host 127.0.0.1 --port 8700`."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import socket

import uvicorn
from fastapi import FastAPI

from pipeline_defs.settings import get_settings
from pipeline_defs.web.app import create_app

log = logging.getLogger("pipeline_defs.web")

GRACE = 4  # seconds for requests in work when asked to stop
CONNECTIONS_AT_ONCE = 2000


class GatewayServer(uvicorn.Server):
    """Ends progress streams first when it is asked to stop: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._gateway_app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close streams, then everything else."""
        gateway = getattr(self._gateway_app.state, "gateway", None)
        if gateway is not None:
            gateway.hub.close()
        await super().shutdown(sockets)


def build_server(app: FastAPI, host: str, port: int) -> GatewayServer:
    """A server for `app` with the product's limits."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # addresses may hold what must not be logged; metrics count requests
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        limit_concurrency=CONNECTIONS_AT_ONCE,
        log_level="warning",
    )
    return GatewayServer(config, app)


def main() -> None:
    """Parse arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m pipeline_defs.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8700)
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if not _is_loopback(arguments.host):
        log.warning(
            "listening on %s: put a TLS proxy in front and set PUBLIC_BASE_URL", arguments.host
        )
    app = create_app(get_settings())
    log.info("gateway on http://%s:%d", arguments.host, arguments.port)
    build_server(app, arguments.host, arguments.port).run()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    main()
