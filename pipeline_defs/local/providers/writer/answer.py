"""One request to the local writer: find the task in the prompt, do it, or refuse in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline_defs.domain.articles.drafts import (
    OutlineDraft,
    OutlineTask,
    SectionDraft,
    SectionTask,
)
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.writer.outline import Planner
from pipeline_defs.local.providers.writer.refusal import NAME, Refusal
from pipeline_defs.local.providers.writer.section import write_section

CHARS_PER_TOKEN = 4
JSON_CHARS_PER_WORD = 18  # each sentence stands twice in the answer: as text and as evidence
_FENCED = re.compile(r"```json\s*\n(.*?)\n?```", re.DOTALL)
Task = OutlineTask | SectionTask
_TASKS: dict[str, type[Task]] = {
    "article_outline": OutlineTask,
    "article_section": SectionTask,
}
_DRAFTS: dict[str, type[BaseModel]] = {
    "article_outline": OutlineDraft,
    "article_section": SectionDraft,
}
_ABILITIES = (
    "this prompt holds no task of its own kind. It is no language model: it plans an article on a "
    "topic of its bundled texts (task article_outline) and writes a section out of whole sentences "
    "of the sources it is given (task article_section)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What the writer says: JSON text, or a refusal."""

    text: str = ""
    refusal: str = ""


class LocalWriter:
    """The deterministic extractive writer; the same request gets the same answer."""

    name = NAME

    def __init__(self, engine: SearchEngine) -> None:
        self._planner = Planner(engine)

    def answer(
        self, prompt: str, fields: Collection[str] | None, max_tokens: int | None
    ) -> Written:
        """The answer to a prompt; `fields` are the properties of the schema asked for, if any."""
        try:
            return Written(text=self._answer(prompt, fields, max_tokens))
        except Refusal as refusal:
            return Written(refusal=str(refusal))

    def _answer(self, prompt: str, fields: Collection[str] | None, max_tokens: int | None) -> str:
        task = find_task(prompt)
        wanted = _DRAFTS[task.task]
        if fields is not None and set(fields) != wanted.model_fields.keys():
            raise Refusal(f"the schema asked for is not that of {wanted.__name__}")
        if isinstance(task, OutlineTask):
            if task.language != "en":
                raise Refusal(f"its texts are English; it plans no article in '{task.language}'")
            return self._planner.plan(task).model_dump_json()
        room = max_tokens * CHARS_PER_TOKEN // JSON_CHARS_PER_WORD if max_tokens else None
        return write_section(task, room).model_dump_json()


def find_task(prompt: str) -> Task:
    """The last task in a fenced JSON block of the prompt; raises `Refusal` where there is none."""
    complaint = _ABILITIES
    for block in reversed(_FENCED.findall(prompt)):
        value = _decoded(block)
        kind = _TASKS.get(str(value.get("task"))) if isinstance(value, dict) else None
        if kind is None:
            continue
        try:
            return kind.model_validate_json(block)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            complaint = f"the task in the prompt is not valid: {where}: {first['msg']}"
    raise Refusal(complaint)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
