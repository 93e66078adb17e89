"""`pipeline calls ...`: recordings as conversations, and how far verdicts can be trusted."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import CommandError, command, current_output, group
from pipeline_defs.cli.recordings import transcribe

if TYPE_CHECKING:
    from pipeline_defs.domain.calls.calibration import Bin, Calibration

BAR = 20  # characters of a full bar


@group()
def calls() -> None:
    """Phone interviews: verdicts on hypotheses by triangulation."""


@command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--margin",
    type=click.IntRange(min=1),
    help="Let the side win that outnumbers the other by so many respondents.",
)
@click.option(
    "--low-confidence",
    type=click.Choice(("INVALIDATED", "INCONCLUSIVE")),
    help="What agreement without confidence comes to.",
)
def calibrate(*, file: Path, margin: int | None, low_confidence: Any) -> None:
    """Judge the hypotheses of a CSV FILE and compare the verdicts with what is true.

    A row of the file is a claim: hypothesis,call,respondent,stance,confidence,truth. Needs no
    running stack.
    """
    from pipeline_defs.cli.claims_file import ClaimsFileError, read_claims
    from pipeline_defs.domain.calls.calibration import calibrate as measured
    from pipeline_defs.domain.calls.verdicts import Rules

    policy = Rules()
    rules = Rules(
        margin=margin if margin is not None else policy.margin,
        low_confidence=low_confidence or policy.low_confidence,
    )
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            labelled = read_claims(lines)
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8: save it as such", 2, "BAD_FILE") from error
    except ClaimsFileError as error:
        raise CommandError(f"{file} cannot be used:\n{error}", 2, "BAD_FILE") from error
    found = measured(labelled.claims, labelled.truths, rules)
    current_output().emit(asdict(found), lambda: _text(found))


calls.add_command(calibrate)
calls.add_command(transcribe)
COMMANDS = (calls,)


def _text(found: Calibration) -> str:
    from pipeline_defs.cli.tables import line, render, table

    figures = [
        ("decided", f"{found.decided} of {found.hypotheses} ({found.coverage:.0%})"),
        ("right, of the decided", _share(found.accuracy)),
        ("expected calibration error", _figure(found.expected_error)),
        ("Brier score", _figure(found.brier)),
        ("stable without any one call", _share(found.stability)),
    ]
    reasons = sorted(found.reasons.items(), key=lambda entry: -entry[1])
    return render(
        line(f"{found.claims} claims on {found.hypotheses} hypotheses", style="bold"),
        table(("", ">"), figures),
        table(("verdict because", ">hypotheses"), reasons),
        table(
            (">confidence", ">verdicts", ">said", ">right", "right, as a bar"),
            [_row(part) for part in found.bins],
        ),
    )


def _row(part: Bin) -> tuple[object, ...]:
    return (
        f"{part.low:.1f}-{part.high:.1f}",
        part.verdicts,
        f"{part.confidence:.2f}",
        f"{part.accuracy:.2f}",
        "█" * round(part.accuracy * BAR),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
