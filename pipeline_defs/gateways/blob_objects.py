"""Blobs in S3, GCS or memory, through `obstore`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipeline_defs.gateways.blob_ref import BlobRef, StoredFile

PIECE = 4_000_000  # bytes asked for at once: no request lasts as long as a slow reader
UPLOADS_AT_ONCE = 4  # parts of one file


class ObjectBlobs:
    """One bucket and prefix; what is not there raises FileNotFoundError."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Any = None

    async def write(self, ref: BlobRef, data: bytes) -> None:
        """Store `data`."""
        import obstore

        await obstore.put_async(self.opened(), ref.path, data, attributes=_attributes(ref))

    async def write_file(self, source: Path, media_type: str) -> BlobRef:
        """Store a file's content; large ones travel in parts."""
        import obstore

        ref = await asyncio.to_thread(_ref_of, source, media_type)
        await obstore.put_async(
            self.opened(),
            ref.path,
            source,
            attributes=_attributes(ref),
            max_concurrency=UPLOADS_AT_ONCE,
        )
        return ref

    async def read(self, ref: BlobRef) -> bytes:
        """The content, unchecked."""
        import obstore

        found = await obstore.get_async(self.opened(), ref.path)
        return bytes(await found.bytes_async())

    async def size(self, ref: BlobRef) -> int:
        """Bytes stored under the name."""
        import obstore

        return (await obstore.head_async(self.opened(), ref.path))["size"]

    async def pieces(self, ref: BlobRef, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes from `start` up to `end`, each piece by a request of its own."""
        import obstore

        for begins in range(start, end, PIECE):
            ends = min(begins + PIECE, end)
            yield bytes(
                await obstore.get_range_async(self.opened(), ref.path, start=begins, end=ends)
            )

    async def remove(self, ref: BlobRef) -> None:
        """Forget a blob; it need not be there."""
        import obstore

        try:
            await obstore.delete_async(self.opened(), ref.path)
        except FileNotFoundError:
            return

    async def pages(self, after: str, size: int) -> AsyncGenerator[list[StoredFile], None]:
        """All objects in the order of their paths, from `after` on."""
        import obstore

        async for page in obstore.list(self.opened(), offset=after or None, chunk_size=size):
            yield [StoredFile(o["path"], o["size"], o["last_modified"].timestamp()) for o in page]

    async def discard(self, path: str, before: float) -> bool:
        """Remove an object unless it was written since `before`; whether it was removed.

        Between the look and the removal lies a moment in which the same content, unused for all
        this time, may be put again; the check of files then finds it missing and makes it anew.
        """
        import obstore

        try:
            found = await obstore.head_async(self.opened(), path)
            if found["last_modified"].timestamp() >= before:
                return False
            await obstore.delete_async(self.opened(), path)
        except FileNotFoundError:
            return False
        return True

    def opened(self) -> Any:
        """The store; made on first use and without a connection."""
        if self._store is None:
            from obstore.store import from_url

            # no client options here: they would hide those of the environment (AWS_ALLOW_HTTP...)
            retries: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
            options = {} if self._url.startswith("memory:") else {"retry_config": retries}
            self._store = from_url(self._url, **options)
        return self._store


def _attributes(ref: BlobRef) -> Any:
    return {"Content-Type": ref.media_type}


def _ref_of(source: Path, media_type: str) -> BlobRef:
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return BlobRef(digest.hexdigest(), file.tell(), media_type)
