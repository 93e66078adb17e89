"""Files that a command writes for the user."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline_defs.cli.output import CommandError


def save(pieces: Iterable[bytes], folder: Path, name: str) -> Path:
    """Write a file that is whole or not there; CommandError where that is not possible."""
    partial: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".download-", delete=False) as file:
            partial = Path(file.name)
            for piece in pieces:
                file.write(piece)
        partial.chmod(0o644)
        return partial.replace(folder / name)
    except OSError as error:
        raise CommandError(
            f"Cannot write {folder / name}: {error.strerror}", code="NOT_WRITTEN"
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
