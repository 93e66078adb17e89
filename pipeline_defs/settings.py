"""Environment to settings: the only module that reads the environment.

A service whose URL is unset is taken from the embedded stack that `pipeline up` started: it writes
the addresses and secrets it chose into `<state>/stack.env` (mode 0600), which is read here first;
variables of the process override it. Nothing else in the code knows whether a service is embedded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline_defs import policies

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All configuration that comes from the environment, by its documented variable names."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    pipeline_state: Path = PROJECT_ROOT / ".pipeline"

    # services
    database_url: SecretStr | None = None  # the application role
    database_admin_url: SecretStr | None = None  # owner of the schema: migrations only
    dagster_database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    blob_url: str | None = None
    gateway_url: str = "http://127.0.0.1:8700"
    dagster_url: str = "http://127.0.0.1:3000"
    public_base_url: str | None = None

    definitions_module: str = "pipeline_defs.definitions"  # what workers preload

    # gateway
    session_secret: SecretStr | None = None
    gateway_dispatch: bool = True
    development_api_key: SecretStr | None = None  # set by the embedded stack only
    webhook_signing_secret: SecretStr | None = None

    # providers: where a key is unset the embedded stack names its local provider server here
    providers_file: Path = PROJECT_ROOT / "pipeline_defs" / "gateways" / "providers.toml"
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_admin_key: SecretStr | None = None  # reads the organization's costs
    openrouter_api_key: SecretStr | None = None
    openrouter_base_url: str | None = None
    openrouter_management_key: SecretStr | None = None  # reads the account's activity
    openrouter_webhook_secret: SecretStr | None = None  # signs callbacks of video jobs
    perplexity_api_key: SecretStr | None = None
    perplexity_base_url: str | None = None
    search_api_key: SecretStr | None = None
    search_base_url: str | None = None
    elevenlabs_api_key: SecretStr | None = None
    elevenlabs_base_url: str | None = None
    twilio_account_sid: str | None = Field(default=None, pattern="^AC[0-9a-f]{32}$")
    twilio_auth_token: SecretStr | None = None  # a second one, for its exchange, after a space
    twilio_phone_number: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{4,14}$")
    twilio_base_url: str | None = None
    compatible_api_key: SecretStr | None = None  # any OpenAI-compatible server: the address decides
    compatible_base_url: str | None = None
    wordpress_url: str | None = None
    wordpress_user: str | None = None
    wordpress_app_password: SecretStr | None = None
    local_providers_url: str | None = Field(default=None, description="set by the embedded stack")
    local_providers_key: SecretStr | None = Field(
        default=None, description="set by the embedded stack"
    )

    keywords_api_key: SecretStr | None = None
    keywords_base_url: str | None = Field(default=None, pattern="^https?://")
    competitor_hosts: str = ""  # host:port pairs that may be on a private network, by commas
    pages_at_once: int = Field(default=policies.PAGES_AT_ONCE, ge=1, le=100)

    automations: str = Field(
        default="", description="names of policies.AUTOMATIONS to switch on, or off with a minus"
    )

    # fault injection for the chaos tests: see runtime/crash_points.py
    crash_at: str | None = None
    crash_marker_dir: Path | None = None

    def required(self, name: str) -> str:
        """The value of a setting that must be there; a clear error names the variable."""
        value = getattr(self, name)
        if value is None:
            raise RuntimeError(
                f"{name.upper()} is not set and no embedded stack is running in "
                f"{self.pipeline_state}: start one with `pipeline up` or set the variable."
            )
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    @property
    def competitor_allowed_hosts(self) -> tuple[str, ...]:
        """Hosts with ports that competitors' pages may be fetched from wherever they are."""
        return tuple(host.strip() for host in self.competitor_hosts.split(",") if host.strip())

    @property
    def automations_on(self) -> frozenset[str]:
        """What Dagster asks for by itself; RuntimeError names one that there is not."""
        wished = [name.strip() for name in self.automations.split(",") if name.strip()]
        for name in wished:
            if name.removeprefix("-") not in policies.AUTOMATIONS:
                known = ", ".join(policies.AUTOMATIONS)
                raise RuntimeError(f"AUTOMATIONS: there is no {name!r}; there are {known}")
        on = {name for name, automation in policies.AUTOMATIONS.items() if automation.on}
        off = {name[1:] for name in wished if name.startswith("-")}
        return frozenset((on | {n for n in wished if not n.startswith("-")}) - off)

    @property
    def blobs(self) -> str:
        """Where blobs live: `BLOB_URL`, else a folder in the state directory."""
        return self.blob_url or (self.pipeline_state / "blobs").as_uri()

    @property
    def studio_url(self) -> str:
        """Where people find Studio."""
        return (self.public_base_url or self.gateway_url).rstrip("/")


def state_directory() -> Path:
    """Where this copy keeps its state: `PIPELINE_STATE`, else `.pipeline` in the project."""
    return Path(os.environ.get("PIPELINE_STATE", PROJECT_ROOT / ".pipeline")).resolve()


@cache
def get_settings() -> Settings:
    """Settings of this process; the embedded stack's file first, the environment over it."""
    state = state_directory()
    return Settings(_env_file=state / "stack.env", pipeline_state=state)  # pyright: ignore[reportCallIssue]


def environment_settings(state: Path) -> Settings:
    """What the user set in the environment, without the embedded stack's file."""
    return Settings(_env_file=None, pipeline_state=state)  # pyright: ignore[reportCallIssue]


def in_stack() -> bool:
    """Whether this process has a Dagster database of its own: given by the stack or by the user.

    `dagster dev` has none: then Dagster keeps to a throwaway storage and nothing is dispatched.
    """
    return environment_settings(state_directory()).dagster_database_url is not None


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process we start: our own, with `extra` over it."""
    return {**os.environ, **extra}


def copy_id(state: Path) -> str:
    """Eight characters that tell this copy of the project from others on the same machine."""
    return hashlib.sha256(str(state).encode()).hexdigest()[:8]


def batch_dagster_events() -> None:
    """Let Dagster write events of this process in batches, unless we are told otherwise."""
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(policies.DAGSTER_EVENT_BATCH))
