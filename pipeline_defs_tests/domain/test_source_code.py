"""Code is followed by name from where it begins down to the numbers it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline_defs import policies
from pipeline_defs.domain.source_code import code_of
from pipeline_defs.domain.versions import version_of

Written = Callable[[str, str], str]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Writes a module, and says its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


def test_a_definition_counts_with_all_that_it_uses_and_with_nothing_else(written: Written) -> None:
    module = written(
        "followed_here",
        "LIMIT = 3\nBESIDE = 4\n\ndef most(a):\n    return min(a, LIMIT)\n\n"
        "def told(a):\n    return str(most(a))\n",
    )
    assert code_of(f"{module}:told").texts == (
        "LIMIT = 3",
        "def most(a):\n    return min(a, LIMIT)",
        "def told(a):\n    return str(most(a))",
    )


def test_what_only_an_annotation_names_is_not_used(written: Written) -> None:
    module = written(
        "annotated_here",
        "class Unit:\n    size: int = 1\n\n"
        "def told(unit: Unit) -> Unit:\n    parts: list[Unit] = []\n    return parts\n",
    )
    (text,) = code_of(f"{module}:told").texts
    assert text == "def told(unit):\n    parts = []\n    return parts"


def test_fields_of_a_model_and_the_numbers_in_their_limits_count(written: Written) -> None:
    module = written(
        "fields_here",
        "from pipeline_defs import policies\n\nclass Task:\n"
        "    words: Annotated[int, Field(le=policies.SECTION_MAX_WORDS)]\n",
    )
    assert code_of(f"{module}:Task").values() == {"SECTION_MAX_WORDS": policies.SECTION_MAX_WORDS}


@pytest.mark.parametrize(
    "text",
    [
        "from pipeline_defs import policies\ndef told():\n    return policies.SHORT_PAUSE\n",
        "from pipeline_defs.policies import SHORT_PAUSE\ndef told():\n    return SHORT_PAUSE\n",
        "from pipeline_defs import policies\nPAUSE = policies.SHORT_PAUSE * 2\n"
        "def told():\n    return PAUSE\n",
        "def told():\n    from pipeline_defs import policies\n    return policies.SHORT_PAUSE\n",
    ],
    ids=["of the module", "by its name", "through a constant", "imported within"],
)
def test_a_number_is_found_however_it_is_read(
    written: Written, text: str, request: pytest.FixtureRequest
) -> None:
    module = written(f"numbers_{request.node.callspec.id.replace(' ', '_')}", text)
    assert code_of(f"{module}:told").values() == {"SHORT_PAUSE": policies.SHORT_PAUSE}


def test_deadlines_and_retries_of_a_call_change_nothing(written: Written) -> None:
    module = written(
        "patient_here",
        "from pipeline_defs import policies\n\ndef told():\n"
        "    return policies.WRITING.timeout, policies.FILM_DEADLINE, policies.CAPTION_HOLD\n",
    )
    found = code_of(f"{module}:told")
    assert found.numbers == ("CAPTION_HOLD", "FILM_DEADLINE", "WRITING")
    assert found.values() == {"CAPTION_HOLD": policies.CAPTION_HOLD}


def test_what_is_not_there_is_not_silently_left_out(written: Written) -> None:
    module = written(
        "missing_here",
        "from pipeline_defs.domain.pages import formatting\n\ndef told():\n"
        "    return formatting.nothing_of_that_name()\n",
    )
    with pytest.raises(LookupError, match="defines no nothing_of_that_name"):
        code_of(f"{module}:told")


@pytest.mark.parametrize("value", [policies.PAGE_QUALITY, policies.PAGE_ITEMS, (1, "a", None)])
def test_numbers_of_any_form_have_a_stable_version(value: Any) -> None:
    assert version_of(value) == version_of(value)
