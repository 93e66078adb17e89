"""Drawings of calculus: slopes, areas, limits, series, equations of change."""

from __future__ import annotations

import math

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.axes import Axes
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula
from pipeline_defs.local.providers.pictures.palettes import mixed


def _hump(x: float) -> float:
    """A cubic that rises, falls and rises: all its slopes are known."""
    return 0.12 * x**3 - 1.08 * x**2 + 2.6 * x + 0.8


def _hump_slope(x: float) -> float:
    return 0.36 * x**2 - 2.16 * x + 2.6


def draw_tangent(stage: Stage, box: Box) -> None:
    """A curve and its tangent at a point."""
    axes = Axes(stage, box, (-0.3, 6.4), (-0.4, 4.6))
    axes.draw()
    axes.curve(_hump, stage.look.second, of=(0, 6.2))
    x = stage.look.turn((0.7, 5.0, 2.6))
    y, slope = _hump(x), _hump_slope(x)
    axes.curve(
        lambda t: y + slope * (t - x), stage.look.accent, of=(max(0.0, x - 1.7), min(6.2, x + 1.7))
    )
    axes.drop(x, y)
    axes.point(x, y, stage.look.accent)
    axes.label("x", x, 0, dy=26)
    axes.label("f", 6.0, _hump(6.0), dx=-40, dy=-20, color=stage.look.second)


def draw_secants(stage: Stage, box: Box) -> None:
    """Secants through a fixed point that turn into the tangent of a parabola."""
    axes = Axes(stage, box, (-0.3, 4.3), (-1.2, 8.4))
    axes.draw()
    axes.curve(lambda x: 0.5 * x * x, stage.look.second, of=(0, 4))
    fixed = 1.5
    for i, other in enumerate((3.6, 2.9, 2.2)):
        slope = 0.5 * (other + fixed)
        color = mixed(stage.look.palette.background, stage.muted, 0.5 + 0.15 * i)
        axes.curve(
            lambda t, s=slope: 0.5 * fixed**2 + s * (t - fixed), color, of=(0.4, 4.2), width=3
        )
        axes.point(other, 0.5 * other**2, color)
    axes.curve(lambda t: 0.5 * fixed**2 + fixed * (t - fixed), stage.look.accent, of=(0.2, 4.2))
    axes.point(fixed, 0.5 * fixed**2, stage.look.accent)
    axes.label("x", fixed, 0, dy=26)


def draw_area(stage: Stage, box: Box) -> None:
    """The area under a curve from a to b."""
    axes = Axes(stage, box, (-0.3, 6.4), (-0.5, 4.6))
    axes.draw()
    a, b = stage.look.turn(((1.0, 5.0), (0.6, 4.2), (2.0, 5.6)))
    axes.area(_hump, (a, b), stage.look.accent)
    axes.curve(_hump, stage.look.second, of=(0, 6.2))
    for x, name in ((a, "a"), (b, "b")):
        axes.drop(x, _hump(x))
        axes.label(name, x, 0, dy=26)


def draw_riemann(stage: Stage, box: Box) -> None:
    """The same area as a sum of narrow rectangles."""
    axes = Axes(stage, box, (-0.3, 6.4), (-0.5, 4.6))
    axes.draw()
    count = stage.look.turn((10, 16, 24))
    step = 5.0 / count
    for i in range(count):
        left, low = axes.at(0.6 + i * step, 0)
        right, top = axes.at(0.6 + (i + 1) * step, _hump(0.6 + (i + 0.5) * step))
        stage.canvas.rect(
            Box(left, top, right - left, low - top), stage.look.accent, opacity=0.35,
            stroke=stage.look.accent, width=2,
        )  # fmt: skip
    axes.curve(_hump, stage.look.second, of=(0, 6.2))


