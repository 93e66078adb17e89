"""The local reader of interviews: finds statements and takes sides by cues of everyday English.

It is deterministic and extractive, and no language model: it knows how people say yes, no, maybe
and nothing, not what they talk about. Negation turns a cue around, a hedge lowers its weight, and
what comes after a "but" counts more than what came before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline_defs.domain.calls.claims import Stance
from pipeline_defs.domain.calls.prompts import (
    ExtractionDraft,
    ExtractionTask,
    FoundClaim,
    StanceDraft,
    StanceTask,
)

Cue = tuple[re.Pattern[str], float]


def _cues(weight: float, *phrases: str) -> list[Cue]:
    return [(re.compile(rf"\b(?:{phrase})\b"), weight) for phrase in phrases]


# Ways of saying yes and no that are complete in themselves.
PHRASES: list[Cue] = [
    *_cues(
        2.0, "worth it", "worth the", "count me in", "all for it", "in favou?r", "no problem",
        "wouldn'?t mind", "would not mind", "don'?t mind", "do not mind", "why not",
        "no objection", "sign me up", "can'?t wait", "without thinking twice", "no question",
        "without hesitation", "would not stop me", "wouldn'?t stop me", "wouldn'?t hesitate",
        "make my (?:whole )?(?:day|week|weekend)", "close to my heart", "look forward",
        "not (?:that|like) i (?:wouldn'?t|would not|don'?t|do not)", "can only gain",
    ),
    *_cues(
        -2.0, "not for me", "no use", "of no use", "no need", "not necessary", "unnecessary",
        "no interest", "not interested", "couldn'?t care less", "could not care less",
        "can'?t see myself", "cannot see myself", "god no", "no way", "no thanks", "no thank you",
        "waste of", "would(?:n'?t| not) (?:do|use|want|need|buy|pay|bother)", "'d rather",
        "would rather", "not another", "leave me alone", "as it is", "pointless",
        "wouldn'?t dream", "why would i", "why should i", "what i really need is", "i'?d pass",
        "day off", "need a rest", "won'?t", "will not",
    ),
]  # fmt: skip
WORDS: list[Cue] = [
    *_cues(
        1.0, "yes", "yeah", "yep", "sure", "absolutely", "definitely", "certainly", "of course",
        "gladly", "happily", "happy", "glad", "lovely", "like", "liked", "enjoy",
        "enjoyed", "great", "good", "wonderful", "fantastic", "excellent", "perfect", "nice",
        "agree", "agreed", "true", "right", "prefer", "easy", "easier", "help", "helps", "helpful",
        "useful", "better", "best", "important", "matters?", "willing", "keen", "interested",
        "save", "saves", "please do", "wish", "would use", "would buy", "would pay", "always",
        "often", "fresh", "convenient", "spend", "i would$", "thrilled", "welcome", "i do$",
        "i did$",
        "gave", "brought", "took", "gets?",
    ),
    *_cues(2.0, "love", "loved", "adore"),
    *_cues(0.5, "want"),
    *_cues(-2.0, "hate", "hated", "can'?t stand", "detest"),
    *_cues(
        -1.0, "no", "nope", "never", "dislike", "annoying", "annoyed", "annoys",
        "silly", "stupid", "bad", "worse", "worst", "terrible", "awful", "useless", "expensive",
        "overpriced", "pricier", "pricey", "difficult", "hard", "complicated", "trouble", "problem",
        "doubt", "unlikely", "refuse", "against", "disagree", "wrong", "false", "sad", "odd",
        "rarely", "hardly", "seldom", "barely", "gimmick", "nonsense", "worried", "afraid",
        "too much", "fed up", "tired of", "skip",
    ),
]  # fmt: skip
NEGATION = re.compile(
    r"\b(?:not|never|no|without|hardly|don'?t|doesn'?t|didn'?t|isn'?t|wasn'?t|wouldn'?t|won'?t"
    r"|can'?t|cannot|couldn'?t|shouldn'?t|nobody|nothing|neither|nor)\b"
)
NEGATED_WITHIN = 3  # words before a cue
HEDGES = re.compile(
    r"\b(?:maybe|perhaps|probably|possibly|i guess|i suppose|i think|kind of|sort of|might|could be"
    r"|not sure|a bit|somewhat|um|uh|well|hm+|at least|if i)\b"
)
STRESS = re.compile(r"\b(?:absolutely|definitely|really|never|always|certainly|hate|love|please)\b")
TURN = re.compile(r"\b(?:but|however|though|still|now)\b|;")
TURNS = re.compile(r"[.?!]|" + TURN.pattern)
DEPENDS = re.compile(
    r"\b(?:depends|only if|unless|no difference|either way|both ways|on the one hand|hard to say"
    r"|not sure|neutral|don'?t care either)\b"
)
OTHERS = re.compile(
    r"\bmy (?:neighbou?r|friend|boss|colleague|cousin|uncle|aunt|brother|sister|daughter|son)s? "
    r"(?:would|will|wants?|likes?|loves?|hates?|thinks?|says?)\b"
)
NOTHING = re.compile(
    r"\b(?:no idea|(?:don'?t|do not|did not|didn'?t) (?:really )?(?:know|remember|understand)"
    r"|could(?:n'?t| not) (?:tell|say)|can'?t (?:tell|say|think)|cannot (?:tell|say)"
    r"|know what to say|never (?:really )?thought|skip that|next question|nothing comes"
    r"|have to think|think about it|what do you mean|say that again|hear you|come again|let me see"
    r"|no comment|pass on that)\b"
)
FIRST_YES = re.compile(
    r"^(?:oh |well |um |hm |god |mm |honestly )*(?:yes|yeah|yep|sure|absolutely)\b"
)
FIRST_NO = re.compile(r"^(?:oh |well |um |hm |god |honestly |let me see )*(?:no|nope|never)\b")
SURE, UNSURE, STRONG = 0.8, 0.6, 0.92
LEAST = 0.5  # of the weight of cues, to be on a side


@dataclass(frozen=True, slots=True)
class Side:
    """`score` above zero speaks for what was asked about; `confidence` from 0 to 1."""

    score: float
    confidence: float


def find_claims(task: ExtractionTask) -> ExtractionDraft:
    """A claim on the hypothesis that was asked about, where the answer says anything."""
    text = " ".join(task.words)
    plain = _plain(text)
    side = side_of(text)
    says = abs(side.score) >= LEAST or DEPENDS.search(plain) or OTHERS.search(plain)
    if not task.hypotheses or not says or not _substance(plain):
        return ExtractionDraft(claims=())
    found = FoundClaim(
        hypothesis=task.hypotheses[0].number,
        first_word=1,
        last_word=len(task.words),
        confidence=side.confidence,
    )
    return ExtractionDraft(claims=(found,))


def take_side(task: StanceTask) -> StanceDraft:
    """On which side a statement is."""
    plain = _plain(task.statement)
    side = side_of(task.statement)
    turned = -1 if NEGATION.search(_plain(task.hypothesis)) else 1
    stance: Stance = "supports" if side.score * turned > 0 else "opposes"
    if DEPENDS.search(plain) or OTHERS.search(plain) or abs(side.score) < LEAST:
        stance = "neutral"
    return StanceDraft(stance=stance, confidence=side.confidence)


def side_of(text: str) -> Side:
    """The sum of all cues, later clauses weighing more."""
    plain = _plain(text)
    score = 0.0
    clauses = [clause for clause in TURNS.split(_substance(plain)) if clause.strip()]
    for number, clause in enumerate(clauses):
        later = 1.6 if number and TURN.search(plain) else 1.0
        score += later * _weight(clause)
    if FIRST_YES.search(plain):
        score += 1.5
    elif FIRST_NO.search(plain):
        score -= 1.5
    return Side(score, _confidence(plain))


def _substance(plain: str) -> str:
    """The sentences in which somebody does not say that they have nothing to say."""
    return " . ".join(s for s in re.split("[.?!]", plain) if s.strip() and not NOTHING.search(s))


def _weight(clause: str) -> float:
    total, rest = 0.0, clause.strip()
    for pattern, weight in PHRASES:
        if pattern.search(rest):
            total += weight
            rest = pattern.sub(" ", rest)
    for pattern, weight in WORDS:
        for found in pattern.finditer(rest):
            before = " ".join(rest[: found.start()].split()[-NEGATED_WITHIN:])
            total += -weight if NEGATION.search(before) else weight
    return total


def _confidence(plain: str) -> float:
    if STRESS.search(plain):
        return STRONG
    return UNSURE if HEDGES.search(plain) else SURE


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w'.?!;]+", " ", text.lower().replace("’", "'")).split())
