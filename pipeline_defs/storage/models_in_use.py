"""Which models serve which purpose now: another one turns what the last one made stale."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.domain.versions import version_of
from pipeline_defs.settings import get_settings

# Of a model's table, what its answers depend on; prices and limits change nothing that is made.
ANSWERS_BY = ("id", "options", "voices", "fallbacks")
# Nor does the format of a picture's file change what it shows: all count as what most came as.
SAME_IN_ANY_FORMAT = {"output_format": "png"}


def models_in_use() -> Mapping[str, str]:
    """Purpose to a version of the chain of models that serves it.

    Raises Permanent `BAD_CATALOG` where `PROVIDERS_FILE` cannot be read.
    """
    return _models_of(get_settings().providers_file)


def _answering(model: Mapping[str, Any]) -> list[Any]:
    options = dict(model.get("options", {}))
    options |= {name: same for name, same in SAME_IN_ANY_FORMAT.items() if name in options}
    return [options or None if name == "options" else model.get(name) for name in ANSWERS_BY]


@cache
def _models_of(path: Path) -> Mapping[str, str]:
    try:
        catalog = tomllib.loads(path.read_text(encoding="utf-8"))
        models, chains = catalog["models"], catalog["chains"]
        return {
            purpose: version_of([(key, *_answering(models[key])) for key in chain])
            for purpose, chain in chains.items()
        }
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Permanent(
            "BAD_CATALOG",
            f"{path.name} cannot be read: {type(error).__name__}",
            advice="`pipeline doctor` says what is wrong with it.",
            user_action_required=True,
        ) from error
