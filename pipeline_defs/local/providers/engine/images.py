"""Pictures in and out: the picture engine's PNG in other formats, and first frames of clips."""

from __future__ import annotations

import base64
import binascii
import io
import re

from pipeline_defs.local.providers.server.shapes import ApiError

MODEL = "local-picture-engine"
FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
QUALITIES: dict[str, dict[str, int]] = {
    "jpeg": {"quality": 95, "subsampling": 0},  # in full colour: small letters stay clean
    "webp": {"quality": 90},
}
MOST_PIXELS = 9_000_000
MOST_BYTES = 25_000_000
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|jpg|webp);base64,", re.IGNORECASE)


def drawn(prompt: str, width: int, height: int, kind: str, variant: str = "") -> bytes:
    """The picture for a prompt in one of its arrangements, as a file of a kind of `FORMATS`."""
    from pipeline_defs.local.providers.pictures.draw import draw

    png = draw(prompt, width, height, variant)
    if kind == "png":
        return png
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(file, kind, **QUALITIES[kind])
    return file.getvalue()


def frame_of(url: str) -> bytes:
    """The picture in a data: URL, looked at in full; `ApiError` 400 says what is wrong with it."""
    head = _DATA_URL.match(url)
    if head is None:
        raise _bad("it is no data: URL of a PNG, JPEG or WebP picture (nothing is fetched here)")
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("its base64 is broken") from error
    if len(data) > MOST_BYTES:
        raise _bad(f"it is larger than {MOST_BYTES} bytes")
    _look_at(data)
    return data


def _look_at(data: bytes) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _bad(f"it has more than {MOST_PIXELS} pixels")
            if picture.format == "PNG":
                picture.verify()  # every part has a checksum: it need not be unpacked
            else:
                picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _bad("it is damaged") from error


def _bad(reason: str) -> ApiError:
    return ApiError(400, "invalid_image", f"The first frame cannot be used: {reason}.")
