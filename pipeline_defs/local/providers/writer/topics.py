"""From what a user typed to a topic of the corpus, or to the honest answer that there is none."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import chain

from pipeline_defs.local.providers.engine.language import STOP_WORDS, stem, stems, words
from pipeline_defs.local.providers.engine.library import Document, Library, Topic
from pipeline_defs.local.providers.engine.search import SearchEngine

CLOSE_WORD = 0.84  # similarity from which a word counts as a misspelling of a topic's name
FIELD_SHARE = 0.5  # of a title, keyword or heading that the query must name, by weight
TELLING = 2.6  # least weight of a narrow query: common words name no topic

# words that a topic may be dressed in: they name nothing of it
_GENERIC_WORDS = """
adult advanced amazing ancient basic basics beginner beginners book brief children comprehensive
complete concept cultural culture curious development discover discovery discovering essential
everybody everyone everything evolution explained explanation explore exploring fact facts
fascinating fundamentals future general great guide history idea importance impact important
depth essence influence inner inside intro introduce introduction invention kid kids know learn
learning life look made matter matters meaning mean mechanism modern nature origin origins overview
past people present primer principle principles question role school science scientific secret
secrets short significance simple society story student students study surprising today topic
understand understanding universe wonder wonderful work working works world
"""


@cache
def _generic() -> frozenset[str]:
    return frozenset(stem(word) for word in _GENERIC_WORDS.split())


@dataclass(frozen=True)
class Arrangement:
    """A topic as an editor would lay it out; `core` ranks the documents by importance."""

    topic: Topic
    title: str
    description: str
    aliases: tuple[str, ...]
    order: tuple[Document, ...]
    core: tuple[Document, ...]


@dataclass(frozen=True)
class Match:
    """What a query is about. `focus` is the one document at its center, if there is one."""

    arrangement: Arrangement
    focus: Document | None = None
    narrow: bool = False  # the query names less than the whole topic


@dataclass
class Topics:
    """The topics of a library and how to find one."""

    engine: SearchEngine
    arrangements: tuple[Arrangement, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.arrangements = arrange(self.engine.library)
        names = chain.from_iterable((a.topic.name, *a.aliases) for a in self.arrangements)
        self._name_words = sorted({w for name in names for w in words(name) if len(w) > 3})
        self._known = {
            stem for document in self.engine.library.documents for stem in document.stems
        }

    def match(self, query: str) -> Match | None:
        """The topic a query names, by its name, by another name, or by a part of it."""
        asked = self._asked(query)
        specific = [stem for stem in asked if stem not in _generic()]
        return self._by_name(asked, specific) or self._by_part(specific, words(query))

    def nearest(self, query: str) -> list[str]:
        """Names of topics that touch on a query, nearest first."""
        results = self.engine.search(query, 6)
        return list(dict.fromkeys(result.document.topic for result in results))

    def beyond_name(self, query: str, match: Match) -> frozenset[str]:
        """Stems of what a query asks for besides naming its topic as a whole."""
        specific = {found for found in self._asked(query) if found not in _generic()}
        return frozenset(specific - _named(match.arrangement, specific))

    def _asked(self, query: str) -> list[str]:
        found: dict[str, None] = {}
        for word in words(query):
            bare = word.removesuffix("'s")
            if bare not in STOP_WORDS:
                found[self._corrected(bare)] = None
        return list(found)

    def _corrected(self, word: str) -> str:
        if stem(word) in self._known or len(word) < 5:
            return stem(word)
        close = difflib.get_close_matches(word, self._name_words, n=1, cutoff=CLOSE_WORD)
        return stem(close[0] if close else word)

    def _by_name(self, asked: list[str], specific: list[str]) -> Match | None:
        best: tuple[int, int, Match] | None = None
        for arrangement in self.arrangements:
            named = _named(arrangement, asked)
            rest = [stem for stem in specific if stem not in named]
            topic_stems = _all_stems(arrangement.topic.documents)
            unknown = sum(stem not in topic_stems for stem in rest)
            if not named or unknown >= len(named):
                continue
            also = [stem for stem in asked if stem not in named]
            match = Match(arrangement, self._focus(arrangement, also))
            if best is None or (len(named), -unknown) > best[:2]:
                best = (len(named), -unknown, match)
        return best[2] if best else None

    def _focus(self, arrangement: Arrangement, also: list[str]) -> Document | None:
        """The one document whose title or keywords hold all that was asked beside the name."""
        if not also:
            return None
        holding = [d for d in arrangement.order if set(also) <= set(stems(_front(d)))]
        return holding[0] if len(holding) == 1 else None

    def _by_part(self, specific: list[str], said: list[str]) -> Match | None:
        if sum(self.engine.weight(stem) for stem in specific) < TELLING:
            return None
        word = {_singular(word) for word in said} if len(specific) == 1 else None
        asked = set(specific)
        best: tuple[float, Match] | None = None
        for arrangement in self.arrangements:
            topic = set(stems(arrangement.topic.name))
            if not _speaks_of(arrangement.topic, asked - topic):
                continue
            for document in arrangement.order:
                fields = [text for text in _fields(document) if _holds(text, word)]
                share = max((self._share(text, asked, topic) for text in fields), default=0.0)
                if share >= FIELD_SHARE and (best is None or share > best[0]):
                    best = (share, Match(arrangement, document, narrow=True))
        return best[1] if best else None

    def _share(self, text: str, asked: set[str], topic: set[str]) -> float:
        """How much of a field the query names; nothing unless field and topic name all of it."""
        found = set(stems(text))
        if not asked <= found | topic or not asked & found:
            return 0.0
        part = sum(self.engine.weight(stem) for stem in asked & found)
        return part / sum(self.engine.weight(stem) for stem in found)


def arrange(library: Library) -> tuple[Arrangement, ...]:
    """The editor's arrangement of each topic, filled up with what it does not name."""
    text = (
        files("pipeline_defs.local.providers.writer")
        .joinpath("editorial.toml")
        .read_text(encoding="utf-8")
    )
    notes = tomllib.loads(text)
    return tuple(_arranged(topic, notes.get(topic.folder, {})) for topic in library.topics)


