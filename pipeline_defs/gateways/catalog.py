"""The catalogue of models: what each costs, its limits, and which serves which purpose.

Read from `providers.toml` (or the file `PROVIDERS_FILE` names), checked on reading. Every problem
found is named with its key and how to mend it, all at once. Model ids occur nowhere else.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog_problems import meaning_problems, shape_problem
from pipeline_defs.gateways.purposes import Api, Provider, Purpose
from pipeline_defs.policies import MODEL_SHUTDOWN_WARNING_DAYS

_MILLION = Decimal(1_000_000)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProviderEntry(_Table):
    """Where a provider is, and whether `GET <base_url>/models` names shutdown dates."""

    base_url: str | None = Field(default=None, pattern=r"^https?://")
    lists_models: bool = False


class Model(_Table):
    """One thing that can serve a purpose. Prices are USD: of tokens and characters per million."""

    key: str
    provider: Provider
    id: str
    api: Api
    input_usd: Decimal = Field(default=Decimal(0), ge=0)
    cached_input_usd: Decimal | None = Field(default=None, ge=0)
    output_usd: Decimal = Field(default=Decimal(0), ge=0)
    search_usd: Decimal = Field(default=Decimal(0), ge=0)
    image_usd: Decimal = Field(default=Decimal(0), ge=0)
    characters_usd: Decimal = Field(default=Decimal(0), ge=0)
    second_usd: Decimal = Field(default=Decimal(0), ge=0)  # of sound, music or video
    voices: dict[str, str] = {}  # speech: what the provider calls each of our voices
    words: bool = False  # transcription: gives the times of words
    channels: int = Field(default=1, ge=1)  # transcription: heard apart, with one request
    max_output_tokens: int = Field(default=8_000, gt=0)
    context_tokens: int = Field(default=32_000, gt=0)
    shutdown: date | None = None
    fallbacks: tuple[str, ...] = ()  # openrouter: models it may turn to by itself
    options: dict[str, Any] = {}  # sent with every request, as the API names them

    def token_cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Decimal:
        """Price of a call in USD; `cached_tokens` are part of `input_tokens`."""
        cached_price = self.input_usd if self.cached_input_usd is None else self.cached_input_usd
        cached = min(max(cached_tokens, 0), input_tokens)
        return (
            (input_tokens - cached) * self.input_usd
            + cached * cached_price
            + output_tokens * self.output_usd
        ) / _MILLION

    def unit_cost(self, quantity: Decimal, unit: str) -> Decimal:
        """Price in USD of so many images, characters or seconds."""
        prices = {
            "images": self.image_usd,
            "characters": self.characters_usd / _MILLION,
            "seconds": self.second_usd,
            "texts": Decimal(0),  # embeddings are priced by tokens
        }
        return quantity * prices[unit]


class SearchFields(_Table):
    """How the generic search provider is asked and where its JSON keeps things (dotted paths)."""

    query_parameter: str = "q"
    count_parameter: str = "count"
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    results: tuple[str, ...] = ("results",)
    title: tuple[str, ...] = ("title",)
    url: tuple[str, ...] = ("url",)
    text: tuple[str, ...] = ("snippet", "description")
    published: tuple[str, ...] = ("date",)


@dataclass(frozen=True, slots=True)
class AgingModel:
    """A model in use that is shut down, or will be within the warning time."""

    key: str
    purposes: tuple[str, ...]
    shutdown: date
    days_left: int  # negative once it is gone


class Catalog(_Table):
    """All that `providers.toml` says."""

    providers: dict[Provider, ProviderEntry]
    models: dict[str, Model]
    chains: dict[Purpose, tuple[str, ...]]
    search: SearchFields = SearchFields()

    def chain(self, purpose: str) -> tuple[Model, ...]:
        """The models that serve `purpose`, in the order they are asked."""
        for name, keys in self.chains.items():
            if name == purpose:
                return tuple(self.models[key] for key in keys)
        raise Permanent(
            "NOT_CONFIGURED",
            f"no chain of models is configured for the purpose '{purpose}'",
            advice=f"Add `{purpose} = [...]` to [chains] in providers.toml.",
            user_action_required=True,
        )

    def aging_models(
        self, today: date, live: dict[str, date] | None = None
    ) -> tuple[AgingModel, ...]:
        """Models of any chain that are past or near their shutdown, soonest first.

        `live` are dates the providers gave by model key; they win over the file's.
        """
        aging: list[AgingModel] = []
        for key, model in self.models.items():
            purposes = tuple(name for name, keys in self.chains.items() if key in keys)
            shutdown = (live or {}).get(key, model.shutdown)
            if not purposes or shutdown is None:
                continue
            days = (shutdown - today).days
            if days <= MODEL_SHUTDOWN_WARNING_DAYS:
                aging.append(AgingModel(key, purposes, shutdown, days))
        return tuple(sorted(aging, key=lambda entry: entry.shutdown))


def load_catalog(path: Path) -> Catalog:
    """Read and check a catalogue; a `Permanent` BAD_CATALOG lists every problem."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _bad(path, ["the file is not there: set PROVIDERS_FILE to one that is"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, [f"it is not valid TOML: {error}"]) from None
    return parse_catalog(raw, path)


def parse_catalog(raw: dict[str, Any], path: Path = Path("providers.toml")) -> Catalog:
    """Check a catalogue already read from TOML."""
    named = {**raw, "models": _with_names(raw.get("models", {}))}
    try:
        catalog = Catalog.model_validate(named)
    except ValidationError as error:
        raise _bad(path, [shape_problem(found) for found in error.errors()]) from None
    problems = meaning_problems(catalog)
    if problems:
        raise _bad(path, problems)
    return catalog


def _with_names(models: Any) -> Any:
    """Each model table with its key, and the provider and id that the key spells."""
    if not isinstance(models, dict):
        return models
    named: dict[str, Any] = {}
    for key, table in models.items():
        provider, _, id_ = str(key).partition(":")
        fields = table if isinstance(table, dict) else {}
        named[key] = {"id": id_ or None, **fields, "key": key, "provider": provider}
    return named


def _bad(path: Path, problems: list[str]) -> Permanent:
    return Permanent(
        "BAD_CATALOG",
        f"{path.name}: " + "; ".join(problems),
        advice=f"Mend {path.name}; docs/providers.md describes every key.",
        user_action_required=True,
    )
