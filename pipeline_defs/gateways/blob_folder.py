"""Blobs in a local folder.

A blob is written under a temporary name, synced and renamed, and its folder synced: it is whole or
not there, also after a crash or a power cut.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipeline_defs.gateways.blob_ref import BlobRef

PIECE = 1_000_000  # bytes read at once


class FolderBlobs:
    """One folder; what is not there raises FileNotFoundError."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def write(self, ref: BlobRef, data: bytes) -> None:
        """Store `data`; a broken copy is replaced."""
        await asyncio.to_thread(self._write, self._root / ref.path, data)

    async def write_file(self, source: Path, media_type: str) -> BlobRef:
        """Store a file's content: hashed while it is copied, so that the name fits the copy."""
        return await asyncio.to_thread(self._copy_in, source, media_type)

    async def read(self, ref: BlobRef) -> bytes:
        """The content, unchecked."""
        return await asyncio.to_thread((self._root / ref.path).read_bytes)

    async def size(self, ref: BlobRef) -> int:
        """Bytes stored under the name."""
        return (await asyncio.to_thread((self._root / ref.path).stat)).st_size

    async def pieces(self, ref: BlobRef, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes from `start` up to `end`, or to the end of the file where that comes first."""
        file = await asyncio.to_thread((self._root / ref.path).open, "rb")
        with file:
            file.seek(start)
            while start < end:
                piece = await asyncio.to_thread(file.read, min(PIECE, end - start))
                if not piece:
                    return
                yield piece
                start += len(piece)

    async def remove(self, ref: BlobRef) -> None:
        """Forget a blob; it need not be there."""
        await asyncio.to_thread(_remove, self._root / ref.path)

    def _write(self, target: Path, data: bytes) -> None:
        if _holds(target, data):
            return
        _make_folders(target.parent)
        with _durable_file(target.parent) as (file, temporary):
            file.write(data)
            _sync(file)
            temporary.replace(target)
        _sync_folder(target.parent)

    def _copy_in(self, source: Path, media_type: str) -> BlobRef:
        _make_folders(self._root)
        digest, size = hashlib.sha256(), 0
        with source.open("rb") as given, _durable_file(self._root) as (file, temporary):
            while piece := given.read(PIECE):
                digest.update(piece)
                file.write(piece)
                size += len(piece)
            _sync(file)
            ref = BlobRef(digest.hexdigest(), size, media_type)
            target = self._root / ref.path
            _make_folders(target.parent)
            temporary.replace(target)
        _sync_folder(target.parent)
        return ref


@contextmanager
def _durable_file(folder: Path) -> Generator[tuple[BinaryIO, Path], None, None]:
    """A new file under a temporary name, to be renamed inside; it never stays behind."""
    temporary = folder / f".{secrets.token_hex(12)}.tmp"
    try:
        with temporary.open("xb") as file:
            yield file, temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _remove(target: Path) -> None:
    try:
        target.unlink()
    except FileNotFoundError:
        return
    _sync_folder(target.parent)


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
