"""What a copy of the stack keeps between runs: generated secrets and the ports it took."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from pipeline_defs.local import postgres_roles
from pipeline_defs.local.layout import write_private

# first choice of each port; when it is in use the next free one is taken and remembered
PREFERRED_PORTS = {
    "gateway": 8700,
    "dagster": 3000,
    "code-server": 4270,
    "local-providers": 8760,
    "postgres": 5460,
    "valkey": 6390,
}


def _token() -> str:
    return secrets.token_hex(24)


def _role_passwords() -> dict[str, str]:
    roles = (postgres_roles.OWNER, postgres_roles.APPLICATION, postgres_roles.DAGSTER)
    return {role: _token() for role in roles}


class StackRecord(BaseModel):
    """Everything random or chosen, so that the next start finds the same."""

    cluster: str = Field(default_factory=_token)
    superuser_password: str = Field(default_factory=_token)
    role_passwords: dict[str, str] = Field(default_factory=_role_passwords)
    valkey_password: str = Field(default_factory=_token)
    supervisor_password: str = Field(default_factory=_token)
    session_secret: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    webhook_signing_secret: str = Field(
        default_factory=lambda: "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    )
    development_api_key: str = Field(
        default_factory=lambda: f"pk_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    )
    local_providers_key: str = Field(default_factory=lambda: f"local-{_token()}")
    openrouter_webhook_secret: str = Field(default_factory=_token)
    ports: dict[str, int] = Field(default_factory=dict)
    postgres_folder: str | None = None  # its data; as root outside of the state directory

    @classmethod
    def load(cls, path: Path) -> StackRecord | None:
        """The record of this copy, or None before its first start."""
        try:
            return cls.model_validate_json(path.read_text())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise RuntimeError(
                f"{path} is damaged. Restore it, or remove it together with the state directory "
                "to start with empty data"
            ) from error

    def save(self, path: Path) -> None:
        """Write the record for our eyes only."""
        write_private(path, self.model_dump_json(indent=2) + "\n")
