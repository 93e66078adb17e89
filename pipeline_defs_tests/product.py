"""The whole product for acceptance tests: every process, started as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_defs.local.stack import Stack, read_env_file
from pipeline_defs.local.supervision import ServiceState
from pipeline_defs.settings import PROJECT_ROOT

_KEPT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE")


@dataclass
class ProductStack:
    """A running product in a state directory of its own; providers are always the local ones."""

    state: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """A plain environment: no provider key of the person who runs the tests gets in."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | dict(self.extra) | {"PIPELINE_STATE": str(self.state)}

    def run(self, *arguments: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """A `pipeline` command, to its end."""
        return subprocess.run(
            (sys.executable, "-m", "pipeline_defs.cli.main", *arguments),
            env=self.environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """The document a command prints with `--json`; the command has to succeed."""
        result = self.run("--json", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout)

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        self.json("up", "--detach")

    def remove(self) -> None:
        """Stop everything and delete its data."""
        self.run("down", "--remove-data")

    @property
    def settings(self) -> dict[str, str]:
        """Addresses and secrets by variable name."""
        return read_env_file(self.state / "stack.env")

    @property
    def gateway_url(self) -> str:
        """Where the API and Studio are."""
        return self.settings["GATEWAY_URL"]

    @property
    def headers(self) -> dict[str, str]:
        """The authorization of the development key."""
        return {"Authorization": f"Bearer {self.settings['DEVELOPMENT_API_KEY']}"}

    def service(self, name: str) -> ServiceState:
        """One process."""
        return next(s for s in Stack(self.state).services() if s.name == name)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one process (SIGKILL, SIGSTOP, ...)."""
        pid = self.service(name).pid
        assert pid is not None, f"{name} does not run"
        os.kill(pid, number)
