"""A pair of axes in a box, and curves true to their functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.forms.stage import Stage
from pipeline_defs.local.providers.pictures.mathematics.typeset import place_formula
from pipeline_defs.local.providers.pictures.palettes import mixed

Function = Callable[[float], float]
_SAMPLES = 120
_LABEL = 40.0


@dataclass(frozen=True, slots=True)
class Axes:
    """Maps the ranges `x` and `y` of a function to a box."""

    stage: Stage
    box: Box
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the canvas."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.box.x + across * self.box.width, self.box.bottom - up * self.box.height

    def draw(self) -> None:
        """The two axes with arrows, through the origin where it is in sight."""
        color = mixed(self.stage.look.palette.background, self.stage.muted, 0.8)
        zero_x = min(max(0.0, self.x[0]), self.x[1])
        zero_y = min(max(0.0, self.y[0]), self.y[1])
        left, right = self.at(self.x[0], zero_y), self.at(self.x[1], zero_y)
        low, high = self.at(zero_x, self.y[0]), self.at(zero_x, self.y[1])
        self.stage.canvas.arrow(left, right, color, 4)
        self.stage.canvas.arrow(low, high, color, 4)

    def curve(
        self, function: Function, color: str, *, of: tuple[float, float] | None = None,
        width: float = 6, dashed: bool = False,
    ) -> None:  # fmt: skip
        """The graph of a function, as far as it stays in the box."""
        self.stage.canvas.curve(self._points(function, of or self.x), color, width, dashed=dashed)

    def area(self, function: Function, of: tuple[float, float], color: str) -> None:
        """What lies between the graph and the axis."""
        points = self._points(function, of)
        base = [self.at(of[1], 0), self.at(of[0], 0)]
        self.stage.canvas.curve([*points, *base], color, 0, fill=color, opacity=0.32, closed=True)

    def point(self, x: float, y: float, color: str, *, hollow: bool = False) -> None:
        """A point; a hollow one is left out of the graph."""
        spot = self.at(x, y)
        fill = self.stage.look.palette.background if hollow else color
        self.stage.canvas.circle(*spot, 11, fill, stroke=color, width=5)

    def drop(self, x: float, y: float) -> None:
        """A dashed line from a point down to the axis."""
        color = mixed(self.stage.look.palette.background, self.stage.muted, 0.8)
        self.stage.canvas.line(self.at(x, y), self.at(x, 0), color, 3, dashed=True)

    def label(
        self, latex: str, x: float, y: float, *, dx: float = 0, dy: float = 0, color: str = "",
        size: float = _LABEL,
    ) -> None:  # fmt: skip
        """A formula near a point, moved by `dx` and `dy` units."""
        px, py = self.at(x, y)
        box = Box(px + dx - 150, py + dy - 45, 300, 90)
        place_formula(self.stage.canvas, latex, box, color or self.stage.ink, size=size)

    def _points(self, function: Function, of: tuple[float, float]) -> list[tuple[float, float]]:
        step = (of[1] - of[0]) / _SAMPLES
        found = [(of[0] + i * step, function(of[0] + i * step)) for i in range(_SAMPLES + 1)]
        low, high = self.y
        return [self.at(x, y) for x, y in found if low <= y <= high]
