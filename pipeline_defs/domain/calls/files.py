"""A campaign as people write it: YAML or JSON, checked field by field. No I/O here."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from pipeline_defs.domain.calls.requests import CampaignRequest


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
        raise CampaignFileError("\n".join(map(_problem, error.errors()))) from error


def _load(text: str) -> Any:
    import yaml

    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        where = " ".join(str(error).split())
        raise CampaignFileError(f"it is not YAML or JSON: {where}") from error


def _problem(error: Any) -> str:
    """`contacts, number 3, phone: is not a phone number: ...`."""
    parts = [f"number {part + 1}" if isinstance(part, int) else str(part) for part in error["loc"]]
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{', '.join(parts) or 'campaign'}: {message}"
