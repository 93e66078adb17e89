"""Still pictures: verified, brought to the size of the video, shrunk, told apart.

Every function takes encoded pictures (PNG, JPEG or WebP) as they came; whatever is not one raises
`Permanent` BAD_MEDIA.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies
from pipeline_defs.media.rejections import bad_media

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_PAPER = (255, 255, 255)  # what shines through transparent pictures
_CROPPED_MOST = 0.14  # share of a side that may be cut off to fill the frame
_MINIATURE_WIDTH = 144  # pixels, of one by itself; each of several has two thirds
_MINIATURE_QUALITIES = (40, 20, 5)
_SHEET_CELL = 320  # pixels
_SHEET_GAP = 12
_SHEET_COLOUR = (24, 26, 30)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a verified picture; pixels as it is to be looked at."""

    width: int
    height: int
    media_type: str


def read_picture(data: bytes) -> Picture:
    """Decode the whole picture and say what it is."""
    image, media_type = _decoded(data)
    return Picture(image.width, image.height, media_type)


@dataclass(frozen=True, slots=True)
class Look:
    """All that is learned of a picture by decoding it once; the thumbnail is a JPEG."""

    picture: Picture
    perceptual_hash: int
    thumbnail: bytes


def look_at(data: bytes, thumbnail_width: int = 320) -> Look:
    """Verify a picture, hash it and shrink it, for the price of one decoding."""
    image, media_type = _decoded(data)
    rgb = _rgb(image)
    small = _of_width(rgb, thumbnail_width)
    facts = Picture(image.width, image.height, media_type)
    return Look(facts, _hashed(rgb), encoded_jpeg(small, quality=80))


def rgb_picture(data: bytes, smallest: tuple[int, int] | None = None) -> Image:
    """The picture upright, in RGB, without transparency.

    It may come out smaller than it is stored, but not below `smallest` (width, height).
    """
    return _rgb(_decoded(data, smallest)[0])


def _rgb(image: Image) -> Image:
    from PIL import Image

    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")  # nothing shines through
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, _PAPER)
        return Image.alpha_composite(paper, layer).convert("RGB")
    if image.mode.startswith("I;16"):  # sixteen bits of grey, which a plain conversion would clip
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def start_frame(data: bytes, width: int, height: int) -> bytes:
    """The picture as a JPEG of exactly this size.

    A little is cut off where the proportions differ little; else it stands whole before a blurred,
    darkened copy of itself.
    """
    image = rgb_picture(data, (width, height))
    return encoded_jpeg(framed(image, width, height), policies.START_FRAME_JPEG_QUALITY)


