"""Reads a campaign from a file, and checks it before anything is sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pipeline_defs import policies
from pipeline_defs.domain.calls.files import CampaignFileError, parse_campaign


def read_campaign(path: Path) -> dict[str, Any]:
    """The request in a file, `-` for input. CampaignFileError names every field that is wrong."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CampaignFileError("it is not UTF-8 text") from error
    except OSError as error:
        raise CampaignFileError(error.strerror or "it cannot be read") from error
    if len(data) > policies.BODY_LIMIT_BYTES:
        raise CampaignFileError(f"it is larger than {policies.BODY_LIMIT_BYTES // 1000} kB")
    return parse_campaign(text).model_dump(mode="json", exclude_unset=True)
