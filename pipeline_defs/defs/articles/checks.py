"""Asset checks of the articles line: predicates on sections and on the assembled article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import dagster as dg

from pipeline_defs import policies
from pipeline_defs.defs.about import about_check
from pipeline_defs.defs.articles.partitions import articles, sections
from pipeline_defs.domain.articles import quality, rendering
from pipeline_defs.domain.articles.citations import CheckedSection, Source
from pipeline_defs.domain.articles.models import Article, Section
from pipeline_defs.runtime.driving import Assignment

SECTION_CHECKS = {
    "section_cites_only_its_research": about_check(
        "Every citation names a source of the section's own research and quotes a span that "
        "stands in it.",
        "rebuild the section; what is named does not stand in its sources.",
    ),
    "section_has_the_asked_length": about_check(
        f"Between {policies.SECTION_MIN_WORDS} and {policies.SECTION_MAX_WORDS} words.",
        "edit the section's notes to what is missing or may be left out, then rebuild it.",
    ),
    "section_is_in_the_asked_language": about_check(
        "The language of the text is the article's.",
        "rebuild the section. Where it quotes much in another language, it may stay as it is.",
    ),
    "section_html_is_valid": about_check(
        "A strict HTML5 parser finds no error.", "rebuild the section."
    ),
}
ARTICLE_CHECKS = {
    "article_repeats_nothing": about_check(
        f"Any two sections share less than {policies.NEAR_DUPLICATE_JACCARD:.0%} of their 5-grams.",
        "edit the notes of the later section, then rebuild it.",
    ),
    "article_lists_each_source_once": about_check(
        "No URL stands twice in the bibliography and no reference is left unused.",
        "assemble the article again.",
    ),
    "article_html_is_valid": about_check(
        "A strict HTML5 parser finds no error and headings step by one.",
        "rebuild the section in which the fault stands, then the article.",
    ),
}


def section_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of `section_draft`, per section."""
    return [
        dg.AssetCheckSpec(name, asset="section_draft", description=text, partitions_def=sections)
        for name, text in SECTION_CHECKS.items()
    ]


def article_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks of `article`, per article."""
    return [
        dg.AssetCheckSpec(name, asset="article", description=text, partitions_def=articles)
        for name, text in ARTICLE_CHECKS.items()
    ]


async def report_section(
    job: Assignment,
    article: Article,
    section: Section,
    text: CheckedSection,
    sources: Mapping[str, Source],
) -> None:
    """Evaluate and record the checks of one section."""
    words = rendering.count_words([text.markdown])
    language = quality.language_of(rendering.plain_text(text.markdown))
    citations = [asdict(citation) for citation in text.citations]
    faults = {
        "section_cites_only_its_research": quality.citation_faults(
            text.markdown, citations, sources.values()
        ),
        "section_has_the_asked_length": (
            []
            if policies.SECTION_MIN_WORDS <= words <= policies.SECTION_MAX_WORDS
            else [f"it has {words} words: edit its notes or give it more sources, then rebuild"]
        ),
        "section_is_in_the_asked_language": (
            [] if language == article.language else [f"it reads like {language}: rebuild it"]
        ),
        "section_html_is_valid": quality.html_faults(rendering.section_html(text.markdown)),
    }
    figures = {
        "section_cites_only_its_research": {"citations": len(citations)},
        "section_has_the_asked_length": {"words": words},
    }
    for check, found in faults.items():
        await job.reporter.checked(
            "section_draft", section.key, check, found, **figures.get(check, {})
        )


async def report_article(job: Assignment, article: Article, edition: rendering.Edition) -> None:
    """Evaluate and record the checks of the assembled article."""
    similarity = quality.most_similar([s.markdown or "" for s in article.sections])
    urls = [reference.url for reference in edition.bibliography]
    unused = [
        r.number for r in edition.bibliography if f'href="#ref-{r.number}"' not in edition.html
    ]
    faults = {
        "article_repeats_nothing": (
            []
            if similarity < policies.NEAR_DUPLICATE_JACCARD
            else [f"two sections share {similarity:.0%} of their 5-grams: rebuild the later one"]
        ),
        "article_lists_each_source_once": [
            *(f"reference {number} is not cited" for number in unused),
            *(f"{url} stands twice" for url in {u for u in urls if urls.count(u) > 1}),
        ],
        "article_html_is_valid": quality.html_faults(edition.html),
    }
    figures = {
        "article_repeats_nothing": {"most_similar": round(similarity, 3)},
        "article_lists_each_source_once": {"references": len(urls)},
    }
    for check, found in faults.items():
        await job.reporter.checked("article", article.id, check, found, **figures.get(check, {}))