def framed(image: Image, width: int, height: int) -> Image:
    """The picture filling a frame, see `start_frame`."""
    from PIL import Image, ImageFilter, ImageOps

    if image.size == (width, height):
        return image
    shape = (image.width * height) / (image.height * width)
    if 1 - min(shape, 1 / shape) <= _CROPPED_MOST:
        return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)
    small = (width // 16, height // 16)
    backdrop = ImageOps.fit(image, small, Image.Resampling.BOX)
    backdrop = backdrop.filter(ImageFilter.GaussianBlur(small[1] / 10)).point(lambda v: v * 0.55)
    frame = backdrop.resize((width, height), Image.Resampling.BICUBIC)
    whole = ImageOps.contain(image, (width, height), Image.Resampling.BICUBIC)
    frame.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
    return frame


def thumbnail(data: bytes, width: int = 320) -> bytes:
    """A JPEG of this width, in the picture's own proportions."""
    return encoded_jpeg(_of_width(rgb_picture(data, (width, width)), width), quality=80)


def miniature(pictures: Sequence[bytes], most_bytes: int) -> bytes:
    """Pictures side by side as one tiny WebP of at most so many bytes, as fine as they allow.

    ValueError when there is none.
    """
    from PIL import Image

    if not pictures:
        raise ValueError("a miniature needs a picture")
    width = _MINIATURE_WIDTH if len(pictures) == 1 else _MINIATURE_WIDTH * 2 // 3
    cell = (width, width * policies.VIDEO_HEIGHT // policies.VIDEO_WIDTH)
    strip = Image.new("RGB", (cell[0] * len(pictures), cell[1]))
    for number, data in enumerate(pictures):
        strip.paste(framed(rgb_picture(data, cell), *cell), (cell[0] * number, 0))
    while True:
        for quality in _MINIATURE_QUALITIES:
            target = io.BytesIO()
            strip.save(target, "WEBP", quality=quality)
            if len(target.getvalue()) <= most_bytes:
                return target.getvalue()
        strip = strip.resize((max(strip.width * 3 // 4, 1), max(strip.height * 3 // 4, 1)))


def data_uri(data: bytes, media_type: str) -> str:
    """The picture as an address that holds it."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def perceptual_hash(data: bytes) -> int:
    """64 bits that hardly change with size, format and compression: the signs of the 8 x 8 lowest
    spatial frequencies about their median (the usual pHash).
    """
    return _hashed(rgb_picture(data, (64, 64)))


def _hashed(rgb: Image) -> int:
    import numpy as np
    from PIL import Image

    image = rgb.convert("L").reduce(max(1, min(rgb.size) // 64))
    pixels = np.asarray(image.resize((32, 32), Image.Resampling.BOX), dtype=np.float64)
    wave = np.cos(np.pi / 32 * np.outer(np.arange(8), np.arange(32) + 0.5))
    frequencies = (wave @ pixels @ wave.T).round(6).ravel()
    bits = frequencies > np.median(frequencies[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def hash_distance(first: int, second: int) -> int:
    """In how many bits two hashes differ."""
    return (first ^ second).bit_count()


def contact_sheet(pictures: Sequence[bytes], columns: int) -> bytes:
    """All pictures small, row by row, as one JPEG. ValueError when there is none."""
    from PIL import Image

    if not pictures:
        raise ValueError("a contact sheet needs a picture")
    columns = min(columns, len(pictures))
    cell = (_SHEET_CELL, _SHEET_CELL * policies.VIDEO_HEIGHT // policies.VIDEO_WIDTH)
    step = (cell[0] + _SHEET_GAP, cell[1] + _SHEET_GAP)
    rows = -(-len(pictures) // columns)
    size = (columns * step[0] + _SHEET_GAP, rows * step[1] + _SHEET_GAP)
    sheet = Image.new("RGB", size, _SHEET_COLOUR)
    for number, data in enumerate(pictures):
        row, column = divmod(number, columns)
        place = (_SHEET_GAP + column * step[0], _SHEET_GAP + row * step[1])
        sheet.paste(framed(rgb_picture(data, cell), *cell), place)
    return encoded_jpeg(sheet, quality=85)


def encoded_jpeg(image: Image, quality: int) -> bytes:
    """An RGB picture as JPEG, without metadata; fine colours are kept where quality is high."""
    target = io.BytesIO()
    sampling = 0 if quality >= 90 else 2  # 4:4:4 keeps coloured letters sharp, 4:2:0 is smaller
    image.save(target, "JPEG", quality=quality, subsampling=sampling)
    return target.getvalue()


def _of_width(image: Image, width: int) -> Image:
    from PIL import Image

    height = max(round(image.height * width / image.width), 1)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=1.0)


def _decoded(data: bytes, smallest: tuple[int, int] | None = None) -> tuple[Image, str]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(data) > policies.MEDIA_MOST_BYTES:
        raise bad_media("picture", "it is larger than is allowed")
    try:
        Image.open(io.BytesIO(data), formats=tuple(_FORMATS)).verify()  # checksums of a PNG
        image = Image.open(io.BytesIO(data), formats=tuple(_FORMATS))
        if image.width * image.height > policies.MEDIA_MOST_PIXELS:
            raise bad_media("picture", "it has more pixels than are allowed")
        media_type = _FORMATS[str(image.format)]
        if smallest is not None:
            image.draft("RGB", smallest)  # JPEG is decoded at a fraction of its size at once
        image.load()
        ImageOps.exif_transpose(image, in_place=True)  # no copy where it stands upright
    except UnidentifiedImageError as error:
        raise bad_media("picture", "it is no PNG, JPEG or WebP") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise bad_media("picture", "it has more pixels than are allowed") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, OverflowError) as error:
        raise bad_media("picture", "it is damaged or incomplete") from error
    return image, media_type
