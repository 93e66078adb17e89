"""Rectangles of a layout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def center(self) -> float:
        """The middle from left to right."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """The middle from top to bottom."""
        return self.y + self.height / 2

    def inset(self, across: float, along: float | None = None) -> Box:
        """Smaller by a margin on each side."""
        down = across if along is None else along
        return Box(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)

    def columns(self, count: int, gap: float) -> list[Box]:
        """Equal columns with gaps between them."""
        width = (self.width - gap * (count - 1)) / count
        return [Box(self.x + i * (width + gap), self.y, width, self.height) for i in range(count)]

    def rows(self, count: int, gap: float) -> list[Box]:
        """Equal rows with gaps between them."""
        height = (self.height - gap * (count - 1)) / count
        return [Box(self.x, self.y + i * (height + gap), self.width, height) for i in range(count)]

    def left_part(self, share: float, gap: float) -> tuple[Box, Box]:
        """Two parts beside each other; the left one has `share` of the width."""
        width = (self.width - gap) * share
        return (
            Box(self.x, self.y, width, self.height),
            Box(self.x + width + gap, self.y, self.width - width - gap, self.height),
        )

    def top_part(self, height: float, gap: float) -> tuple[Box, Box]:
        """Two parts above each other; the upper one is `height` high."""
        return (
            Box(self.x, self.y, self.width, height),
            Box(self.x, self.y + height + gap, self.width, self.height - height - gap),
        )

    def overlaps(self, other: Box, slack: float = 0) -> bool:
        """Whether the two share more than `slack` in both directions."""
        return (
            min(self.right, other.right) - max(self.x, other.x) > slack
            and min(self.bottom, other.bottom) - max(self.y, other.y) > slack
        )