def draw_limit(stage: Stage, box: Box) -> None:
    """A curve with a hole that is approached from both sides."""
    axes = Axes(stage, box, (-0.4, 5), (-0.5, 5))
    axes.draw()
    a = stage.look.turn((2.4, 3.0, 1.8))

    def line(x: float) -> float:
        return 0.9 + 0.12 * (x - 0.5) ** 2 + 0.4 * x

    axes.curve(line, stage.look.second, of=(0, 4.7))
    axes.drop(a, line(a))
    stage.canvas.line(axes.at(0, line(a)), axes.at(a, line(a)), stage.muted, 3, dashed=True)
    for side in (-1.05, 1.05):
        start, end = (
            axes.at(a + side, line(a + side) + 0.45),
            axes.at(a + side * 0.28, line(a + side * 0.28) + 0.4),
        )
        stage.canvas.arrow(start, end, stage.look.accent, 6)
    axes.point(a, line(a), stage.look.accent, hollow=True)
    axes.label("a", a, 0, dy=28)
    axes.label("L", 0, line(a), dx=-30)


def draw_jump(stage: Stage, box: Box) -> None:
    """A continuous curve beside one that jumps."""
    left, right = box.columns(2, 40)
    first = Axes(stage, left, (-0.3, 4), (-0.4, 4))
    second = Axes(stage, right, (-0.3, 4), (-0.4, 4))
    first.draw()
    second.draw()
    first.curve(lambda x: 2 + math.sin(1.7 * x) * 0.9, stage.look.second, of=(0.2, 3.7))
    second.curve(lambda x: 1 + 0.3 * x, stage.look.accent, of=(0.2, 2))
    second.curve(lambda x: 2.4 + 0.2 * x, stage.look.accent, of=(2, 3.7))
    second.point(2, 1.6, stage.look.accent, hollow=True)
    second.point(2, 2.8, stage.look.accent)


def draw_extremum(stage: Stage, box: Box) -> None:
    """A maximum and a minimum with their level tangents."""
    axes = Axes(stage, box, (-0.3, 6.4), (-0.4, 4.6))
    axes.draw()
    axes.curve(_hump, stage.look.second, of=(0, 6.2))
    root = math.sqrt(2.16**2 - 4 * 0.36 * 2.6)
    for x in ((2.16 - root) / 0.72, (2.16 + root) / 0.72):
        y = _hump(x)
        stage.canvas.line(axes.at(x - 0.9, y), axes.at(x + 0.9, y), stage.look.accent, 5)
        axes.point(x, y, stage.look.accent)
    axes.label(r"f^{\prime}(x)=0", 3.1, 3.5, size=42, color=stage.look.accent)


def draw_exponential(stage: Stage, box: Box) -> None:
    """Growth and decay."""
    axes = Axes(stage, box, (-0.3, 4.2), (-0.4, 6.2))
    axes.draw()
    axes.curve(lambda x: 0.5 * math.exp(0.62 * x), stage.look.accent, of=(0, 4))
    axes.curve(lambda x: 5.2 * math.exp(-0.75 * x), stage.look.second, of=(0, 4))
    axes.label("e^{kt}", 3.1, 4.6, dx=-20, dy=-30, color=stage.look.accent, size=48)
    axes.label("e^{-kt}", 3.3, 1.0, dy=-18, color=stage.look.second, size=48)


def draw_logistic(stage: Stage, box: Box) -> None:
    """Growth that slows down towards a capacity."""
    axes = Axes(stage, box, (-0.3, 10), (-0.3, 5))
    axes.draw()
    stage.canvas.line(axes.at(0, 4), axes.at(9.6, 4), stage.muted, 3, dashed=True)
    axes.curve(lambda t: 4 / (1 + 19 * math.exp(-0.9 * t)), stage.look.accent, of=(0, 9.6))
    axes.label("K", 0, 4, dx=-28)


