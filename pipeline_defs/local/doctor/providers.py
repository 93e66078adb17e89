"""Checks of the providers: which serves what, and models whose days are numbered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.catalog import Catalog, load_catalog
from pipeline_defs.gateways.endpoints import resolve, serving
from pipeline_defs.local.doctor.finding import Finding, fail, ok, warn
from pipeline_defs.settings import Settings


def checks(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """All findings about providers; no provider is called."""
    try:
        catalog = load_catalog(settings.providers_file)
    except (PipelineError, OSError) as error:
        yield fail("providers", str(error), f"Mend {settings.providers_file}")
        return
    for purpose in catalog.chains:
        yield _purpose(purpose, settings, catalog, running=running)
    yield from _aging(settings, catalog)


def _purpose(purpose: str, settings: Settings, catalog: Catalog, *, running: bool) -> Finding:
    check = f"provider for {purpose}"
    try:
        models = serving(purpose, settings, catalog)
        labels = [f"{resolve(m.provider, settings, catalog).label} ({m.id})" for m in models]
    except PipelineError as error:
        if not running and error.code == "NOT_CONFIGURED":
            words = "no key is set: the local provider server will answer"
            return warn(check, words, f"Start the stack: pipeline up. Or: {error.advice}")
        return fail(check, str(error), error.advice or "Set the provider's key")
    return ok(check, ", then ".join(labels))


def _aging(settings: Settings, catalog: Catalog) -> Iterator[Finding]:
    """Models of real providers only: a stand-in's never end."""
    for model in catalog.aging_models(datetime.now(UTC).date()):
        if not _is_real(catalog.models[model.key].provider, settings, catalog):
            continue
        gone = model.days_left < 0
        words = f"was shut down on {model.shutdown}" if gone else f"ends on {model.shutdown}"
        used = ", ".join(model.purposes)
        advice = f"Name a successor for {used} in providers.toml"
        yield warn(f"model {model.key}", f"{words} and serves {used}", advice)


def _is_real(provider: str, settings: Settings, catalog: Catalog) -> bool:
    try:
        return not resolve(provider, settings, catalog).is_loopback
    except PipelineError:  # no key is set
        return False
