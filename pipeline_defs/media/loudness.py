"""Loudness (EBU R128) and true peak, as ffmpeg's meter reports them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline_defs import policies

# Filters: sound passes through them unchanged. Peaks take as long again as loudness alone.
METER = "ebur128=framelog=quiet"
PEAK_METER = f"{METER}:peak=true"
_INTEGRATED = re.compile(r"\n\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS")
_PEAK = re.compile(r"\n\s+Peak:\s+(-?[\d.]+|-?inf|nan) dBFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP."""

    integrated: float
    true_peak: float


def integrated(report: str) -> float | None:
    """The loudness in LUFS that a meter said at the end of a run; None for silence, without any."""
    found = _INTEGRATED.findall(report)
    if not found or not float(found[-1]) > policies.SILENT_BELOW_LUFS:
        return None
    return float(found[-1])


def metered(report: str) -> Loudness | None:
    """What `PEAK_METER` said at the end of a run; None for silence."""
    loudness, peak = integrated(report), _PEAK.findall(report)
    return Loudness(loudness, float(peak[-1])) if loudness is not None and peak else None
