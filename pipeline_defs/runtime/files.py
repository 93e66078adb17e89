"""Stored files by what a result says of them, for those who may not open the blob store itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from pipeline_defs.domain.stored_files import Files as References
from pipeline_defs.gateways.blobs import BlobRef
from pipeline_defs.runtime.integrity import Broken, find_broken
from pipeline_defs.runtime.resources import open_blobs
from pipeline_defs.settings import Settings

Reference = Mapping[str, Any]  # {sha256, size, media_type}


class Files:
    """The blob store of a process that only reads it. Nothing is connected before its first use."""

    def __init__(self, settings: Settings) -> None:
        self._blobs = open_blobs(settings)

    async def is_stored(self, reference: Reference) -> bool:
        """Whether a file of that name and size is there; its content is not read."""
        return await self._blobs.exists(BlobRef(**reference))

    def stream(self, reference: Reference, start: int, end: int) -> AsyncGenerator[bytes]:
        """Bytes `start` up to, not including, `end`."""
        return self._blobs.stream(BlobRef(**reference), start, end)

    async def find_broken(self, files: References, *, deep: bool) -> list[Broken]:
        """Results whose files are missing or, when looked at `deep`, changed."""
        return await find_broken(self._blobs, files, deep=deep)
