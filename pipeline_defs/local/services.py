"""Which services are embedded, on which ports, and the settings that follow from it.

What the user names in the environment is used as it is; only what is unset gets an embedded
default. The outcome is written to `<state>/stack.env`, which `pipeline_defs.settings` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline_defs.local import postgres_roles
from pipeline_defs.local.layout import ConfigurationError
from pipeline_defs.local.ports import LOOPBACK, PortReservations
from pipeline_defs.local.record import PREFERRED_PORTS, StackRecord
from pipeline_defs.settings import Settings

_LOOPBACK_NAMES = {LOOPBACK, "localhost"}


@dataclass(frozen=True, slots=True)
class Embedded:
    """Which services this copy starts itself because the environment names none."""

    postgres: bool
    valkey: bool
    local_providers: bool

    @classmethod
    def for_environment(cls, environment: Settings) -> Embedded:
        """Decide from what the user set; incomplete settings are refused with the missing names."""
        databases = {
            "DATABASE_URL": environment.database_url,
            "DATABASE_ADMIN_URL": environment.database_admin_url,
            "DAGSTER_DATABASE_URL": environment.dagster_database_url,
        }
        missing = [name for name, value in databases.items() if value is None]
        if missing and len(missing) < len(databases):
            raise ConfigurationError(
                f"{' and '.join(missing)} must be set too: with a Postgres of your own the "
                "application's role (DATABASE_URL), the owner of its schema (DATABASE_ADMIN_URL) "
                "and Dagster's database (DAGSTER_DATABASE_URL) are three addresses. "
                "Set all three, or none to use the embedded Postgres."
            )
        return cls(
            postgres=bool(missing),
            valkey=environment.redis_url is None,
            local_providers=environment.local_providers_url is None,
        )

    def names(self) -> tuple[str, ...]:
        """Names of the services that need a port."""
        optional = {
            "postgres": self.postgres,
            "valkey": self.valkey,
            "local-providers": self.local_providers,
        }
        return tuple(name for name in PREFERRED_PORTS if optional.get(name, True))


def choose_ports(
    embedded: Embedded, record: StackRecord, environment: Settings, reserved: PortReservations
) -> dict[str, int]:
    """The ports of this run: those of the last one where still free, else the next free ones."""
    asked = {
        "gateway": _loopback_port(environment, "gateway_url"),
        "dagster": _loopback_port(environment, "dagster_url"),
    }
    ports: dict[str, int] = {}
    for name in embedded.names():
        last = record.ports.get(name)
        wanted = asked.get(name) or last
        if wanted is not None and reserved.take(wanted):
            ports[name] = wanted
        else:
            ports[name] = reserved.choose(PREFERRED_PORTS[name])
    return ports


def _loopback_port(environment: Settings, field: str) -> int | None:
    if field not in environment.model_fields_set:
        return None
    address = urlsplit(getattr(environment, field))
    return address.port if address.hostname in _LOOPBACK_NAMES else None


def stack_settings(
    embedded: Embedded, record: StackRecord, ports: Mapping[str, int]
) -> dict[str, str]:
    """The settings that describe this run, by their variable names."""
    values = {
        "GATEWAY_URL": f"http://{LOOPBACK}:{ports['gateway']}",
        "DAGSTER_URL": f"http://{LOOPBACK}:{ports['dagster']}",
        "DAGSTER_CODE_SERVER_PORT": str(ports["code-server"]),
        "SESSION_SECRET": record.session_secret,
        "WEBHOOK_SIGNING_SECRET": record.webhook_signing_secret,
        "DEVELOPMENT_API_KEY": record.development_api_key,
    }
    if embedded.postgres:
        port = ports["postgres"]
        values |= {
            "DATABASE_URL": _database(record, postgres_roles.APPLICATION, port),
            "DATABASE_ADMIN_URL": _database(record, postgres_roles.OWNER, port),
            "DAGSTER_DATABASE_URL": _database(record, postgres_roles.DAGSTER, port),
        }
    if embedded.valkey:
        values["REDIS_URL"] = f"redis://:{record.valkey_password}@{LOOPBACK}:{ports['valkey']}/0"
    if embedded.local_providers:
        values["LOCAL_PROVIDERS_URL"] = f"http://{LOOPBACK}:{ports['local-providers']}"
        values["LOCAL_PROVIDERS_KEY"] = record.local_providers_key
        values["OPENROUTER_WEBHOOK_SECRET"] = record.openrouter_webhook_secret
    return values


def _database(record: StackRecord, role: str, port: int) -> str:
    dagster = role == postgres_roles.DAGSTER
    database = postgres_roles.DAGSTER_DATABASE if dagster else postgres_roles.APP_DATABASE
    scheme = "postgresql+psycopg2" if dagster else "postgresql"
    return f"{scheme}://{role}:{record.role_passwords[role]}@{LOOPBACK}:{port}/{database}"


def env_file_text(values: Mapping[str, str]) -> str:
    """The settings as lines of KEY=value (none holds a quote, a space or a line break)."""
    heading = "# Written by `pipeline up`: addresses and secrets of the embedded stack.\n"
    return heading + "".join(f"{key}={value}\n" for key, value in values.items())
