"""Outlines from files: what is understood, and how mistakes are named."""

from __future__ import annotations

import pytest

from pipeline_defs.cli.outline_file import OutlineError, parse_outline

LIGHT = {"title": "Light", "notes": "start with pigments"}
SUGAR = {"title": "Sugar"}


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "- {title: Light, notes: start with pigments}\n- Sugar\n"),
        (".yml", "sections:\n  - title: Light\n    notes: start with pigments\n  - title: Sugar\n"),
        (".json", '[{"title": "Light", "notes": "start with pigments"}, "Sugar"]'),
        (".txt", "Light: start with pigments\n\nSugar\n"),
        (".md", "# Photosynthesis\n\n## Light: start with pigments\n## Sugar\n"),
        (".md", "- Light: start with pigments\n- Sugar:\n"),
        ("", "1. Light: start with pigments\n2) Sugar\n"),
    ],
)
def test_every_form_gives_the_same_sections(suffix: str, text: str) -> None:
    assert parse_outline(text, suffix) == [LIGHT, SUGAR]


def test_a_file_of_first_level_headings_is_an_outline_of_them() -> None:
    assert parse_outline("# Light\n# Sugar\n", ".md") == [{"title": "Light"}, {"title": "Sugar"}]


@pytest.mark.parametrize(
    ("suffix", "text", "complaint"),
    [
        (".txt", " \n\n", "names no section"),
        (".yaml", "- {titel: Light}", "entry 1 has an unknown field 'titel'"),
        (".yaml", "- Light\n- 7", "entry 2 is not a section"),
        (".yaml", "- {title: Light, notes: [1]}", "entry 1 needs a title, and notes only as text"),
        (".yaml", "Light", "not a list of sections"),
        (".yaml", "- [", "it is not YAML"),
        (".json", "[1,", "it is not JSON"),
        (".json", '[{"title": " "}]', "entry 1 has no title"),
    ],
)
def test_a_mistake_is_named_with_its_entry(suffix: str, text: str, complaint: str) -> None:
    with pytest.raises(OutlineError, match=complaint):
        parse_outline(text, suffix)
