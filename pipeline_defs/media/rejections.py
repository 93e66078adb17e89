"""How media that cannot be used are refused."""

from __future__ import annotations

from pipeline_defs.domain.errors import Permanent


def bad_media(kind: str, reason: str) -> Permanent:
    """The refusal of a `kind` ("picture", "sound", "clip"); `reason` completes its sentence."""
    return Permanent(
        "BAD_MEDIA",
        f"the {kind} cannot be used: {reason}",
        advice=f"Have the {kind} made again; if it repeats, use another provider.",
    )
