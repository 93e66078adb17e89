"""Who is asking: an API key, or a session that stands for one. Nothing else opens the API."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from pipeline_defs.domain.api_keys import ApiKey
from pipeline_defs.storage.database import Database
from pipeline_defs.web.problems import Problem

CACHE_SECONDS = 5.0  # a revoked key works for at most this long
CACHE_MOST = 10_000
NOBODY = b"\0" * 32  # compared with when the id is unknown, so both cases take the same steps


@dataclass(frozen=True, slots=True)
class Identity:
    """The organization and the key on whose behalf a request acts."""

    org_id: str
    key_id: str
    by_session: bool = False

    @property
    def actor(self) -> str:
        """The name in the audit trail."""
        return f"key:{self.key_id}"


def unauthenticated() -> Problem:
    """One answer for a malformed key, an unknown id, a wrong secret and no key at all."""
    return Problem(
        401,
        "UNAUTHENTICATED",
        "A valid API key is needed.",
        advice="Send `Authorization: Bearer pk_...`, or sign in to Studio.",
        headers={"WWW-Authenticate": 'Bearer realm="pipeline"'},
    )


class Keys:
    """Looks keys up and remembers the good ones for a few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Identity]] = {}

    async def verify(self, text: str) -> Identity:
        """The identity of a key; Problem 401 when it is not one of ours."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
        cached = self._recall(digest)
        if cached is not None:
            return cached
        try:
            key = ApiKey.parse(text)
        except ValueError:
            raise unauthenticated() from None
        row = await self._database.one(None, "organizations.find_api_key", key_id=key.key_id)
        matches = key.matches(bytes(row["secret_hash"]) if row else NOBODY)
        if row is None or not matches:
            raise unauthenticated()
        return self._remember(digest, Identity(row["org_id"], key.key_id))

    async def still_valid(self, identity: Identity) -> bool:
        """Whether the key behind a session has not been revoked."""
        digest = hashlib.sha256(f"session:{identity.key_id}".encode()).digest()
        if self._recall(digest) is not None:
            return True
        row = await self._database.one(None, "organizations.find_api_key", key_id=identity.key_id)
        if row is None or not hmac.compare_digest(row["org_id"], identity.org_id):
            return False
        self._remember(digest, identity)
        return True

    def _recall(self, digest: bytes) -> Identity | None:
        entry = self._known.get(digest)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def _remember(self, digest: bytes, identity: Identity) -> Identity:
        if len(self._known) >= CACHE_MOST:
            self._known.clear()
        self._known[digest] = (time.monotonic() + CACHE_SECONDS, identity)
        return identity
