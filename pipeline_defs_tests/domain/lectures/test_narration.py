"""The closed loop, by hand and against voices that do not quite do what they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_defs import policies
from pipeline_defs.domain.lectures.narration import (
    AIM,
    FASTEST,
    LONGEST,
    SLOWEST,
    Accept,
    Impossible,
    Pad,
    Rewrite,
    Speak,
    Step,
    Stretch,
    Take,
    decide,
)

CHARS = 140
FREE = {"may_change_speed": True, "may_rewrite": True}
FIXED = {"may_change_speed": False, "may_rewrite": False}
MOST_CALLS = 5


def take(seconds: float) -> Take:
    return Take(seconds, CHARS)


@pytest.mark.parametrize("off", [-0.029, 0.0, 0.02])
def test_speech_near_the_aim_is_left_alone(off: float) -> None:
    near = take(AIM * (1 + off))
    assert decide(near, **FREE) == Accept()
    assert near.method(Accept()) == "as_spoken"


def test_speech_that_leaves_no_silence_at_the_end_is_not_near() -> None:
    assert decide(take(LONGEST), **FREE) == Accept()
    assert isinstance(decide(take(LONGEST + 0.01), **FREE), Speak)


@pytest.mark.parametrize(("seconds", "speed"), [(10.2, 1.068), (10.5, 1.099), (8.7, 0.911)])
def test_speech_a_little_off_is_spoken_at_another_speed(seconds: float, speed: float) -> None:
    assert decide(take(seconds), **FREE) == Speak(speed)


def test_where_the_voice_has_one_speed_the_sound_is_stretched() -> None:
    step = decide(take(10.2), may_change_speed=False, may_rewrite=True)
    assert step == Stretch(pytest.approx(10.2 / AIM))
    done = take(10.2).stretched(AIM, 1.068)
    assert decide(done, **FIXED) == Accept()
    assert done.method(Accept()) == "stretch"


def test_the_total_change_of_speed_counts_not_the_last_one() -> None:
    deaf = take(10.3).spoken(10.3, 1.079)  # this voice ignores what it is asked for
    assert decide(deaf, **FREE) == Speak(FASTEST)
    deaf = deaf.spoken(10.3, FASTEST)
    assert decide(deaf, **FREE) == Stretch(pytest.approx(10.3 / AIM))
    assert deaf.stretched(AIM, 1.079).method(Accept()) == "speed+stretch"


def test_a_text_is_spoken_again_twice_at_most() -> None:
    wild = take(10.0).spoken(9.0, 1.047).spoken(10.1, 0.99)
    assert isinstance(decide(wild, **FREE), Stretch)


@pytest.mark.parametrize("seconds", [4.0, 8.0, 11.0, 19.1])
def test_speech_far_off_is_rewritten_to_the_proportional_length(seconds: float) -> None:
    step = decide(take(seconds), **FREE)
    assert isinstance(step, Rewrite)
    wanted = min(CHARS * AIM / seconds, policies.GIVEN_SEGMENT_MAX_CHARS)
    assert step.min_chars < step.max_chars <= policies.GIVEN_SEGMENT_MAX_CHARS
    assert step.min_chars == pytest.approx(wanted * 0.94, abs=1)
    assert step.max_chars == pytest.approx(min(wanted * 1.06, 260), abs=1)


def test_a_text_is_rewritten_once() -> None:
    again = take(12.0).rewritten(11.5, 110)
    assert decide(again, **FREE) == Speak(FASTEST)
    assert again.spoken(9.6, 1.05).method(Accept()) == "rewrite+speed"
    assert again.natural is None


def test_a_users_own_long_text_is_spoken_and_stretched_as_fast_as_it_may_be() -> None:
    own = take(11.5)
    assert decide(own, may_change_speed=True, may_rewrite=False) == Speak(FASTEST)
    own = own.spoken(11.5 / 1.1, FASTEST)
    step = decide(own, may_change_speed=True, may_rewrite=False)
    assert step == Stretch(pytest.approx(own.seconds / AIM))
    own = own.stretched(AIM, own.seconds / AIM)
    assert decide(own, may_change_speed=True, may_rewrite=False) == Accept()


def test_what_cannot_be_said_in_a_segment_is_refused_with_the_figures() -> None:
    own = take(13.2).spoken(12.0, FASTEST)
    step = decide(own, may_change_speed=True, may_rewrite=False)
    assert step == Impossible(
        "spoken as fast as it may be, the text takes 10.9 s of the 9.8 s that fit into its segment"
    )
    assert isinstance(decide(take(10.9), **FIXED), Impossible)
    assert isinstance(decide(take(10.7), **FIXED), Stretch)


def test_a_short_text_is_slowed_within_the_limit_and_followed_by_silence() -> None:
    short = take(6.0)
    assert decide(short, may_change_speed=True, may_rewrite=False) == Speak(SLOWEST)
    short = short.spoken(6.0 / 0.9, SLOWEST)
    assert decide(short, may_change_speed=True, may_rewrite=False) == Pad()
    assert short.method(Pad()) == "speed+pad"


def test_a_short_sound_of_a_voice_with_one_speed_is_stretched_then_padded() -> None:
    assert decide(take(6.0), **FIXED) == Stretch(SLOWEST)
    slow = take(6.0).stretched(6.0 / 0.9, SLOWEST)
    assert decide(slow, **FIXED) == Pad()
    assert slow.method(Pad()) == "stretch+pad"


def test_nothing_is_stretched_twice() -> None:
    assert decide(take(10.4).stretched(9.81, 1.06), **FIXED) == Impossible(
        "spoken as fast as it may be, the text takes 9.8 s of the 9.8 s that fit into its segment"
    )
    assert decide(take(8.0).stretched(8.9, 0.9), **FIXED) == Pad()


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_without_speech_there_is_nothing_to_decide(seconds: float) -> None:
    with pytest.raises(ValueError, match="a take has speech"):
        take(seconds)
    with pytest.raises(ValueError, match="a take has speech"):
        Take(9.0, 0)


@dataclass
class Voice:
    """Says `rate` characters a second; `errors` are how far each call is off what was asked for."""

    rate: float
    errors: list[float]
    obeys: float = 1.0  # how much of an asked change of speed it makes
    calls: int = 0
    steps: list[Step] = field(default_factory=list)

    def speak(self, chars: int, speed: float) -> float:
        error = self.errors[self.calls % len(self.errors)] if self.calls else 0.0
        self.calls += 1
        return chars / self.rate / (1 + (speed - 1) * self.obeys) * (1 + error)


def run(voice: Voice, chars: int, share: float, *, speed: bool, rewrite: bool) -> tuple[Take, Step]:
    """Follow the loop to its end; a rewriting model hits `share` of the length it may choose."""
    now = Take(voice.speak(chars, 1.0), chars)
    while True:
        step = decide(now, may_change_speed=speed, may_rewrite=rewrite)
        voice.steps.append(step)
        assert len(voice.steps) <= 2 * MOST_CALLS
        match step:
            case Speak(asked):
                assert SLOWEST <= asked <= FASTEST
                now = now.spoken(voice.speak(now.chars, asked), asked)
            case Rewrite(least, most):
                voice.calls += 1
                chars = round(least + (most - least) * share)
                now = now.rewritten(voice.speak(chars, 1.0), chars)
            case Stretch(tempo):
                assert SLOWEST <= tempo <= FASTEST
                now = now.stretched(now.seconds / tempo, tempo)
            case Accept() | Pad() | Impossible():
                return now, step


ERRORS = st.lists(st.floats(-0.06, 0.06), min_size=5, max_size=5)
RATES = st.floats(9.0, 22.0)
VOICES = st.builds(Voice, RATES, ERRORS)
ANY_VOICES = VOICES | st.builds(Voice, RATES, ERRORS, st.sampled_from([0.7, 0.0, -1.0]))
TEXTS = st.integers(3, policies.GIVEN_SEGMENT_MAX_CHARS)


@given(ANY_VOICES, TEXTS, st.floats(0, 1), st.booleans(), st.booleans())
def test_the_loop_always_ends_and_what_it_keeps_fits(
    voice: Voice, chars: int, share: float, speed: bool, rewrite: bool
) -> None:
    done, last = run(voice, chars, share, speed=speed, rewrite=rewrite)
    assert voice.calls <= MOST_CALLS
    assert sum(isinstance(step, Rewrite) for step in voice.steps) <= int(rewrite)
    assert sum(isinstance(step, Stretch) for step in voice.steps) <= 1
    assert speed or not any(isinstance(step, Speak) for step in voice.steps)
    if isinstance(last, Impossible):
        assert done.seconds / FASTEST > LONGEST or done.tempo != 1.0
    else:
        assert done.seconds <= LONGEST
        assert isinstance(last, Pad) == (done.seconds < AIM * (1 - policies.NARRATION_CLOSE))


@given(VOICES, st.floats(0.905, 1.095), st.booleans(), st.booleans())
def test_a_text_of_about_the_right_length_always_ends_near_the_aim(
    voice: Voice, off: float, speed: bool, rewrite: bool
) -> None:
    chars = round(voice.rate * AIM * off)
    if not SLOWEST < chars / voice.rate / AIM < FASTEST:
        return
    done, last = run(voice, chars, 0.5, speed=speed, rewrite=rewrite)
    assert last == Accept()
    assert abs(done.seconds / AIM - 1) <= policies.NARRATION_CLOSE
    assert done.rewrites == 0


@given(VOICES, TEXTS, st.floats(0, 1), st.booleans())
def test_a_text_that_may_be_rewritten_always_gets_its_length(
    voice: Voice, chars: int, share: float, speed: bool
) -> None:
    done, _ = run(voice, chars, share, speed=speed, rewrite=True)
    assert abs(done.seconds / AIM - 1) <= 2 * policies.NARRATION_CLOSE


@given(ANY_VOICES, TEXTS)
def test_a_short_text_never_sounds_slower_than_permitted(voice: Voice, chars: int) -> None:
    done, last = run(voice, chars, 0.5, speed=True, rewrite=False)
    if isinstance(last, Pad) and done.tempo != 1.0:
        assert done.rate >= SLOWEST - 0.001
