"""What a text model is asked for and must answer when an article is planned and written.

The task travels as one JSON object in a fenced block of the prompt, so that any model, and the
local extractive writer, reads the same facts. A URL never passes through the model: sources are
named by ids (`s1`, `s2`...) and every claim of support carries the verbatim span it rests on.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.voice import Voice


class SectionPlan(Frozen):
    """One section of an outline."""

    title: str = Field(min_length=1, max_length=200)
    focus: str = Field(default="", max_length=1000)
    key_points: tuple[str, ...] = ()


class OutlineTask(Frozen):
    """Asks for an outline of exactly `sections` sections."""

    task: Literal["article_outline"] = "article_outline"
    topic: str
    sections: int
    language: Language = "en"
    voice: Voice = Voice()


class OutlineDraft(Frozen):
    """A planned article."""

    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=400)
    sections: tuple[SectionPlan, ...]


class EarlierSection(Frozen):
    """A section already written: its text, or a summary of it once texts outgrow the budget."""

    order: int
    title: str
    text: str


class SourceText(Frozen):
    """A source the section may rest on: text found by its own research."""

    id: str = Field(pattern=r"^s\d{1,3}$")
    title: str
    text: str


class SectionTask(Frozen):
    """Asks for the text of one section."""

    task: Literal["article_section"] = "article_section"
    topic: str
    article_title: str
    order: int
    section: SectionPlan
    outline: tuple[str, ...]
    earlier_sections: tuple[EarlierSection, ...] = ()
    sources: tuple[SourceText, ...]
    language: Language = "en"
    voice: Voice = Voice()
    min_words: int
    max_words: int


class Evidence(Frozen):
    """A span quoted word for word from a source."""

    source: str = Field(pattern=r"^s\d{1,3}$")
    quote: str = Field(min_length=1)


class Sentence(Frozen):
    """One sentence and what it rests on."""

    text: str = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()


class Paragraph(Frozen):
    """Sentences on one point, under an optional sub-heading."""

    heading: str | None = None
    sentences: tuple[Sentence, ...]


class SectionDraft(Frozen):
    """A written section, before its citations are checked and numbered."""

    paragraphs: tuple[Paragraph, ...]
    summary: str = ""
