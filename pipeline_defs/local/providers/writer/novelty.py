"""What has been written before, so that nothing is written twice."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline_defs.local.providers.engine.language import count_words, shingles
from pipeline_defs.local.providers.writer.passages import Passage, whole_run

NEAR_DUPLICATE = 0.3  # share of a sentence's 5-grams that were written before
_MARK = re.compile(r"\[@s\d{1,3}\]")


class Novelty:
    """Remembers texts by their runs of five words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._written: set[tuple[str, ...]] = set()
        for text in texts:
            self.add(_MARK.sub(" ", text))

    def add(self, text: str) -> None:
        """Count `text` among what is written."""
        self._written |= shingles(text)

    def is_new(self, sentence: str) -> bool:
        """Whether the sentence is neither written before nor a near-duplicate of it."""
        runs = shingles(sentence)
        return not runs or len(runs & self._written) / len(runs) <= NEAR_DUPLICATE

    def rest_of(self, passage: Passage) -> Passage | None:
        """What of a passage is new and stands on its own; None where less than half is left."""
        new = [self.is_new(sentence) for sentence in passage.sentences]
        if all(new):
            return passage
        start = new.index(True) if any(new) else len(new)
        end = next((i for i in range(start, len(new)) if not new[i]), len(new))
        run = whole_run(list(passage.sentences[start:end]))
        if count_words(" ".join(run)) * 2 < passage.words:
            return None
        return Passage(passage.source, passage.source_title, passage.heading, run)
