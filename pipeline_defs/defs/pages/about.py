"""What the Dagster UI says of the assets of a page."""

from collections.abc import Mapping

import dagster as dg

from pipeline_defs.defs.about import About, AboutBridge
from pipeline_defs.domain.pages import recipe
from pipeline_defs.domain.pages.models import PAGE, PAGE_COMPONENTS, PAGE_CONTEXT, PAGE_PUBLICATION

OUTSIDE = (
    "what people ask for and what a feed says is not made by a run; as an asset it has versions, "
    "from which Dagster tells what is stale."
)
CHECKED_ANEW = "when a page is made, and whenever what stands in our tables is looked at anew."
ABOUT: Mapping[str, About | AboutBridge] = {
    recipe.PAGE_SUBJECT: AboutBridge(
        "What is known of a page's subject today: products, search figures, competing pages.",
        reported=CHECKED_ANEW,
        leads_to="the context turns stale, and with it the page. A changed price turns exactly "
        "those pages stale that show it.",
        why=OUTSIDE,
    ),
    recipe.PAGE_VOICE: AboutBridge(
        "How a page is to sound: the voice of the organization, or of the page's own.",
        reported=CHECKED_ANEW,
        leads_to="the written parts turn stale; the data behind them stay.",
        why=OUTSIDE,
    ),
    recipe.PAGE_GATE: AboutBridge(
        "Whether a page has to pass the quality gate.",
        reported=CHECKED_ANEW,
        leads_to="the finished page turns stale, and nothing that is paid for.",
        why=OUTSIDE,
    ),
    PAGE_CONTEXT: About(
        "Everything a page may state: products of the feed, search figures, competing pages.",
        made_from="the request, the organization's product feed and keywords, and the competitors "
        "that the request names.",
        costs="nothing for the feed; search figures and competitors are asked for once.",
        if_it_fails="the page fails. `UNKNOWN_PRODUCT`: import the feed that holds it or correct "
        "the SKU, then resume. What a competitor does not answer is only a remark.",
        columns=(
            dg.TableColumn("sku", "string", "of the product in the feed"),
            dg.TableColumn("name", "string", "as the page calls it"),
            dg.TableColumn("price", "string", "with currency, at the time of `as_of`"),
            dg.TableColumn("facts", "int", "attributes that sentences may rest on"),
        ),
    ),
    PAGE_COMPONENTS: About(
        "The written parts: head, benefits, comparison, questions, guide, by the type of the page.",
        made_from="the page's context and the brand voice. A sentence that the product data do "
        "not carry is taken out.",
        costs="a call of a text model for each part, another where too little of it stands.",
        if_it_fails="the page fails and is tried again by the queue where that may help. Resume "
        "it, or give it products with more data.",
        columns=(
            dg.TableColumn("part", "string", "of the page"),
            dg.TableColumn("sentence", "string", "what was taken out of it"),
            dg.TableColumn("reason", "string", "why the product data do not carry it"),
        ),
    ),
    PAGE: About(
        "The finished page: HTML, JSON-LD and meta made from the same facts, judged and stored.",
        made_from="the page's context and its written parts.",
        costs="nothing.",
        if_it_fails="`NEAR_DUPLICATE`: give the page other products or keywords. What the quality "
        "gate found stands in the checks, each with its advice.",
    ),
    PAGE_PUBLICATION: About(
        "The page on the organization's site: one post, updated ever after.",
        made_from="the document that somebody looked at and approved, and no other.",
        costs="nothing; the site is asked at most once for the same document.",
        if_it_fails="the post stays as it was. Check the site's address and password with "
        "`pipeline doctor`, then resume the page.",
    ),
}
