"""Loudness (EBU R128) and true peak, as ffmpeg's meter reports them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline_defs import policies

METER = "ebur128=framelog=quiet:peak=true"  # a filter: sound passes through unchanged
_INTEGRATED = re.compile(r"\n\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS")
_PEAK = re.compile(r"\n\s+Peak:\s+(-?[\d.]+|-?inf|nan) dBFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP."""

    integrated: float
    true_peak: float


def metered(report: str) -> Loudness | None:
    """What the meter said at the end of a run; None for silence, which has no loudness."""
    integrated, peak = _INTEGRATED.findall(report), _PEAK.findall(report)
    if not integrated or not peak or not float(integrated[-1]) > policies.SILENT_BELOW_LUFS:
        return None
    return Loudness(float(integrated[-1]), float(peak[-1]))