def draw_slope_field(stage: Stage, box: Box) -> None:
    """Slopes of y' = x - y with three solutions."""
    axes = Axes(stage, box, (-2.2, 3.2), (-2.4, 3.2))
    color = mixed(stage.look.palette.background, stage.muted, 0.75)
    for i in range(13):
        for j in range(11):
            x, y = -2 + i * 0.4, -2 + j * 0.48
            angle = math.atan2((x - y) * box.height / 5.6, box.width / 5.4)
            px, py = axes.at(x, y)
            dx, dy = 15 * math.cos(angle), -15 * math.sin(angle)
            stage.canvas.line((px - dx, py - dy), (px + dx, py + dy), color, 3)
    for constant, shade in (
        (0.6, stage.look.accent),
        (0.05, stage.look.second),
        (-0.16, stage.look.third),
    ):
        axes.curve(lambda t, c=constant: t - 1 + c * math.exp(-t), shade, of=(-2, 3))


def draw_oscillation(stage: Stage, box: Box) -> None:
    """A free oscillation and a damped one."""
    axes = Axes(stage, box, (-0.2, 13), (-1.3, 1.3))
    axes.draw()
    axes.curve(math.sin, stage.look.second, of=(0, 12.5))
    axes.curve(lambda t: math.exp(-0.16 * t) * math.cos(t), stage.look.accent, of=(0, 12.5))


def draw_series(stage: Stage, box: Box) -> None:
    """Halves of a square, each half of the last: they fill it."""
    side = min(box.height, box.width)
    rest = Box(box.center - side / 2, box.middle - side / 2, side, side)
    colors = (stage.look.accent, stage.look.second, stage.look.third)
    for i in range(8):
        across = i % 2 == 0
        part, rest = rest.left_part(0.5, 0) if across else rest.top_part(rest.height / 2, 0)
        stage.canvas.rect(
            part, colors[i % 3], opacity=0.75, stroke=stage.look.palette.background, width=4
        )
        if i < 5:
            inner = part.inset(part.width * 0.2, part.height * 0.2)
            on = stage.look.palette.on(colors[i % 3])
            place_formula(stage.canvas, rf"\frac{{1}}{{{2 ** (i + 1)}}}", inner, on, size=80)


def draw_harmonic(stage: Stage, box: Box) -> None:
    """Partial sums: those of 1/n keep growing, those of 1/n^2 settle."""
    axes = Axes(stage, box, (0, 31), (0, 4.4))
    axes.draw()
    growing, settling = 0.0, 0.0
    for n in range(1, 30):
        growing += 1 / n
        settling += 1 / n**2
        for value, color in ((growing, stage.look.accent), (settling, stage.look.second)):
            x, y = axes.at(n, value)
            stage.canvas.circle(x, y, 7, color)
    axes.label(r"\sum\frac{1}{n}", 24, 3.78, dy=62, color=stage.look.accent, size=36)
    axes.label(r"\sum\frac{1}{n^2}", 22, 1.6, dy=62, color=stage.look.second, size=36)


def draw_taylor(stage: Stage, box: Box) -> None:
    """The sine and the polynomials that cling to it."""
    axes = Axes(stage, box, (-0.4, 7), (-2.3, 2.3))
    axes.draw()
    axes.curve(math.sin, stage.ink, of=(0, 6.6), width=7)
    axes.curve(lambda x: x, stage.look.third, of=(0, 6.6), width=4)
    axes.curve(lambda x: x - x**3 / 6, stage.look.second, of=(0, 6.6), width=4)
    axes.curve(lambda x: x - x**3 / 6 + x**5 / 120, stage.look.accent, of=(0, 6.6), width=4)


def draw_newton(stage: Stage, box: Box) -> None:
    """Two steps of Newton's method for the square root of 2."""
    axes = Axes(stage, box, (0, 3.3), (-2.4, 7))
    axes.draw()
    axes.curve(lambda x: x * x - 2, stage.look.second, of=(0.1, 3))
    x = 2.8
    for _ in range(2):
        value = x * x - 2
        following = (x + 2 / x) / 2
        axes.drop(x, value)
        stage.canvas.line(axes.at(x, value), axes.at(following, 0), stage.look.accent, 5)
        axes.point(x, value, stage.look.accent)
        x = following
    axes.point(math.sqrt(2), 0, stage.look.third)
    axes.label(r"\sqrt{2}", math.sqrt(2), 0, dx=-6, dy=48, color=stage.look.third)
