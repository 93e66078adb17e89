"""A drawing surface of 1280 by 720 units that writes SVG and remembers where everything is.

Layouts draw in these units whatever the size of the picture is. Texts are data: they are measured,
fitted into their box, and escaped here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.media.typesetting import (
    FAMILY,
    REGULAR,
    Setting,
    escape,
    fitted_text,
    text_width,
    wrapped,
)

WIDTH = 1280.0
HEIGHT = 720.0
BODY_LEAST = 30.0  # units: the smallest type of what has to be read
SMALLEST = 22.0  # units: only where a text is far too long for its place
LINE_HEIGHT = 1.22  # of the font size
_ASCENT = 0.94  # from the top of a line to its baseline, of the font size
_SIZE_STEP = 2.0
Align = Literal["start", "middle", "end"]
Place = Literal["top", "middle", "bottom"]


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set: largest and smallest size, weight, colour, alignment, lines."""

    size: float
    color: str
    weight: int = REGULAR
    align: Align = "start"
    place: Place = "top"
    lines: int = 6
    least: float = BODY_LEAST
    marked: str = ""  # words set in `mark_color`
    mark_color: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A text where it was drawn."""

    box: Box
    text: str
    size: float
    color: str


@dataclass
class Canvas:
    """SVG in the making."""

    parts: list[str] = field(default_factory=list)
    texts: list[Placed] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)

    def rect(
        self, box: Box, fill: str, *, radius: float = 0, opacity: float = 1, stroke: str = "",
        width: float = 0,
    ) -> None:  # fmt: skip
        """A rectangle with round corners."""
        self.shapes.append(box)
        edge = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke else ""
        self.parts.append(
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
            f'height="{box.height:.1f}" rx="{radius:g}" fill="{fill}" '
            f'fill-opacity="{opacity:g}"{edge}/>'
        )

    def circle(
        self, x: float, y: float, r: float, fill: str = "none", *, opacity: float = 1,
        stroke: str = "", width: float = 0,
    ) -> None:  # fmt: skip
        """A circle around (x, y)."""
        self.shapes.append(Box(x - r, y - r, 2 * r, 2 * r))
        edge = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke else ""
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" '
            f'fill-opacity="{opacity:g}"{edge}/>'
        )

    def line(
        self, start: tuple[float, float], end: tuple[float, float], color: str, width: float = 3,
        *, dashed: bool = False, opacity: float = 1,
    ) -> None:  # fmt: skip
        """A straight line with round ends."""
        self._path_box([start, end])
        dash = f' stroke-dasharray="{width * 2.5:g} {width * 2.5:g}"' if dashed else ""
        self.parts.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
            f'stroke="{color}" stroke-width="{width:g}" stroke-linecap="round" '
            f'stroke-opacity="{opacity:g}"{dash}/>'
        )

    def curve(
        self, points: list[tuple[float, float]], color: str, width: float = 4, *,
        fill: str = "none", opacity: float = 1, closed: bool = False, dashed: bool = False,
    ) -> None:  # fmt: skip
        """A line through points."""
        self._path_box(points)
        d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")
        dash = f' stroke-dasharray="{width * 2.5:g} {width * 2.5:g}"' if dashed else ""
        self.parts.append(
            f'<path d="{d}" fill="{fill}" fill-opacity="{opacity:g}" stroke="{color}" '
            f'stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"{dash}/>'
        )

    def arrow(
        self, start: tuple[float, float], end: tuple[float, float], color: str, width: float = 5
    ) -> None:
        """A straight arrow; its tip touches `end`."""
        head = width * 3.6
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        neck = (end[0] - head * 0.8 * math.cos(angle), end[1] - head * 0.8 * math.sin(angle))
        self.line(start, neck, color, width)
        self.arrow_head(end, angle, color, head)

    def arrow_head(
        self, tip: tuple[float, float], angle: float, color: str, size: float = 18
    ) -> None:
        """The head of an arrow that points along `angle` (radians)."""
        sides = [(tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn))
                 for turn in (0.46, -0.46)]  # fmt: skip
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, *sides))
        self._path_box([tip, *sides])
        self.parts.append(
            f'<polygon points="{points}" fill="{color}" stroke="{color}" stroke-width="2" '
            f'stroke-linejoin="round"/>'
        )

    def raw(self, svg: str, box: Box) -> None:
        """Ready markup of our own that stays inside `box`."""
        self.shapes.append(box)
        self.parts.append(svg)

    def text(self, text: str, box: Box, style: Type) -> Box:
        """The text as large as it fits into the box; answers the box it takes up."""
        setting = fit(text, box, style)
        if not setting.lines:
            return Box(box.x, box.y, 0, 0)
        step = setting.size * LINE_HEIGHT
        height = step * len(setting.lines)
        top = {"top": box.y, "middle": box.middle - height / 2, "bottom": box.bottom - height}
        anchor = {"start": box.x, "middle": box.center, "end": box.right}[style.align]
        y = top[style.place]
        for i, line in enumerate(setting.lines):
            self._line(line, anchor, y + i * step, setting.size, style)
        return Box(box.x, y, box.width, height)

    def _line(self, line: str, anchor: float, y: float, size: float, style: Type) -> None:
        width = text_width(line, size, style.weight)
        left = anchor - {"start": 0, "middle": width / 2, "end": width}[style.align]
        self.texts.append(Placed(Box(left, y, width, size * LINE_HEIGHT), line, size, style.color))
        self.parts.append(
            f'<text x="{anchor:.1f}" y="{y + size * _ASCENT:.1f}" font-family="{FAMILY}" '
            f'font-size="{size:g}" font-weight="{style.weight}" fill="{style.color}" '
            f'text-anchor="{style.align}">{_marked(line, style)}</text>'
        )

    def _path_box(self, points: list[tuple[float, float]]) -> None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self.shapes.append(Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))

    def svg(self, width: int, height: int, behind: str) -> str:
        """The drawing as an image of `width` by `height` pixels; `behind` fills what it leaves."""
        scale = min(width / WIDTH, height / HEIGHT)
        wide, high = width / scale, height / scale
        left, top = (WIDTH - wide) / 2, (HEIGHT - high) / 2
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="{left:.2f} {top:.2f} {wide:.2f} {high:.2f}">'
            f'<rect x="{left:.2f}" y="{top:.2f}" width="{wide:.2f}" height="{high:.2f}" '
            f'fill="{behind}"/>{"".join(self.parts)}</svg>'
        )


def fit(text: str, box: Box, style: Type) -> Setting:
    """The largest setting of a text that fits its box without breaking a word.

    A text that is too long at the smallest size ends in an ellipsis.
    """
    size = style.size
    while size >= min(style.least, style.size):
        lines = _lines_in(box, size, style)
        found = wrapped(text, size, style.weight, box.width)
        if not found:
            return Setting((), size)
        if len(found) <= lines and _whole_words(text, found):
            return _set(text, box, style, size, lines)
        size -= _SIZE_STEP
    smallest = min(SMALLEST, style.size)
    while size > smallest:
        lines = _lines_in(box, size, style)
        if len(wrapped(text, size, style.weight, box.width)) <= lines:
            break
        size -= _SIZE_STEP
    size = max(size, smallest)
    return _set(text, box, style, size, _lines_in(box, size, style))


def _set(text: str, box: Box, style: Type, size: float, lines: int) -> Setting:
    return fitted_text(text, weight=style.weight, width=box.width, lines=lines, sizes=[size])


def _lines_in(box: Box, size: float, style: Type) -> int:
    return max(1, min(style.lines, int((box.height + 0.5) / (size * LINE_HEIGHT))))


def _whole_words(text: str, lines: list[str]) -> bool:
    return len(" ".join(lines).split()) <= len(text.split())


def _marked(line: str, style: Type) -> str:
    if not style.marked or not style.mark_color:
        return escape(line)
    wanted = {word.strip(".,;:").lower() for word in style.marked.split()}
    runs: list[str] = []
    for i, word in enumerate(line.split(" ")):
        space = " " if i else ""
        if word.strip(".,;:").lower() in wanted:
            runs.append(f'{space}<tspan fill="{style.mark_color}">{escape(word)}</tspan>')
        else:
            runs.append(space + escape(word))
    return "".join(runs)
