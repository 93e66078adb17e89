"""Recordings to transcripts with the engine that ships: who said what, by channel and by voice.

Recordings and their truth are others' (a real phone call, a sales call); how good the transcripts
are is printed (`pytest -s`).
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import jiwer
import meeteval
import numpy as np
import pytest
import simpleder
from whisper_normalizer.english import EnglishTextNormalizer

from pipeline_defs.defs.calls.transcribing import BY_VOICE, ONE_VOICE, transcribe_recording
from pipeline_defs.domain.calls.interview import THANKS
from pipeline_defs.domain.calls.transcripts import SpokenWord, Transcript
from pipeline_defs.local.providers.engine.decoding import decoded_sound
from pipeline_defs.local.providers.engine.listening import Listener
from pipeline_defs.local.providers.engine.speaking import Speaker
from pipeline_defs.local.providers.engine.voices import DEEP
from pipeline_defs.local.providers.telephone.people import Answer, Person
from pipeline_defs.local.providers.telephone.talking import Say, conversation
from pipeline_defs.media.recordings import read_recording
from pipeline_defs.settings import PROJECT_ROOT

AUDIO = PROJECT_ROOT.parent / "shared" / "data" / "audio"
CONSENT = "Hello, this is an automated interview, and it is recorded. May I ask you a question?"
QUESTION = "What would you think of a loaf made with local flour that costs a little more?"
real = pytest.mark.skipif(not AUDIO.is_dir(), reason="the shared recordings are not here")
normal = EnglishTextNormalizer()


@cache
def listener() -> Listener:
    return Listener()


def transcribed(data: bytes, name: str, *said: str) -> Transcript:
    async def listen(_channel: int, wav: bytes) -> Sequence[SpokenWord]:
        heard = listener().transcribe(decoded_sound(wav))
        return [SpokenWord(w.text, w.start, w.end, w.probability) for w in heard.words]

    return asyncio.run(transcribe_recording(read_recording(data, name), listen, spoken_by_us=said))


@cache
def of_file(name: str) -> Transcript:
    return transcribed((AUDIO / name).read_bytes(), name)


def report(line: str) -> None:
    sys.stdout.write(f"\n{line}\n")


def turns(said: Transcript) -> list[tuple[str, float, float]]:
    return [(str(u.voice), u.start, u.end) for u in said.utterances]


def texts(said: Transcript) -> Mapping[str, str]:
    """Everything each voice says."""
    by_voice: dict[str, list[str]] = defaultdict(list)
    for utterance in said.utterances:
        by_voice[str(utterance.voice)].append(utterance.text)
    return {voice: normal(" ".join(spoken)) for voice, spoken in by_voice.items()}


def truth_of_turns() -> list[tuple[str, float, float]]:
    rows = [line.split() for line in (AUDIO / "pyannote_sample.rttm").read_text().splitlines()]
    return [(row[7], float(row[3]), float(row[3]) + float(row[4])) for row in rows]


def truth_of_texts() -> Mapping[str, str]:
    by_speaker: dict[str, list[str]] = defaultdict(list)
    for row in (AUDIO / "pyannote_sample.stm").read_text().splitlines():
        _, _, speaker, _, _, text = row.split(" ", 5)
        by_speaker[speaker].append(text)
    return {speaker: normal(" ".join(spoken)) for speaker, spoken in by_speaker.items()}


def cp_wer(said: Transcript) -> float:
    """Words right and by the right one, whoever is called what (concatenated, permuted)."""
    return float(
        meeteval.wer.cp_word_error_rate(dict(truth_of_texts()), dict(texts(said))).error_rate
    )


def wer(said: Transcript) -> float:
    """Words right, whoever says them."""
    truth = [
        row.split(" ", 5)[5]
        for row in (AUDIO / "pyannote_sample.stm").read_text().split("\n")
        if row
    ]
    spoken = " ".join(u.text for u in said.utterances)
    return float(jiwer.wer(normal(" ".join(truth)), normal(spoken)))


@real
def test_a_real_call_of_two_channels_has_the_words_with_the_right_people() -> None:
    said = of_file("pyannote_sample_dual_derived.wav")
    report(f"pyannote_sample_dual_derived.wav: cpWER {cp_wer(said):.1%}")
    assert cp_wer(said) <= 0.175


@real
def test_a_real_call_on_one_channel_has_two_voices_told_apart() -> None:
    said = of_file("pyannote_sample.wav")
    error = float(simpleder.DER(truth_of_turns(), turns(said)))
    report(f"pyannote_sample.wav: WER {wer(said):.1%}, DER {error:.1%}, cpWER {cp_wer(said):.1%}")
    assert wer(said) <= 0.15
    assert error <= 0.27
    assert said.layout == "mono"
    assert BY_VOICE in said.warnings
    assert {u.speaker for u in said.utterances} == {"UNKNOWN"}, "nobody said who is who"


@real
def test_a_sales_call_on_one_channel_has_each_turn_with_the_right_one() -> None:
    said = of_file("gcp_commercial_mono.wav")
    of = texts(said)
    assert set(of) == {"1", "2"}
    buyer, seller = sorted(of.values(), key=lambda text: "buy a chromecast" not in text)
    for text in ("help me with that", "get the black one", "express"):
        assert text in buyer
    for text in ("color would you like", "ship it regular or", "on the way"):
        assert text in seller


@real
@pytest.mark.parametrize("name", ["jfk.flac", "azure_weather_mulaw.wav"])
def test_one_person_is_not_two_speakers(name: str) -> None:
    said = of_file(name)
    assert {u.voice for u in said.utterances} == {1}
    assert {u.speaker for u in said.utterances} == {"UNKNOWN"}
    assert said.layout == "mono"
    assert ONE_VOICE in said.warnings


@real
@pytest.mark.parametrize("channel", [0, 1])
def test_one_half_of_a_call_is_not_two_speakers(channel: int) -> None:
    name = "pyannote_sample_dual_derived.wav"
    samples = read_recording((AUDIO / name).read_bytes(), name).channels[channel]
    said = transcribed(_wav(samples), "half.wav")
    assert {u.voice for u in said.utterances} == {1}


@pytest.mark.parametrize("channels", [1, 2])
def test_who_the_respondent_is_follows_from_what_we_say(channels: int) -> None:
    answer = "I would gladly pay a little more for it, because I know the farmers around here."
    yes = "Yes, please go ahead, I have a moment for you."
    person = Person("+12025550100", "Ada", DEEP, "talks", yes, (Answer(QUESTION, answer),))
    says = [Say(CONSENT, 6.0), Say(QUESTION, 9.0), Say(THANKS, 0.0)]
    wav = conversation(says, person, Speaker(), 7, channels=channels)
    said = transcribed(wav, "call.wav", CONSENT, QUESTION, THANKS)
    by_role = {
        role: normal(" ".join(u.text for u in said.utterances if u.speaker == role))
        for role in ("AI", "HUMAN", "UNKNOWN")
    }
    assert by_role["UNKNOWN"] == ""
    assert jiwer.wer(normal(f"{yes} {answer}"), by_role["HUMAN"]) <= 0.2, by_role
    assert jiwer.wer(normal(f"{CONSENT} {QUESTION} {THANKS}"), by_role["AI"]) <= 0.2, by_role


def _wav(samples: np.ndarray) -> bytes:
    from pipeline_defs.media.recordings import RATE
    from pipeline_defs.media.wav import write_wav

    return write_wav(samples.astype(np.float32) / np.float32(32_768), RATE)
