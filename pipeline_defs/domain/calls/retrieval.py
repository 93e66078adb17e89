"""Which hypotheses a passage may be about: a passage is only read for those.

Two measures together: TF-IDF finds shared words, embeddings find shared meaning. The question that
was asked belongs to the passage, as answers leave out what the question has said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.domain.calls.campaigns import Campaign
from pipeline_defs.domain.calls.passages import Passage
from pipeline_defs.domain.calls.utterances import plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def topics_of(campaign: Campaign) -> list[str]:
    """What each hypothesis is about: its sentence and the questions asked for it."""
    return [
        " ".join(
            [
                hypothesis.text,
                *(q.question for q in campaign.checklist if q.hypothesis == hypothesis.order),
            ]
        )
        for hypothesis in campaign.hypotheses
    ]


def asked_about(passage: Passage, campaign: Campaign) -> tuple[int | None, int | None]:
    """The checklist question that a passage answers, and the hypothesis of that question."""
    from rapidfuzz import fuzz

    asked = plain(passage.question)
    scored = [(fuzz.partial_ratio(plain(q.question), asked), q) for q in campaign.checklist]
    score, question = max(scored, key=lambda pair: pair[0])
    if not asked or score < policies.QUESTION_RESEMBLES:
        return None, None
    return question.order, question.hypothesis


def similarities(texts: Sequence[str], topics: Sequence[str]) -> NDArray[np.float64]:
    """Cosine of the TF-IDF vectors: a row per text, a column per topic."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), stop_words="english")
    vectors = vectorizer.fit_transform([*texts, *topics])
    return (vectors[: len(texts)] @ vectors[len(texts) :].T).toarray()


def combined(lexical: NDArray[np.float64], meant: NDArray[np.float64]) -> NDArray[np.float64]:
    """Both measures as one."""
    return 0.5 * lexical + 0.5 * meant


def candidates(scores: Sequence[float], asked: int | None) -> list[int]:
    """Numbers of the hypotheses a passage is read for: the one that was asked about, and those
    that are close enough, the closest first."""
    close = sorted(range(len(scores)), key=lambda n: -scores[n])
    found = [n + 1 for n in close if scores[n] >= policies.RELEVANCE_LEAST]
    named = [asked] if asked is not None else []
    return list(dict.fromkeys([*named, *found]))[: policies.HYPOTHESES_PER_PASSAGE]
