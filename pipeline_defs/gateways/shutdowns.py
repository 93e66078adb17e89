"""Shutdown dates as the providers announce them now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.endpoints import is_configured, resolve
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.wire import Wire, parse_wire
from pipeline_defs.settings import Settings


class _Entry(Wire):
    id: str
    shutdown_date: str | None = None


class _List(Wire):
    data: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class LiveShutdowns:
    """What the providers say of the catalogue's models, all by model key.

    `unlisted` models are not in their provider's list: gone, or not open to this account.
    `errors` are those of providers that could not be asked.
    """

    dates: dict[str, date]
    unlisted: tuple[str, ...]
    errors: tuple[PipelineError, ...]


async def live_shutdown_dates(
    settings: Settings, catalog: Catalog, *, timeout: float = 10.0
) -> LiveShutdowns:
    """Ask each configured provider that lists its models (`GET /models`); never raises for one.

    `dates` go into `Catalog.aging_models(today, live=...)`.
    """
    dates: dict[str, date] = {}
    unlisted: list[str] = []
    errors: list[PipelineError] = []
    for provider, entry in catalog.providers.items():
        if not entry.lists_models or not is_configured(provider, settings):
            continue
        try:
            listed = await _listed(provider, settings, catalog, timeout)
        except PipelineError as error:
            errors.append(error)
            continue
        for key, model in catalog.models.items():
            if model.provider != provider:
                continue
            if model.id not in listed:
                unlisted.append(key)
            elif (day := listed[model.id]) is not None:
                dates[key] = day
    return LiveShutdowns(dates, tuple(unlisted), tuple(errors))


async def _listed(
    provider: str, settings: Settings, catalog: Catalog, timeout: float
) -> dict[str, date | None]:
    endpoint = resolve(provider, settings, catalog)
    async with Http(endpoint) as http:
        body = await http.json(Call("GET", "/models", timeout, headers=endpoint.bearer))
    entries = parse_wire(_List, body, endpoint).data
    return {entry.id: _day(entry.shutdown_date) for entry in entries}


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value or "")
    except ValueError:
        return None
