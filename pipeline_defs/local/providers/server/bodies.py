"""Large bodies as files, each under the hash of its bytes: answers kept, frames, finished clips.

Bounded: when they outgrow `MOST_BYTES` the ones longest unused go. A body that is gone is as if it
had never been kept.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

MOST_BYTES = 2_000_000_000
KEPT_AFTER_PRUNING = 0.8  # share of MOST_BYTES
_HASH_LENGTH = 64


class Bodies:
    """A folder of files; used from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._bytes: int | None = None  # counted at the first writing

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its name."""
        name = hashlib.sha256(data).hexdigest()
        path = self._path(name)
        if path.exists():
            path.touch()
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
        self._count(len(data))
        return name

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, or None where they are gone."""
        if len(name) != _HASH_LENGTH:
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _count(self, more: int) -> None:
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(size for _, size, _ in self._files())
            else:
                self._bytes += more
            if self._bytes > MOST_BYTES:
                self._prune()

    def _prune(self) -> None:
        kept = 0
        for _, size, path in sorted(self._files(), reverse=True):
            if kept + size > MOST_BYTES * KEPT_AFTER_PRUNING:
                path.unlink(missing_ok=True)
            else:
                kept += size
        self._bytes = kept

    def _files(self) -> list[tuple[float, int, Path]]:
        """Last use, size and path of each."""
        found: list[tuple[float, int, Path]] = []
        for folder in os.scandir(self._folder):
            if not folder.is_dir():
                continue
            for entry in os.scandir(folder.path):
                status = entry.stat()
                found.append((status.st_mtime, status.st_size, Path(entry.path)))
        return found
