"""Reads a campaign from a YAML or JSON file, and checks it before anything is sent."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from pipeline_defs.domain.calls.requests import CampaignRequest

SIZE_MOST = 256_000  # bytes, as the API takes


class CampaignFileError(Exception):
    """What is wrong with a file, a line for each problem."""


def read_campaign(path: Path) -> dict[str, Any]:
    """The request in a file, `-` for input. CampaignFileError names every field that is wrong."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CampaignFileError("it is not UTF-8 text") from error
    except OSError as error:
        raise CampaignFileError(error.strerror or "it cannot be read") from error
    if len(data) > SIZE_MOST:
        raise CampaignFileError(f"it is larger than {SIZE_MOST // 1000} kB")
    found = _load(text)
    if not isinstance(found, dict):
        raise CampaignFileError("it is no campaign: it needs goal, hypotheses, checklist, contacts")
    body = cast("dict[str, Any]", found)
    try:
        return CampaignRequest.model_validate(body).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        raise CampaignFileError("\n".join(map(_problem, error.errors()))) from error


def _load(text: str) -> Any:
    import yaml

    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise CampaignFileError(
            f"it is not YAML or JSON: {' '.join(str(error).split())}"
        ) from error


def _problem(error: Any) -> str:
    """`contacts, number 3, phone: is not a phone number: ...`."""
    parts = [f"number {part + 1}" if isinstance(part, int) else str(part) for part in error["loc"]]
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{', '.join(parts) or 'campaign'}: {message}"
