"""What an article consists of, and how each of it stands."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.graph import (
    AssetKind,
    Bridge,
    Graph,
    Node,
    Standing,
    UnitGraph,
    standing_by,
)
from pipeline_defs.domain.versions import AssetVersion

_ONE_ARTICLE = policies.ARTICLES_AT_ONCE_PER_RUN
KINDS: Mapping[str, AssetKind] = {
    "article_outline": AssetKind(
        "outline", "outlines", _ONE_ARTICLE, whole=True, by_name_only=True
    ),
    # Sections come strictly one after another.
    "section_research": AssetKind("piece of research", "pieces of research", 1),
    "section_draft": AssetKind("draft", "drafts", 1),
    "article": AssetKind("article", "articles", _ONE_ARTICLE, whole=True),
    "article_publication": AssetKind("publication", "publications", _ONE_ARTICLE, whole=True),
}


def graph_of(article: Article) -> Graph:
    """The graph of what an article consists of: each section rests on all drafts before it, unless
    policy ignores them."""
    outline = Node("article_outline", article.id)
    needs: dict[Node, frozenset[Node]] = {outline: frozenset()}
    drafts: list[Node] = []
    for section in article.sections:
        research, draft = (Node(a, section.key) for a in ("section_research", "section_draft"))
        earlier = drafts if policies.CONTEXT_STALENESS == "strict" else []
        needs[research] = frozenset({outline, *earlier})
        needs[draft] = frozenset({research, *earlier})
        drafts.append(draft)
    assembled = Node("article", article.id)
    needs[assembled] = frozenset({outline, *drafts})
    if article.publish != "none":
        needs[Node("article_publication", article.id)] = frozenset({assembled})
    return Graph(needs, KINDS)


def standing_of(article: Article) -> UnitGraph:
    """The same, with how it stands."""
    standing: dict[Node, Standing] = {
        Node("article_outline", article.id): _of_outline(article),
        Node("article", article.id): _of_whole(article),
    }
    for section in article.sections:
        for asset in ("section_research", "section_draft"):
            standing[Node(asset, section.key)] = _of_section(article, section, asset)
    if article.publish != "none":
        standing[Node("article_publication", article.id)] = _of_publication(article)
    graph = graph_of(article)
    ordered: dict[Node, Standing] = {node: standing[node] for node in graph.nodes}
    return UnitGraph(article.id, graph, ordered, bridges_of(article), article.versions)


def bridges_of(article: Article) -> tuple[Bridge, ...]:
    """What was asked for, the briefs of its sections, and the manuscript."""
    request = Bridge(Node(recipe.ARTICLE_REQUEST, article.id), recipe.request_version(article))
    briefs = [
        Bridge(Node(recipe.SECTION_BRIEF, s.key), recipe.brief_version(article, s.order))
        for s in article.sections
    ]
    whole = Node(recipe.ARTICLE_MANUSCRIPT, article.id)
    return (request, *briefs, Bridge(whole, recipe.manuscript_version(article)))


def _of_outline(article: Article) -> Standing:
    made = article.version("article_outline", article.id)
    if made is None or not article.sections:
        return _missing(article)
    return _by(article, "article_outline", article.id, made, recipe.outline_inputs(article))


def _of_section(article: Article, section: Section, asset: str) -> Standing:
    made, research = (article.version(a, section.key) for a in (asset, "section_research"))
    if made is None or research is None:
        return "failed" if section.status == "failed" else "missing"
    of_research = asset == "section_research"
    inputs = (
        recipe.research_inputs(article, section.order)
        if of_research
        else recipe.draft_inputs(article, section.order, research.data_version)
    )
    standing = _by(article, asset, section.key, made, inputs)
    is_due = section.status != "completed" and not of_research
    return "missing" if standing == "fresh" and is_due else standing


def _of_whole(article: Article) -> Standing:
    made = article.version("article", article.id)
    return _by(article, "article", article.id, made) if made else _missing(article)


def _of_publication(article: Article) -> Standing:
    asset = "article_publication"
    made = article.version(asset, article.id)
    standing = _by(article, asset, article.id, made) if made else _missing(article)
    is_asked = standing == "fresh" and recipe.publication_is_due(article)  # in another way
    return "missing" if is_asked else standing


def _by(
    article: Article, asset: str, partition: str, made: AssetVersion, inputs: str | None = None
) -> Standing:
    sources = recipe.sources_of(article, asset, partition)
    return standing_by(made, recipe.code_version(article, asset), sources, inputs)


def _missing(article: Article) -> Standing:
    """What stopped is failed where everything before it is there."""
    sections_done = all(section.status == "completed" for section in article.sections)
    return "failed" if article.status == "failed" and sections_done else "missing"
