"""API keys: `pk_<8 hex id>_<43 url-safe characters>`; only a hash of the secret is ever stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

PATTERN = re.compile(r"pk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder presents it."""

    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> ApiKey:
        """The key in `text`; ValueError when it does not look like one."""
        match = PATTERN.fullmatch(text)
        if match is None:
            raise ValueError("not an API key: expected pk_<8 hex>_<43 characters>")
        return cls(match[1], match[2])

    @classmethod
    def new(cls) -> ApiKey:
        """A fresh random key with 32 bytes of secret."""
        return cls(secrets.token_hex(4), secrets.token_urlsafe(32))

    @property
    def text(self) -> str:
        """The full key: shown to its owner once."""
        return f"pk_{self.key_id}_{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret; 32 random bytes need no slow hash."""
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, stored_hash: bytes) -> bool:
        """Constant-time comparison with the stored hash."""
        return hmac.compare_digest(self.secret_hash, stored_hash)
