"""How an organization wants its texts to sound."""

from __future__ import annotations

from pipeline_defs.domain.frozen import Frozen


class Voice(Frozen):
    """An organization's defaults for its texts."""

    voice: str = "clear, exact, friendly"
    audience: str = "curious adults without prior knowledge"
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