def _arranged(topic: Topic, note: dict[str, object]) -> Arrangement:
    by_slug = {document.slug: document for document in topic.documents}
    named = [by_slug[slug] for slug in _strings(note, "order") if slug in by_slug]
    order = (*named, *(d for d in topic.documents if d not in named))
    ranks = note.get("core")
    places = [rank - 1 for rank in ranks] if isinstance(ranks, list) else []
    first = [order[place] for place in places if 0 <= place < len(order)]
    return Arrangement(
        topic=topic,
        title=str(note.get("title") or topic.name),
        description=str(note.get("description") or f"An article on {topic.name}."),
        aliases=tuple(_strings(note, "aliases")),
        order=order,
        core=(*first, *(d for d in order if d not in first)),
    )


def _strings(note: dict[str, object], name: str) -> list[str]:
    value = note.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []


def _named(arrangement: Arrangement, asked: Iterable[str]) -> set[str]:
    """Stems of the longest name of the topic that the query holds in full."""
    names = (set(stems(name)) for name in (arrangement.topic.name, *arrangement.aliases))
    held = [name for name in names if name and name <= set(asked)]
    return max(held, key=len, default=set())


def _all_stems(documents: Iterable[Document]) -> set[str]:
    return {stem for document in documents for stem in document.stems}


def _front(document: Document) -> str:
    return f"{document.title} {' '.join(document.keywords)}"


def _fields(document: Document) -> list[str]:
    headings = (part.heading for part in document.parts)
    return [document.title, *document.keywords, *headings]


def _holds(text: str, any_of: set[str] | None) -> bool:
    """Whether a field holds the very word asked for: topology is not topological sorting."""
    return any_of is None or any(_singular(word) in any_of for word in words(text))


def _singular(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s")


def _speaks_of(topic: Topic, asked: set[str]) -> bool:
    """Whether one part of a document holds all of it: a keyword alone is no text."""
    return any(asked <= part.stems for document in topic.documents for part in document.parts)
