"""What the Dagster UI says of the assets of an article."""

from collections.abc import Mapping

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import About, AboutBridge

ABOUT: Mapping[str, About | AboutBridge] = {
    "article_request": AboutBridge(
        "What was asked for, and how the organization sounds.",
        reported="by the run that plans the outline, and after a change of the organization's "
        "voice.",
        leads_to="the outline turns stale; it is planned anew only when somebody names it, as that "
        "discards all edits.",
    ),
    "article_outline": About(
        "The plan of an article: its title, and title and focus of each section.",
        made_from="the topic and the organization's voice; an outline that the user gave is taken "
        "as it is.",
        costs="one call of a text model; a given outline is free.",
        if_it_fails="the article fails with the model's complaint. Resume it; where the topic was "
        "refused, create an article with another one.",
        columns=(
            dg.TableColumn("section", "int", "place in the article, from 1"),
            dg.TableColumn("title", "string", "heading of the section"),
            dg.TableColumn("focus", "string", "what it is to be about"),
        ),
    ),
    "section_brief": AboutBridge(
        "What a section is to be about, together with the drafts before it.",
        reported="by the run that plans the outline or writes an earlier section, and by Studio, "
        "the API and the command line when somebody edits the section.",
        leads_to="its research and its draft turn stale. A new draft of section 2 is a new version "
        "of the briefs of sections 3 and later.",
    ),
    "section_research": About(
        "Sources for one section: title, address and text of each.",
        made_from="the section's brief, by several searches at once.",
        costs=f"at most {policies.RESEARCH_MAX_SEARCHES} searches; a search that was answered once "
        "is not paid again.",
        if_it_fails="the section fails and the article stops there. `NO_SOURCES`: edit the "
        "section's title or notes to what can be searched for, then rebuild.",
        columns=(
            dg.TableColumn("id", "string", "how the draft cites it: s1, s2, ..."),
            dg.TableColumn("title", "string", "title of the page"),
            dg.TableColumn("url", "string", "address; it never passes through a model"),
            dg.TableColumn("words", "int", "length of the text that was kept"),
        ),
    ),
    "section_draft": About(
        "The written section, every citation with the span of its source that carries it.",
        made_from="the section's research, its brief and all sections before it, strictly in "
        "order.",
        costs="one call of a text model, another for each answer that is not supported by its "
        "sources.",
        if_it_fails="the article stops at this section; what is written stays. Resume it, or edit "
        "the section's notes and rebuild.",
        columns=(
            dg.TableColumn("source", "string", "id of the source in the section's research"),
            dg.TableColumn("title", "string", "title of that source"),
            dg.TableColumn("span", "string", "the words of the source that carry the sentence"),
        ),
    ),
    "article_manuscript": AboutBridge(
        "All drafts of an article in order, once the last one is written.",
        reported="by the run that assembles the article.",
        leads_to="the assembled article turns stale.",
    ),
    "article": About(
        "The assembled article: contents, sections and one bibliography, as Markdown and HTML.",
        made_from="the manuscript: the drafts of all sections and the sources they cite.",
        costs="nothing.",
        if_it_fails="`SECTIONS_MISSING`: materialize section_research and section_draft of those "
        "that are named, or resume the article.",
        columns=(
            dg.TableColumn("number", "int", "of the reference in the bibliography"),
            dg.TableColumn("title", "string", "title of the source"),
            dg.TableColumn("url", "string", "its address, once in the whole article"),
        ),
    ),
    "article_publication": About(
        "The article on the organization's site: one post, updated ever after.",
        made_from="the assembled article, if publication was asked for or approved.",
        costs="nothing; the site is asked at most once for the same text.",
        if_it_fails="the article stays as it is and the post as it was. Check the site's address "
        "and password with `pipeline doctor`, then resume.",
    ),
}
