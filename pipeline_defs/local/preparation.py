"""What happens before and between the processes: files, addresses, roles, migrations."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline_defs.local import postgres, postgres_roles, valkey
from pipeline_defs.local.layout import Layout, write_private
from pipeline_defs.local.os_user import tenancy
from pipeline_defs.local.ports import LOOPBACK, PortReservations
from pipeline_defs.local.programs import StackContext
from pipeline_defs.local.record import StackRecord
from pipeline_defs.local.services import (
    Embedded,
    choose_ports,
    env_file_text,
    stack_settings,
)
from pipeline_defs.settings import Settings, child_environment, environment_settings

_GIVEN = (  # what the user may set; none of it is started or made up here then
    *("database_url", "database_admin_url", "dagster_database_url", "redis_url"),
    *("session_secret", "webhook_signing_secret", "development_api_key"),
    "openrouter_webhook_secret",
)


@dataclass(frozen=True, slots=True)
class Preparation:
    """A start that is ready to go: what to run, with which environment."""

    context: StackContext
    record: StackRecord
    environment: dict[str, str]

    def wait_for_postgres(self, alive: Callable[[str], bool]) -> None:
        """Return once the database answers, with the roles of the embedded one in place.

        `alive` tells whether a process, by name, can still be hoped for.
        """
        server = self.context.postgres
        if server is None:
            postgres.wait_until_ready(self.context.settings["DATABASE_URL"])
        else:
            postgres.wait_until_ready(server.url(), lambda: alive("postgres"))
            postgres_roles.ensure_roles(server.url(), self.record.role_passwords)

    def wait_for_valkey(self, alive: Callable[[str], bool]) -> None:
        """Return once the broker answers."""
        own = self.context.valkey is not None
        valkey.wait_until_ready(
            self.context.settings["REDIS_URL"], lambda: not own or alive("valkey")
        )

    def migrate(self) -> None:
        """Bring the schema up to date and register the development key, if it is missing."""
        from pipeline_defs.storage import bootstrap
        from pipeline_defs.storage.migrate import migrate

        admin_url = self.context.settings["DATABASE_ADMIN_URL"]
        migrate(admin_url)
        name = bootstrap.DEFAULT_ORGANIZATION
        key = self.context.settings["DEVELOPMENT_API_KEY"]
        bootstrap.ensure_organization(admin_url, name, name.capitalize(), key)


def prepare(layout: Layout, configuration: Path, reservations: PortReservations) -> Preparation:
    """Choose ports, write every file of this run and make the data folders."""
    environment = environment_settings(layout.state)
    embedded = Embedded.for_environment(environment)
    record = StackRecord.load(layout.record) or StackRecord()
    ports = choose_ports(embedded, record, environment, reservations)
    server = _postgres(layout, record, ports["postgres"]) if embedded.postgres else None
    folder = None if server is None else str(server.data)
    record = record.model_copy(update={"ports": record.ports | ports, "postgres_folder": folder})
    record.save(layout.record)
    own = stack_settings(embedded, record, ports)
    write_private(layout.env_file, env_file_text(own))
    cache = None
    if embedded.valkey:
        cache = valkey.ValkeyServer(layout.valkey, ports["valkey"], record.valkey_password)
        cache.prepare()
    if server is not None:
        server.prepare()
    module, location = _definitions(configuration, environment)
    _write_dagster_files(layout, configuration, location, ports["code-server"])
    settings = own | _given(environment)
    context = StackContext(
        layout=layout,
        ports=ports,
        settings=settings,
        module=module,
        location=location,
        postgres=server,
        valkey=cache,
    )
    return Preparation(context, record, _process_environment(layout, settings))


def _postgres(layout: Layout, record: StackRecord, port: int) -> postgres.PostgresServer:
    return postgres.PostgresServer(
        tenancy(layout.state, layout.copy_id),
        port=port,
        password=record.superuser_password,
        cluster=record.cluster,
    )


def _given(environment: Settings) -> dict[str, str]:
    """Addresses and secrets that are the user's own."""
    values = {name.upper(): getattr(environment, name) for name in _GIVEN}
    given = {name: value.get_secret_value() for name, value in values.items() if value is not None}
    dagster = given.get("DAGSTER_DATABASE_URL")
    if dagster is not None:  # Dagster's storage speaks through psycopg2 only
        given["DAGSTER_DATABASE_URL"] = dagster.replace("postgresql://", "postgresql+psycopg2://")
    return given


def _process_environment(layout: Layout, settings: dict[str, str]) -> dict[str, str]:
    """The environment of every process: addresses of this run over what the user has set."""
    inherited = child_environment({})
    # proxies are for providers: gRPC and HTTP between our own processes must not take them
    excepted = inherited.get("NO_PROXY") or inherited.get("no_proxy") or ""
    direct = ",".join([*filter(None, [excepted]), LOOPBACK, "localhost"])
    return child_environment(
        {
            **settings,
            "PIPELINE_STATE": str(layout.state),
            "DAGSTER_HOME": str(layout.dagster_home),
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }
    )


def _definitions(configuration: Path, environment: Settings) -> tuple[str, str]:
    """Module and name of the code location, from the project's workspace.yaml."""
    import yaml

    workspace = yaml.safe_load((configuration / "workspace.yaml").read_text())
    target = workspace["load_from"][0]["python_module"]
    if isinstance(target, str):
        return target, target
    module = target["module_name"]
    if "definitions_module" in environment.model_fields_set:
        module = environment.definitions_module
    return module, target.get("location_name", module)


def _write_dagster_files(layout: Layout, configuration: Path, location: str, port: int) -> None:
    """DAGSTER_HOME with the project's dagster.yaml, and the workspace that names our server."""
    import yaml

    shutil.copyfile(configuration / "dagster.yaml", layout.dagster_home / "dagster.yaml")
    server = {"host": LOOPBACK, "port": port, "location_name": location}
    layout.workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
