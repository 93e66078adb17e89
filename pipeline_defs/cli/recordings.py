"""`pipeline calls transcribe`: recordings of calls as conversations, by the configured provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import CommandError, command, current_output

if TYPE_CHECKING:
    from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript

WRONG_USAGE = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """A file and what is said in it."""

    file: str
    transcript: Transcript
    cost_usd: float


@command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "--said",
    multiple=True,
    metavar="TEXT",
    help="What the interviewer is known to say: tells whose channel is whose. May be repeated.",
)
def transcribe(*, files: tuple[Path, ...], said: tuple[str, ...]) -> None:
    """Transcribe recordings of phone calls: speakers told apart by channel, or by voice.

    WAV, FLAC, MP3, Ogg and M4A of one or two channels; docs/recordings.md says what is refused and
    why. A running stack or a provider's key is needed.
    """
    from pipeline_defs.domain.errors import PipelineError

    heard: list[Heard] = []
    for file in files:
        try:
            heard.append(asyncio.run(_heard(file, said)))
        except PipelineError as error:
            advice = f" {error.advice}" if error.advice else ""
            message = f"{file}: {error.message}.{advice}"
            raise CommandError(message, WRONG_USAGE, error.code) from error
    document = {"recordings": [_document(one) for one in heard]}
    current_output().emit(document, lambda: "\n\n".join(map(_text, heard)))


async def _heard(file: Path, said: Sequence[str]) -> Heard:
    import hashlib

    from pipeline_defs import policies
    from pipeline_defs.defs.calls.channels_at_once import may_be_heard_at_once
    from pipeline_defs.defs.calls.transcribing import transcribe_recording
    from pipeline_defs.domain.calls.transcripts import SpokenWord
    from pipeline_defs.gateways.catalog import load_catalog
    from pipeline_defs.gateways.opening import open_gateways
    from pipeline_defs.gateways.transcription.port import TranscriptionRequest
    from pipeline_defs.gateways.usage import total_cost
    from pipeline_defs.media.recordings import read_recording
    from pipeline_defs.settings import get_settings

    settings = get_settings()
    data = await asyncio.to_thread(file.read_bytes)
    recording = await asyncio.to_thread(read_recording, data, file.name)
    cost = 0.0
    async with open_gateways(settings, load_catalog(settings.providers_file)) as gateways:

        async def heard(wav: bytes, channels: int) -> list[tuple[int, SpokenWord]]:
            nonlocal cost
            answer = await gateways.transcription.transcribe(
                TranscriptionRequest(
                    audio=wav,
                    media_type="audio/wav",
                    language="en",
                    timeout=policies.CALL_TRANSCRIPTION.timeout,
                    idempotency_key=hashlib.sha256(wav).hexdigest(),
                    final_try=True,
                    channels=channels,
                    times_needed=True,
                )
            )
            cost += float(total_cost(answer.usage))
            return [
                (w.channel, SpokenWord(w.text, w.start, w.end, w.confidence)) for w in answer.words
            ]

        async def channel(_number: int, wav: bytes) -> list[SpokenWord]:
            return [word for _, word in await heard(wav, 1)]

        async def all_channels(wav: bytes) -> list[tuple[int, SpokenWord]]:
            return await heard(wav, len(recording.channels))

        most = gateways.transcription.channels_at_once
        at_once = all_channels if may_be_heard_at_once(recording, most) else None
        transcript = await transcribe_recording(
            recording, channel, spoken_by_us=said, at_once=at_once
        )
    return Heard(str(file), transcript, cost)


def _document(heard: Heard) -> dict[str, Any]:
    return {"file": heard.file, **asdict(heard.transcript), "cost_usd": heard.cost_usd}


def _text(heard: Heard) -> str:
    from pipeline_defs.cli.tables import line, render, usd

    said = heard.transcript
    top = line(heard.file, f"{said.seconds:.1f} s", said.layout, usd(heard.cost_usd), style="bold")
    notes = [line(f"Note: {warning}", style="yellow") for warning in said.warnings]
    rows = [
        line(f"{u.start:7.2f} {u.end:7.2f}  {u.speaker:<7} {u.voice}  {u.text}")
        for u in said.utterances
    ]
    return render(top, *notes, *rows)
