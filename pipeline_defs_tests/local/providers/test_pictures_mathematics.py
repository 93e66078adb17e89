"""Formulas and drawings of mathematics: typeset, true, and where they belong."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files

import pytest

from pipeline_defs.local.providers.pictures.analysis.choose import choose
from pipeline_defs.local.providers.pictures.analysis.contents import Formula
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.canvas import Canvas
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.look import look_of
from pipeline_defs.local.providers.pictures.mathematics.axes import Axes
from pipeline_defs.local.providers.pictures.mathematics.figures import FIGURES
from pipeline_defs.local.providers.pictures.mathematics.numbers import factors, is_prime
from pipeline_defs.local.providers.pictures.mathematics.plain import expressions
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula

TABLE = tomllib.loads(
    files("pipeline_defs.local.providers.pictures.mathematics")
    .joinpath("formulas.toml")
    .read_text(encoding="utf-8")
)["formula"]
PANEL = Box(100, 100, 560, 420)
OVER = 14.0  # units by which labels at the ends of axes may reach over


def stage(number: int = 3) -> Stage:
    brief = Brief("The number 360 falls apart.", lecture="Calculus", segment=number, segments=9)
    return Stage(Canvas(), brief, look_of(brief))


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["say"][0][:30])
def test_every_formula_can_be_typeset(entry: dict[str, str]) -> None:
    assert entry.get("latex") or entry.get("figure")
    assert entry.get("figure", "") in ("", *FIGURES)
    if latex := entry.get("latex"):
        placed = place_formula(Canvas(), latex, PANEL, "#FFFFFF", size=80)
        assert placed.width <= PANEL.width + 0.1
        assert placed.height <= PANEL.height + 0.1


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_drawing_stays_in_its_panel(name: str, number: int) -> None:
    drawn = stage(number)
    FIGURES[name](drawn, PANEL)
    room = PANEL.inset(-OVER - 40, -OVER - 26)  # the panel's own margin
    outside = [
        box
        for box in drawn.canvas.shapes
        if box.x < room.x or box.right > room.right or box.y < room.y or box.bottom > room.bottom
    ]
    assert drawn.canvas.parts
    assert outside == []


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("The power rule turns x^5 into 5x^4.", ["x^{5}", "5x^{4}"]),
        ("Two heads have probability 1/2 x 1/2 = 1/4.",
         [r"\frac{1}{2}\times \frac{1}{2}=\frac{1}{4}"]),
        ("The smallest is 561 = 3 x 11 x 17.", [r"561=3\times 11\times 17"]),
        ("For (3x + 1)^2 the rule gives 6.", [r"\left(3x+1\right)^{2}"]),
        ("Trees number n^(n-2) in all.", ["n^{n-2}"]),
        ("The slope is 0.61 / 0.1 = 6.1 here.", [r"\frac{0.61}{0.1}=6.1"]),
        ("In 1654 about 3,000 people lived at x = 3.", []),
        ("It is an ordinary sentence, and nothing is counted in it.", []),
        ("A well-known half-life of 5,730 years.", []),
    ],
)  # fmt: skip
def test_expressions_of_a_text_are_set_as_they_are_said(text: str, latex: list[str]) -> None:
    assert expressions(text) == latex


@pytest.mark.parametrize(
    "text", [r"\input{x}", "x^(y", "2 = = 3", "((((1", "^^^", "a/", "$x$ = 1^"]
)
def test_nothing_but_known_expressions_reaches_the_typesetter(text: str) -> None:
    for latex in expressions(text):
        place_formula(Canvas(), latex, PANEL, "#FFFFFF", size=60)
        assert "input" not in latex


@pytest.mark.parametrize(
    ("lecture", "heading", "said", "latex", "figure"),
    [
        ("Calculus", "Rate of Change", "A derivative is the slope of the tangent at a point.",
         r"\lim_{h\to 0}", "tangent"),
        ("Calculus", "Area", "The integral measures the area under a curve.",
         r"\int_a^b", "area"),
        ("Probability", "Bayes", "Bayes' theorem reverses a conditional probability.",
         r"P(A\mid B)", "tree"),
        ("Probability", "Shapes of Chance", "The normal distribution is a symmetric bell curve.",
         r"\sigma\sqrt{2\pi}", "normal"),
        ("Prime Numbers", "Sieving", "The sieve strikes out multiples.", "", "sieve"),
        ("Graph Theory", "Degrees", "The sum of the degrees is twice the number of edges.",
         r"2\,|E|", "degrees"),
        ("Graph Theory", "Bridges", "Königsberg had seven bridges over its river.", "", "bridges"),
        ("Black Holes", "Size", "The Schwarzschild radius grows with mass.", "r_s", ""),
        ("Photosynthesis", "In Short", "Plants turn carbon dioxide and water into sugar.",
         r"\mathrm{CO}_2", ""),
    ],
)  # fmt: skip
def test_mathematics_is_shown_as_mathematics(
    lecture: str, heading: str, said: str, latex: str, figure: str
) -> None:
    content = choose(Brief(said, lecture=lecture, heading=heading, segment=3, segments=9))
    assert isinstance(content, Formula)
    assert latex in content.latex
    assert content.figure == figure


@pytest.mark.parametrize(
    ("lecture", "said"),
    [
        ("Coffee", "Leaves of the coffee tree grow in pairs along each branch."),
        ("Batteries", "Airlines limit spare batteries to 100 watt-hours each."),
        ("The Apollo Program", "The lunar module carried a number of instruments."),
        ("The Silk Road", "Geographers drew maps of the desert and its trees."),
    ],
)
def test_no_formula_strays_into_other_subjects(lecture: str, said: str) -> None:
    content = choose(Brief(said, lecture=lecture, heading="Facts", segment=3, segments=9))
    assert not isinstance(content, Formula)


def test_axes_map_points_to_scale() -> None:
    axes = Axes(stage(), Box(0, 0, 100, 50), (0, 10), (-1, 1))
    assert axes.at(5, 0) == (50, 25)
    assert axes.at(10, 1) == (100, 0)


def test_primes_and_factors_are_right() -> None:
    assert [n for n in range(1, 30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    for n in range(2, 500):
        assert math.prod(factors(n)) == n
        assert all(is_prime(factor) for factor in factors(n))
