"""Renders a film from its manifest: the files it names are all it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from pipeline_defs import policies
from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.domain.lectures.manifest import FilmFile, FilmManifest, FilmSegment
from pipeline_defs.media.film import Film, FilmPart, render_film
from pipeline_defs.runtime.concurrency import all_ended

SUFFIXES = {"audio/mpeg": "mp3", "audio/wav": "wav", "video/mp4": "mp4"}
Fetch = Callable[[FilmFile, Path], Awaitable[None]]  # writes a stored file to a path


async def render_manifest(manifest: FilmManifest, fetch: Fetch, folder: Path) -> Film:
    """The film of a manifest, with its files fetched into `folder`. Same manifest, same bytes."""
    places, failures = asyncio.Semaphore(policies.FILM_FILES_AT_ONCE), list[PipelineError]()

    async def fetched(name: str, file: FilmFile) -> Path:
        path = folder / f"{name}.{SUFFIXES[file.media_type]}"
        async with places:
            if failures:  # the store is away: not each file waits for it
                raise failures[0]
            try:
                await fetch(file, path)
            except Transient as error:
                failures.append(error)
                raise
        return path

    async def part(segment: FilmSegment) -> FilmPart:
        clip = await fetched(f"clip{segment.n:03d}", segment.clip)
        spoken = segment.narration
        return FilmPart(
            clip, await fetched(f"narration{segment.n:03d}", spoken) if spoken else None
        )

    parts = await all_ended([part(segment) for segment in manifest.segments])
    tracks = enumerate(manifest.music, 1)
    return await render_film(
        parts,
        music=await all_ended([fetched(f"music{n}", track) for n, track in tracks]),
        chapters=[(chapter.start, chapter.title) for chapter in manifest.chapters],
        title=manifest.title,
        folder=folder,
    )
