"""What acts on what: causes and effects, changes of one thing into another, plain statements."""

from __future__ import annotations

import re

from pipeline_defs.local.providers.pictures.analysis.contents import Concept, Found, Links, Process
from pipeline_defs.local.providers.pictures.analysis.grammar import Statement, clauses, statement
from pipeline_defs.local.providers.pictures.analysis.lexicon import lexicon
from pipeline_defs.local.providers.pictures.analysis.phrases import (
    condensed,
    hangs,
    length,
    name_of,
)

_SIDE_WORDS_MOST = 12
_BECAUSE = re.compile(r"^(?:because|since) (?P<rest>.+)$", re.IGNORECASE)
_SO = re.compile(r"^(?:so that|so|and so|and therefore|and thus) (?P<rest>.+)$", re.IGNORECASE)
_WHICH = re.compile(
    r"^which (?:then |in turn |therefore |also )?(?P<rest>(?:\w+ly )?(?P<verb>[a-z]+)\b.*)$"
)
_BECOMES = re.compile(
    r"\b(?:turn|convert|transform|chang|break|split|fus|grow|divid|develop|condens|collaps|"
    r"evaporat|translat|combin|melt|freez|mak|made|grow|grew|broke|froze)\w*\s+"
    r"(?P<a>(?!back|away)(?:[\w’'-]+ ){1,5}?)(?:down )?(?:into|to) (?P<b>(?!the same)[^,;.]+)"
)
_SEQUENCE = re.compile(
    r"^(?:first|to begin|next|then|after that|afterwards?|later|finally|second|third|last|now"
    r"|soon|winds then|at last|in the end)\b",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"(?<!by )(?<!since )\b(?:then|next|finally|afterward|before long)\b", re.IGNORECASE
)
_AGAIN = re.compile(r"\b(?:again|repeats?|returns?|cycle|loop|starts over|once more|back)\b", re.I)
_MARKS_A_NEW_THOUGHT = re.compile(r"\s*[:;](?:\s|$)")
_VERBS_MOST = 4


def find_process(sentences: list[str]) -> list[Found]:
    """Steps told in order over the sentences; changes of one thing into another."""
    found = _told_in_order(sentences)
    for sentence in sentences:
        found += _clause_by_clause(sentence)
        if match := _BECOMES.search(sentence):
            steps = (name_of(match["a"], 5), condensed(match["b"], 6))
            leads = set(match["a"].lower().split()) & (lexicon().prepositions - {"of"})
            if all(1 <= length(step) <= 7 for step in steps) and not leads | _small(steps[0]):
                said = statement(clauses(sentence)[0])
                actor = name_of(said.subject) if said else ""
                actor = (
                    "" if length(actor) > 5 or _starts_small(actor) or steps[0] in actor else actor
                )
                found.append(Found(0.74, Process(steps, actor)))
    return found


def _told_in_order(sentences: list[str]) -> list[Found]:
    pieces = [clause for sentence in sentences for clause in clauses(sentence)]
    marked = sum(bool(_SEQUENCE.match(piece) or _THEN.search(piece)) for piece in pieces)
    if (
        marked < 1
        or any(piece.startswith(("If ", "if ")) for piece in pieces)
        or not 2 <= len(pieces) <= 5
    ):
        return []
    first = next((i for i, piece in enumerate(pieces) if re.match(r"first\b", piece, re.I)), 0)
    pieces = pieces[first:]
    steps = tuple(condensed(re.sub(r"^(?:and|but|so|which)\s+", "", piece), 8) for piece in pieces)
    if len(steps) < 2 or any(not 2 <= length(step) <= 12 or _starts_small(step) for step in steps):
        return []
    cycle = len(steps) > 2 and bool(_AGAIN.search(sentences[-1]))
    score = 0.9 if marked > 1 else 0.7
    return [Found(score, Process(steps[:4], cycle=cycle))]


def _clause_by_clause(sentence: str) -> list[Found]:
    """`Carpenters raised a frame, masons laid stones, and the keystone closed the gap`."""
    pieces = re.split(r",\s+(?:and\s+|then\s+|and then\s+)?|;\s+", sentence.strip(" .!?"))
    if not 3 <= len(pieces) <= 4 or any(statement(piece) is None for piece in pieces):
        return []
    steps = tuple(condensed(piece, 9) for piece in pieces)
    if any(not 3 <= length(step) <= 11 or _starts_small(step) for step in steps):
        return []
    return [Found(0.8, Process(steps))]


def find_links(sentences: list[str]) -> list[Found]:
    """Cause and effect; else who does what to whom."""
    found: list[Found] = []
    rows: list[tuple[str, str, str]] = []
    for sentence in sentences:
        parts = clauses(sentence)
        found += _causes(parts)
        row = _row(statement(parts[0]), parts)
        if row is not None:
            rows.append(row)
    if len(rows) > 1:
        found.append(Found(0.6, Links(tuple(rows[:2]))))
    elif rows:
        found.append(Found(0.54, Links(tuple(rows))))
    return found


