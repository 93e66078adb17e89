"""Drawings of probability: distributions, events, trees, long runs."""

from __future__ import annotations

import math
import random

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.axes import Axes
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula
from pipeline_defs.local.providers.pictures.palettes import mixed


def _bell(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def draw_normal(stage: Stage, box: Box) -> None:
    """The bell curve with the share within one and two standard deviations."""
    axes = Axes(stage, box, (-3.6, 3.6), (-0.05, 0.44))
    axes.area(_bell, (-2, 2), stage.look.second)
    axes.area(_bell, (-1, 1), stage.look.accent)
    low, high = axes.at(-3.5, 0), axes.at(3.5, 0)
    stage.canvas.line(low, high, stage.muted, 4)
    axes.curve(_bell, stage.ink, of=(-3.5, 3.5))
    for x, name in (
        (-2, r"-2\sigma"),
        (-1, r"-\sigma"),
        (0, r"\mu"),
        (1, r"\sigma"),
        (2, r"2\sigma"),
    ):
        axes.label(name, x, 0, dy=30, size=34)
    axes.label(r"68\,\%", 0, 0.16, size=46)


def _bars(stage: Stage, box: Box, heights: list[float], names: list[str], lit: set[int]) -> None:
    most = max(heights)
    cells = Box(box.x, box.y, box.width, box.height - 56).columns(len(heights), 10)
    for i, (value, cell) in enumerate(zip(heights, cells, strict=True)):
        high = max(3.0, cell.height * value / most)
        color = stage.look.accent if i in lit else stage.look.second
        stage.canvas.rect(Box(cell.x, cell.bottom - high, cell.width, high), color, radius=6)
        label = Box(cell.x, cell.bottom + 10, cell.width, 40)
        place_formula(stage.canvas, names[i], label, stage.ink, size=36)


def draw_two_dice(stage: Stage, box: Box) -> None:
    """Sums of two dice: 36 equally likely pairs."""
    _bars(
        stage,
        box,
        [6.0 - abs(7 - total) for total in range(2, 13)],
        [str(t) for t in range(2, 13)],
        {5},
    )


def draw_die(stage: Stage, box: Box) -> None:
    """One die: six faces, equally likely."""
    side = min(150.0, (box.width - 60) / 3, (box.height - 30) / 2)
    spots = {
        1: [4],
        2: [0, 8],
        3: [0, 4, 8],
        4: [0, 2, 6, 8],
        5: [0, 2, 4, 6, 8],
        6: [0, 2, 3, 5, 6, 8],
    }
    left, top = box.center - (3 * side + 60) / 2, box.middle - (2 * side + 30) / 2
    lit = stage.look.turn(({2, 4, 6}, {6}, {1, 3, 5}))
    for face in range(1, 7):
        row, column = divmod(face - 1, 3)
        cell = Box(left + column * (side + 30), top + row * (side + 30), side, side)
        color = stage.look.accent if face in lit else stage.look.palette.surface
        stage.canvas.rect(cell, color, radius=side * 0.16, stroke=stage.look.accent, width=3)
        on = stage.look.palette.on(color)
        for spot in spots[face]:
            y, x = divmod(spot, 3)
            stage.canvas.circle(
                cell.x + side * (0.24 + 0.26 * x),
                cell.y + side * (0.24 + 0.26 * y),
                side * 0.08,
                on,
            )


def draw_binomial(stage: Stage, box: Box) -> None:
    """Heads in ten tosses of a fair coin."""
    heights = [float(math.comb(10, k)) for k in range(11)]
    _bars(stage, box, heights, [str(k) for k in range(11)], {stage.look.turn((5, 4, 6))})


def draw_poisson(stage: Stage, box: Box) -> None:
    """Rare events with a mean of three."""
    heights = [3.0**k / math.factorial(k) for k in range(10)]
    _bars(stage, box, heights, [str(k) for k in range(10)], {3})


def draw_geometric(stage: Stage, box: Box) -> None:
    """Waiting for the first success: each later throw is less likely to be it."""
    heights = [(5 / 6) ** (k - 1) / 6 for k in range(1, 13)]
    _bars(stage, box, heights, [str(k) for k in range(1, 13)], {0})


def draw_events(stage: Stage, box: Box) -> None:
    """Two events that overlap."""
    r = min(box.height / 2 - 20, box.width / 3.4)
    x, y = box.center, box.middle
    palette = stage.look.palette
    stage.canvas.rect(
        box.inset(4),
        palette.surface,
        radius=18,
        stroke=mixed(palette.surface, stage.muted, 0.5),
        width=2,
    )
    for sign, color in ((-1, stage.look.accent), (1, stage.look.second)):
        stage.canvas.circle(
            x + sign * r * 0.58, y, r * 0.9, color, opacity=0.4, stroke=color, width=4
        )
    place_formula(stage.canvas, "A", Box(x - r * 1.3, y - 40, r * 0.5, 80), stage.ink, size=54)
    place_formula(stage.canvas, "B", Box(x + r * 0.8, y - 40, r * 0.5, 80), stage.ink, size=54)
    place_formula(
        stage.canvas, r"A\cap B", Box(x - r * 0.3, y - 40, r * 0.6, 80), stage.ink, size=44
    )


def draw_tree(stage: Stage, box: Box) -> None:
    """Two stages of a chance experiment."""
    root = (box.x + 30, box.middle)
    for i, (first, color) in enumerate((("A", stage.look.accent), (r"A^{c}", stage.look.second))):
        middle = (box.x + box.width * 0.42, box.y + box.height * (0.27 + 0.46 * i))
        stage.canvas.line(root, middle, color, 5)
        for j, second in enumerate(("B", r"B^{c}")):
            end = (box.right - 60, middle[1] + box.height * (-0.13 + 0.26 * j))
            stage.canvas.line(middle, end, color, 4)
            _node(stage, end, second, 38, color)
        _node(stage, middle, first, 44, color)
    stage.canvas.circle(*root, 18, stage.ink)


def _node(stage: Stage, at: tuple[float, float], latex: str, r: float, color: str) -> None:
    stage.canvas.circle(at[0], at[1], r, stage.look.palette.background, stroke=color, width=4)
    place_formula(
        stage.canvas,
        latex,
        Box(at[0] - r * 0.6, at[1] - r * 0.6, r * 1.2, r * 1.2),
        stage.ink,
        size=40,
    )


def draw_long_run(stage: Stage, box: Box) -> None:
    """The share of heads in a long run of tosses settles near one half."""
    axes = Axes(stage, box, (0, 410), (0, 1.05))
    axes.draw()
    stage.canvas.line(axes.at(0, 0.5), axes.at(400, 0.5), stage.muted, 3, dashed=True)
    for seed, color in enumerate((stage.look.second, stage.look.accent)):
        coin = random.Random(11 + seed + stage.look.number)  # noqa: S311 - a picture, no secret
        heads, points = 0, list[tuple[float, float]]()
        for n in range(1, 401):
            heads += coin.random() < 0.5
            points.append(axes.at(n, heads / n))
        stage.canvas.curve(points, color, 5)
    axes.label(r"\frac{1}{2}", 0, 0.5, dx=-34, size=40)


def draw_walk(stage: Stage, box: Box) -> None:
    """Three random walks from one start."""
    axes = Axes(stage, box, (0, 205), (-32, 32))
    axes.draw()
    for seed, color in enumerate((stage.look.third, stage.look.second, stage.look.accent)):
        coin = random.Random(7 * seed + stage.look.number)  # noqa: S311 - a picture, no secret
        height, points = 0, [axes.at(0, 0)]
        for n in range(1, 201):
            height = max(-31, min(31, height + (1 if coin.random() < 0.5 else -1)))
            points.append(axes.at(n, height))
        stage.canvas.curve(points, color, 4)


def draw_coins(stage: Stage, box: Box) -> None:
    """The four outcomes of two tosses."""
    for i, cell in enumerate(c for row in box.rows(2, 24) for c in row.columns(2, 24)):
        stage.card(cell)
        r = min(cell.height * 0.32, cell.width * 0.2)
        for j in range(2):
            heads = (i >> (1 - j)) & 1 == 0
            color = stage.look.accent if heads else stage.look.second
            x = cell.center + (j - 0.5) * r * 2.3
            stage.canvas.circle(x, cell.middle, r, color)
            on = stage.look.palette.on(color)
            side = r * 1.1
            place_formula(
                stage.canvas, r"\mathrm{H}" if heads else r"\mathrm{T}",
                Box(x - side / 2, cell.middle - side / 2, side, side), on, size=60,
            )  # fmt: skip


def draw_birthdays(stage: Stage, box: Box) -> None:
    """The chance of a shared birthday by the number of people."""
    axes = Axes(stage, box, (0, 62), (-0.07, 1.05))
    axes.draw()
    apart, points = 1.0, list[tuple[float, float]]()
    for n in range(1, 61):
        apart *= (366 - n) / 365
        points.append(axes.at(n, 1 - apart))
    stage.canvas.curve(points, stage.look.accent, 6)
    axes.drop(23, 0.507)
    axes.point(23, 0.507, stage.look.second)
    axes.label("23", 23, 0, dy=28)
    axes.label(r"50\,\%", 23, 0.507, dx=86, dy=12, color=stage.look.second)


def draw_pascal(stage: Stage, box: Box) -> None:
    """Pascal's triangle."""
    rows = 6
    step_x, step_y = min(110.0, box.width / rows), box.height / rows
    for n in range(rows):
        for k in range(n + 1):
            x, y = box.center + (k - n / 2) * step_x, box.y + step_y * (n + 0.5)
            color = stage.look.accent if 0 < k < n else stage.look.second
            stage.canvas.circle(
                x, y, step_y * 0.44, mixed(stage.look.palette.background, color, 0.22)
            )
            place_formula(
                stage.canvas, str(math.comb(n, k)), Box(x - 30, y - 30, 60, 60), stage.ink, size=42
            )
