"""What a page consists of, and how each of it stands."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs import policies
from pipeline_defs.domain.graph import AssetKind, Bridge, Graph, Node, Standing, UnitGraph
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.approval import publication_is_due
from pipeline_defs.domain.pages.models import (
    PAGE,
    PAGE_COMPONENTS,
    PAGE_CONTEXT,
    PAGE_PUBLICATION,
    Page,
)

_AT_ONCE = policies.PAGES_AT_ONCE
KINDS: Mapping[str, AssetKind] = {
    PAGE_CONTEXT: AssetKind("context", "contexts", _AT_ONCE, whole=True),
    PAGE_COMPONENTS: AssetKind("set of written parts", "sets of parts", _AT_ONCE, whole=True),
    PAGE: AssetKind("page", "pages", _AT_ONCE, whole=True),
    PAGE_PUBLICATION: AssetKind(
        "publication", "publications", _AT_ONCE, whole=True, by_name_only=True
    ),
}


def graph_of(page: Page) -> Graph:
    """The graph of what a page consists of; its publication once it is published or approved."""
    needs: dict[Node, frozenset[Node]] = {}
    for asset in recipe.ASSETS:
        needed = [n for n in recipe.NEEDS[asset] if n in recipe.ASSETS]
        needs[Node(asset, page.id)] = frozenset(Node(n, page.id) for n in needed)
    if page.version(PAGE_PUBLICATION) is not None or publication_is_due(page):
        needs[Node(PAGE_PUBLICATION, page.id)] = frozenset({Node(PAGE, page.id)})
    return Graph(needs, KINDS)


def standing_of(page: Page) -> UnitGraph:
    """The same, with how it stands."""
    graph = graph_of(page)
    standing: dict[Node, Standing] = {node: _standing(page, node.asset) for node in graph.nodes}
    return UnitGraph(page.id, graph, standing, bridges_of(page), page.versions)


def bridges_of(page: Page) -> tuple[Bridge, ...]:
    """What it follows from, as it is now."""
    versions = recipe.bridge_versions(page)
    return tuple(Bridge(Node(asset, page.id), version) for asset, version in versions.items())


def _standing(page: Page, asset: str) -> Standing:
    made = page.version(asset)
    if made is None:
        return "failed" if page.status == "failed" else "missing"
    if asset == PAGE_PUBLICATION:
        written = page.version(PAGE)
        is_current = written is not None and made.input_versions.get(PAGE) == written.data_version
        return "fresh" if is_current else "stale"
    return "fresh" if made.input_hash == recipe.inputs_of(page, asset) else "stale"
