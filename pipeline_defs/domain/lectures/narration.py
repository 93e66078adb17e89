"""The closed loop of a narration: speak, measure, adjust, measure again. Pure decisions.

A `Take` is what stands now and how it came about; `decide` says what to do with it. The caller does
it, measures the speech and goes on with the take that follows:

    take = Take(seconds_of(speak(text, 1.0)), len(text))
    match decide(take, may_change_speed=..., may_rewrite=...):
        case Speak(speed):          take = take.spoken(seconds, speed)
        case Rewrite(least, most):  take = take.rewritten(seconds, chars)
        case Stretch(tempo):        take = take.stretched(seconds, tempo)
        case Accept() | Pad():      the sound is placed into its segment: the rest is silence
        case Impossible(reason):    the segment has no narration

It ends after at most five calls of providers, however badly they follow what they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

from pipeline_defs import policies

AIM = policies.NARRATION_SPEECH
LONGEST = policies.SEGMENT_SECONDS - policies.NARRATION_LEAD - policies.NARRATION_TAIL
SLOWEST = 1 - policies.NARRATION_SPEED_MOST
FASTEST = 1 + policies.NARRATION_SPEED_MOST
HARDLY = 0.99  # a tempo that is not worth stretching to


@dataclass(frozen=True, slots=True)
class Accept:
    """The speech has the right length."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Say the same text again at this speed (1.0: as usual)."""

    speed: float


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Have the text said anew in so many characters and speak it at the usual speed."""

    min_chars: int
    max_chars: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Change the tempo of the sound and keep its pitch; above 1.0 is faster."""

    tempo: float


@dataclass(frozen=True, slots=True)
class Pad:
    """The speech is short and stays so: silence follows it."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """The speech does not fit into a segment by any permitted means."""

    reason: str


Step = Accept | Speak | Rewrite | Stretch | Pad | Impossible


@dataclass(frozen=True, slots=True)
class Take:
    """A narration as it stands: its measured speech in seconds, and what was done to get there.

    `chars` is the length of its text; `natural` what the text lasts at the usual speed, once it is
    spoken at another; `respoken` and `rewrites` count calls and survive each other.
    """

    seconds: float
    chars: int
    speed: float = 1.0
    tempo: float = 1.0
    natural: float | None = None
    respoken: int = 0
    rewrites: int = 0

    def __post_init__(self) -> None:
        if not (isfinite(self.seconds) and self.seconds > 0 and self.chars > 0):
            raise ValueError("a take has speech of some seconds and a text")

    @property
    def rate(self) -> float:
        """How much faster than usual it sounds: what a listener hears of all adjustments."""
        return 1.0 if self.natural is None else self.natural / self.seconds

    def spoken(self, seconds: float, speed: float) -> Take:
        """The take after `Speak`."""
        natural = self.natural or self.seconds
        return Take(
            seconds, self.chars, speed, 1.0, natural, self.respoken + 1, rewrites=self.rewrites
        )

    def rewritten(self, seconds: float, chars: int) -> Take:
        """The take after `Rewrite`: another text at the usual speed."""
        return Take(seconds, chars, respoken=self.respoken, rewrites=self.rewrites + 1)

    def stretched(self, seconds: float, tempo: float) -> Take:
        """The take after `Stretch`."""
        natural = self.natural or self.seconds
        return replace(self, seconds=seconds, tempo=tempo, natural=natural)

    def method(self, last: Step) -> str:
        """How it got its length, for the record: `as_spoken`, or such as `rewrite+speed`."""
        parts = {
            "rewrite": self.rewrites > 0,
            "speed": self.speed != 1.0,
            "stretch": self.tempo != 1.0,
            "pad": isinstance(last, Pad),
        }
        return "+".join(name for name, used in parts.items() if used) or "as_spoken"


def decide(take: Take, *, may_change_speed: bool, may_rewrite: bool) -> Step:
    """What to do with a take.

    `may_change_speed`: the voice can be asked for a speed. `may_rewrite`: the text is not a user's
    own and a model can shorten or lengthen it.
    """
    if _is_close(take.seconds):
        return Accept()
    if take.tempo != 1.0:
        return _settled(take)
    off = take.seconds / AIM  # above 1: so much faster it has to be
    within_reach = SLOWEST <= take.rate * off <= FASTEST  # of the usual speed
    if may_rewrite and not within_reach and take.rewrites == 0:
        return _rewrite(take)
    speed = round(_limited(take.speed * off), 3)
    may_speak = may_change_speed and take.respoken < policies.NARRATION_RESPOKEN_MOST
    if may_speak and speed != take.speed:  # sounds better than a stretched sound
        return Speak(speed)
    return _faster(take, off) if off > 1 else _slower(take, off)


def _is_close(seconds: float) -> bool:
    return abs(seconds - AIM) <= AIM * policies.NARRATION_CLOSE and seconds <= LONGEST


def _rewrite(take: Take) -> Rewrite:
    wanted = take.chars * AIM / (take.natural or take.seconds)
    most = min(wanted * (1 + policies.NARRATION_REWRITE_ROOM), policies.GIVEN_SEGMENT_MAX_CHARS)
    least = min(wanted, most) * (1 - policies.NARRATION_REWRITE_ROOM)
    return Rewrite(max(1, round(least)), max(1, round(most)))


def _faster(take: Take, off: float) -> Step:
    """Stretched also on top of what a voice may be sped up, or it would not fit."""
    shortest = take.seconds / FASTEST
    return _impossible(shortest) if shortest > LONGEST else Stretch(_limited(off))


def _slower(take: Take, off: float) -> Step:
    """As slow as it may sound at most; the rest of the segment is silence."""
    tempo = max(off, SLOWEST / take.rate)
    return Pad() if tempo >= HARDLY else Stretch(_limited(tempo))


def _settled(take: Take) -> Step:
    """Nothing is stretched twice."""
    if take.seconds > LONGEST:
        return _impossible(take.seconds)
    return Pad() if take.seconds < AIM else Accept()


def _impossible(seconds: float) -> Impossible:
    return Impossible(
        f"spoken as fast as it may be, the text takes {seconds:.1f} s of the {LONGEST:.1f} s "
        "that fit into its segment"
    )


def _limited(change: float) -> float:
    return min(max(change, SLOWEST), FASTEST)
