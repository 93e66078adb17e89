"""Binds verses to a haiku: a pure asset, made from what is stored."""

from __future__ import annotations

from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.driving import Assignment
from pipeline_defs.runtime.work import Made
from pipeline_defs.storage.database import Transaction
from pipeline_defs_tests.example_line import domain, storage
from pipeline_defs_tests.example_line.defs.verses import report_verses


async def bind_haiku(job: Assignment) -> None:
    """The haiku, unless it is up to date; its check."""
    haiku = await job.work.transact(lambda tx: storage.required(tx, job.unit_id))
    known, inputs = haiku.version("haiku", haiku.id), domain.haiku_inputs(haiku)
    if known is not None and known.input_hash == inputs:
        await job.report_again("haiku", haiku.id)
        return
    verses = [verse.text or "" for verse in haiku.verses]
    text = domain.bound(verses)
    made = Made(
        "haiku",
        haiku.id,
        data_version=version_of(text),
        code_version=domain.code_version("haiku"),
        input_hash=inputs,
        inputs={domain.HAIKU_VERSES: await report_verses(job, haiku)},
        metadata={"haiku": {"md": "  \n".join(verses)}},
    )
    await job.work.store(made, lambda tx: _store(tx, haiku.id, text))
    await job.reporter.made(job.work, made)
    await job.reporter.checked("haiku", haiku.id, "haiku_repeats_no_verse", domain.repeated(verses))


async def _store(tx: Transaction, haiku_id: str, text: str) -> None:
    await tx.run(f"{storage.SQL}set_text", id=haiku_id, text=text)
