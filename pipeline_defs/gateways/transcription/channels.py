"""Channels heard one by one: for a model that does not tell them apart, after one that does."""

from __future__ import annotations

import io
import wave
from dataclasses import replace

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.transcription.port import (
    TranscriptionAnswer,
    TranscriptionPort,
    TranscriptionRequest,
)

WIDTH = 2  # bytes of a sample


class OneByOne:
    """Implements `TranscriptionPort` with one request a channel, each under a key of its own."""

    channels_at_once = 1

    def __init__(self, adapter: TranscriptionPort) -> None:
        self._adapter = adapter

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionAnswer:
        """See `TranscriptionPort.transcribe`."""
        answers = [
            await self._adapter.transcribe(
                replace(
                    request,
                    audio=audio,
                    channels=1,
                    idempotency_key=f"{request.idempotency_key}:channel-{number}",
                )
            )
            for number, audio in enumerate(parted(request.audio))
        ]
        return replace(
            answers[0],
            text=" ".join(filter(None, (answer.text for answer in answers))),
            words=tuple(
                replace(word, channel=number)
                for number, answer in enumerate(answers)
                for word in answer.words
            ),
            usage=tuple(usage for answer in answers for usage in answer.usage),
        )


def parted(audio: bytes) -> list[bytes]:
    """The channels of a WAV of 16 bits, each as a WAV; `Permanent` BAD_REQUEST for other sound."""
    try:
        with wave.open(io.BytesIO(audio)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise Permanent("BAD_REQUEST", "only a WAV can be parted into its channels") from error
    if width != WIDTH:
        raise Permanent("BAD_REQUEST", f"the WAV has {8 * width} bits: 16 are needed")
    samples = memoryview(frames).cast("h")
    return [_mono(samples[number::channels].tobytes(), rate) for number in range(channels)]


def _mono(frames: bytes, rate: int) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(WIDTH)
        file.setframerate(rate)
        file.writeframes(frames)
    return target.getvalue()
