"""What every form draws on, and the small parts that forms have in common."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_defs.local.providers.pictures.analysis.wishes import wish_of
from pipeline_defs.local.providers.pictures.boxes import Box
from pipeline_defs.local.providers.pictures.brief import Brief
from pipeline_defs.local.providers.pictures.canvas import Align, Canvas, Place, Type
from pipeline_defs.local.providers.pictures.frame import draw_heading
from pipeline_defs.local.providers.pictures.look import Look
from pipeline_defs.local.providers.pictures.motifs import draw_motif, motif_for, own_motif
from pipeline_defs.local.providers.pictures.palettes import mixed

RADIUS = 22.0
PAD = 30.0
_TINT = 0.15  # of a colour in a panel of it
_CORNER = 0.07  # of the way from the card's colour to the muted text's
BODY = 46.0
_FEW = 24  # characters
STRONG = 600
HEAVY = 700


@dataclass(frozen=True, slots=True)
class Stage:
    """Canvas, brief and look of one picture."""

    canvas: Canvas
    brief: Brief
    look: Look

    @property
    def ink(self) -> str:
        """Colour of what is read first."""
        return self.look.palette.ink

    @property
    def muted(self) -> str:
        """Colour of what is read last."""
        return self.look.palette.muted

    @property
    def about(self) -> str:
        """What the picture is about, for choosing motifs."""
        return f"{self.brief.heading} {self.brief.lecture}"

    def heading(self) -> Box:
        """Draws the chapter's heading; answers the box below it."""
        return draw_heading(self.canvas, self.brief, self.look)

    def body(
        self, text: str, box: Box, *, size: float = BODY, align: Align = "start",
        place: Place = "middle", weight: int = 500, color: str = "", lines: int = 6,
    ) -> Box:  # fmt: skip
        """Text in ink, as large as it fits; a few words are set larger."""
        size *= 1.25 if len(text) <= _FEW else 1.1 if len(text) <= 2 * _FEW else 1
        return self.canvas.text(
            text, box, Type(size, color or self.ink, weight, align, place, lines)
        )

    def card(self, box: Box, accent: str = "", *, edge: str = "left") -> None:
        """An area that lifts from the background, with an accent at its left or top edge."""
        palette = self.look.palette
        self.canvas.rect(
            box, palette.surface, radius=RADIUS,
            stroke=mixed(palette.surface, palette.muted, 0.3), width=1.5,
        )  # fmt: skip
        self._corner(box, palette.surface)
        if accent and edge == "left":
            self.canvas.rect(Box(box.x, box.y + 24, 8, box.height - 48), accent, radius=4)
        elif accent:
            self.canvas.rect(Box(box.x + 28, box.y - 3, box.width - 56, 7), accent, radius=3.5)

    def panel(self, box: Box, color: str) -> None:
        """An area tinted and framed in a colour."""
        tint = mixed(self.look.palette.background, color, _TINT)
        self.canvas.rect(box, tint, radius=RADIUS, stroke=color, width=2.5)
        self._corner(box, tint)

    def _corner(self, box: Box, ground: str) -> None:
        """A quarter of a disc in one corner of a card: no two cards are quite the same."""
        place = 100 + len(self.canvas.shapes)
        r = min(box.height, box.width) * (0.45 + 0.5 * self.look.chance(place))
        right, low = (self.look.chance(place + i) > 0.5 for i in (1, 2))
        x, across = (box.right, -1) if right else (box.x, 1)
        y, down = (box.bottom, -1) if low else (box.y, 1)
        turn = 0 if right == low else 1
        shade = mixed(ground, self.look.palette.muted, _CORNER)
        self.canvas.parts.append(
            f'<path d="M{x + across * r:.1f} {y}H{x + across * RADIUS:.1f}'
            f"A{RADIUS} {RADIUS} 0 0 {turn} {x} {y + down * RADIUS:.1f}V{y + down * r:.1f}"
            f'A{r:.1f} {r:.1f} 0 0 {1 - turn} {x + across * r:.1f} {y}Z" fill="{shade}"/>'
        )

    def motif(self, text: str, box: Box, color: str, *, always: bool = True) -> bool:
        """The drawing that goes with a text, or with the lecture; whether one was drawn."""
        name = own_motif(text, self.about)
        if not name and always:
            name = own_motif(self.brief.said, self.about) or motif_for("", self.about)
        if name:
            draw_motif(self.canvas, name, box, color)
        return bool(name)

    def emblem(self, text: str, x: float, y: float, r: float, color: str) -> None:
        """The medallion of a whole picture: of what was asked for, else of the text."""
        wish = wish_of(self.brief)
        self.medallion(wish.subject if wish.motif else text, x, y, r, color)

    def medallion(self, text: str, x: float, y: float, r: float, color: str) -> None:
        """A large motif in a disc."""
        palette = self.look.palette
        self.canvas.circle(x, y, r, mixed(palette.background, color, 0.14))
        self.canvas.circle(x, y, r * 0.82, mixed(palette.background, color, 0.22))
        self.motif(text, Box(x - r * 0.52, y - r * 0.52, r * 1.04, r * 1.04), color)

    def badge(self, text: str, x: float, y: float, color: str, r: float = 28) -> None:
        """A filled disc with a number or a sign."""
        self.canvas.circle(x, y, r, color)
        self.canvas.text(
            text, Box(x - r, y - r, 2 * r, 2 * r),
            Type(r * 1.12, self.look.palette.on(color), HEAVY, "middle", "middle", 1, least=12),
        )  # fmt: skip