def _causes(parts: list[str]) -> list[Found]:
    for i in range(1, len(parts)):
        earlier, later = parts[i - 1], parts[i]
        if match := _BECAUSE.match(later):
            pair = (match["rest"], "so", earlier)
        elif match := _SO.match(later):
            pair = (earlier, "so", match["rest"])
        elif (match := _WHICH.match(later)) and _acts(match["verb"]):
            pair = (earlier, "which", match["rest"])
        else:
            continue
        cause, effect = condensed(pair[0], _SIDE_WORDS_MOST), condensed(pair[2], _SIDE_WORDS_MOST)
        if statement(earlier) is None and not _BECAUSE.match(later):
            continue
        sides = (cause, effect)
        if any(_starts_small(side) for side in sides):
            continue
        if all(2 <= length(side) <= _SIDE_WORDS_MOST + 2 for side in sides):
            return [Found(0.72, Links(((cause, pair[1], effect),)))]
    return []


def takes_back(parts: list[str]) -> bool:
    """Whether the clause after the first one limits it: the first alone would say too much."""
    return len(parts) > 1 and parts[1].split(" ", 1)[0].lower() in (
        "but", "although", "though", "yet", "unless", "if", "until",
    )  # fmt: skip


def _small(text: str) -> set[str]:
    return {text} if _starts_small(text) else set()


def _acts(verb: str) -> bool:
    known = lexicon()
    return verb in known.thirds | known.pasts | known.bases


def _starts_small(text: str) -> bool:
    """Whether a phrase leans on another sentence: it starts with a pronoun."""
    known = lexicon()
    lean = known.pronouns | {"their", "its", "his", "her", "while", "when", "if", "that", "such"}
    first, _, rest = text.partition(" ")
    return first.lower() in lean or (not rest and first.lower() in known.determiners)


def _row(said: Statement | None, parts: list[str]) -> tuple[str, str, str] | None:
    if said is None or said.says_what_it_is or not said.rest:
        return None
    one, verb, rest = name_of(said.subject, 7), said.verb, said.rest
    first, _, after = rest.partition(" ")
    if after and first.lower() in lexicon().prepositions | {"that"}:
        verb, rest = f"{verb} {first}", after
    rest = _MARKS_A_NEW_THOUGHT.split(rest.lstrip(" ,;:"), maxsplit=1)[0]
    two = "" if hangs(rest) else condensed(rest, _SIDE_WORDS_MOST)
    if two.split(" ", 1)[0].lower() in ("that", "such", "this") or takes_back(parts):
        return None
    if _starts_small(one) or length(one) > 8 or length(two) > _SIDE_WORDS_MOST + 2:
        return None
    if length(verb) > _VERBS_MOST or not length(two) or _starts_small(two):
        return None
    return one, verb, two


def find_concept(sentences: list[str]) -> list[Found]:
    """`A is a B that C`: the term, its kind and what marks it."""
    for place, sentence in enumerate(sentences):
        parts = clauses(sentence)
        said = statement(parts[0])
        if said is None or said.verb not in ("is", "are", "was", "were", "means", "is called"):
            continue
        term = name_of(said.subject)
        if takes_back(parts):
            continue
        if _starts_small(term) or length(term) > 5 or not _is_kind(said.rest):
            continue
        kind, *marks = _kind_and_marks(said.rest)
        marks += [part for part in parts[1:] if _is_mark(part)]
        short = [condensed(_RELATIVE.sub("", mark), _MARK_WORDS_MOST) for mark in marks]
        kept = tuple(mark for mark in short if 2 <= length(mark) <= _MARK_WORDS_MOST + 2)[:3]
        if length(kind) <= _KIND_WORDS_MOST + 1:
            return [Found(0.78 - 0.03 * place if kept else 0.64, Concept(term, kind, kept))]
    return []


def _is_kind(rest: str) -> bool:
    first = rest.split(" ", 1)[0].lower()
    plural = first.isalpha() and first.endswith("s") and not first.endswith(("ss", "ous", "us"))
    return first in ("a", "an", "the", "one", "any") or (
        plural and first not in lexicon().not_plurals | lexicon().determiners
    )


def _is_mark(clause: str) -> bool:
    return not _starts_small(clause) and clause.split(" ", 1)[0].lower() in (
        "which",
        "because",
        "so",
    )


_RELATIVE = re.compile(r"^(?:that|which|who|because|so that|so)\s+")
_MARK_WORDS_MOST = 12
_KIND_WORDS_MOST = 14
_MARK_STARTS = re.compile(
    r",? (?=(?:that|who|where|whose|when|(?:(?:in|for|by|with|through|to|from|on|at|under) )?which"
    r"|made|formed|caused|used|brewed|known|named|called|released|found|without|with|holding"
    r"|containing|carrying|linking|connecting|joining)\b)"
)


def _kind_and_marks(rest: str) -> list[str]:
    pieces = [piece.strip(" ,") for piece in _MARK_STARTS.split(rest, maxsplit=1)]
    kind = pieces[0]
    *head, last = kind.split(" ")
    if len(head) > 1 and len(pieces) > 1 and last in lexicon().participles - lexicon().bases:
        kind, pieces[1] = " ".join(head), f"{last} {pieces[1]}"
    if length(kind) > _KIND_WORDS_MOST and " of " in kind:
        head, tail = kind.split(" of ", 1)
        return [condensed(head, _KIND_WORDS_MOST), f"of {tail}", *pieces[1:]]
    return [condensed(kind, _KIND_WORDS_MOST), *pieces[1:]]
