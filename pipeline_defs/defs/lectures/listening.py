"""Listens to a narration: transcribes it back and counts the words that differ from its script."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline_defs import policies
from pipeline_defs.defs.lectures.making import Making
from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.lectures.fidelity import word_error_rate
from pipeline_defs.domain.lectures.models import Segment
from pipeline_defs.gateways.transcription.port import TranscriptionRequest
from pipeline_defs.runtime.driving import INFRASTRUCTURE
from pipeline_defs.runtime.paid_calls import Outcome, Try


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard; `wer` is None where nobody listened, and `why` says so."""

    wer: float | None = None
    heard: str | None = None
    words: tuple[tuple[str, float, float], ...] = ()
    why: str = ""
    cost_usd: Decimal = Decimal(0)

    def as_result(self) -> dict[str, Any]:
        """As it is stored with the narration."""
        words = [list(word) for word in self.words]
        return {"wer": self.wer, "heard": self.heard, "words": words, "not_heard": self.why}


async def listen(making: Making, segment: Segment, text: str, wav: bytes) -> Heard:
    """Transcribe a narration and compare. A provider that fails here spoils only the check."""
    language = making.lecture.language

    async def call(this: Try) -> Outcome:
        answer = await making.job.resources.gateways.transcription.transcribe(
            TranscriptionRequest(
                audio=wav,
                media_type="audio/wav",
                language=language,
                timeout=policies.TRANSCRIPTION.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        words = [[w.text, round(w.start, 3), round(w.end, 3)] for w in answer.words]
        return Outcome({"text": answer.text, "words": words}, answer.usage)

    try:
        paid = await making.work.paid(
            segment.key, "transcript", hashlib.sha256(wav).hexdigest(), policies.TRANSCRIPTION, call
        )
    except PipelineError as error:
        if error.code in INFRASTRUCTURE or error.code == "BUDGET_EXCEEDED":
            raise
        return Heard(why=str(error))
    heard = str(paid.result["text"])
    return Heard(
        wer=round(await asyncio.to_thread(word_error_rate, text, heard, language=language), 4),
        heard=heard,
        words=tuple((w, start, end) for w, start, end in paid.result["words"]),
        cost_usd=paid.cost_usd,
    )
