"""Makes a lecture's script: written from the topic, or taken as the user gave it."""

from __future__ import annotations

from pipeline_defs import policies
from pipeline_defs.defs.lectures import bridges, previews
from pipeline_defs.defs.lectures.making import made
from pipeline_defs.defs.lectures.reading import read_lecture
from pipeline_defs.domain.articles.prompts import as_prompt
from pipeline_defs.domain.lectures import prompts, recipe
from pipeline_defs.domain.lectures.models import Lecture
from pipeline_defs.domain.lectures.scripts import LectureDraft, SegmentDraft
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.gateways.usage import Usage
from pipeline_defs.runtime import control
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.lines import LECTURE_LINE
from pipeline_defs.runtime.paid_calls import Outcome, Paid, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage import lectures, units
from pipeline_defs.storage.database import Transaction

HEADING_WORDS = 5


async def make_script(job: Assignment) -> None:
    """Write the script, store the segments, make their partitions, report their bridges."""
    if job.fresh:
        await job.raise_generations([("lecture_script", job.unit_id)])
    lecture = await read_lecture(job)
    await bridges.report_request(job, lecture)
    inputs = recipe.script_inputs(lecture)
    if recipe.is_up_to_date(lecture, "lecture_script", lecture.id):
        await job.work.transact(lambda tx: _ready(tx, lecture))
        await job.report_again("lecture_script", lecture.id)  # edits of users stay
        return
    await job.work.transact(lambda tx: _begin(tx, lecture))
    paid = await _written(job, lecture, inputs)
    draft = LectureDraft.model_validate(paid.result["script"])
    script = made(
        "lecture_script",
        lecture.id,
        version_of(draft),
        inputs,
        inputs={recipe.LECTURE_REQUEST: recipe.request_version(lecture)},
        cost_usd=paid.cost_usd,
        metadata=previews.script(draft, paid.result["model"]),
    )
    await job.work.store(script, lambda tx: _store(tx, lecture, script, draft, paid))
    stored = await read_lecture(job)
    await job.reporter.add_partitions("segments", [segment.key for segment in stored.segments])
    await job.reporter.made(job.work, script, reused=paid.reused)
    await bridges.report_segments(job, stored, stored.segments)


async def _written(job: Assignment, lecture: Lecture, inputs: str) -> Paid:
    if lecture.script_given:
        draft = _given(lecture, lecture.script_given)
        return Paid.free({"script": draft.model_dump(mode="json"), "model": "given by the user"})

    async def call(this: Try) -> Outcome:
        answer = await job.resources.gateways.text.generate(
            TextRequest(
                instructions=prompts.SCRIPT_INSTRUCTIONS,
                prompt=as_prompt(prompts.script_task(lecture), this.complaint),
                answer=LectureDraft,
                purpose="writing",
                max_output_tokens=policies.SCRIPT_MAX_OUTPUT_TOKENS,
                timeout=policies.LECTURE_SCRIPT.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        _must_hold(answer.value, lecture, answer.usage)
        return Outcome(
            {"script": answer.value.model_dump(mode="json"), "model": answer.model}, answer.usage
        )

    return await job.work.paid(lecture.id, "script", inputs, policies.LECTURE_SCRIPT, call)


def _must_hold(draft: LectureDraft, lecture: Lecture, usage: tuple[Usage, ...]) -> None:
    """Gates of a script; what does not hold is asked for again, with the reason."""
    if len(draft.segments) != lecture.segments_wanted:
        raise InvalidAnswer(
            f"{len(draft.segments)} segments instead of {lecture.segments_wanted}", usage
        )
    faulty = [
        f"segment {order} has {len(segment.text)}"
        for order, segment in enumerate(draft.segments, start=1)
        if not policies.SEGMENT_MIN_CHARS <= len(segment.text) <= policies.SEGMENT_MAX_CHARS
    ]
    if faulty:
        raise InvalidAnswer(
            f"narrations have {policies.SEGMENT_MIN_CHARS} to {policies.SEGMENT_MAX_CHARS} "
            f"characters: {', '.join(faulty[:10])}",
            usage,
        )


def _given(lecture: Lecture, texts: tuple[str, ...]) -> LectureDraft:
    """A user's own texts as a script: each segment is headed by how it begins."""
    return LectureDraft(
        title=lecture.title or lecture.topic[:120],
        segments=tuple(SegmentDraft(heading=_heading(text), text=text) for text in texts),
    )


def _heading(text: str) -> str:
    words = text.split()
    head = " ".join(words[:HEADING_WORDS]).rstrip(",;:.!?")
    return f"{head} …" if len(words) > HEADING_WORDS else head


async def _begin(tx: Transaction, lecture: Lecture) -> None:
    await lectures.reset(tx, lecture.id, [("lecture_script", lecture.id)])
    await lectures.set_status(tx, lecture.id, ("lecture_script", lecture.id), "working")
    units.append_progress(
        tx, lecture.id, stage="lecture_script", outcome="started", message="Writing the script"
    )


async def _ready(tx: Transaction, lecture: Lecture) -> None:
    node = ("lecture_script", lecture.id)
    if lecture.asset("lecture_script").status != "ready":
        await lectures.reset(tx, lecture.id, [node])
        await lectures.set_status(tx, lecture.id, node, "ready")


async def _store(
    tx: Transaction, lecture: Lecture, script: Made, draft: LectureDraft, paid: Paid
) -> None:
    result = {"served_by": paid.result["model"], "segments": len(draft.segments)}
    await lectures.store_result(tx, lecture.id, (script.asset, script.partition), result)
    await lectures.put_script(tx, lecture, draft)
    control.advance(
        tx,
        LECTURE_LINE,
        lecture.id,
        stage="lecture_script",
        outcome="finished",
        message=f"Script of {len(draft.segments)} segments: {draft.title}",
    )
