"""How notes sound: a soft pad, a round bass, a plucked string, and the room they are in.

Each note is a sum of a few sine waves; notes are rendered once and used again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 44_100  # samples per second
PLUCK_SECONDS = 3.0
ROOM_SECONDS = 2.4
_A4, _A4_HERTZ = 69, 440.0
_PAD_PARTIALS = ((1, 1.0), (2, 0.34), (3, 0.13), (4, 0.05))
_PLUCK_PARTIALS = ((1, 1.0, 1.0), (2, 0.42, 1.7), (3, 0.2, 2.5), (4, 0.09, 3.4), (5, 0.05, 4.5))
_DETUNE = 0.0017  # of a pad's two strings, left and right: what makes it wide
_CROSSFEED = 0.4  # of each string to the other side: in mono they must not cancel out
_NOTES_KEPT = 96


def hertz(note: int) -> float:
    """The frequency of a MIDI note."""
    return _A4_HERTZ * 2.0 ** ((note - _A4) / 12)


@lru_cache(maxsize=_NOTES_KEPT)
def pad_note(note: int, samples: int) -> Wave:
    """A held note with slow attack and release, stereo: (samples, 2)."""
    import numpy as np

    strings: list[Wave] = []
    for side in (-1, 1):
        base = hertz(note) * (1 + side * _DETUNE)
        wave = np.zeros(samples, np.float32)
        for number, gain in _PAD_PARTIALS:
            swell = 1 - np.float32(0.25) * _sine(0.11 + 0.02 * number, samples, number * side / 7)
            wave += np.float32(gain) * swell * _sine(base * number, samples, number * side / 7)
        strings.append(wave)
    left, right = strings
    near, far = np.float32(1 / (1 + _CROSSFEED)), np.float32(_CROSSFEED / (1 + _CROSSFEED))
    sides = np.stack((near * left + far * right, near * right + far * left), axis=1)
    return (sides * _slow_envelope(samples)[:, None]).astype(np.float32)


@lru_cache(maxsize=_NOTES_KEPT)
def bass_note(note: int, samples: int) -> Wave:
    """A low, round note: (samples,)."""
    import numpy as np

    wave = _sine(hertz(note), samples) + np.float32(0.22) * _sine(2 * hertz(note), samples)
    return (wave * _slow_envelope(samples)).astype(np.float32)


@lru_cache(maxsize=_NOTES_KEPT)
def pluck_note(note: int) -> Wave:
    """A plucked note that dies away within `PLUCK_SECONDS`: (samples,)."""
    import numpy as np

    samples = int(PLUCK_SECONDS * RATE)
    time = np.arange(samples, dtype=np.float32) / RATE
    wave = np.zeros(samples, np.float32)
    for number, gain, damping in _PLUCK_PARTIALS:
        decay = np.exp(np.float32(-1.5 * damping) * time)
        wave += np.float32(gain) * decay * _sine(hertz(note) * number, samples)
    wave *= np.minimum(time / np.float32(0.008), 1)  # a finger, not a hammer
    ending = int(0.25 * RATE)
    wave[-ending:] *= np.linspace(1, 0, ending, dtype=np.float32)
    return wave


@lru_cache(maxsize=1)
def room() -> Wave:
    """The answer of a soft room to a click: noise that dies away, stereo: (samples, 2)."""
    import numpy as np

    samples = int(ROOM_SECONDS * RATE)
    noise = np.random.default_rng(7).standard_normal((samples, 2)).astype(np.float32)
    spectrum = np.fft.rfft(noise, axis=0)
    frequency = np.fft.rfftfreq(samples, 1 / RATE)[:, None]
    dark = 1 / (1 + (frequency / 2600) ** 2) * (frequency / (frequency + 180))
    noise = np.fft.irfft(spectrum * dark, samples, axis=0).astype(np.float32)
    time = np.arange(samples, dtype=np.float32)[:, None] / RATE
    response = noise * np.exp(-2.4 * time) * np.minimum(time / 0.02, 1)
    return (response / np.sqrt((response**2).sum(axis=0))).astype(np.float32)


def _sine(frequency: float, samples: int, start: float = 0.0) -> Wave:
    """A sine wave; `start` is its phase in turns. Turns are counted exactly, then rounded."""
    import numpy as np

    turns = np.arange(samples) * (frequency / RATE) + start
    turns -= np.floor(turns)
    return np.sin(turns.astype(np.float32) * np.float32(2 * np.pi))


@lru_cache(maxsize=4)
def _slow_envelope(samples: int) -> Wave:
    """Rises over the first third and falls over the last one: neighbours cross-fade."""
    import numpy as np

    edge = samples // 3
    rise = np.sin(np.linspace(0, np.pi / 2, edge, dtype=np.float32)) ** 2
    envelope = np.ones(samples, np.float32)
    envelope[:edge] = rise
    envelope[-edge:] = rise[::-1]
    return envelope
