"""What can be wrong with a catalogue, each problem named with its key and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from pipeline_defs.domain.lectures.models import NarratorVoice
from pipeline_defs.gateways.purposes import (
    APIS_OF_PURPOSE,
    ONE_MODEL,
    PRICE_MEANINGS,
    PRICES_OF_PURPOSE,
    Provider,
)

if TYPE_CHECKING:
    from pipeline_defs.gateways.catalog import Catalog, Model


def shape_problem(found: Any) -> str:
    """One problem that pydantic found, in the words of the file."""
    where = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return f"{where}: unknown key; remove it or mend its spelling"
    if found["type"] == "missing":
        return f"{where}: missing; add it"
    if where.endswith(".provider"):
        known = ", ".join(get_args(Provider))
        table = where.removesuffix(".provider")
        return f"{table}: name it '<provider>:<model id>' with a provider of {known}"
    return f"{where}: {found['msg']}; got {found['input']!r:.80}"


def meaning_problems(catalog: Catalog) -> list[str]:
    """What a well-formed catalogue still gets wrong: chains, prices, voices."""
    return [
        *_chain_problems(catalog),
        *(problem for model in catalog.models.values() for problem in _price_problems(model)),
        *(problem for model in catalog.models.values() for problem in _voice_problems(model)),
    ]


def _chain_problems(catalog: Catalog) -> Iterator[str]:
    for purpose, keys in catalog.chains.items():
        if not keys:
            yield f"chains.{purpose}: empty; name at least one model"
        if purpose in ONE_MODEL and len(keys) > 1:
            yield f"chains.{purpose}: only one model can serve it; leave the first"
        for key in keys:
            model = catalog.models.get(key)
            if model is None:
                yield f"chains.{purpose}: '{key}' is not under [models]; add or mend it"
            elif model.api not in APIS_OF_PURPOSE[purpose]:
                wanted = ", ".join(sorted(APIS_OF_PURPOSE[purpose]))
                yield f"chains.{purpose}: '{key}' has api '{model.api}'; it must be one of {wanted}"
            elif model.provider not in catalog.providers:
                yield f"providers.{model.provider}: missing; add the table"


def _price_problems(model: Model) -> Iterator[str]:
    """Models that are billed but say no price: a cost of zero must be meant."""
    for purpose, accepted in PRICES_OF_PURPOSE.items():
        if model.api not in APIS_OF_PURPOSE[purpose]:
            continue
        if not any(prices <= model.model_fields_set for prices in accepted):
            ways = " or ".join(
                f"{' and '.join(sorted(prices))} ({PRICE_MEANINGS[prices]})" for prices in accepted
            )
            yield f"models.{model.key}: its price is missing; give {ways}"


def _voice_problems(model: Model) -> Iterator[str]:
    if model.api not in APIS_OF_PURPOSE["speech"]:
        return
    missing = [voice for voice in get_args(NarratorVoice) if not model.voices.get(voice)]
    if missing:
        names = ", ".join(missing)
        yield f"models.{model.key}.voices: {names} missing; say what the provider calls them"
