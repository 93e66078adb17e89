"""Runs every check; one that breaks is a finding itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipeline_defs.local.doctor import machine, providers, services
from pipeline_defs.local.doctor.finding import Finding, fail
from pipeline_defs.local.stack import Stack
from pipeline_defs.settings import get_settings


def examine(stack: Stack) -> list[Finding]:
    """All findings, the machine first."""
    settings = get_settings()
    groups: tuple[tuple[str, Callable[[], Iterable[Finding]]], ...] = (
        ("machine", lambda: machine.checks(stack)),
        ("services", lambda: services.checks(stack, settings)),
        ("providers", lambda: providers.checks(settings, running=stack.is_running())),
    )
    findings: list[Finding] = []
    for name, checks in groups:
        try:
            findings.extend(checks())
        except Exception as error:  # noqa: BLE001  (a broken check must not hide the others)
            words = f"the check itself broke: {type(error).__name__}: {error}"
            findings.append(fail(name, words, "Please report this with the output above"))
    return findings
