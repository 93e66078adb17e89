"""A slow camera over a still picture, as raw frames (yuv420p, BT.709, limited range).

Filters that cut a frame out at whole pixels tremble, and a fresh interpolation per frame costs more
than the encoding. Here the picture is enlarged once, and each frame takes every n-th pixel of
it, n not being whole: the position is right to a twelfth of a pixel, for 2 ms per frame.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline_defs import policies

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_ENLARGED = 6  # steps per pixel
_SOFTENED = 0.35  # by how much the camera is slower than average at both ends, and faster between


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees: enlarged by `zoom` >= 1, placed from 0 (left, top) to 1."""

    zoom: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Move:
    """A movement between two views."""

    start: View
    end: View

    def at(self, share: float) -> View:
        """The view after a share of the time, from 0 to 1."""
        way = share - _SOFTENED * math.sin(2 * math.pi * share) / (2 * math.pi)
        return View(
            # a constant rate of enlargement, which looks even; a constant difference would not
            self.start.zoom * (self.end.zoom / self.start.zoom) ** way,
            self.start.across + (self.end.across - self.start.across) * way,
            self.start.down + (self.end.down - self.start.down) * way,
        )


def chosen_move(seed: int) -> Move:
    """A movement by its seed: towards the picture, away from it, or along it."""
    near = 1 + policies.CAMERA_TRAVEL
    chance = random.Random(seed)  # noqa: S311  (taste, not secrecy)
    focus = (chance.uniform(0.35, 0.65), chance.uniform(0.35, 0.65))
    whole, close = View(1.0, *focus), View(near, *focus)
    height = chance.uniform(0.3, 0.7)
    left, right = View(near, 0.25, height), View(near, 0.75, height)  # the edges stay out of it
    return chance.choice(
        [Move(whole, close), Move(close, whole), Move(left, right), Move(right, left)]
    )


def filmed(picture: Image, move: Move, frames: int) -> Iterator[bytes]:
    """The frames of the movement over an RGB picture of even width and height, at its size."""
    planes = [_enlarged(plane) for plane in _planes(picture)]
    for number in range(frames):
        view = move.at(number / max(frames - 1, 1))
        yield b"".join(
            _seen(plane, view, first_column=0.25 if chroma else 0.5)
            for chroma, plane in enumerate(planes)
        )


def _planes(picture: Image) -> list[Image]:
    """Luma, and the two halved planes of colour (ITU-R BT.709, limited range)."""
    import numpy as np
    from PIL import Image

    red, green, blue = np.moveaxis(np.asarray(picture, dtype=np.float32), 2, 0)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    colours = ((blue - luma) / 1.8556, (red - luma) / 1.5748)
    whole = [16 + luma * (219 / 255), *(128 + colour * (224 / 255) for colour in colours)]
    images = [Image.fromarray((plane + 0.5).astype(np.uint8)) for plane in whole]
    half = (picture.width // 2, picture.height // 2)
    return [images[0], *(image.resize(half, Image.Resampling.BOX) for image in images[1:])]


def _enlarged(plane: Image) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    size = (plane.width * _ENLARGED, plane.height * _ENLARGED)
    return np.asarray(plane.resize(size, Image.Resampling.BICUBIC))


def _seen(plane: NDArray[np.uint8], view: View, first_column: float) -> bytes:
    """The plane through the view. `first_column` is where in the first pixel a sample stands.

    That is its middle, but H.264 has colours at a quarter: above every second luma sample.
    """
    rows = _positions(plane.shape[0], view.zoom, view.down, 0.5)
    columns = _positions(plane.shape[1], view.zoom, view.across, first_column)
    return plane.take(rows, axis=0).take(columns, axis=1).tobytes()


def _positions(length: int, zoom: float, place: float, first: float) -> NDArray[np.intp]:
    import numpy as np

    seen = length / zoom
    count = length // _ENLARGED
    positions = (length - seen) * place + (np.arange(count) + first) * (seen / count)
    return positions.astype(np.intp)
