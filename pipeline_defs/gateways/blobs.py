"""Content-addressed blobs in a local folder, S3, GCS or memory (for tests), by `BLOB_URL`.

A blob's address is its SHA-256, so equal content is stored once and a reference can be checked.
Into a local folder a blob is written under a temporary name, synced and renamed: `obstore` renames
but does not sync, so after a power cut a name could stand over an empty file.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline_defs.domain.errors import Permanent, PipelineError, Transient

SCHEMES = ("file", "s3", "gs", "memory")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What a blob is called: its hash, its size in bytes, its media type."""

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


class BlobStore:
    """Blobs at one `BLOB_URL`: `file:///folder`, `s3://bucket/prefix`, `gs://...`, `memory://`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise Permanent(
                "NOT_CONFIGURED",
                f"BLOB_URL has the scheme '{parts.scheme}'",
                advice="Use file:///folder, s3://bucket/prefix or gs://bucket/prefix.",
                user_action_required=True,
            )
        self._url = url
        self._folder = Path(url2pathname(parts.path)) if parts.scheme == "file" else None
        self._remote: Any = None

    async def put(self, data: bytes, media_type: str) -> BlobRef:
        """Store `data` (again, if it is there already: a broken copy is replaced)."""
        ref = BlobRef.of(data, media_type)
        async with _store_errors(ref):
            if self._folder is not None:
                await asyncio.to_thread(_write_durably, self._folder / ref.path, data)
            else:
                await self._put_remote(ref, data)
        return ref

    async def get(self, ref: BlobRef) -> bytes:
        """The content, checked: `Permanent` BLOB_MISSING or BLOB_CORRUPT otherwise."""
        async with _store_errors(ref):
            if self._folder is not None:
                data = await asyncio.to_thread((self._folder / ref.path).read_bytes)
            else:
                import obstore

                found = await obstore.get_async(self._opened(), ref.path)
                data = bytes(await found.bytes_async())
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise Permanent(
                "BLOB_CORRUPT",
                f"the stored content of {ref.sha256} does not match its hash",
                advice="Rebuild what produced it; check the storage.",
            )
        return data

    async def exists(self, ref: BlobRef) -> bool:
        """Whether a blob of that name and size is stored; its content is not read."""
        try:
            async with _store_errors(ref):
                return await self._size(ref) == ref.size
        except Permanent as error:
            if error.code == "BLOB_MISSING":
                return False
            raise

    async def _size(self, ref: BlobRef) -> int:
        if self._folder is not None:
            return (await asyncio.to_thread((self._folder / ref.path).stat)).st_size
        import obstore

        return (await obstore.head_async(self._opened(), ref.path))["size"]

    async def _put_remote(self, ref: BlobRef, data: bytes) -> None:
        import obstore

        attributes: Any = {"Content-Type": ref.media_type}
        await obstore.put_async(self._opened(), ref.path, data, attributes=attributes)

    def _opened(self) -> Any:
        if self._remote is None:
            from obstore.store import from_url

            # no client options here: they would hide those of the environment (AWS_ALLOW_HTTP...)
            retries: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
            options = {} if self._url.startswith("memory:") else {"retry_config": retries}
            self._remote = from_url(self._url, **options)
        return self._remote


@asynccontextmanager
async def _store_errors(ref: BlobRef) -> AsyncGenerator[None, None]:
    """Classified errors; a storage's own text may hold addresses and is not repeated."""
    try:
        yield
    except FileNotFoundError as error:
        raise Permanent(
            "BLOB_MISSING",
            f"the content {ref.sha256} is not stored",
            advice="Rebuild what produced it.",
        ) from error
    except PermissionError as error:
        raise _denied() from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise Transient("BLOB_STORE", f"the blob store failed: {reason}") from error
    except PipelineError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("obstore"):
            raise
        if type(error).__name__ in {"PermissionDeniedError", "UnauthenticatedError"}:
            raise _denied() from error
        kind = type(error).__name__
        raise Transient("BLOB_STORE", f"the blob store failed ({kind})") from error


def _denied() -> Permanent:
    return Permanent(
        "UNAUTHORIZED",
        "the blob store denies access",
        advice="Check BLOB_URL, its credentials and permissions.",
        user_action_required=True,
    )


def _write_durably(target: Path, data: bytes) -> None:
    """Write, sync, rename, sync the folder: `target` is whole or not there, also after a crash."""
    if _holds(target, data):
        return
    _make_folders(target.parent)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _make_folders(folder: Path) -> None:
    """Create `folder` and its parents, each synced into the one above."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
