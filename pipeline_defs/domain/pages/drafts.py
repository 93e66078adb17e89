"""What a text model is asked for and must answer when the parts of a page are written.

Each part is a task of its own, so that they are written side by side and one that fails is repaired
alone. The task travels as one JSON object in a fenced block of the prompt.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.pages.facts import PageFacts

ComponentName = Literal["benefits", "comparison", "faq", "buying_guide"]
Paragraph = Annotated[str, Field(min_length=1, max_length=900)]


class HeroTask(Frozen):
    """Asks for a page's head: meta title, description, headline and the first paragraphs."""

    task: Literal["page_hero"] = "page_hero"
    facts: PageFacts
    voice: str
    topics: tuple[str, ...] = ()  # what competing pages speak of
    title_chars: tuple[int, int]  # least and most
    description_chars: tuple[int, int]


class HeroDraft(Frozen):
    """`title` and `description` are what search engines show; `headline` is the page's h1."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(min_length=1, max_length=300)]
    headline: Annotated[str, Field(min_length=1, max_length=120)]
    paragraphs: Annotated[tuple[Paragraph, ...], Field(min_length=1, max_length=4)]


class ComponentTask(Frozen):
    """Asks for one part: a heading, an opening and so many items."""

    task: Literal["page_component"] = "page_component"
    component: ComponentName
    facts: PageFacts
    voice: str
    topics: tuple[str, ...] = ()
    items: tuple[int, int]  # least and most


class Item(Frozen):
    """A benefit, a question with its answer, a step of a guide, a product compared."""

    title: Annotated[str, Field(min_length=1, max_length=160)]
    text: Paragraph


class ComponentDraft(Frozen):
    """A written part. Of questions `title` asks and `text` answers."""

    heading: Annotated[str, Field(min_length=1, max_length=120)]
    opening: Annotated[str, Field(max_length=900)] = ""
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=12)]
