"""State machines: which states a thing may be in and which moves between them are legal.

Each line declares its machines here, once, and its `Kind` names them; the database enforces them
from a table that is filled from these declarations at every start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine named after the units' kind or the table it guards."""

    name: str
    initial: str
    moves: frozenset[tuple[str, str]]

    @property
    def states(self) -> frozenset[str]:
        """Every state that occurs."""
        return frozenset({self.initial}).union(*self.moves)

    def allows(self, before: str, after: str) -> bool:
        """Whether a thing in state `before` may become `after`; staying is always allowed."""
        return before == after or (before, after) in self.moves

    def rows(self) -> list[tuple[str, str, str]]:
        """`(machine, from, to)`, with creation as a move from the empty state."""
        return [(self.name, "", self.initial)] + [(self.name, *move) for move in sorted(self.moves)]


def machine(name: str, initial: str, *moves: tuple[str, str]) -> Machine:
    """Declare a machine; `"a | b"` in a move stands for both states."""
    pairs = {
        pair for before, after in moves for pair in product(before.split(" | "), after.split(" | "))
    }
    return Machine(name, initial, frozenset(pairs))


ARTICLE = machine(
    "articles",
    "queued",
    ("queued", "generating"),
    ("generating", "completed | failed | cancelled"),
    ("completed | failed | cancelled", "queued"),
)

SECTION = machine(
    "article_sections",
    "pending",
    ("pending", "researching"),
    ("researching", "researched"),
    ("researched", "writing"),
    ("writing", "completed"),
    ("researching | writing", "failed"),
    ("failed | completed | researching | writing", "pending"),
)

LECTURE = machine(
    "lectures",
    "queued",
    ("queued", "generating"),
    ("generating", "completed | incomplete | failed | cancelled"),
    ("completed | incomplete | failed | cancelled", "queued"),
)

# An asset of a segment, or of a lecture as a whole.
LECTURE_ASSET = machine(
    "lecture_assets",
    "pending",
    ("pending", "working | ready | skipped"),
    ("working", "ready | failed | skipped | pending"),
    ("ready | failed | skipped", "pending"),
)

# At work from its first call to its last verdict; waiting for the telephone is part of that.
CAMPAIGN = machine(
    "campaigns",
    "queued",
    ("queued", "generating"),
    ("generating", "completed | incomplete | failed | cancelled"),
    ("completed | incomplete | failed | cancelled", "queued"),
)

# The attempt to reach a contact; one that failed may be followed by another.
CALL = machine(
    "calls",
    "queued",
    ("queued", "ringing | failed | cancelled"),
    ("ringing", "in_progress | busy | no_answer | voicemail | cancelled | failed"),
    ("in_progress", "completed | failed | voicemail"),
    ("busy | no_answer | failed | cancelled", "queued"),
)

PAGE = machine(
    "pages",
    "queued",
    ("queued", "generating | cancelled"),
    ("generating", "completed | failed | cancelled"),
    ("completed | failed | cancelled", "queued"),
)

# A page's place in the queue; the database derives it from the page's own state.
JOB = machine(
    "generation_queue",
    "pending",
    ("pending", "processing | cancelled"),
    ("processing", "completed | failed | cancelled"),
    ("completed | failed | cancelled", "pending"),
)

BATCH = machine(
    "generation_batches",
    "processing",
    ("processing", "completed | incomplete | cancelled"),
    ("completed | incomplete | cancelled", "processing"),
)

FINAL_STATES = frozenset({"completed", "incomplete", "failed", "cancelled"})
