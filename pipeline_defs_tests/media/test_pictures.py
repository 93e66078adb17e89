"""Pictures are verified before they are used, and brought to size without harm."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent
from pipeline_defs.media.pictures import (
    Picture,
    contact_sheet,
    data_uri,
    hash_distance,
    look_at,
    miniature,
    perceptual_hash,
    read_picture,
    rgb_picture,
    start_frame,
    thumbnail,
)
from pipeline_defs_tests.media.specimens import PLAYLIST, encoded, opened, scene

PNG = encoded(scene())
WEBP = encoded(scene(), "WEBP")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    content = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + content
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"),
                                                  ("WEBP", "image/webp")])  # fmt: skip
def test_a_picture_says_what_it_is(kind: str, media_type: str) -> None:
    assert read_picture(encoded(scene(640, 480), kind)) == Picture(640, 480, media_type)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        PLAYLIST % b"file:///etc/passwd",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(scene(), "GIF"),
        encoded(scene(), "TIFF"),
        PNG[: len(PNG) // 2],
        encoded(scene(), "JPEG")[:9000],
        WEBP[: len(WEBP) // 2],
        PNG[:5000] + bytes(500) + PNG[5500:],
        png_header(8, 8),
        png_header(12_000, 12_000),
        png_header(2**31 - 1, 2**31 - 1),
        png_header(0, 0),
    ],
    ids=["empty", "text", "playlist", "svg", "gif", "tiff", "half a png", "half a jpeg",
         "half a webp", "damaged", "no pixels", "too many", "far too many", "no size"],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Permanent) as refused:
        read_picture(data)
    assert refused.value.code == "BAD_MEDIA"


def test_a_picture_beyond_the_size_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MEDIA_MOST_BYTES", 1000)
    with pytest.raises(Permanent, match="larger than is allowed"):
        read_picture(PNG)


@pytest.mark.parametrize(
    "size", [(1280, 720), (1792, 1024), (1024, 1024), (720, 1280), (300, 100), (1, 1)]
)
def test_a_start_frame_has_exactly_the_size_asked_for(size: tuple[int, int]) -> None:
    frame = start_frame(
        encoded(scene(*size) if min(size) > 1 else Image.new("RGB", size)), 1280, 720
    )
    assert read_picture(frame) == Picture(1280, 720, "image/jpeg")


def test_a_picture_of_about_the_right_shape_fills_the_frame() -> None:
    frame = opened(start_frame(encoded(Image.new("RGB", (1792, 1024), (200, 90, 40))), 1280, 720))
    assert np.asarray(frame).reshape(-1, 3).std(axis=0).max() < 2


def test_a_picture_of_another_shape_stands_whole_before_a_darkened_copy() -> None:
    frame = opened(start_frame(encoded(Image.new("RGB", (800, 800), (200, 90, 40))), 1280, 720))
    assert abs(np.int_(frame.getpixel((640, 5))) - (200, 90, 40)).max() < 6
    assert np.int_(frame.getpixel((20, 360)))[0] < 130


def test_a_start_frame_changes_a_picture_of_its_size_hardly() -> None:
    before = np.asarray(scene(), np.float64)
    after = np.asarray(opened(start_frame(PNG, 1280, 720)), np.float64)
    assert 10 * np.log10(255**2 / np.mean((before - after) ** 2)) > 36


def test_a_picture_is_turned_upright() -> None:
    image = scene(200, 100)
    exif = image.getexif()
    exif[0x0112] = 6  # taken with the camera on its side
    assert read_picture(encoded(image, "JPEG", exif=exif)) == Picture(100, 200, "image/jpeg")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_every_kind_of_pixels_comes_out_as_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((8, 8), 0x8000, np.uint16))
    else:
        grey = Image.new("RGB", (8, 8), (128, 128, 128))
        image = grey.quantize(4) if mode == "P" else grey.convert(mode)
    found = rgb_picture(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert found.mode == "RGB"
    if mode != "1":
        assert abs(np.asarray(found, np.int_) - 128).max() <= 2


def test_transparency_shows_white_paper() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert rgb_picture(encoded(clear)).getpixel((4, 4)) == (255, 255, 255)


def test_a_thumbnail_keeps_the_proportions() -> None:
    assert read_picture(thumbnail(PNG)) == Picture(320, 180, "image/jpeg")


def test_the_same_picture_is_known_again_and_another_is_not() -> None:
    known = perceptual_hash(PNG)
    for other in (
        encoded(scene(), "JPEG", quality=60),
        encoded(scene(), "WEBP"),
        encoded(scene().resize((640, 360))),
        start_frame(PNG, 1280, 720),
    ):
        assert hash_distance(known, perceptual_hash(other)) <= policies.NEAR_DUPLICATE_BITS
    different = perceptual_hash(encoded(scene(shift=160)))
    assert hash_distance(known, different) > 2 * policies.NEAR_DUPLICATE_BITS


def test_a_contact_sheet_shows_all_pictures() -> None:
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    sheet = opened(contact_sheet([encoded(Image.new("RGB", (640, 360), c)) for c in colours], 2))
    places = [(172, 102), (504, 102), (172, 294)]
    found = [sheet.getpixel(place) for place in places]
    assert np.abs(np.array(found, np.int_) - colours).max() < 12


def test_a_contact_sheet_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a picture"):
        contact_sheet([], 3)


@pytest.mark.parametrize("most", [1500, 690, 120])
@pytest.mark.parametrize("count", [1, 3])
def test_a_miniature_is_as_small_as_was_asked_for(most: int, count: int) -> None:
    small = miniature([encoded(scene())] * count, most)
    found = read_picture(small)
    assert len(small) <= most
    assert found.media_type == "image/webp"
    assert found.width / found.height == pytest.approx(count * 16 / 9, rel=0.15)


def test_a_miniature_shows_its_pictures_in_order() -> None:
    colours = [(200, 30, 30), (30, 160, 60), (40, 60, 200)]
    strip = opened(miniature([encoded(Image.new("RGB", (640, 360), c)) for c in colours], 690))
    found = [strip.getpixel((strip.width * (2 * n + 1) // 6, strip.height // 2)) for n in range(3)]
    assert np.abs(np.array(found, np.int_) - colours).max() < 12


def test_a_miniature_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a picture"):
        miniature([], 690)


def test_a_picture_can_be_its_own_address() -> None:
    assert data_uri(b"\x00\xff", "image/png") == "data:image/png;base64,AP8="


def test_one_look_learns_what_three_would() -> None:
    data = encoded(scene(640, 360), "PNG")
    look = look_at(data, 160)
    assert look.picture == read_picture(data)
    assert look.perceptual_hash == perceptual_hash(data)
    assert read_picture(look.thumbnail).width == 160
