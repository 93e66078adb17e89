"""Formulas and drawings of mathematics that belong to what is said."""

from __future__ import annotations

from pipeline_defs.local.providers.pictures.analysis.contents import Found
from pipeline_defs.local.providers.pictures.brief import Brief


def find_formula(brief: Brief, sentences: list[str]) -> list[Found]:
    return []
