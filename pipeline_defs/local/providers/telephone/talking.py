"""A conversation by TwiML and a person, spoken into a recording with a channel for each of them.

The first channel is the person called, the second the interviewer, as Twilio records an outbound
call. Pauses are as long as the markup says: whoever talks longer talks into the next question.
"""

from __future__ import annotations

import io
import wave
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline_defs.local.providers.engine.speaking import RATE as SPEECH_RATE
from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.telephone.people import INTERVIEWER, Person

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline_defs.local.providers.engine.voices import Voice

RATE = 8_000  # samples per second, of the telephone network
FULL_SCALE = 32_767  # of 16 bits
LEVEL = 0.5  # of it
NOISE = 0.0006  # of a line
THINKING = (0.35, 0.9)  # seconds before an answer
HM_EVERY = 3  # questions, into one of which somebody says so
HM = "Mm-hm."
TALKERS = ("talks", "mono")
PAUSE_MOST = 60
DOCUMENT_MOST = 4_000  # characters of markup within an order, at Twilio too
TAIL = 0.5  # seconds on the line after the last word


class BadTwiml(ValueError):
    """The markup cannot be followed."""


@dataclass(frozen=True, slots=True)
class Say:
    """Something the interviewer says, and how long they wait afterwards."""

    text: str
    pause: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What the interviewer says, and what the other one says to it: meanwhile, and after it."""

    say: Say
    meanwhile: str
    answer: str


@dataclass
class _Tape:
    """Pieces of sound of a channel, by when they begin."""

    pieces: list[tuple[float, NDArray[np.float32]]] = field(default_factory=list)
    now: float = 0.0


def parse(twiml: str) -> list[Say]:
    """What is to be said. Raises BadTwiml for anything but Response, Say, Pause and Hangup."""
    if len(twiml) > DOCUMENT_MOST or "<!" in twiml:  # no declarations, so no entities
        raise BadTwiml("the markup is too long or declares something")
    try:
        root = ET.fromstring(twiml)  # noqa: S314 # without declarations there are no entities
    except ET.ParseError as error:
        raise BadTwiml("the markup is not well formed") from error
    if root.tag != "Response":
        raise BadTwiml("the markup does not begin with Response")
    said: list[Say] = []
    for verb in root:
        if verb.tag == "Say":
            said.append(Say(" ".join((verb.text or "").split()), 0.0))
        elif verb.tag == "Pause" and said:
            said[-1] = Say(said[-1].text, said[-1].pause + _length(verb))
        elif verb.tag not in ("Pause", "Hangup"):
            raise BadTwiml(f"the local exchange does not know the verb {verb.tag}")
    return said


def _length(pause: ET.Element) -> float:
    text = pause.get("length", "1")
    if not text.isascii() or not text.isdigit():
        raise BadTwiml("a Pause needs a length in whole seconds")
    return min(float(text), PAUSE_MOST)


def conversation(
    says: list[Say],
    person: Person,
    speaker: Speaker,
    seed: int,
    *,
    channels: int = 2,
    trim: bool = False,
) -> bytes:
    """The call as a WAV file of one or two channels; `trim` cuts the silence around it."""
    import numpy as np

    chance = np.random.default_rng(seed)
    theirs, ours = _Tape(now=0.6), _Tape(now=0.6)
    if person.behaviour == "voicemail":
        _put(theirs, _spoken(speaker, person.consent, person.voice), 0.3)
    for turn in turns(says, person):
        sound = _spoken(speaker, turn.say.text, INTERVIEWER)
        begun = ours.now
        _put(ours, sound, begun)
        if turn.meanwhile:
            hm = _spoken(speaker, turn.meanwhile, person.voice) * 0.6
            _put(theirs, hm, begun + len(sound) / RATE * 0.6)
        ended = begun + len(sound) / RATE
        if turn.answer:
            answer = _spoken(speaker, turn.answer, person.voice)
            _put(theirs, answer, ended + chance.uniform(*THINKING))
        ours.now = ended + turn.say.pause
    spans = [(at, at + len(sound) / RATE) for t in (theirs, ours) for at, sound in t.pieces]
    frames = round((max((end for _, end in spans), default=0.0) + TAIL) * RATE)
    mixed = [_mixed(tape, frames, chance) for tape in (theirs, ours)]
    if channels == 1:
        mixed = [_together(mixed)]
    first = min((start for start, _ in spans), default=0.0)
    cut = slice(round(first * RATE), -round(TAIL * RATE)) if trim else slice(None)
    return _wav([channel[cut] for channel in mixed])


def turns(says: list[Say], person: Person) -> Iterator[Turn]:
    """The conversation, as far as they take part in it."""
    for number, say in enumerate(_until_they_leave(says, person)):
        hm = person.behaviour in TALKERS and number % HM_EVERY == HM_EVERY - 1
        answers = say.pause and person.behaviour not in ("voicemail", "silent")
        answer = person.consent if number == 0 else person.answer(say.text)
        yield Turn(say, HM if hm else "", answer if answers else "")


def shortened(wav: bytes, seconds: float) -> bytes:
    """The first seconds of a recording."""
    return _wav([channel[: round(seconds * RATE)] for channel in _channels(wav)])


def in_one_channel(wav: bytes) -> bytes:
    """A recording with all its channels in one."""
    return _wav([_together(_channels(wav))])


def _until_they_leave(says: list[Say], person: Person) -> Iterator[Say]:
    """The whole interview, or as much of it as they take part in."""
    of_them = {"leaves_at_once": 0, "refuses": 1, "hangs_up": 3, "voicemail": 2}
    most = of_them.get(person.behaviour, len(says))
    for number, say in enumerate(says[:most], start=1):
        last = number == most and most < len(says)
        yield Say(say.text, min(say.pause, 9.0)) if last else say


def _spoken(speaker: Speaker, text: str, voice: Voice) -> NDArray[np.float32]:
    import numpy as np
    import soxr

    samples = soxr.resample(speaker.speak(text, voice, 1.0), SPEECH_RATE, RATE)
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return (samples * (LEVEL / peak)).astype(np.float32) if peak else samples.astype(np.float32)


def _put(tape: _Tape, sound: NDArray[np.float32], at: float) -> None:
    tape.pieces.append((at, sound))


def _mixed(tape: _Tape, frames: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """The pieces of a tape on a noisy line."""
    import numpy as np

    line = chance.normal(0, NOISE, frames).astype(np.float32)
    for at, sound in tape.pieces:
        start = round(at * RATE)
        line[start : start + len(sound)] += sound[: len(line) - start]
    return line


def _wav(channels: list[NDArray[np.float32]]) -> bytes:
    import numpy as np

    frames = (np.clip(np.stack(channels, axis=1), -1, 1) * FULL_SCALE).astype("<i2")
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames.tobytes())
    return target.getvalue()


def _channels(wav: bytes) -> list[NDArray[np.float32]]:
    import numpy as np

    with wave.open(io.BytesIO(wav)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples = frames.reshape(-1, file.getnchannels()).astype(np.float32) / FULL_SCALE
    return list(samples.T)


def _together(channels: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    import numpy as np

    return np.sum(channels, axis=0)


def seconds_of(wav: bytes) -> float:
    """How long a recording is."""
    with wave.open(io.BytesIO(wav)) as file:
        return file.getnframes() / file.getframerate()
