"""Reads claims with known truth from a CSV file, to measure verdicts with.

A row is a claim: `hypothesis,call,respondent,stance,confidence,truth`. `stance` is supports,
opposes or neutral; `confidence` from 0 to 1; `truth`, true or false, is the same in all rows of a
hypothesis. One that nobody said anything about has a row with the other columns empty. More
columns may follow and are left alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from pipeline_defs import policies
from pipeline_defs.domain.calls.claims import STANCES, Claim, Stance

COLUMNS = ("hypothesis", "call", "respondent", "stance", "confidence", "truth")
OF_A_CLAIM = ("call", "respondent", "stance", "confidence")
TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
ERRORS_SHOWN = 20


class ClaimsFileError(Exception):
    """What is wrong with a file, row by row."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(self.errors))


@dataclass(slots=True)
class LabelledClaims:
    """Claims, and what is true of each hypothesis."""

    claims: list[Claim] = field(default_factory=list[Claim])
    truths: dict[str, bool] = field(default_factory=dict[str, bool])


def read_claims(lines: Iterable[str]) -> LabelledClaims:
    """The claims in the lines of a CSV file. Raises ClaimsFileError with every error found."""
    rows = csv.DictReader(lines, strict=True, skipinitialspace=True)
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ClaimsFileError(
                [f"row 1: the column {name} is missing; {','.join(COLUMNS)}" for name in missing]
            )
        return _read(rows)
    except csv.Error as error:
        raise ClaimsFileError([f"row {rows.line_num}: it is not CSV: {error}"]) from error


def _read(rows: csv.DictReader[str]) -> LabelledClaims:
    found, errors = LabelledClaims(), list[str]()
    for row in rows:
        where = f"row {rows.line_num}"
        if rows.line_num > policies.LABELLED_CLAIMS_MOST:
            errors.append(f"{where}: at most {policies.LABELLED_CLAIMS_MOST} rows are read")
            break
        given = {name: (row.get(name) or "").strip() for name in COLUMNS}
        faults = [f"{where}, column {fault}" for fault in _faults(given, found.truths)]
        errors += faults
        if len(errors) >= ERRORS_SHOWN:
            errors.append("and perhaps more")
            break
        if not faults:
            _take(given, found)
    if errors:
        raise ClaimsFileError(errors)
    if not found.truths:
        raise ClaimsFileError(["it holds no hypothesis"])
    return found


def _faults(given: Mapping[str, str], truths: Mapping[str, bool]) -> Iterator[str]:
    name = given["hypothesis"]
    if not name:
        yield "hypothesis: it is empty"
    truth = TRUTHS.get(given["truth"].lower())
    if truth is None:
        yield f"truth: {given['truth'][:40]!r} is neither true nor false"
    elif truths.get(name, truth) != truth:
        yield f"truth: {name[:40]!r} was {str(not truth).lower()} in a row before"
    if not any(given[column] for column in OF_A_CLAIM):
        return
    for column in ("call", "respondent"):
        if not given[column]:
            yield f"{column}: it is empty"
    if given["stance"] not in STANCES:
        yield f"stance: {given['stance'][:40]!r} is none of {', '.join(STANCES)}"
    if not _is_share(given["confidence"]):
        yield f"confidence: {given['confidence'][:40]!r} is no number from 0 to 1"


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _take(given: Mapping[str, str], found: LabelledClaims) -> None:
    found.truths[given["hypothesis"]] = TRUTHS[given["truth"].lower()]
    if given["call"]:
        found.claims.append(
            Claim(
                hypothesis=given["hypothesis"],
                call=given["call"],
                respondent=given["respondent"],
                stance=cast("Stance", given["stance"]),  # one of them, as was checked
                confidence=float(given["confidence"]),
            )
        )
