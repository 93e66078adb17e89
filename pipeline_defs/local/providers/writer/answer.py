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
from pipeline_defs.domain.calls.prompts import (
    ExtractionDraft,
    ExtractionTask,
    StanceDraft,
    StanceTask,
)
from pipeline_defs.domain.lectures.scripts import (
    LectureDraft,
    LectureTask,
    NarrationDraft,
    NarrationTask,
    PictureDraft,
    PictureTask,
)
from pipeline_defs.domain.pages.drafts import (
    ComponentDraft,
    ComponentTask,
    HeroDraft,
    HeroTask,
)
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.writer.lecture import Lecturer
from pipeline_defs.local.providers.writer.lecture_rewrites import Narrations, calm_picture
from pipeline_defs.local.providers.writer.outline import Planner
from pipeline_defs.local.providers.writer.pages.author import write_page_part
from pipeline_defs.local.providers.writer.refusal import NAME, Refusal
from pipeline_defs.local.providers.writer.section import write_section
from pipeline_defs.local.providers.writer.stance import find_claims, take_side

CHARS_PER_TOKEN = 4
JSON_CHARS_PER_WORD = 18  # each sentence stands twice in the answer: as text and as evidence
_FENCED = re.compile(r"```json\s*\n(.*?)\n?```", re.DOTALL)
Task = (
    OutlineTask
    | SectionTask
    | LectureTask
    | NarrationTask
    | PictureTask
    | ExtractionTask
    | StanceTask
    | HeroTask
    | ComponentTask
)
_KINDS: dict[str, tuple[type[Task], type[BaseModel]]] = {
    "article_outline": (OutlineTask, OutlineDraft),
    "article_section": (SectionTask, SectionDraft),
    "lecture_script": (LectureTask, LectureDraft),
    "narration_rewrite": (NarrationTask, NarrationDraft),
    "picture_rewrite": (PictureTask, PictureDraft),
    "claim_extraction": (ExtractionTask, ExtractionDraft),
    "claim_stance": (StanceTask, StanceDraft),
    "page_hero": (HeroTask, HeroDraft),
    "page_component": (ComponentTask, ComponentDraft),
}
_ABILITIES = (
    "this prompt holds no task of its own kind. It is no language model: it plans an article on a "
    "topic of its bundled texts (task article_outline), writes a section out of whole sentences "
    "of the sources it is given (task article_section), writes a lecture on a topic of its bundled "
    "texts (task lecture_script), shortens or lengthens a narration (task narration_rewrite), "
    "replaces a refused picture (task picture_rewrite), reads interviews by cues of everyday "
    "English (tasks claim_extraction, claim_stance) and writes the parts of a shop's page from the "
    "data of its products (tasks page_hero, page_component)"
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
        self._lecturer = Lecturer(engine, self._planner.topics)
        self._narrations = Narrations(engine.library)

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
        wanted = _KINDS[task.task][1]
        if fields is not None and set(fields) != wanted.model_fields.keys():
            raise Refusal(f"the schema asked for is not that of {wanted.__name__}")
        room = max_tokens * CHARS_PER_TOKEN // JSON_CHARS_PER_WORD if max_tokens else None
        return self._done(task, room).model_dump_json()

    def _done(self, task: Task, most_words: int | None) -> BaseModel:
        match task:
            case OutlineTask():
                if task.language != "en":
                    language = task.language
                    raise Refusal(f"its texts are English; it plans no article in '{language}'")
                return self._planner.plan(task)
            case SectionTask():
                return write_section(task, most_words)
            case LectureTask():
                return self._lecturer.write(task)
            case NarrationTask():
                return self._narrations.rewrite(task)
            case PictureTask():
                return calm_picture(task)
            case ExtractionTask():
                return find_claims(task)
            case StanceTask():
                return take_side(task)
            case HeroTask() | ComponentTask():
                return write_page_part(task)


def find_task(prompt: str) -> Task:
    """The last task in a fenced JSON block of the prompt; raises `Refusal` where there is none."""
    complaint = _ABILITIES
    for block in reversed(_FENCED.findall(prompt)):
        value = _decoded(block)
        kind = _KINDS.get(str(value.get("task"))) if isinstance(value, dict) else None
        if kind is None:
            continue
        try:
            return kind[0].model_validate_json(block)
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
