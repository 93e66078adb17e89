"""Writes the parts of a page, side by side; each sentence has to rest on the product data."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.defs.pages import previews
from pipeline_defs.defs.pages.making import Making
from pipeline_defs.defs.pages.pipeline import Detail
from pipeline_defs.domain.articles.prompts import as_prompt
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.pages import prompts
from pipeline_defs.domain.pages.components import COMPONENTS, PageComponents, Removal
from pipeline_defs.domain.pages.drafts import (
    ComponentDraft,
    ComponentName,
    ComponentTask,
    HeroDraft,
    HeroTask,
)
from pipeline_defs.domain.pages.facts import PageContext
from pipeline_defs.domain.pages.grounding import Ungrounded, ground
from pipeline_defs.domain.pages.models import PAGE_COMPONENTS
from pipeline_defs.domain.versions import version_of
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.text.port import TextRequest
from pipeline_defs.runtime.concurrency import all_ended
from pipeline_defs.runtime.paid_calls import Outcome, Try
from pipeline_defs.storage.database import Transaction

D = TypeVar("D", HeroDraft, ComponentDraft)


class Written(BaseModel):
    """A part as it stands after grounding, what was taken out, and who wrote it."""

    draft: HeroDraft | ComponentDraft
    removals: tuple[Removal, ...]
    model: str


async def write_components(making: Making) -> Detail:
    """Write the head and all parts of the page's type."""
    context = making.page.context
    if context is None:
        raise Permanent(
            "NO_CONTEXT",
            "nothing is known for this page yet",
            advice="Materialize page_context for it first.",
        )
    voice = making.page.brand_voice
    names = COMPONENTS[context.facts.page_type]
    hero, *parts = await all_ended(
        [
            _hero(making, context, prompts.hero_task(context, voice)),
            *(
                _component(making, context, name, prompts.component_task(name, context, voice))
                for name in names
            ),
        ]
    )
    components = _together(hero, dict(zip(names, parts, strict=True)))
    await making.keep(
        PAGE_COMPONENTS,
        version_of(components.hero, components.parts),
        previews.components(making.page, components),
        lambda tx: _put(tx, making, components),
    )
    making.page = replace(making.page, components=components)
    return {
        "parts": ["hero", *names],
        "removed_sentences": len(components.removals),
        "served_by": list(components.served_by),
    }


async def _hero(making: Making, context: PageContext, task: HeroTask) -> Written:
    return await _written(making, context, "hero", prompts.HERO_INSTRUCTIONS, task, HeroDraft)


async def _component(
    making: Making, context: PageContext, name: ComponentName, task: ComponentTask
) -> Written:
    instructions = prompts.COMPONENT_INSTRUCTIONS[name]
    return await _written(making, context, name, instructions, task, ComponentDraft)


async def _written(
    making: Making,
    context: PageContext,
    name: str,
    instructions: str,
    task: HeroTask | ComponentTask,
    answer: type[D],
) -> Written:
    """A grounded part; what is not carried by the data is repaired by a new answer."""

    least = task.items[0] if isinstance(task, ComponentTask) else 1

    async def call(this: Try) -> Outcome:
        given = await making.job.resources.gateways.text.generate(
            TextRequest(
                instructions=instructions,
                prompt=as_prompt(task, this.complaint),
                answer=answer,
                purpose="writing",
                max_output_tokens=policies.PAGE_MAX_OUTPUT_TOKENS,
                timeout=policies.PAGE_WRITING.timeout,
                idempotency_key=this.idempotency_key,
                final_try=this.final,
            )
        )
        try:
            draft, removals = ground(given.value, context.facts, name, least)
        except Ungrounded as fault:
            raise InvalidAnswer(str(fault), given.usage) from fault
        written = Written(draft=draft, removals=removals, model=given.model)
        return Outcome(written.model_dump(mode="json"), given.usage)

    inputs = version_of(task, instructions, making.page.generation(PAGE_COMPONENTS))
    paid = await making.job.work.paid(
        making.page.id, f"write/{name}", inputs, policies.PAGE_WRITING, call
    )
    making.spend(PAGE_COMPONENTS, paid.cost_usd)
    result = paid.result
    return Written(
        draft=answer.model_validate(result["draft"]),
        removals=tuple(Removal.model_validate(r) for r in result["removals"]),
        model=result["model"],
    )


def _together(hero: Written, parts: dict[ComponentName, Written]) -> PageComponents:
    if not isinstance(hero.draft, HeroDraft):
        raise TypeError("the head of a page is a HeroDraft")
    everything = [hero, *parts.values()]
    return PageComponents(
        hero=hero.draft,
        parts=tuple(
            (name, written.draft)
            for name, written in parts.items()
            if isinstance(written.draft, ComponentDraft)
        ),
        removals=tuple(removal for written in everything for removal in written.removals),
        served_by=tuple(dict.fromkeys(written.model for written in everything)),
    )


async def _put(tx: Transaction, making: Making, components: PageComponents) -> None:
    await tx.run(
        "pages.put_components",
        id=making.page.id,
        components=Jsonb(components.model_dump(mode="json")),
    )
