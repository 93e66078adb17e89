"""Writes the verses of a run, all at once: one that cannot be written stays where it is."""

from __future__ import annotations

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.http import Http
from pipeline_defs.runtime import control
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.driving import INFRASTRUCTURE, Assignment, PartFailure
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.example_line import domain, storage
from pipeline_defs_tests.example_line.domain import Haiku, Verse
from pipeline_defs_tests.example_line.line import HAIKU_LINE
from pipeline_defs_tests.example_line.poet import (
    HttpPoet,
    PoetPort,
    VerseRequest,
    poet_endpoint,
)


async def write_verses(job: Assignment) -> None:
    """Write what is due; report the whole as ready to be bound."""
    haiku = await job.work.transact(lambda tx: storage.required(tx, job.unit_id))
    wanted = [verse for verse in haiku.verses if verse.key in job.partitions]
    async with Http(poet_endpoint()) as http:
        poet = HttpPoet(http)
        await all_ended([_write(job, poet, haiku, verse) for verse in wanted])
    haiku = await job.work.transact(lambda tx: storage.required(tx, job.unit_id))
    if all(verse.status == "ready" for verse in haiku.verses):
        await job.reporter.add_partitions("haikus", [haiku.id])
        await report_verses(job, haiku)


async def report_verses(job: Assignment, haiku: Haiku) -> str:
    """Report all verses as ready to be bound; their version."""
    version = domain.verses_version(haiku)
    known = haiku.version(domain.HAIKU_VERSES, haiku.id)
    await job.bridge(domain.HAIKU_VERSES, haiku.id, version, known, verses=len(haiku.verses))
    return version


async def _write(job: Assignment, poet: PoetPort, haiku: Haiku, verse: Verse) -> None:
    theme = domain.theme_version(verse)
    known = haiku.version(domain.VERSE_THEME, verse.key)
    await job.bridge(domain.VERSE_THEME, verse.key, theme, known, theme=verse.theme)
    if verse.status != "pending":
        await job.report_again("verse", verse.key)
        return

    async def call(this: Try) -> Outcome:
        answer = await poet.write(
            VerseRequest(
                instructions=domain.INSTRUCTIONS,
                theme=verse.theme,
                timeout=domain.WRITING.timeout,
                idempotency_key=this.idempotency_key,
            )
        )
        return Outcome({"text": answer.text}, (answer.usage,))

    inputs = domain.verse_inputs(verse)
    try:
        paid = await job.work.paid(verse.key, "verse", inputs, domain.WRITING, call)
    except PipelineError as error:
        if error.code in INFRASTRUCTURE:
            raise
        said = error.message
        await job.work.transact(lambda tx: _put(tx, verse, "failed", said))
        job.failures.append(PartFailure("verse", verse.key, error))
        return
    text = paid.result["text"]
    made = Made(
        "verse",
        verse.key,
        data_version=version_of(text),
        code_version=domain.code_version("verse"),
        input_hash=inputs,
        inputs={domain.VERSE_THEME: theme},
        cost_usd=paid.cost_usd,
        metadata={"verse": {"md": f"> {text}"}},
    )
    await job.work.store(made, lambda tx: _put(tx, verse, "ready", text))
    await job.reporter.made(job.work, made, reused=paid.reused)


async def _put(tx: Transaction, verse: Verse, status: str, said: str) -> None:
    """A verse as it came out, and the progress it makes."""
    text = said if status == "ready" else None
    which = {"id": verse.haiku_id, "order": verse.order}
    await tx.run(f"{storage.SQL}set_verse", **which, status=status, text=text)
    control.advance(
        tx,
        HAIKU_LINE,
        verse.haiku_id,
        stage="verse",
        outcome="finished" if status == "ready" else "failed",
        message=f"Verse {verse.order}: {said}",
        part=verse.key,
    )
