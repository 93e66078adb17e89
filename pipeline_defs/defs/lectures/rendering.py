"""Renders a film from its manifest: the files it names are all it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from pipeline_defs.domain.lectures.manifest import FilmFile, FilmManifest
from pipeline_defs.media.film import Film, FilmPart, render_film

SUFFIXES = {"audio/mpeg": "mp3", "audio/wav": "wav", "video/mp4": "mp4"}
Fetch = Callable[[FilmFile, Path], Awaitable[None]]  # writes a stored file to a path


async def render_manifest(manifest: FilmManifest, fetch: Fetch, folder: Path) -> Film:
    """The film of a manifest, with its files fetched into `folder`. Same manifest, same bytes."""

    async def fetched(name: str, file: FilmFile) -> Path:
        path = folder / f"{name}.{SUFFIXES[file.media_type]}"
        await fetch(file, path)
        return path

    parts: list[FilmPart] = []
    for segment in manifest.segments:
        clip = await fetched(f"clip{segment.n:03d}", segment.clip)
        spoken = segment.narration
        parts.append(
            FilmPart(clip, await fetched(f"narration{segment.n:03d}", spoken) if spoken else None)
        )
    return await render_film(
        parts,
        music=[await fetched(f"music{n}", track) for n, track in enumerate(manifest.music, 1)],
        chapters=[(chapter.start, chapter.title) for chapter in manifest.chapters],
        title=manifest.title,
        folder=folder,
    )
