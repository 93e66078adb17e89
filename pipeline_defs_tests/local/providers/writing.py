"""The whole chain without HTTP: outline, searches, sections, as the runtime does it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from pipeline_defs.domain.articles.citations import CheckedSection, Source, check_section
from pipeline_defs.domain.articles.drafts import (
    EarlierSection,
    OutlineDraft,
    OutlineTask,
    SectionDraft,
    SectionPlan,
    SectionTask,
    SourceText,
)
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.engines import Engines
from pipeline_defs.local.providers.writer.section import write_section

MIN_WORDS, MAX_WORDS = 120, 1200


@dataclass(frozen=True)
class Written:
    """A section with what it was written from."""

    plan: SectionPlan
    draft: SectionDraft
    checked: CheckedSection
    sources: dict[str, Source]

    @property
    def used(self) -> set[str]:
        """Titles of the sources it cites."""
        return {citation.title for citation in self.checked.citations}


def outline(engines: Engines, topic: str, sections: int) -> OutlineDraft:
    """A plan by the local writer."""
    task = OutlineTask(topic=topic, sections=sections)
    answer = engines.writer.answer(f"```json\n{task.model_dump_json()}\n```", None, None)
    assert not answer.refusal
    return OutlineDraft.model_validate_json(answer.text)


def article(engines: Engines, topic: str, plan: OutlineDraft) -> list[Written]:
    """All sections of a plan, one after the other."""
    written: list[Written] = []
    for section in plan.sections:
        sources = research(engines.search, topic, section)
        task = section_task(topic, plan, section, sources, written)
        draft = write_section(task)
        by_id = {s.id: Source(s.id, f"http://x/{s.id}", s.title, s.text) for s in sources}
        written.append(Written(section, draft, check_section(draft, by_id), by_id))
    return written


def research(engine: SearchEngine, topic: str, section: SectionPlan) -> list[SourceText]:
    """Up to ten searches; what is found of one document is joined."""
    queries = [f"{topic}: {section.title}", section.focus, *section.key_points]
    results = chain.from_iterable(engine.search(query, 4) for query in queries if query)
    texts: dict[str, tuple[str, str]] = {}
    for result in results:
        title, known = texts.get(result.document.key, (result.document.title, ""))
        if result.text not in known:
            texts[result.document.key] = (title, f"{known}\n\n{result.text}".strip())
    found = list(texts.values())[:12]
    return [
        SourceText(id=f"s{number}", title=title, text=text)
        for number, (title, text) in enumerate(found, start=1)
    ]


def section_task(
    topic: str,
    plan: OutlineDraft,
    section: SectionPlan,
    sources: list[SourceText],
    earlier: list[Written],
) -> SectionTask:
    """The task of one section."""
    return SectionTask(
        topic=topic,
        article_title=plan.title,
        order=len(earlier) + 1,
        section=section,
        outline=tuple(s.title for s in plan.sections),
        earlier_sections=tuple(
            EarlierSection(order=number, title=w.plan.title, text=w.checked.markdown)
            for number, w in enumerate(earlier, start=1)
        ),
        sources=tuple(sources),
        min_words=MIN_WORDS,
        max_words=MAX_WORDS,
    )
