"""A campaign as people write it: YAML or JSON, checked field by field. No I/O here."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from pipeline_defs.domain.calls.requests import CampaignRequest
from pipeline_defs.domain.field_errors import fault_of, fix_of

FAULTS_MOST = 20  # told at once


class CampaignFileError(Exception):
    """What is wrong with a file, a line for each problem."""


def parse_campaign(text: str) -> CampaignRequest:
    """The campaign in a text. CampaignFileError names every field that is wrong, and the fix."""
    found = _load(text)
    if not isinstance(found, dict):
        raise CampaignFileError("it is no campaign: it needs goal, hypotheses, checklist, contacts")
    try:
        return CampaignRequest.model_validate(found)
    except ValidationError as error:
        faults = [_fault(fault) for fault in error.errors(include_url=False)]
        told = faults[:FAULTS_MOST]
        if len(faults) > FAULTS_MOST:
            told.append(f"and {len(faults) - FAULTS_MOST} more")
        raise CampaignFileError("\n".join(told)) from error


def _load(text: str) -> Any:
    from pipeline_defs.domain.calls import plain_yaml

    text = text.removeprefix("\ufeff")
    form = "JSON" if text.lstrip().startswith("{") else "YAML"
    try:
        if form == "JSON":
            found = json.loads(text, object_pairs_hook=_object)
        else:
            found = plain_yaml.load(text)
        _check_texts(found)
    except (ValueError, RecursionError) as error:
        raise CampaignFileError(f"it is not readable {form}: {error}") from error
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:40]!r} occurs twice: keep one of them")
        found[name] = value
    return found


def _check_texts(found: Any) -> None:
    """ValueError for a character that no database keeps."""
    rest = [found]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str) and "\0" in value:
            raise ValueError(f"the text {value[:40]!r} contains the NUL character: remove it")


def _fault(error: Any) -> str:
    """`contacts, number 3, phone: is not a phone number: ...`."""
    parts = [f"number {part + 1}" if isinstance(part, int) else str(part) for part in error["loc"]]
    fix = fix_of(error)
    return f"{', '.join(parts) or 'campaign'}: {fault_of(error)}{f'. {fix}' if fix else ''}"
