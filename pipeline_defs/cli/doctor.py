"""`pipeline doctor`: what is wrong, in plain words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_defs.cli.output import CommandError, command, current_output
from pipeline_defs.cli.program import retyped

if TYPE_CHECKING:
    from pipeline_defs.local.doctor.finding import Finding

_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@command()
def doctor() -> None:
    """Check this machine, the settings and every service; fails when something is broken."""
    from pipeline_defs.local.doctor.run import examine
    from pipeline_defs.local.stack import Stack

    findings = examine(Stack.here())
    failed = [finding for finding in findings if finding.level == "fail"]
    data = {"healthy": not failed, "checks": [finding.as_json() for finding in findings]}
    output = current_output()
    output.emit(data, "\n".join(_line(finding) for finding in findings))
    if failed and output.json:
        raise SystemExit(1)
    if failed:
        raise CommandError(f"{len(failed)} of {len(findings)} checks failed.")


COMMANDS = (doctor,)


def _line(finding: Finding) -> str:
    text = f"{_MARKS[finding.level]}  {finding.check}: {finding.message}"
    return text + (f"\n      -> {retyped(finding.advice)}" if finding.advice else "")
