"""Blobs in a local folder.

A blob is written under a temporary name, synced and renamed, and its folder synced: it is whole or
not there, also after a crash or a power cut.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pipeline_defs.gateways.blob_ref import BlobRef, StoredFile

PIECE = 1_000_000  # bytes read at once
_PAIR = re.compile(r"[0-9a-f]{2}")  # two characters of a hash: a folder


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

    async def pages(self, after: str, size: int) -> AsyncGenerator[list[StoredFile], None]:
        """All files in the order of their paths, from `after` on."""
        files = _files(self._root, after)
        while page := await asyncio.to_thread(lambda: list(islice(files, size))):
            yield page

    async def discard(self, path: str, before: float) -> bool:
        """Remove a file unless it was written since `before`; whether it was removed."""
        return await asyncio.to_thread(_discard, self._root / path, before)

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
    """Whether the file has that content; it then counts as written now (see `_discard`)."""
    try:
        os.utime(target)
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _remove(target: Path) -> None:
    try:
        target.unlink()
    except FileNotFoundError:
        return
    _sync_folder(target.parent)


def _discard(target: Path, before: float) -> bool:
    """Set aside first, then looked at: whoever puts the same content either has touched it before,
    which is seen, or misses it and writes it anew."""
    aside = target.with_name(f".{secrets.token_hex(12)}.tmp")
    try:
        if target.stat().st_mtime >= before:
            return False
        target.rename(aside)
    except FileNotFoundError:
        return False
    if aside.stat().st_mtime < before:
        aside.unlink()
        return True
    with suppress(FileExistsError):  # written anew meanwhile
        os.link(aside, target)
    aside.unlink()
    return False


def _files(root: Path, after: str) -> Iterator[StoredFile]:
    """Files of the root, then those of `ab/cd/`, each folder read when it is come to."""
    yield from _entries(root, "", after)
    for first in _folders(root, after[:2]):
        for second in _folders(root / first, after[3:5] if first == after[:2] else ""):
            yield from _entries(root / first / second, f"{first}/{second}/", after)


def _folders(folder: Path, start: str) -> list[str]:
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.is_dir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if _PAIR.fullmatch(name) and name >= start)


def _entries(folder: Path, prefix: str, after: str) -> list[StoredFile]:
    found: list[StoredFile] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # renamed or removed meanwhile
                    if entry.is_file(follow_symlinks=False):
                        about = entry.stat(follow_symlinks=False)
                        path = prefix + entry.name
                        found.append(StoredFile(path, about.st_size, about.st_mtime))
    except FileNotFoundError:
        return []
    return sorted((file for file in found if file.path > after), key=lambda file: file.path)


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
