"""How alike texts are, estimated and exactly."""

from __future__ import annotations

import random
from itertools import combinations

from pipeline_defs.domain.pages.similarity import (
    BANDS,
    ROWS,
    bands,
    estimated_jaccard,
    jaccard,
    signature,
)

SIGNED = (246970802, 1284057482, 1314013742)
VOCABULARY = [f"word{n}" for n in range(5000)]


def text(rng: random.Random, words: int = 500) -> str:
    return " ".join(rng.choices(VOCABULARY, k=words))


def pair_at(similarity: float, rng: random.Random) -> tuple[str, str]:
    """Two texts of 600 runs that share a beginning, so that their similarity is about this."""
    shared = round(1200 * similarity / (1 + similarity))
    common = text(rng, shared)
    return tuple(f"{common} {text(rng, 604 - shared)}" for _ in range(2))  # type: ignore[return-value]


def shares_a_band(one: str, other: str) -> bool:
    return any(a == b for a, b in zip(bands(signature(one)), bands(signature(other)), strict=True))


def test_similarity_is_the_share_of_common_runs() -> None:
    assert jaccard("a b c d e f", "a b c d e f") == 1.0
    assert jaccard("A B c d e f", "a b c d e x") == 1 / 3
    assert jaccard("too short", "too short") == 0.0


def test_the_estimate_is_near_the_truth() -> None:
    rng = random.Random(1)
    errors = []
    for similarity in (0.1, 0.3, 0.5, 0.7, 0.9) * 12:
        one, other = pair_at(similarity, rng)
        errors.append(estimated_jaccard(signature(one), signature(other)) - jaccard(one, other))
    assert abs(sum(errors) / len(errors)) < 0.02
    assert (sum(e * e for e in errors) / len(errors)) ** 0.5 < 0.05


def test_hardly_a_pair_at_the_limit_is_missed_and_different_texts_are_not_compared() -> None:
    rng = random.Random(2)
    alike = [pair_at(0.5, rng) for _ in range(200)]
    assert all(0.47 < jaccard(*pair) < 0.53 for pair in alike[:5])
    assert sum(shares_a_band(*pair) for pair in alike) >= 195
    others = [text(rng) for _ in range(30)]
    assert not any(shares_a_band(*pair) for pair in combinations(others, 2))


def test_a_signature_is_the_same_everywhere() -> None:
    """It is stored: another release that finds others would miss every stored page."""
    signed = signature("the quick brown fox jumps over the lazy dog")
    assert len(signed) == BANDS * ROWS
    assert signed[:3] == SIGNED
    assert len(set(bands(signed))) == BANDS
    assert all(-(1 << 63) <= band < 1 << 63 for band in bands(signed))


def test_a_text_without_runs_has_no_signature() -> None:
    assert signature("four words are few") == ()
    assert bands(()) == []
    assert estimated_jaccard((), signature("one two three four five")) == 0.0
