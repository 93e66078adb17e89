"""Where the parts of an English sentence are: words, clauses, and the verb that makes a statement.

No parser and no model: word lists and the words next to a word decide. Where that is not sure
enough there is no answer, and a picture takes a form that needs none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from pipeline_defs.local.providers.pictures.analysis.lexicon import Lexicon, lexicon

_TOKEN = re.compile(
    r"(?<![^\s(])-\d+(?:\.\d+)?|[^\W_]+(?:[/^][^\W_]+)+|\d[\d,.]*\d(?:s|th|%)?|[^\W_]+(?:['’\-–.][^\W_]+)*['’]?%?|[^\w\s]"
)
_STOPS = ("because", "although", "until", "unless", "if", "whereas", "while", "since")
_ADJECTIVE_ENDS = (
    "ern",
    "nal",
    "ral",
    "cal",
    "ial",
    "ual",
    "ic",
    "ous",
    "ive",
    "ful",
    "less",
    "ible",
)
_MANY = ("they", "we", "these", "those", "many", "some", "most", "few", "others", "all", "both")
_SUBJECTS = frozenset(
    {"all", "both", "others", "that", "less", "more", "some", "many", "most", "few"}
)
_SHORT_NOUN = 4  # letters: no longer words are taken for adjectives by their ending
_CLAUSE_START = 9  # words in which the verb of a new clause is looked for
_VERB_WORDS_MOST = 5  # of a verb group: "has never been fully explained"


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause taken apart: who or what, does, to whom or what."""

    subject: str
    verb: str
    rest: str
    base: str  # of the last word of the verb, such as "turn" for "is turned"; "be" alone

    @property
    def says_what_it_is(self) -> bool:
        """Whether the verb is a plain form of "to be"."""
        return self.base == "be"


def tokens(text: str) -> list[str]:
    """Words and marks in order."""
    return _TOKEN.findall(text)


def joined(parts: list[str]) -> str:
    """Tokens as text again."""
    text = " ".join(parts)
    text = re.sub(r"\s+([,;:.!?%)\]’”])", r"\1", text)
    return re.sub(r"([(\[‘“])\s+", r"\1", text)


def statement(clause: str) -> Statement | None:
    """Subject, verb and rest of a main clause; None where no verb is found for sure."""
    parts = tokens(clause)
    place = _verb_place(parts)
    if place is None:
        return None
    start, end = place
    known = lexicon()
    last = parts[end - 1].lower()
    base = "be" if last in known.be else known.base_of.get(last, last)
    return Statement(
        joined(parts[:start]).strip(" ,"), joined(parts[start:end]), joined(parts[end:]), base
    )


def has_verb(text: str) -> bool:
    """Whether a text holds a finite verb: a clause, not a mere name."""
    parts = [part.lower() for part in tokens(text)]
    known = lexicon()
    if any(part in known.auxiliaries for part in parts):
        return True
    return _verb_place(parts) is not None


def _verb_place(parts: list[str]) -> tuple[int, int] | None:
    """Start and end of the main verb's group."""
    known = lexicon()
    words = [part.lower() for part in parts]
    relative = 0  # verbs still to come that belong to a relative clause in the subject
    second: tuple[int, int] | None = None
    for i in range(1, len(words)):
        if words[i] in ("that", "which", "who", "whose") and not _starts_a_clause(words, i):
            relative = 1
            continue
        if words[i] in _STOPS and i > 1:
            break
        if not _may_be_verb(words, i, known):
            continue
        end = _group_end(words, i, known)
        if relative:
            relative -= 1
            continue
        if _is_reduced(words, i, known):
            second = second or (i, end)
            continue
        return i, end
    return second


def _starts_a_clause(words: list[str], i: int) -> bool:
    return i == 0


def _may_be_verb(words: list[str], i: int, known: Lexicon) -> bool:
    word, before = words[i], _before(words, i, known)
    if word in known.auxiliaries:
        return before not in known.prepositions
    if not _may_follow(words[:i], before, known):
        return False
    if word in known.pasts:
        return True
    if _is_noun_before(words[i + 1 :], known):
        return False
    if _is_in_series(words[:i], known):
        return False
    if word in known.thirds:
        return _is_singular_subject(before, known)
    return word in known.bases and _head_is_plural(words[:i], before, known)


def _is_in_series(subject: list[str], known: Lexicon) -> bool:
    """Whether nouns are being listed: `flashlights, remote controls and smoke alarms`."""
    if subject.count(",") != 1:
        return False
    after = subject[subject.index(",") + 1 :]
    return not after or after[0] not in known.conjunctions | known.subordinators


def _may_follow(subject: list[str], before: str, known: Lexicon) -> bool:
    """Whether a finite verb may stand after the word `before` that ends its subject."""
    blocked = known.determiners | known.prepositions | known.auxiliaries
    if before in blocked - _SUBJECTS:
        return False
    if not before or before in ("to", "and", "or", "but"):
        return False
    if before == ",":
        return subject.count(",") > 1
    return before[-1].isalnum() or before in (")", "”")


def _is_singular_subject(before: str, known: Lexicon) -> bool:
    """No adjective, participle or plural ends the subject of `makes`."""
    if before in known.participles and before not in known.bases:
        return False
    if before.endswith(_ADJECTIVE_ENDS) and len(before) > _SHORT_NOUN:
        return False
    return not _is_plural(before, known)


