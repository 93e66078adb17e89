"""What a run would store of any asset of any line, by the rules that the product has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_defs.domain.articles import graph as article_graph
from pipeline_defs.domain.articles import recipe as article_recipe
from pipeline_defs.domain.articles.models import Article
from pipeline_defs.domain.calls import graph as campaign_graph
from pipeline_defs.domain.calls import recipe as campaign_recipe
from pipeline_defs.domain.graph import Node, UnitGraph
from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.lectures import graph as lecture_graph
from pipeline_defs.domain.lectures import recipe as lecture_recipe
from pipeline_defs.domain.pages import graph as page_graph
from pipeline_defs.domain.pages import recipe as page_recipe
from pipeline_defs.domain.versions import version_of
from pipeline_defs.runtime.work import Made


@dataclass(frozen=True)
class Rules:
    """The rules of a line: `inputs` is the hash of what an asset of a partition is made from."""

    inputs: Callable[[Any, str, str], str | None]
    sources: Callable[[Any, str, str], Mapping[str, str | None]]
    code_version: Callable[[Any, str], str]
    standing_of: Callable[[Any], UnitGraph]
    bridges: frozenset[str]


def _article_inputs(article: Article, asset: str, partition: str) -> str | None:
    order = split_part(partition)[1] if "/" in partition else 0
    match asset:
        case "article_outline":
            return article_recipe.outline_inputs(article)
        case "section_research":
            return article_recipe.research_inputs(article, order)
        case "section_draft":
            made = article.version("section_research", partition)
            return article_recipe.draft_inputs(article, order, made.data_version) if made else None
        case _:
            return article_recipe.manuscript_version(article)


RULES: Mapping[str, Rules] = {
    "articles": Rules(
        _article_inputs,
        article_recipe.sources_of,
        article_recipe.code_version,
        article_graph.standing_of,
        article_recipe.BRIDGES,
    ),
    "lectures": Rules(
        lecture_recipe.inputs_of,
        lecture_recipe.sources_of,
        lecture_recipe.code_version,
        lecture_graph.standing_of,
        lecture_recipe.BRIDGES,
    ),
    "pages": Rules(
        lambda page, asset, _: page_recipe.inputs_of(page, asset),
        lambda page, asset, _: page_recipe.sources_of(page, asset),
        page_recipe.code_version,
        page_graph.standing_of,
        page_recipe.BRIDGES,
    ),
    "campaigns": Rules(
        campaign_recipe.inputs_of,
        campaign_recipe.sources_of,
        campaign_recipe.code_version,
        campaign_graph.standing_of,
        campaign_recipe.BRIDGES,
    ),
}


def made_of(rules: Rules, unit: Any, node: Node, answer: int = 0) -> Made | None:
    """The result of a node from what there is; None while something it is made from is missing.

    `answer`: another one of the same provider to the same question.
    """
    inputs = rules.inputs(unit, node.asset, node.partition)
    sources = rules.sources(unit, node.asset, node.partition)
    used = {name: version for name, version in sources.items() if version is not None}
    if inputs is None or used.keys() != sources.keys():
        return None
    return Made(
        node.asset,
        node.partition,
        data_version=version_of(inputs, answer),
        code_version=rules.code_version(unit, node.asset),
        input_hash=inputs,
        inputs=used,
    )


def bridge_of(asset: str, partition: str, version: str) -> Made:
    """A bridge as it is stored."""
    return Made(asset, partition, version, "", "")
