"""Content-addressed blobs in a local folder, S3, GCS or memory (for tests), by `BLOB_URL`.

A blob's address is its SHA-256, so equal content is stored once and what is read can be checked.
Files of any size go in and out in pieces: memory stays bounded.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.blob_errors import corrupt, store_errors, work_file_failed
from pipeline_defs.gateways.blob_folder import FolderBlobs
from pipeline_defs.gateways.blob_objects import ObjectBlobs
from pipeline_defs.gateways.blob_ref import BlobRef, StoredFile

__all__ = ["BlobRef", "BlobStore", "StoredFile"]
SCHEMES = ("file", "s3", "gs", "memory")


class _Keeper(Protocol):
    """Where blobs are kept. What is not there raises FileNotFoundError."""

    async def write(self, ref: BlobRef, data: bytes) -> None: ...
    async def write_file(self, source: Path, media_type: str) -> BlobRef: ...
    async def read(self, ref: BlobRef) -> bytes: ...
    async def size(self, ref: BlobRef) -> int: ...
    def pieces(self, ref: BlobRef, start: int, end: int) -> AsyncGenerator[bytes, None]: ...
    async def remove(self, ref: BlobRef) -> None: ...
    def pages(self, after: str, size: int) -> AsyncGenerator[list[StoredFile], None]: ...
    async def discard(self, path: str, before: float) -> bool: ...


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
        local = parts.scheme == "file"
        self._keeper: _Keeper = (
            FolderBlobs(Path(url2pathname(parts.path))) if local else ObjectBlobs(url)
        )

    async def put(self, data: bytes, media_type: str) -> BlobRef:
        """Store `data` (again, if it is there already: a broken copy is replaced)."""
        ref = await asyncio.to_thread(BlobRef.of, data, media_type)
        async with store_errors(ref.sha256):
            await self._keeper.write(ref, data)
        return ref

    async def put_file(self, path: Path, media_type: str) -> BlobRef:
        """Store the content of a file, which must not change meanwhile; as durable as `put`.

        FileNotFoundError where there is no such file.
        """
        await asyncio.to_thread(path.stat)
        async with store_errors():
            return await self._keeper.write_file(path, media_type)

    async def get(self, ref: BlobRef) -> bytes:
        """The content, checked: `Permanent` BLOB_MISSING or BLOB_CORRUPT otherwise."""
        async with store_errors(ref.sha256):
            data = await self._keeper.read(ref)
        if (await asyncio.to_thread(BlobRef.of, data, "")).sha256 != ref.sha256:
            raise corrupt(ref.sha256)
        return data

    async def fetch_to(self, ref: BlobRef, path: Path) -> None:
        """Write the content, checked, to a file that is whole or not there.

        Raises as `get`; `Transient` WORK_FILE where the file cannot be written.
        """
        partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
        try:
            file = await asyncio.to_thread(partial.open, "xb")
            with file:
                async with aclosing(self.stream(ref, 0, ref.size)) as pieces:
                    async for piece in pieces:
                        await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(partial.replace, path)
        except OSError as error:
            raise work_file_failed(error) from error
        finally:
            with suppress(OSError):
                partial.unlink()

    async def stream(self, ref: BlobRef, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes `start` up to, not including, `end`, in pieces.

        The whole content is checked against its hash at the end, a part of it against its size:
        `Permanent` BLOB_MISSING or BLOB_CORRUPT. ValueError where the blob has no such part.
        """
        if not 0 <= start <= end <= ref.size:
            raise ValueError(f"bytes {start} to {end} are no part of {ref.size} bytes")
        digest, streamed = hashlib.sha256(), 0
        async with store_errors(ref.sha256):
            if await self._keeper.size(ref) != ref.size:
                raise corrupt(ref.sha256)
            async with aclosing(self._keeper.pieces(ref, start, end)) as pieces:
                async for piece in pieces:
                    digest.update(piece)
                    streamed += len(piece)
                    yield piece
        whole = end - start == ref.size
        if streamed != end - start or (whole and digest.hexdigest() != ref.sha256):
            raise corrupt(ref.sha256)

    async def exists(self, ref: BlobRef) -> bool:
        """Whether a blob of that name and size is stored; its content is not read."""
        try:
            async with store_errors(ref.sha256):
                return await self._keeper.size(ref) == ref.size
        except Permanent as error:
            if error.code == "BLOB_MISSING":
                return False
            raise

    async def delete(self, ref: BlobRef) -> None:
        """Forget a blob, for all who refer to that content; it need not be there."""
        async with store_errors(ref.sha256):
            await self._keeper.remove(ref)

    async def pages(self, after: str, size: int) -> AsyncGenerator[list[StoredFile], None]:
        """Everything that is stored, `size` files at a time, in the order of their paths.

        `after`: a path, or the beginning of one, at which to go on; empty for the first.
        """
        async with store_errors(), aclosing(self._keeper.pages(after, size)) as pages:
            async for page in pages:
                yield page

    async def discard(self, path: str, before: float) -> bool:
        """Remove a file unless it was written (again) since `before`; whether it was removed.

        Putting content that is there already counts as writing it, so a file whose row is yet to
        come is never removed. Seconds since the epoch, by the clock of the store.
        """
        async with store_errors():
            return await self._keeper.discard(path, before)
