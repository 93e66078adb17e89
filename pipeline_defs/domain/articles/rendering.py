"""From checked section texts to HTML and to the assembled article with its bibliography."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt

from pipeline_defs.domain.articles.citations import MARK, page_of
from pipeline_defs.domain.articles.markup import escaped, one_line

OURS = "\ue000"  # stands in the numbers given here, until they are rendered; no stored text has it
NUMBER = re.compile(rf"\[{OURS}(\d+)\]")
ADDRESS = re.compile(r"https?://[^\s<>\\]+")
# No raw HTML, links or images: a URL never passes through the model.
MARKDOWN = MarkdownIt("zero").enable(["heading", "emphasis", "escape", "entity", "newline"])
TAGS = {
    "h1",
    "h2",
    "h3",
    "p",
    "em",
    "strong",
    "sup",
    "a",
    "nav",
    "ol",
    "ul",
    "li",
    "section",
    "article",
}
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "li": {"id"},
    "section": {"id"},
    "h2": {"id"},
    "nav": {"aria-label"},
}
REFERENCES = {
    "en": ("Contents", "References"),
    "de": ("Inhalt", "Quellen"),
    "fr": ("Sommaire", "Références"),
    "es": ("Contenido", "Referencias"),
    "it": ("Indice", "Fonti"),
    "nl": ("Inhoud", "Bronnen"),
    "pt": ("Conteúdo", "Referências"),
    "pl": ("Spis treści", "Źródła"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of the bibliography; a page stands in it once."""

    number: int
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """A finished section as the assembly needs it."""

    title: str
    markdown: str
    sources: Mapping[str, tuple[str, str]]  # source id -> (url, title)


@dataclass(frozen=True, slots=True)
class Edition:
    """An assembled article."""

    title: str
    markdown: str
    html: str
    bibliography: tuple[Reference, ...]
    word_count: int


def section_html(markdown: str) -> str:
    """A section alone, its citations numbered in order of first use; sanitized."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        position = numbers.setdefault(match[1], len(numbers) + 1)
        return f"[{OURS}{position}]"

    rendered = MARKDOWN.render(_apart(MARK.sub(number, markdown.replace(OURS, ""))))
    return clean(NUMBER.sub(r"<sup>[\1]</sup>", rendered))


def assemble(
    title: str, description: str, sections: Iterable[SectionText], language: str
) -> Edition:
    """The whole article: contents, sections, one bibliography without duplicate URLs."""
    references: dict[str, Reference] = {}
    contents_label, references_label = REFERENCES.get(language, REFERENCES["en"])
    parts: list[str] = []
    written: list[str] = []
    entries: list[str] = []
    for position, section in enumerate(sections, start=1):
        numbered = _numbered(section, references)
        written.append(f"## {_text(section.title)}\n\n{numbered.replace(OURS, '')}")
        anchor = f"section-{position}"
        entries.append(f'<li><a href="#{anchor}">{html.escape(section.title)}</a></li>')
        body = NUMBER.sub(r'<sup><a href="#ref-\1">[\1]</a></sup>', MARKDOWN.render(numbered))
        parts.append(
            f'<section id="{anchor}"><h2>{html.escape(section.title)}</h2>{body}</section>'
        )
    bibliography = tuple(references.values())
    listed = "".join(
        f'<li id="ref-{r.number}"><a href="{html.escape(r.url, quote=True)}">'
        f"{html.escape(r.title)}</a></li>"
        for r in bibliography
    )
    lead = f"<p>{html.escape(description)}</p>" if description else ""
    document = (
        f"<article><h1>{html.escape(title)}</h1>{lead}"
        f'<nav aria-label="{contents_label}"><ol>{"".join(entries)}</ol></nav>'
        f"{''.join(parts)}"
        f'<section id="references"><h2>{references_label}</h2><ol>{listed}</ol></section></article>'
    )
    markdown = "\n\n".join(
        [
            f"# {_text(title)}",
            *([_text(description)] if description else []),
            *written,
            f"## {references_label}",
            "\n".join(f"{r.number}. {_entry(r)}" for r in bibliography),
        ]
    )
    return Edition(title, markdown, clean(document), bibliography, count_words(written))


def clean(document: str) -> str:
    """Only the tags and attributes an article needs; links open nothing but http(s) pages."""
    return nh3.clean(
        document,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )


def count_words(texts: Iterable[str]) -> int:
    """Words of markdown texts, without citation marks and markup."""
    plain = MARK.sub("", " ".join(texts))
    return len(re.findall(r"[^\W_]+(?:['\u2019-][^\W_]+)*", plain))


def plain_text(markdown: str) -> str:
    """Text without citation marks and sub-heading signs, for measures."""
    return re.sub(r"^#+ .*$", "", MARK.sub("", markdown), flags=re.MULTILINE).strip()


def sources_of(research: Mapping[str, Any] | None) -> dict[str, tuple[str, str]]:
    """`{source id: (url, title)}` of a stored research payload."""
    return {s["id"]: (s["url"], s["title"]) for s in (research or {}).get("sources", [])}


def _numbered(section: SectionText, references: dict[str, Reference]) -> str:
    def number(match: re.Match[str]) -> str:
        url, title = section.sources[match[1]]
        known = references.setdefault(page_of(url), Reference(len(references) + 1, url, title))
        return f"[{OURS}{known.number}]"

    return _apart(MARK.sub(number, section.markdown.replace(OURS, "")))


def _apart(numbered: str) -> str:
    return numbered.replace(f"][{OURS}", f"] [{OURS}")


def _text(words: str) -> str:
    return escaped(one_line(words))


def _entry(reference: Reference) -> str:
    title = escaped(one_line(reference.title).replace("[", "(").replace("]", ")"))
    if ADDRESS.fullmatch(reference.url) is None:
        return title  # nothing but a page may be opened
    return f"[{title}](<{reference.url}>)"
