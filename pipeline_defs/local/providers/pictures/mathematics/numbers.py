"""Drawings of whole numbers: sieves, factors, gaps, clocks."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.axes import Axes
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula
from pipeline_defs.local.providers.pictures.palettes import mixed

_FACTORED_MOST = 10_000  # a tree of a larger number is too wide


def is_prime(n: int) -> bool:
    """Whether n has no divisor but 1 and itself."""
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


def factors(n: int) -> list[int]:
    """The prime factors of n >= 2 in order, repeats kept."""
    found: list[int] = []
    divisor = 2
    while n > 1:
        while n % divisor == 0:
            found.append(divisor)
            n //= divisor
        divisor += 1
    return found


def draw_sieve(stage: Stage, box: Box) -> None:
    """The numbers up to 60 or 100, primes lit."""
    columns, rows = stage.look.turn(((10, 6), (12, 8), (10, 10)))
    side = min(box.width / columns, box.height / rows)
    left, top = box.center - side * columns / 2, box.middle - side * rows / 2
    dark = mixed(stage.look.palette.background, stage.muted, 0.14)
    for n in range(1, columns * rows + 1):
        row, column = divmod(n - 1, columns)
        cell = Box(left + column * side, top + row * side, side, side).inset(3)
        lit = is_prime(n)
        color = stage.look.accent if lit else dark
        stage.canvas.rect(cell, color, radius=7)
        ink = stage.look.palette.on(color) if lit else stage.muted
        place_formula(stage.canvas, str(n), cell.inset(side * 0.12), ink, size=side * 0.5)


def draw_factor_tree(stage: Stage, box: Box) -> None:
    """How a number falls apart into primes: one that is spoken of, if there is one."""
    n = _composite(stage.brief.said) or stage.look.turn((60, 84, 90, 72))
    _branch(stage, n, box.center, box.y + 46, box.width / 5.4, box)


def _composite(text: str) -> int | None:
    """The first number of a text that has between three and six prime factors."""
    for found in re.findall(r"(?<![\d.,/])\d{2,5}(?![\d.,/]*\d)", text):
        n = int(found)
        if n <= _FACTORED_MOST and 3 <= len(factors(n)) <= 5:
            return n
    return None


def _branch(stage: Stage, n: int, x: float, y: float, spread: float, box: Box) -> None:
    """A number above its smallest prime factor and what is left."""
    split = factors(n)
    if len(split) > 1:
        step = (box.height - 92) / 4.0
        left, right = x - spread * 0.7, x + spread * 0.7
        for child in (left, right):
            stage.canvas.line((x, y), (child, y + step), stage.muted, 4)
        _branch(stage, split[0], left, y + step, spread, box)
        _branch(stage, n // split[0], right, y + step, spread * 0.82, box)
    prime = len(split) == 1
    color = stage.look.accent if prime else stage.look.palette.surface
    stage.canvas.circle(x, y, 42, color, stroke=stage.look.accent, width=4)
    place_formula(
        stage.canvas, str(n), Box(x - 32, y - 26, 64, 52), stage.look.palette.on(color), size=40
    )


def draw_number_line(stage: Stage, box: Box) -> None:
    """Primes on the number line, twins joined by arcs."""
    rows = box.rows(3, 20)
    for i, row in enumerate(rows):
        start = 1 + 20 * i
        y = row.middle + 18
        step = row.width / 20
        stage.canvas.line(
            (row.x, y), (row.right, y), mixed(stage.look.palette.background, stage.muted, 0.6), 4
        )
        for k in range(20):
            n, x = start + k, row.x + (k + 0.5) * step
            if not is_prime(n):
                stage.canvas.circle(x, y, 5, stage.muted)
                continue
            stage.canvas.circle(x, y, 12, stage.look.accent)
            place_formula(
                stage.canvas, str(n), Box(x - step / 2, y + 16, step, 38), stage.ink, size=32
            )
            if is_prime(n + 2) and k < 18:
                _arc(stage, x, x + 2 * step, y - 14)


def _arc(stage: Stage, left: float, right: float, y: float) -> None:
    middle, r = (left + right) / 2, (right - left) / 2
    points = [
        (middle - r * math.cos(math.pi * i / 24), y - 34 * math.sin(math.pi * i / 24))
        for i in range(25)
    ]
    stage.canvas.curve(points, stage.look.second, 5)


def draw_prime_count(stage: Stage, box: Box) -> None:
    """The staircase of the primes and x / ln x."""
    axes = Axes(stage, box, (0, 103), (0, 27))
    axes.draw()
    count, points = 0, [axes.at(0, 0)]
    for n in range(2, 101):
        if is_prime(n):
            points += [axes.at(n, count), axes.at(n, count + 1)]
            count += 1
    points.append(axes.at(100, count))
    stage.canvas.curve(points, stage.look.accent, 5)
    axes.curve(lambda x: x / math.log(x), stage.look.second, of=(3, 100))
    axes.label(r"\pi(x)", 68, 19, dx=-40, dy=-44, color=stage.look.accent, size=44)
    axes.label(r"\frac{x}{\ln x}", 84, 18, dx=10, dy=58, color=stage.look.second, size=40)


def draw_spiral(stage: Stage, box: Box) -> None:
    """Whole numbers wound into a square spiral, primes lit (Ulam)."""
    side = 19
    step = min(box.width, box.height) / side
    x, y, dx, dy = 0, 0, 1, 0
    run, left, turns = 1, 1, 0
    for n in range(1, side * side + 1):
        px, py = box.center + x * step, box.middle + y * step
        if is_prime(n):
            stage.canvas.circle(px, py, step * 0.4, stage.look.accent)
        else:
            stage.canvas.circle(
                px, py, step * 0.12, mixed(stage.look.palette.background, stage.muted, 0.6)
            )
        x, y, left = x + dx, y + dy, left - 1
        if left == 0:
            dx, dy, turns = dy, -dx, turns + 1
            run += turns % 2 == 0
            left = run


def draw_rectangles(stage: Stage, box: Box) -> None:
    """A composite number forms a rectangle, a prime only a row."""
    whole, prime = stage.look.turn(((12, 7), (15, 11), (18, 13)))
    rows = next(d for d in range(math.isqrt(whole), 1, -1) if whole % d == 0)
    side = min(box.width / max(whole // rows, prime), box.height / (rows + 3))
    _dots(
        stage, box.center, box.y + side * rows / 2 + 8, rows, whole // rows, side, stage.look.second
    )
    _dots(stage, box.center, box.bottom - side, 1, prime, side, stage.look.accent)
    middle = box.y + side * rows + 8 + (box.height - side * (rows + 1.5)) / 2
    label = rf"{whole}={rows}\times {whole // rows}\qquad {prime}=1\times {prime}"
    place_formula(stage.canvas, label, Box(box.x, middle - 34, box.width, 60), stage.ink, size=40)


def _dots(
    stage: Stage, x: float, y: float, rows: int, columns: int, side: float, color: str
) -> None:
    for row in range(rows):
        for column in range(columns):
            stage.canvas.circle(
                x + (column - (columns - 1) / 2) * side,
                y + (row - (rows - 1) / 2) * side,
                side * 0.36,
                color,
            )


def draw_clock(stage: Stage, box: Box) -> None:
    """Counting that starts again from zero: multiples of a step on a ring."""
    n, step = stage.look.turn(((12, 5), (7, 3), (11, 4)))
    r = min(box.width, box.height) / 2 - 44
    spots = [
        (
            box.center + r * math.sin(2 * math.pi * k / n),
            box.middle - r * math.cos(2 * math.pi * k / n),
        )
        for k in range(n)
    ]
    stage.canvas.circle(box.center, box.middle, r, "none", stroke=stage.muted, width=3)
    path = [spots[step * k % n] for k in range(n)]
    stage.canvas.curve(path, stage.look.second, 4, closed=True)
    for k, (x, y) in enumerate(spots):
        color = stage.look.accent if k == 0 else stage.look.palette.surface
        stage.canvas.circle(x, y, 34, color, stroke=stage.look.accent, width=3)
        place_formula(
            stage.canvas, str(k), Box(x - 24, y - 22, 48, 44), stage.look.palette.on(color), size=36
        )


def draw_gaps(stage: Stage, box: Box) -> None:
    """The distance from each prime to the next one."""
    primes = [n for n in range(2, 150) if is_prime(n)][:30]
    gaps = [later - earlier for earlier, later in pairwise(primes)]
    cells = box.columns(len(gaps), 5)
    for gap, cell in zip(gaps, cells, strict=True):
        high = cell.height * gap / max(gaps)
        color = stage.look.accent if gap == max(gaps) else stage.look.second
        stage.canvas.rect(Box(cell.x, cell.bottom - high, cell.width, high), color, radius=4)
