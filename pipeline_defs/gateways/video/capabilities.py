"""What a video model can make, and what to ask of it for a clip of a wanted length and size."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.wire import Wire, parse_wire
from pipeline_defs.policies import VIDEO_CAPABILITIES_KEPT

RATIO_TOLERANCE = 0.02  # two shapes nearer than this are the same


class Capability(Wire):
    """One model of `GET /videos/models`. What it does not say is None: anything may be asked."""

    id: str
    supported_durations: tuple[int, ...] | None = None  # seconds
    supported_sizes: tuple[str, ...] | None = None  # 1280x720
    supported_resolutions: tuple[str, ...] | None = None  # 720p
    supported_aspect_ratios: tuple[str, ...] | None = None  # 16:9
    supported_frame_images: tuple[str, ...] | None = None  # first_frame, last_frame
    generate_audio: bool | None = None


class _List(Wire):
    data: tuple[Any, ...] = Field(default=())


@dataclass(frozen=True, slots=True)
class _Known:
    models: dict[str, Capability]
    until: float  # by the event loop's clock


class Capabilities:
    """The models of one provider, asked for once in some minutes."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._known: _Known | None = None
        self._asking = asyncio.Lock()

    async def of(self, model_id: str, timeout: float) -> Capability:
        """What the provider says of a model; nothing known where it says nothing.

        Raises classified errors, also when the list cannot be read.
        """
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._known is None or self._known.until <= now:
                self._known = _Known(await self._listed(timeout), now + VIDEO_CAPABILITIES_KEPT)
        return self._known.models.get(model_id) or Capability(id=model_id)

    async def _listed(self, timeout: float) -> dict[str, Capability]:
        endpoint = self._http.endpoint
        call = Call("GET", "/videos/models", timeout, headers=endpoint.bearer)
        try:
            listed = parse_wire(_List, await self._http.json(call), endpoint).data
        except PipelineError as error:
            if error.code == "NOT_FOUND":  # a server that makes videos and lists no models
                return {}
            raise
        named = [entry for entry in listed if isinstance(entry, dict) and entry.get("id")]
        models = [parse_wire(Capability, entry, endpoint) for entry in named]
        return {model.id: model for model in models}


def chosen_seconds(capability: Capability, wanted: int) -> int:
    """The shortest length that is enough, else the longest: the rest is trimmed or held."""
    durations = [seconds for seconds in capability.supported_durations or () if seconds > 0]
    if not durations:
        return wanted
    return min((seconds for seconds in durations if seconds >= wanted), default=max(durations))


def chosen_shape(capability: Capability, width: int, height: int) -> dict[str, str]:
    """The fields of a request that ask for a picture of this size, or the next that serves it."""
    sizes = [found for text in capability.supported_sizes or () if (found := _size(text))]
    if sizes:
        best = _nearest(sizes, width, height)
        return {"size": f"{best[0]}x{best[1]}"}
    shape: dict[str, str] = {}
    heights = [found for text in capability.supported_resolutions or () if (found := _lines(text))]
    if heights:
        enough = min((lines for lines in heights if lines >= height), default=max(heights))
        shape["resolution"] = f"{enough}p"
    ratios = [found for text in capability.supported_aspect_ratios or () if (found := _pair(text))]
    if ratios:
        across, down = min(ratios, key=lambda ratio: abs(ratio[0] / ratio[1] - width / height))
        shape["aspect_ratio"] = f"{across}:{down}"
    nothing_said = capability.supported_sizes is None and not (heights or ratios)
    return shape or ({"size": f"{width}x{height}"} if nothing_said else {})


def _nearest(sizes: list[tuple[int, int]], width: int, height: int) -> tuple[int, int]:
    """Of one shape the smallest that is large enough, else the largest; else the most alike."""

    def unlike(size: tuple[int, int]) -> float:
        return abs(size[0] / size[1] - width / height) / (width / height)

    alike = [size for size in sizes if unlike(size) <= RATIO_TOLERANCE]
    if not alike:
        return min(sizes, key=lambda size: (unlike(size), -size[0]))
    return min((size for size in alike if size[0] >= width), default=max(alike))


def _size(text: str) -> tuple[int, int] | None:
    return _numbers(text.lower().partition("x"))


def _pair(text: str) -> tuple[int, int] | None:
    return _numbers(text.partition(":"))


def _lines(text: str) -> int | None:
    number = text.lower().removesuffix("p")
    return int(number) if number.isdecimal() and text.lower().endswith("p") else None


def _numbers(parts: tuple[str, str, str]) -> tuple[int, int] | None:
    first, _, second = parts
    if not (first.isdecimal() and second.isdecimal() and int(first) and int(second)):
        return None
    return int(first), int(second)
