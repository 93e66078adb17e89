"""Checks on the document as such: its markup, headings, pictures and addresses."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

from pipeline_defs import policies
from pipeline_defs.domain.pages.addresses import page_of, root_of, web_address
from pipeline_defs.domain.pages.quality.findings import Finding, Subject, faultless, finding


def html_is_valid(subject: Subject) -> Finding:
    """No parse error of the HTML standard, ids unique, no level of headings left out."""
    outline = subject.outline
    faults = list(outline.errors)
    faults += [f"id {name!r} stands {n} times" for name, n in Counter(outline.ids).items() if n > 1]
    levels = [level for level, _ in outline.headings]
    faults += [f"h{a} is followed by h{b}" for a, b in pairwise(levels) if b > a + 1]
    if outline.language != subject.facts.language:
        faults.append(f"the lang attribute is {outline.language!r}")
    return faultless("html_is_valid", faults, "Report it: templates never make invalid HTML.")


def one_h1(subject: Subject) -> Finding:
    """Exactly one main heading, with text, before all others."""
    headings = subject.outline.headings
    count = sum(level == 1 for level, _ in headings)
    good = count == 1 and headings[0][0] == 1 and bool(headings[0][1])
    return finding("one_h1", good, "Give the page one headline, above all others.", count=count)


def images_have_alt(subject: Subject) -> Finding:
    """A text instead of each picture, for those who do not see it."""
    missing = [src for src, alt in subject.outline.images if not (alt or "").strip()]
    return faultless(
        "images_have_alt",
        missing,
        "Name the product in the feed: alternative texts are made from names and categories.",
        images=len(subject.outline.images),
    )


def links_are_safe(subject: Subject) -> Finding:
    """Addresses of web pages only, and nothing that a browser would run."""
    outline = subject.outline
    ids = set(outline.ids)
    faults = [f"leads to {address[:80]!r}" for address in outline.addresses if not _safe(address)]
    faults += [
        f"#{address[1:81]} is no place on the page"
        for address in outline.addresses
        if address.startswith("#") and address[1:] not in ids
    ]
    faults += [f"has a {handler}" for handler in outline.handlers]
    faults += ["has a script"] * len(outline.scripts)
    return faultless("links_are_safe", faults, "Correct the address in the product data.")


def internal_links(subject: Subject) -> Finding:
    """Ways to other pages of the site than its first."""
    here = subject.document.canonical or ""
    host = urlsplit(here).hostname
    inside = {
        page_of(link)
        for link in subject.outline.links
        if urlsplit(link).hostname == host and page_of(link) not in (here, root_of(here))
    }
    least = policies.PAGE_QUALITY.internal_links_least
    return finding(
        "internal_links",
        len(inside) >= least,
        f"Make more pages of the same site: {least} to link to are wanted.",
        count=len(inside),
        least=least,
    )


def _safe(address: str) -> bool:
    return address.startswith("#") or web_address(address) is not None
