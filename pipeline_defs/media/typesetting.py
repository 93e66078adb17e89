"""Text in pictures: the one typeface (Inter, variable), measuring, line breaking, SVG to PNG.

Measured and drawn text agree to within a pixel: both are shaped with the same instance of the font.
SVG is put together by the callers; every piece of foreign text goes through `escape`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape as escape_markup
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FAMILY = "Inter"
REGULAR = 400
BOLD = 700
# The font has an optical size: below and above, letters keep the shape of these sizes in pixels.
_OPTICAL_SIZES = (14, 32)
_MEASURED_AT = 1000  # pixels: widths are scaled from here
_LOOKED_AT = 24  # pixels: enough to tell a character from the box of a missing one
_SET_CHARACTERS_MOST = 1000  # of one text: more is never legible in a picture


@dataclass(frozen=True, slots=True)
class Setting:
    """A text broken into lines at a font size in pixels."""

    lines: tuple[str, ...]
    size: float


def font_files() -> list[str]:
    """The files of the typeface, upright and italic; each holds every weight from 100 to 900."""
    import fontpkg_inter

    folder = Path(fontpkg_inter.ROOT) / "files"
    return sorted(str(path) for path in folder.glob("*.ttf"))


def clean(text: str) -> str:
    """`text` as one paragraph of characters the typeface has; what it lacks is left out."""
    kept = "".join(_drawable(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())


def escape(text: str) -> str:
    """Cleaned text as SVG character data or attribute value."""
    return escape_markup(clean(text), quote=True)


def text_width(text: str, size: float, weight: int = REGULAR) -> float:
    """Width in pixels of one line of text at a font size in pixels."""
    return _cleaned_width(clean(text)[:_SET_CHARACTERS_MOST], size, weight)


def wrapped(text: str, size: float, weight: int, width: float) -> list[str]:
    """Lines of at most `width` pixels; a word wider than that is broken."""
    lines: list[list[str]] = []
    space = _cleaned_width(" ", size, weight)
    used = width
    for piece in _pieces(clean(text)[:_SET_CHARACTERS_MOST], size, weight, width):
        needed = _cleaned_width(piece, size, weight)
        if lines and used + space + needed <= width:
            lines[-1].append(piece)
            used += space + needed
        else:
            lines.append([piece])
            used = needed
    return [" ".join(line) for line in lines]


def fitted_text(
    text: str, *, weight: int, width: float, lines: int, sizes: Sequence[float]
) -> Setting:
    """The text at the first of `sizes` (largest first) at which it fits into `lines` lines.

    Lines come out about equally long, and words whole where any size allows it. What does not fit
    even at the last size ends in an ellipsis.
    """
    for size in sizes:
        found = wrapped(text, size, weight, width)
        if len(found) <= lines and not _breaks_a_word(text, found):
            return Setting(tuple(_balanced(text, size, weight, width)), size)
    smallest = sizes[-1]
    found = wrapped(text, smallest, weight, width)
    if len(found) > lines:
        found = [*found[: lines - 1], _shortened(found[lines - 1], smallest, weight, width)]
    return Setting(tuple(found), smallest)


def render_svg(svg: str) -> bytes:
    """The drawing as PNG, at the size its root element names. ValueError when it is no SVG."""
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=svg, skip_system_fonts=True, font_files=font_files(), font_family=FAMILY
    )


def _balanced(text: str, size: float, weight: int, width: float) -> list[str]:
    """The narrowest setting with as many lines as the full width needs."""
    best = wrapped(text, size, weight, width)
    low, high = width / 2, width
    while len(best) > 1 and high - low > size / 2:
        middle = (low + high) / 2
        tried = wrapped(text, size, weight, middle)
        if len(tried) == len(best) and not _breaks_a_word(text, tried):
            best, high = tried, middle
        else:
            low = middle
    return best


def _breaks_a_word(text: str, lines: list[str]) -> bool:
    return " ".join(lines) != clean(text)[:_SET_CHARACTERS_MOST]


def _pieces(text: str, size: float, weight: int, width: float) -> Iterator[str]:
    """The words; those too wide for a line, cut into pieces that are not."""
    for word in text.split():
        rest = word
        while len(rest) > 1 and _cleaned_width(rest, size, weight) > width:
            cut = _longest_fitting(rest, size, weight, width)
            yield rest[:cut]
            rest = rest[cut:]
        if rest:
            yield rest


def _longest_fitting(word: str, size: float, weight: int, width: float) -> int:
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if _cleaned_width(word[:middle], size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _shortened(line: str, size: float, weight: int, width: float) -> str:
    """The words of a line that leave room for an ellipsis."""
    kept = line
    while _cleaned_width(f"{kept}…", size, weight) > width and kept:
        kept = kept.rpartition(" ")[0] if " " in kept else kept[:-1]
    return f"{kept.rstrip(' ,.;:–-')}…"


@lru_cache(maxsize=10_000)
def _cleaned_width(text: str, size: float, weight: int) -> float:
    smallest, largest = _OPTICAL_SIZES
    optical = round(min(max(size, smallest), largest))
    return _font(weight, optical, _MEASURED_AT).getlength(text) * size / _MEASURED_AT


@cache
def _font(weight: int, optical_size: int, pixels: int) -> FreeTypeFont:
    from PIL import ImageFont

    upright = next(path for path in font_files() if "Italic" not in Path(path).name)
    font = ImageFont.truetype(upright, pixels)
    font.set_variation_by_axes([optical_size, weight])
    return font


@lru_cache(maxsize=10_000)
def _drawable(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character)[0] == "C":  # controls, surrogates, reordering marks
        return ""
    if _has_glyph(character):
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character and all(map(_has_glyph, plain)) else ""


def _has_glyph(character: str) -> bool:
    """Whether the typeface draws it; a missing one is drawn as a box saying so."""
    return _looks(character) != _looks("\ufffe")


def _looks(character: str) -> bytes:
    from PIL import Image, ImageDraw

    canvas = Image.new("L", (2 * _LOOKED_AT, 2 * _LOOKED_AT))
    font = _font(REGULAR, _OPTICAL_SIZES[0], _LOOKED_AT)
    ImageDraw.Draw(canvas).text((0, 0), character, fill=255, font=font)
    return canvas.tobytes()
