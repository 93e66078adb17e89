"""Plans an article from the corpus: which sections, in which order, and what each should cover."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline_defs.domain.articles.drafts import OutlineDraft, OutlineTask, SectionPlan
from pipeline_defs.local.providers.engine.language import (
    STOP_WORDS,
    count_words,
    sentences,
    stems,
    words,
)
from pipeline_defs.local.providers.engine.library import Document, Part
from pipeline_defs.local.providers.engine.search import SearchEngine
from pipeline_defs.local.providers.writer.refusal import NotCovered, Refusal
from pipeline_defs.local.providers.writer.shares import (
    Share,
    in_brief,
    split_documents,
    whole_documents,
)
from pipeline_defs.local.providers.writer.topics import Arrangement, Match, Topics

MOST_SECTIONS = 30
KEY_POINTS_OF_LONG_OUTLINES = 2  # keeps a plan of 30 sections within the tokens of one answer
LONG_OUTLINE = 14
TITLE_WORDS = 3  # two headings of up to this length each make one title
MOST_TERM_WORDS = 3
_SMALL_WORDS = (
    "a an and as at but by for from in into of on or the to with within without over under"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_DEFINED = re.compile(
    r"^(?:An? |The )?([A-Z][\w'\u2019-]*(?: [\w'\u2019-]+){0,3}?) (?:is|are|was|were) (?:an? |the )"
)


class Planner:
    """Plans outlines over one library."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self.topics = Topics(engine)

    @property
    def covered(self) -> list[str]:
        """Names of all topics, in order."""
        return sorted(a.topic.name for a in self.topics.arrangements)

    def plan(self, task: OutlineTask) -> OutlineDraft:
        """Exactly the sections asked for; `Refusal` where that cannot be done honestly."""
        if not 1 <= task.sections <= MOST_SECTIONS:
            raise Refusal(f"it plans 1 to {MOST_SECTIONS} sections, not {task.sections}")
        match = self.topics.match(task.topic)
        if match is None:
            raise NotCovered(task.topic, self.covered, self.topics.nearest(task.topic))
        shares = self._shares(match, task.sections)
        titles = _titles(shares, match.arrangement)
        arrangement = match.arrangement
        title, description = arrangement.title, arrangement.description
        if match.narrow and match.focus is not None:
            title = match.focus.title
            description = f"{title}, and what surrounds it in {arrangement.topic.name}."
        return OutlineDraft(
            title=title,
            description=description,
            sections=tuple(
                _section(share, name, arrangement, brief=len(shares) > LONG_OUTLINE)
                for share, name in zip(shares, titles, strict=True)
            ),
        )

    def _shares(self, match: Match, sections: int) -> list[Share]:
        order, core = match.arrangement.order, match.arrangement.core
        if match.focus is not None:
            core = (match.focus, *(d for d in core if d is not match.focus))
        if match.narrow and match.focus is not None and sections > 1:
            return self._around(match.focus, match.arrangement, sections)
        if sections == 1:
            return [in_brief(core if match.narrow else [d for d in order if d in core[:5]])]
        if sections <= len(order):
            chosen = [d for d in order if d in core[:sections]]
            return whole_documents(chosen, [d for d in order if d not in chosen])
        return _enough(split_documents(order, sections), sections)

    def _around(self, focus: Document, arrangement: Arrangement, sections: int) -> list[Share]:
        """Half of the sections on one document, the others on what is closest to it."""
        others = [d for d in arrangement.order if d is not focus]
        first = min((sections + 1) // 2, len(focus.parts))
        rest = sections - first
        inner = split_documents([focus], first)
        if rest > len(others):
            return _enough([*inner, *split_documents(others, rest)], sections)
        found = [r.document for r in self._engine.search(focus.title, 10)]
        near = [d for d in found if d in others]
        ranked = [*near, *(d for d in arrangement.core if d in others and d not in near)]
        chosen = [d for d in arrangement.order if d in ranked[:rest]]
        return [*inner, *whole_documents(chosen, [d for d in others if d not in chosen])]


def _enough(shares: list[Share], sections: int) -> list[Share]:
    """Add sections on single terms that the documents define, after the parts that hold them."""
    missing = sections - len(shares)
    terms = [(number, part, term) for number, part, term in _defined_terms(shares)][:missing]
    if len(terms) < missing:
        raise Refusal(f"its texts on this topic carry at most {len(shares) + len(terms)} sections")
    found: list[Share] = []
    for number, share in enumerate(shares):
        found.append(share)
        own = [(part, term) for place, part, term in terms if place == number]
        found.extend(Share(share.document, [part], term=term) for part, term in own)
    return found


def _defined_terms(shares: Sequence[Share]) -> Iterator[tuple[int, Part, str]]:
    """Terms that a later paragraph of a part begins with: defined ones first, then keywords."""
    taken = {part.heading.casefold() for share in shares for part in share.own}
    later = [
        (number, part, paragraph)
        for number, share in enumerate(shares)
        for part in share.own
        for paragraph in part.paragraphs[1:]
    ]
    used: set[str] = set()
    for term_of in (_defined, _keyword):
        for number, part, paragraph in later:
            term = term_of(paragraph, shares[number].document)
            if term is None or term.casefold() in taken or paragraph in used:
                continue
            taken.add(term.casefold())
            used.add(paragraph)
            yield number, part, term


def _defined(paragraph: str, _: Document) -> str | None:
    match = _DEFINED.match(paragraph)
    return match[1] if match is not None and count_words(match[1]) <= MOST_TERM_WORDS else None


def _keyword(paragraph: str, document: Document) -> str | None:
    beginning = f" {' '.join(words(sentences(paragraph)[0]))} "
    held = (k for k in document.keywords if f" {' '.join(words(k))} " in beginning)
    return next((k for k in held if count_words(k) <= MOST_TERM_WORDS), None)


def _titles(shares: Sequence[Share], arrangement: Arrangement) -> list[str]:
    """Distinct titles: a document's own where it has one section, else its headings."""
    if len(shares) == 1:
        return [f"{arrangement.topic.name} in Brief"]
    titles: list[str] = []
    for share in shares:
        title = _title(share, sum(s.document is share.document for s in shares) == 1)
        if title.casefold() in {known.casefold() for known in titles}:
            title = f"{share.document.title}: {title}"
        titles.append(title)
    return titles


def _title(share: Share, alone: bool) -> str:
    if share.term:
        return title_case(share.term)
    if alone:
        return share.document.title
    headings = [part.heading for part in share.own]
    short = all(count_words(h) <= TITLE_WORDS and " and " not in h for h in headings)
    if len(headings) == 1 + 1 and short:
        return title_case(" and ".join(headings))
    only = title_case(headings[0])
    told = set(stems(headings[0])) <= set(stems(share.document.title))
    return only if count_words(only) > 1 or told else f"{share.document.title}: {only}"


def title_case(text: str) -> str:
    """Every word with a capital but the small ones; capitals that are there stay."""
    found = text.split()
    return " ".join(
        word if index and word.lower() in _SMALL else word[:1].upper() + word[1:]
        for index, word in enumerate(found)
    )


def _section(share: Share, title: str, arrangement: Arrangement, *, brief: bool) -> SectionPlan:
    topic = arrangement.topic.name
    if share.term:
        where = _lowered(share.own[0].heading, share.document)
        return SectionPlan(title=title, focus=f"{topic}: {share.term}, with regard to {where}.")
    points = [_point(part, share.document) for part in share.own]
    points += [_point(part, document) for document, part in share.guests]
    headings = [_lowered(part.heading, share.document) for part in share.own]
    return SectionPlan(
        title=title,
        focus=f"{topic}, in particular {'; '.join(headings)}.",
        key_points=tuple(points[:KEY_POINTS_OF_LONG_OUTLINES] if brief else points),
    )


def _point(part: Part, document: Document) -> str:
    """`Heading: keyword, keyword`, the keywords being those of the document this part is about."""
    have = words(f"{part.heading} {' '.join(part.paragraphs)}")
    text = f" {' '.join(have)} "
    named = [k for k in document.keywords if f" {' '.join(words(k))} " in text]
    new = [k for k in named if k.casefold() not in part.heading.casefold()][:3]
    return f"{part.heading}: {', '.join(new)}" if new else part.heading


def _lowered(heading: str, document: Document) -> str:
    """A heading as it stands within a sentence: in lower case but for names."""
    text = " ".join(p for part in document.parts for p in part.paragraphs)
    return " ".join(_lowered_word(word, text) for word in heading.split())


def _lowered_word(word: str, text: str) -> str:
    bare = word.strip(",;:.!?'\"").removesuffix("'s")
    if len(bare) > 1 and not (bare[0].isupper() and bare[1:].islower()):
        return word
    small = bare.lower()
    if small in STOP_WORDS:
        return word.lower()
    as_name = len(re.findall(rf"[a-z,] {re.escape(bare)}\b", text))
    as_word = len(re.findall(rf"\b{re.escape(small)}\b", text))
    return word if as_name > as_word else word.lower()
