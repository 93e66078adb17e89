"""How Studio says things: states, stages, money, moments."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

STATUSES = {
    "queued": "Waiting",
    "generating": "In work",
    "completed": "Finished",
    "incomplete": "Incomplete",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "pending": "Waiting",
    "researching": "Researching",
    "researched": "Researched",
    "writing": "Writing",
}
STAGES = {
    "queued": "Waiting for a free place",
    "started": "Starting",
    "plan_article": "Planning the outline",
    "write_article_sections": "Writing sections",
    "assemble_article": "Assembling the article",
    "completed": "Finished",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


def status_words(status: str) -> str:
    """A status for people."""
    return STATUSES.get(status, status.replace("_", " ").capitalize())


def stage_words(stage: str) -> str:
    """A stage for people."""
    return STAGES.get(stage, stage.replace("_", " ").capitalize())


def usd(amount: object) -> str:
    """Money with as many digits as small sums need."""
    value = float(str(amount))
    return f"${value:.2f}" if value >= 1 or value == 0 else f"${value:.4f}"


def moment(at: datetime | str) -> str:
    """A moment, in UTC."""
    value = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{value.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def external_url(url: str) -> str:
    """`url` when it is safe to link to, else nothing."""
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
