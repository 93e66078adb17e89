"""What a blob is called."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = re.compile(r"([0-9a-f]{2}/[0-9a-f]{2}/)?\.[0-9a-f]{24}\.tmp")


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A blob's hash, its size in bytes, its media type."""

    sha256: str
    size: int
    media_type: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256) or self.size < 0:
            raise ValueError("a blob reference needs a SHA-256 in lower-case hex and a size")

    @classmethod
    def of(cls, data: bytes, media_type: str) -> Self:
        """The reference that `data` will have."""
        return cls(hashlib.sha256(data).hexdigest(), len(data), media_type)

    @property
    def path(self) -> str:
        """Where it lies below the store's root: `ab/cd/<sha256>`."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON shape; `BlobRef(**value)` reads it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What lies in the store: its path there, its bytes, when it was written (since the epoch)."""

    path: str
    size: int
    written_at: float

    @property
    def sha256(self) -> str:
        """The hash that names a blob; empty for the temporary file of a writer."""
        name = self.path.rpartition("/")[2]
        return name if _SHA256.fullmatch(name) else ""

    @property
    def is_ours(self) -> bool:
        """Whether it lies where a blob of its name lies, or is the temporary file of a writer."""
        if self.sha256:
            return self.path == BlobRef(self.sha256, 0, "").path
        return _TEMPORARY.fullmatch(self.path) is not None
