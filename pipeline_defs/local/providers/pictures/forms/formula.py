"""Mathematics: typeset formulas and true drawings."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Formula
from pipeline_defs.local.providers.pictures.forms.stage import Stage


def draw_formula(content: Formula, stage: Stage) -> None:
    box = stage.heading()
    stage.body(content.caption, box)
