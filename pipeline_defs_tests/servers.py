"""Real servers for tests: a Postgres and a Valkey of the test run's own, made by our own code.

They listen on ports the system hands out, keep their data in a temporary folder and die with the
test run, also when that is killed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from pipeline_defs.local import ports, postgres, postgres_roles, valkey
from pipeline_defs.local.os_user import tenancy
from pipeline_defs.settings import copy_id

# The kernel ends a guarded process with the *thread* that started it, so one thread that lives as
# long as the test run starts them all: a test may then restart a server from any thread.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-starter")


class _Server:
    """A server process that can be killed and started again on the same port and data."""

    process: subprocess.Popen[bytes] | None = None

    def _spawn(self, command: tuple[str, ...], log: Path) -> None:
        with log.open("ab") as output:
            self.process = _starter.submit(
                subprocess.Popen, command, stdout=output, stderr=output, cwd="/"
            ).result()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The process id, for signals such as SIGSTOP."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """End it the hard way (kill -9)."""
        self._end(signal.SIGKILL)

    def _end(self, signal_number: int) -> None:
        if self.process is not None:
            self.process.send_signal(signal_number)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class PostgresForTests(_Server):
    """Postgres with the product's roles; databases are made per test from a migrated template."""

    folder: Path
    server: postgres.PostgresServer = field(init=False)
    passwords: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.passwords = {
            role: uuid.uuid4().hex
            for role in (postgres_roles.OWNER, postgres_roles.APPLICATION, postgres_roles.DAGSTER)
        }
        self.server = postgres.PostgresServer(
            tenancy(self.folder, f"test-{copy_id(self.folder)}"),
            port=ports.ephemeral(),
            password=uuid.uuid4().hex,
            cluster=uuid.uuid4().hex,
            durable=False,
        )

    def start(self) -> None:
        """Start (again) and wait until it answers; roles and databases are there."""
        for _ in range(20):  # a killed predecessor's shared memory goes away within moments
            self.server.prepare()
            self._spawn(self.server.command(), self.folder / "postgres.log")
            try:
                postgres.wait_until_ready(self.server.url(), lambda: self.alive)
            except RuntimeError:
                continue
            postgres_roles.ensure_roles(self.server.url(), self.passwords)
            return
        raise RuntimeError((self.folder / "postgres.log").read_text()[-2000:])

    def restart(self) -> None:
        """Stop it in order if it runs, then start."""
        self._end(signal.SIGINT)
        self.start()

    def stop(self) -> None:
        """Stop for good and remove the files."""
        self._end(signal.SIGQUIT)
        if self.server.tenancy.user is not None:
            shutil.rmtree(self.server.tenancy.folder, ignore_errors=True)

    def url(self, role: str = postgres.SUPERUSER, database: str = "postgres") -> str:
        """Address of a database as a role of `postgres_roles`, or as superuser."""
        password = self.server.password if role == postgres.SUPERUSER else self.passwords[role]
        return f"postgresql://{role}:{password}@127.0.0.1:{self.server.port}/{database}"

    def create_database(self, template: str, owner: str = postgres_roles.OWNER) -> str:
        """A new database that equals the template; its name is returned."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self._run(
            "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY", name, template, owner
        )
        self._run("REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
        self._run("GRANT CONNECT ON DATABASE {} TO {}", name, postgres_roles.APPLICATION)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database together with the connections somebody forgot."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@dataclass
class ValkeyForTests(_Server):
    """Valkey with append-only file, as in the product."""

    folder: Path
    server: valkey.ValkeyServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = valkey.ValkeyServer(self.folder, ports.ephemeral(), uuid.uuid4().hex)

    @property
    def url(self) -> str:
        """Address with the password."""
        return self.server.url()

    def start(self) -> None:
        """Start (again) and wait until it answers."""
        self.server.prepare()
        self._spawn(self.server.command(), self.folder / "valkey.log")
        valkey.wait_until_ready(self.url, lambda: self.alive)

    def restart(self) -> None:
        """Stop it in order if it runs, then start."""
        self._end(signal.SIGTERM)
        self.start()

    def stop(self) -> None:
        """Stop for good."""
        self._end(signal.SIGKILL)

    def empty(self) -> None:
        """Remove every key."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@dataclass(frozen=True)
class TestDatabase:
    """One test's own migrated database, as application, as owner and as superuser."""

    __test__ = False

    name: str
    app_url: str
    admin_url: str
    superuser_url: str