def _before(words: list[str], i: int, known: Lexicon) -> str:
    """The word before, adverbs left out: `services now send`."""
    for word in reversed(words[:i]):
        if word not in known.adverbs - {"all", "both"} and not (
            word.endswith("ly") and len(word) > 4
        ):
            return word
    return ""


def _is_noun_before(after: list[str], known: Lexicon) -> bool:
    """A possible verb right before a sure one is a noun: `signs replaced`, `curves now model`."""
    sure = known.auxiliaries | known.pasts | known.participles
    if not after:
        return False
    if after[0] in known.bases and after[1:2] and after[1] in known.determiners | {"for"}:
        return True
    if after[0] in known.adverbs and len(after) > 1:
        return after[1] in sure | known.bases
    if after[0] in known.auxiliaries or len(after) == 1:
        return after[0] in sure
    follows = known.determiners | known.prepositions | known.subordinators | known.pronouns
    return after[0] in sure and (after[1] in follows or after[1].endswith("ly"))


def _head_is_plural(subject: list[str], before: str, known: Lexicon) -> bool:
    """`Distinct zones within a node keep`: the noun before the first preposition counts too."""
    if _is_plural(before, known):
        return True
    place = next((k for k, word in enumerate(subject) if word in known.prepositions), 0)
    head = [word for word in subject[:place] if word not in known.participles]
    return bool(head) and _is_plural(head[-1], known)


def _is_plural(word: str, known: Lexicon) -> bool:
    if word in known.plurals or word in _MANY:
        return True
    return (
        word.endswith("s")
        and not word.endswith(("ss", "us", "is"))
        and word not in known.not_plurals
    )


def _is_reduced(words: list[str], i: int, known: Lexicon) -> bool:
    """Whether a participle only describes the noun before it: `cells infected by ...`."""
    word = words[i]
    if word not in known.participles or word in known.auxiliaries:
        return False
    after = words[i + 1] if i + 1 < len(words) else ""
    if word in ("called", "known", "named", "based"):
        return True
    return after in ("by", "with", "from", "in", "on", "at", "into", "for", "as") and any(
        _may_be_verb(words, j, known)
        for j in range(i + 2, len(words))
        if not (known.subordinators | {"and", "or", "but"}) & set(words[i:j])
        and (words[i:j].count(",") != 1 or words[i - 1] == ",")
    )


def _group_end(words: list[str], start: int, known: Lexicon) -> int:
    """Where the verb group ends: auxiliaries, adverbs and the participle or base they lead to."""
    end = start + 1
    if words[start] not in known.auxiliaries:
        return end
    most = min(len(words), start + _VERB_WORDS_MOST)
    for i in range(end, most):
        word = words[i]
        if word in known.auxiliaries:
            end = i + 1
        elif word in known.adverbs or word.endswith("ly"):
            continue
        else:
            if _completes(words[start:i], word, known):
                end = i + 1
            break
    return end


def _completes(group: list[str], word: str, known: Lexicon) -> bool:
    if known.modals & set(group) and not (known.be | known.have) & set(group):
        return word in known.bases
    if known.be & set(group):
        return word in known.participles or (word.endswith("ing") and len(word) > 5)
    return word in known.participles or word in known.bases


def clauses(sentence: str) -> list[str]:
    """A sentence cut where a new clause begins, joining words kept at the front of each."""
    parts = tokens(sentence)
    cuts = [0, *_after_introduction(parts)]
    for i, (mark, word) in enumerate(pairwise(parts)):
        if mark in (",", ";", ":"):
            opens = _opens_clause(parts[cuts[-1] : i], parts[i + 1 :])
        else:
            opens = i > 2 and _joins(word.lower(), parts[i + 2 : i + 3])
        if opens:
            cuts.append(i + 1)
    cuts = sorted(set(cuts))
    pieces = [parts[a:b] for a, b in zip(cuts, [*cuts[1:], len(parts)], strict=True)]
    return [joined(piece).strip(" ,;:.") for piece in pieces if piece]


def _joins(word: str, after: list[str]) -> bool:
    """Whether a word begins a clause without a comma before it; `so much that` does not."""
    if word == "so":
        return after == ["that"]
    return word in ("because", "whereas", "although") or (
        word == "while" and bool(after) and not after[0].endswith("ing")
    )


def _opens_clause(before: list[str], rest: list[str]) -> bool:
    word = rest[0].lower() if rest else ""
    known = lexicon()
    if word in ("which", "who", "whose", "where"):
        return has_verb(joined(before))  # else it only describes the subject
    if word in known.subordinators:
        return True
    if word in ("and", "but", "so", "or", "yet"):
        end = rest.index(",", 1) if "," in rest[1:] else len(rest)
        return has_verb(joined(before)) and has_verb(joined(rest[1 : min(end, _CLAUSE_START)]))
    return False


def _after_introduction(parts: list[str]) -> list[int]:
    """Where the main clause begins after `If ...,`, `In 1854,` or `To find it,`."""
    first = parts[0].lower() if parts else ""
    known = lexicon()
    opens = known.subordinators | known.prepositions | {"to"}
    if first not in opens or "," not in parts:
        return []
    comma = parts.index(",")
    while comma < len(parts) - 1:
        if _verb_place(parts[comma + 1 :]) is not None and parts[comma + 1].lower() not in opens:
            return [comma + 1]
        if "," not in parts[comma + 1 :]:
            break
        comma = parts.index(",", comma + 1)
    return []
