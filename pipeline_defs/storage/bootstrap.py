"""First things in a new database: an organization and a key to act for it."""

from __future__ import annotations

import psycopg

from pipeline_defs.domain.api_keys import ApiKey

DEFAULT_ORGANIZATION = "default"


def ensure_organization(admin_url: str, org_id: str, name: str, api_key: str) -> None:
    """Create the organization and register `api_key` (`pk_<id>_<secret>`) for it, if missing.

    The first organization is the operator's: its keys see what concerns all organizations.
    """
    key = ApiKey.parse(api_key)
    with psycopg.connect(admin_url) as connection:
        connection.execute("set local role pipeline_system")
        connection.execute(
            "insert into app.organizations (org_id, name, is_operator) "
            "select %s, %s, not exists (select from app.organizations) on conflict do nothing",
            (org_id, name),
        )
        connection.execute(
            "insert into app.api_keys (org_id, key_id, secret_hash, name) "
            "values (%s, %s, %s, 'development key') on conflict (org_id, key_id) do nothing",
            (org_id, key.key_id, key.secret_hash),
        )
