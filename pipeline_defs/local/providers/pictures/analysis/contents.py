"""What a picture shows, free of how it looks: one frozen type per form.

All texts are short and come from the prompt. `share` is a part of a whole from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """The opening of a lecture."""

    title: str
    subtitle: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The thought a lecture leaves."""

    thought: str


@dataclass(frozen=True, slots=True)
class Process:
    """Steps in order; a `cycle` returns to its first."""

    steps: tuple[str, ...]
    actor: str = ""
    cycle: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """Things that act on each other: (from, what it does, to), one row each."""

    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A term, what kind of thing it is, and what marks it."""

    term: str
    kind: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Things named together; `lead` goes before them, or `after` them as what they do."""

    lead: str
    items: tuple[str, ...]
    after: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things compared."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things beside each other; `relation` says how the first stands to the second."""

    left: Side
    right: Side
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `when` as written, `at` in years, those before our era negative."""

    when: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events in the order of time."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a person said or did, or (`who` empty) a sentence to remember.

    `literal` where the text itself stood between quotation marks.
    """

    text: str
    who: str = ""
    when: str = ""
    literal: bool = False
    key: str = ""  # the word of the text that carries it


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is shown, with what it counts, and the sentence it stands in."""

    figure: str
    unit: str
    meaning: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A quantity with what has it."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Quantities of one unit, to be compared by length."""

    bars: tuple[Bar, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in LaTeX, or a true drawing of mathematics by its name, with words to it."""

    latex: str
    caption: str
    figure: str = ""
    name: str = ""


Content = (
    Title
    | Closing
    | Process
    | Links
    | Concept
    | Listing
    | Comparison
    | Timeline
    | Quote
    | Figure
    | Chart
    | Formula
)


@dataclass(frozen=True, slots=True)
class Found:
    """A content with how well it shows the text: from 0 to 1."""

    score: float
    content: Content
