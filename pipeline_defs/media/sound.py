"""Sound of one channel in memory: read, written, measured, stretched, placed in its segment."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.ffmpeg import run_ffmpeg, workspace
from pipeline_defs.media.mp3 import read_mp3
from pipeline_defs.media.rejections import bad_media
from pipeline_defs.media.wav import read_wav, write_wav
from pipeline_defs.media.waves import heights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_WAV = ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave")
_MP3 = ("audio/mpeg", "audio/mp3")
_WINDOW = 0.01  # seconds over which loudness is looked at
_VOICED_BELOW_PEAK = 0.01  # of the loudest window (-40 dB): quieter is the room
_SILENCE = 0.0005  # of full scale (-66 dB): a sound that stays below says nothing
_LONGEST_CLICK = 2  # windows: what is no longer is no speech
_EDGE_BEFORE, _EDGE_AFTER = 0.02, 0.08  # seconds of the room kept around the words
_FADE_IN, _FADE_OUT = 0.005, 0.03  # seconds
_BAR_STEP, _BAR_WIDTH = 6, 3  # pixels from bar to bar, and of a bar
_BAR_COLOUR = (59, 130, 246)


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Samples from -1 to 1, `rate` per second."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


async def decode_sound(data: bytes, media_type: str) -> Sound:
    """WAV or MP3 as sound of one channel. Raises `Permanent` BAD_MEDIA for anything else."""
    kind = media_type.split(";")[0].strip().lower()
    if len(data) > policies.MEDIA_MOST_BYTES:
        raise bad_media("sound", "it is larger than is allowed")
    if not data:
        raise bad_media("sound", "it is empty")
    if kind in _WAV:
        return Sound(*await asyncio.to_thread(read_wav, data))
    if kind in _MP3:
        return Sound(*await read_mp3(data))
    raise bad_media("sound", f"{kind or 'its type'} is not supported")


def encode_wav(sound: Sound) -> bytes:
    """The sound as 16-bit WAV."""
    return write_wav(sound.samples, sound.rate)


def speech_span(sound: Sound) -> tuple[float, float] | None:
    """The seconds at which speech begins and ends; None for silence.

    Speech is what is at most 40 dB quieter than the loudest moment; single clicks do not count.
    """
    import numpy as np

    size = max(round(sound.rate * _WINDOW), 1)
    padded = np.pad(sound.samples, (0, -len(sound.samples) % size))
    level = np.sqrt(np.mean(np.square(padded.reshape(-1, size), dtype=np.float64), axis=1))
    if not level.size or level.max() < _SILENCE:
        return None
    voiced = level >= max(level.max() * _VOICED_BELOW_PEAK, _SILENCE)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], voiced, [False]))))
    starts, ends = edges[::2], edges[1::2]
    spoken = ends - starts > _LONGEST_CLICK
    if not spoken.any():
        return None
    first, last = starts[spoken][0] * size, ends[spoken][-1] * size
    return float(first) / sound.rate, float(min(last, len(sound.samples))) / sound.rate


async def stretched(sound: Sound, tempo: float) -> Sound:
    """The sound at another speed and the same pitch; `tempo` above 1 is faster (0.5 to 2).

    It lasts `seconds / tempo` to the sample.
    """
    import numpy as np

    wanted = round(len(sound.samples) / tempo)
    async with workspace() as folder:
        (folder / "source.f32").write_bytes(sound.samples.astype("<f4").tobytes())
        raw = ("-f", "f32le", "-ar", str(sound.rate), "-ac", "1")
        filters = ("-af", f"apad=pad_dur=0.2,atempo={tempo:.6f}")
        await run_ffmpeg(
            [*raw, "-i", "source.f32", *filters, *raw, "result.f32"],
            folder=folder,
            deadline=policies.FFMPEG_DEADLINE,
            heavy=True,
        )
        samples = np.frombuffer((folder / "result.f32").read_bytes(), "<f4")[:wanted]
    return Sound(np.pad(samples, (0, wanted - len(samples))).astype(np.float32), sound.rate)


def placed(sound: Sound, *, seconds: float, lead: float) -> Sound:
    """The speech alone, after `lead` seconds of silence, in exactly `seconds`.

    Silence around the speech is dropped but for short natural edges, which fade. ValueError when
    the speech does not fit.
    """
    import numpy as np

    whole = np.zeros(round(seconds * sound.rate), np.float32)
    span = speech_span(sound)
    if span is None:
        return Sound(whole, sound.rate)
    first, last = (round(second * sound.rate) for second in span)
    begin = round(lead * sound.rate)
    if begin + last - first > len(whole):
        raise ValueError(f"{span[1] - span[0]:.2f} s of speech do not fit into {seconds:g} s")
    before = min(round(_EDGE_BEFORE * sound.rate), first, begin)
    after = round(_EDGE_AFTER * sound.rate)
    kept = sound.samples[first - before : last + after].copy()
    kept = kept[: len(whole) - (begin - before)]
    _fade(kept, round(_FADE_IN * sound.rate), round(_FADE_OUT * sound.rate))
    whole[begin - before : begin - before + len(kept)] = kept
    return Sound(whole, sound.rate)


def waveform(sound: Sound, width: int, height: int) -> bytes:
    """The sound drawn as rounded bars on transparent ground, as a WebP of this size."""
    from PIL import Image, ImageDraw

    finer = 4  # drawn larger and shrunk: smooth edges
    bars = max(width // _BAR_STEP, 1)
    (shares,) = heights([sound.samples], bars)
    canvas = Image.new("L", (width * finer, height * finer))
    draw = ImageDraw.Draw(canvas)
    thick, step = _BAR_WIDTH * finer, width * finer / bars
    for number, share in enumerate(shares):
        tall = max(float(share) * canvas.height, thick)
        left, top = number * step + (step - thick) / 2, (canvas.height - tall) / 2
        box = (left, top, left + thick - 1, top + tall - 1)
        draw.rounded_rectangle(box, radius=thick / 2, fill=255)
    return _shaded(canvas.resize((width, height), Image.Resampling.BOX))


def _shaded(mask: Image) -> bytes:
    """A picture of one colour that is as opaque as the mask is bright, in sixteen steps."""
    from PIL import Image

    picture = Image.new("RGBA", mask.size, (*_BAR_COLOUR, 0))
    picture.putalpha(mask.point([value // 16 * 17 for value in range(256)]))
    target = io.BytesIO()
    picture.save(target, "WEBP", lossless=True)
    return target.getvalue()


def _fade(samples: NDArray[np.float32], rising: int, falling: int) -> None:
    """Let the samples begin and end at nothing, in place."""
    import numpy as np

    rising, falling = min(rising, len(samples)), min(falling, len(samples))
    samples[:rising] *= np.linspace(0, 1, rising, dtype=np.float32)
    samples[len(samples) - falling :] *= np.linspace(1, 0, falling, dtype=np.float32)
