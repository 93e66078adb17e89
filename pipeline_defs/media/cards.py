"""Pictures made of type: the card that stands in for a missing picture, and a lecture's poster."""

from __future__ import annotations

import io
from hashlib import sha256

from pipeline_defs.media import typesetting
from pipeline_defs.media.pictures import data_uri, encoded_jpeg, framed, rgb_picture
from pipeline_defs.media.typesetting import BOLD, Setting, escape, fitted_text

# Ground at the top left and bottom right, and accent. Dark enough for white type (WCAG AA at all
# places), light enough not to pass for black.
_SCHEMES = (
    ("#1D3557", "#2A6478", "#F4B860"),
    ("#2F2A55", "#5B4A7E", "#F2A488"),
    ("#1E453E", "#3D6B4F", "#F0CB6B"),
    ("#4A2C3A", "#7A4450", "#F5C396"),
    ("#2B3A42", "#50656E", "#8FD3C8"),
)
_INK = "#FFFFFF"
_MEDIUM = 500
_CARD_SIZES = (92, 84, 76, 68, 60, 52, 46)
_POSTER_SIZES = (68, 62, 56, 50, 44, 38)
_MARGIN = 84
_INSET = (608, 342)  # of a picture beside the title
_DRAWN_HEIGHT = 720  # all measures below are pixels of a picture of this height
_LINE, _LOOSE = 1.14, 1.35  # line spacing of headings, and of what stands below


def title_card(*, lecture: str, heading: str, number: int, width: int, height: int) -> bytes:
    """A calm card with a segment's heading, as a PNG of this size.

    All cards of a lecture share its colours; each shows its number.
    """
    wide = width * _DRAWN_HEIGHT / height
    top, bottom, accent = _scheme(lecture)
    above = fitted_text(lecture, weight=_MEDIUM, width=wide - 240, lines=1, sizes=(27,))
    said = fitted_text(heading, weight=BOLD, width=wide - 300, lines=3, sizes=_CARD_SIZES)
    block = len(said.lines) * said.size * _LINE
    first = (_DRAWN_HEIGHT - block) / 2 + said.size * 0.86
    return typesetting.render_svg(
        _drawing(
            *(width, height, wide),
            f"{_ground(wide, top, bottom)}"
            f'<text x="{wide - 76}" y="648" text-anchor="end" font-size="220" font-weight="800" '
            f'letter-spacing="-8" fill="{_INK}" fill-opacity="0.07">{number}</text>'
            f"{_lines(above, 120, 118, _MEDIUM, accent)}"
            f"{_rule(120, first - said.size * 0.86 - 46, accent)}"
            f"{_lines(said, 120, first, BOLD, _INK)}",
        )
    )


def poster(*, title: str, subtitle: str, picture: bytes | None, width: int, height: int) -> bytes:
    """What stands for a lecture before it plays, as a JPEG of this size.

    Its title, and a picture of it beside where there is one. Raises BAD_MEDIA for what is no
    picture.
    """
    from PIL import Image

    wide = width * _DRAWN_HEIGHT / height
    top, bottom, accent = _scheme(title)
    inset = "" if picture is None else _inset(picture, wide, height / _DRAWN_HEIGHT)
    room = wide - 240 if picture is None else wide - _INSET[0] - 2 * _MARGIN - 48
    sizes = _CARD_SIZES if picture is None else _POSTER_SIZES
    named = fitted_text(title, weight=BOLD, width=room, lines=6, sizes=sizes)
    below = fitted_text(subtitle, weight=_MEDIUM, width=room, lines=4, sizes=(27, 24))
    tall = (len(named.lines) - 0.5) * named.size * _LINE + below.size * _LOOSE
    left_over = _DRAWN_HEIGHT - tall - len(below.lines) * below.size * _LOOSE
    first = left_over / 2 + named.size * 0.86
    drawing = (
        f"{_ground(wide, top, bottom)}{inset}"
        f"{_rule(_MARGIN, first - named.size * 0.86 - 46, accent)}"
        f"{_lines(named, _MARGIN, first, BOLD, _INK)}"
        f"{_lines(below, _MARGIN, first + tall, _MEDIUM, accent, _LOOSE)}"
    )
    drawn = typesetting.render_svg(_drawing(width, height, wide, drawing))
    return encoded_jpeg(Image.open(io.BytesIO(drawn)).convert("RGB"), quality=90)


def _scheme(lecture: str) -> tuple[str, str, str]:
    """The colours of a lecture: the same for the same title."""
    return _SCHEMES[sha256(lecture.encode("utf-8", "replace")).digest()[0] % len(_SCHEMES)]


def _drawing(width: int, height: int, wide: float, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {wide:.2f} {_DRAWN_HEIGHT}" font-family="{typesetting.FAMILY}">'
        f"{content}</svg>"
    )


def _ground(wide: float, top: str, bottom: str) -> str:
    """The colours of the lecture, with light from above."""
    return (
        '<defs><linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/>'
        '</linearGradient><radialGradient id="light" cx="0.78" cy="0.1" r="0.8">'
        '<stop offset="0" stop-color="#FFFFFF" stop-opacity="0.14"/>'
        '<stop offset="1" stop-color="#FFFFFF" stop-opacity="0"/></radialGradient></defs>'
        f'<rect width="{wide:.2f}" height="{_DRAWN_HEIGHT}" fill="url(#ground)"/>'
        f'<rect width="{wide:.2f}" height="{_DRAWN_HEIGHT}" fill="url(#light)"/>'
    )


def _inset(picture: bytes, wide: float, scale: float) -> str:
    """The picture as a print with round corners and a shadow, at the right."""
    across, down = _INSET
    size = (round(across * scale), round(down * scale))
    shown = encoded_jpeg(framed(rgb_picture(picture, size), *size), quality=92)
    left, top = wide - across - _MARGIN * 0.75, (_DRAWN_HEIGHT - down) / 2
    place = f'x="{left:.1f}" y="{top:.1f}" width="{across}" height="{down}"'
    return (
        '<defs><filter id="shadow" x="-20%" y="-20%" width="140%" height="150%">'
        '<feGaussianBlur stdDeviation="22"/></filter>'
        f'<clipPath id="print"><rect {place} rx="20"/></clipPath></defs>'
        f'<rect {place} rx="20" transform="translate(0 16)" fill-opacity="0.4" '
        'filter="url(#shadow)"/>'
        f'<image {place} clip-path="url(#print)" preserveAspectRatio="none" '
        f'href="{data_uri(shown, "image/jpeg")}"/>'
        f'<rect {place} rx="20" fill="none" stroke="{_INK}" stroke-opacity="0.25" '
        'stroke-width="1.5"/>'
    )


def _rule(left: float, top: float, colour: str) -> str:
    return f'<rect x="{left}" y="{top:.1f}" width="72" height="6" rx="3" fill="{colour}"/>'


def _lines(
    setting: Setting, left: float, first: float, weight: int, colour: str, spacing: float = _LINE
) -> str:
    """The lines of a text from the baseline of its first one downwards."""
    return "".join(
        f'<text x="{left}" y="{first + number * setting.size * spacing:.1f}" '
        f'font-size="{setting.size}" font-weight="{weight}" fill="{colour}">{escape(line)}</text>'
        for number, line in enumerate(setting.lines)
    )
