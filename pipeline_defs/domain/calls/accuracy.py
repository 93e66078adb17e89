"""How many words of a respondent were heard wrong, where it is known what they said. No I/O."""

from __future__ import annotations

from pipeline_defs.domain.calls.transcripts import Transcript


def word_error_rate(script: str | None, said: Transcript) -> float | None:
    """Wrong, missing and added words as a share of those in the script, after Whisper's rules of
    plain English (Radford et al. 2022, appendix C); above 1 where more was heard than was said.

    None where it is not known what was said, or which of the words are the respondent's.
    """
    if script is None or any(u.speaker == "UNKNOWN" for u in said.utterances):
        return None
    wanted = _plain(script)
    heard = _plain(" ".join(u.text for u in said.utterances if u.speaker == "HUMAN"))
    if not wanted:
        return None
    import jiwer

    return jiwer.wer(wanted, heard) if heard else 1.0


def _plain(text: str) -> str:
    from whisper_normalizer.english import EnglishTextNormalizer

    return str(EnglishTextNormalizer()(text))
