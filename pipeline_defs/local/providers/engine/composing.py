"""Music for the background: a calm piece of any length, made bar by bar in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline_defs.local.providers.engine.harmony import Bar, Piece
from pipeline_defs.local.providers.engine.instruments import (
    PLUCK_SECONDS,
    RATE,
    ROOM_SECONDS,
    bass_note,
    pad_note,
    pluck_note,
    room,
)

if TYPE_CHECKING:
    from pipeline_defs.local.providers.engine.instruments import Wave

MODEL = "local-synthesizer"
FADE_IN = 2.5  # seconds
FADE_OUT = 4.0
_HELD = 1.5  # a chord's length in bars: it sounds into the next one
_PAD, _BASS, _PLUCK = 0.032, 0.075, 0.085  # levels
_ROOM = 0.5  # how much of the room is heard


def compose(prompt: str, seconds: float) -> Iterator[Wave]:
    """The piece for a prompt, exactly `seconds` long, as stereo blocks at `RATE`, below 1.0."""
    import numpy as np

    piece = Piece(prompt)
    wanted = round(seconds * RATE)
    bar_samples = round(piece.bar_seconds * RATE)
    mixer = _Mixer(bar_samples)
    done = 0
    while done < wanted:
        block = mixer.bar(piece.bar(done // bar_samples))[: wanted - done]
        block = block * _fades(done, len(block), wanted)[:, None]
        yield np.tanh(block).astype(np.float32)  # rounds what would be too loud; never clips
        done += len(block)


class _Mixer:
    """Adds the notes of a bar to what still sounds of those before."""

    def __init__(self, bar_samples: int) -> None:
        import numpy as np

        self._bar = bar_samples
        tail = int(max(PLUCK_SECONDS * RATE, bar_samples * (_HELD - 1))) + 1
        self._dry = np.zeros((bar_samples + tail, 2), np.float32)
        self._reverb = _Reverb(bar_samples)

    def bar(self, bar: Bar) -> Wave:
        """The next bar."""
        import numpy as np

        held = int(self._bar * _HELD)
        for note in bar.pad:
            self._dry[:held] += np.float32(_PAD) * pad_note(note, held)
        self._dry[:held] += np.float32(_BASS) * bass_note(bar.bass, held)[:, None]
        for pluck in bar.plucks:
            wave = pluck_note(pluck.note)
            at = int(pluck.at * self._bar)
            angle = (pluck.pan + 1) * np.pi / 4
            sides = np.array([np.cos(angle), np.sin(angle)], np.float32)
            gain = np.float32(_PLUCK * pluck.gain)
            self._dry[at : at + len(wave)] += gain * wave[:, None] * sides
        now = self._dry[: self._bar].copy()
        self._dry[: -self._bar] = self._dry[self._bar :]
        self._dry[-self._bar :] = 0
        return (now + np.float32(_ROOM) * self._reverb.through(now)).astype(np.float32)


class _Reverb:
    """Convolves block by block with the room, in the frequency domain."""

    def __init__(self, block: int) -> None:
        import numpy as np

        self._block = block
        needed = block + int(ROOM_SECONDS * RATE)
        self._size = _quick_length(needed)
        self._response = np.fft.rfft(room(), self._size, axis=0)
        self._tail = np.zeros((needed, 2), np.float32)

    def through(self, block: Wave) -> Wave:
        """What the room gives back during this block."""
        import numpy as np

        wet = np.fft.irfft(np.fft.rfft(block, self._size, axis=0) * self._response, axis=0)
        self._tail += wet[: len(self._tail)].astype(np.float32)
        now = self._tail[: self._block].copy()
        self._tail[: -self._block] = self._tail[self._block :]
        self._tail[-self._block :] = 0
        return now


def _quick_length(least: int) -> int:
    """A length of at least that which splits into small factors: Fourier transforms are quick."""
    size = 1
    while size < least:
        size *= 2
    return min(
        candidate for candidate in (size, size * 3 // 4, size * 5 // 8) if candidate >= least
    )


def _fades(start: int, samples: int, whole: int) -> Wave:
    """Gain of each frame: in at the beginning of the piece, out towards its end."""
    import numpy as np

    at = np.arange(start, start + samples, dtype=np.float32)
    in_ = np.float32(min(FADE_IN * RATE, whole / 4))
    out = np.float32(min(FADE_OUT * RATE, whole / 3))
    gain = np.minimum(np.minimum(at / in_, (whole - at) / out), 1)
    return (np.sin(gain * np.float32(np.pi / 2)) ** 2).astype(np.float32)
