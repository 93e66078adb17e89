"""What a stored file is called when somebody saves it, and as what it is served."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from pipeline_defs.domain.keys import split_part
from pipeline_defs.domain.lectures.models import SEGMENT_WIDTH
from pipeline_defs.domain.lectures.outcomes import title_of
from pipeline_defs.storage.lecture_files import ResultFile

# What may be shown in a browser; anything else is only ever saved.
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "text/vtt": "vtt",
    "application/json": "json",
    "text/csv": "csv",
    "text/markdown": "md",
}
UNKNOWN = "application/octet-stream"
MOST_LETTERS = 80
IN_NAMES = re.compile(r"[^\w]+")


def content_type(media_type: str) -> str:
    """The media type a file is served with: its own where that is harmless."""
    plain = media_type.partition(";")[0].strip().lower()
    if plain not in ENDINGS:
        return UNKNOWN
    return f"{plain}; charset=utf-8" if plain.startswith("text/") else plain


def disposition(name: str, media_type: str, *, download: bool) -> str:
    """The Content-Disposition of a file that is saved as `name`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ascii_name = ascii_name.strip("-") or "file"
    how = "attachment" if download or content_type(media_type) == UNKNOWN else "inline"
    return f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_name(file: ResultFile, title: str) -> str:
    """A readable name: `How-bread-rises-segment-003-image.png`."""
    parts = [in_a_name(title)]
    if "/" in file.partition:
        parts.append(f"segment-{split_part(file.partition)[1]:0{SEGMENT_WIDTH}d}")
    parts.append(_what(file))
    ending = ENDINGS.get(_type(file).partition(";")[0].strip().lower(), "bin")
    return f"{'-'.join(filter(None, parts))}.{ending}"


def in_a_name(title: str) -> str:
    """A title as part of a file's name."""
    return IN_NAMES.sub("-", title).strip("-")[:MOST_LETTERS]


def _what(file: ResultFile) -> str:
    """`image`, `image-2` for a further one, `captions` for what accompanies a video."""
    path = file.field.split(".")
    if path[-1] != "blob":
        return path[-1]
    noun = title_of(file.asset).replace(" ", "-")
    number = next((int(part) for part in path if part.isdigit()), 0)
    return f"{noun}-{number + 1}" if number else noun


def _type(file: ResultFile) -> str:
    return str(file.reference["media_type"])
