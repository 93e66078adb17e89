"""What an article consists of, and how each of it stands."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.articles import recipe
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.domain.graph import AssetKind, Bridge, Graph, Node, Standing, UnitGraph

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
    """The briefs of its sections, and the manuscript."""
    briefs = [
        Bridge(Node(recipe.SECTION_BRIEF, s.key), recipe.brief_version(article, s.order))
        for s in article.sections
    ]
    whole = Node(recipe.ARTICLE_MANUSCRIPT, article.id)
    return (*briefs, Bridge(whole, recipe.manuscript_version(article)))


def _of_outline(article: Article) -> Standing:
    made = article.version("article_outline", article.id)
    if made is None or not article.sections:
        return _missing(article)
    return "fresh" if made.input_hash == recipe.outline_inputs(article) else "stale"


def _of_section(article: Article, section: Section, asset: str) -> Standing:
    if article.version(asset, section.key) is None:
        return "failed" if section.status == "failed" else "missing"
    of_research = asset == "section_research"
    rule = recipe.research_is_stale if of_research else recipe.draft_is_stale
    if rule(article, section.order):
        return "stale"
    is_due = section.status != "completed" and not of_research
    return "missing" if is_due else "fresh"


def _of_whole(article: Article) -> Standing:
    if article.version("article", article.id) is None:
        return _missing(article)
    return "stale" if recipe.article_is_stale(article) else "fresh"


def _of_publication(article: Article) -> Standing:
    if article.version("article_publication", article.id) is None:
        return _missing(article)
    return "stale" if recipe.publication_is_due(article) else "fresh"


def _missing(article: Article) -> Standing:
    """What stopped is failed where everything before it is there."""
    sections_done = all(section.status == "completed" for section in article.sections)
    return "failed" if article.status == "failed" and sections_done else "missing"
