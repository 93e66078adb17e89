"""How Studio says things: states, stages, money, moments, lengths."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from pipeline_defs.domain.pages.stages import TITLES

STATUSES = {
    "queued": "Waiting",
    "generating": "In work",
    "completed": "Finished",
    "incomplete": "Incomplete",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "pending": "Waiting",
    "processing": "In work",
    "researching": "Researching",
    "researched": "Researched",
    "writing": "Writing",
    "working": "In work",
    "ready": "Ready",
    "skipped": "Skipped",
    "ringing": "Ringing",
    "in_progress": "Talking",
    "no_answer": "No answer",
    "voicemail": "Voicemail",
    "busy": "Busy",
}
STAGES = {
    "queued": "Waiting for a free place",
    "started": "Starting",
    "plan_article": "Planning the outline",
    "write_article_sections": "Writing sections",
    "assemble_article": "Assembling the article",
    "write_lecture_script": "Writing the script",
    "make_lecture_media": "Making images, narrations and clips",
    "assemble_lecture": "Assembling the video",
    "conduct_interviews": "Calling and reading",
    "judge_hypotheses": "Judging hypotheses",
    "report_campaign": "Writing the report",
    "waiting": "Waiting for the telephone",
    "generate_pages": "Starting",
    "publication": "Publishing",
    **TITLES,
    "completed": "Finished",
    "incomplete": "Incomplete",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
PRIORITIES = {"HIGH": "High", "NORMAL": "Normal", "LOW": "Low"}
OUTCOMES = {
    "over_budget": "beyond the budget",
    "price_unknown": "price not known",
    "nothing_to_do": "as it should be",
    "busy": "at work",
}
METHODS = {
    "as_spoken": "as spoken",
    "speed": "spoken faster or slower",
    "rewrite": "rewritten",
    "stretch": "stretched",
    "pad": "padded",
}


def method_words(method: str) -> str:
    """How a narration came to its length: `rewritten, padded`."""
    return ", ".join(METHODS.get(step, step.replace("_", " ")) for step in method.split("+"))


def status_words(status: str) -> str:
    """A status for people."""
    return STATUSES.get(status, status.replace("_", " ").capitalize())


def stage_words(stage: str) -> str:
    """A stage for people."""
    return STAGES.get(stage, stage.replace("_", " ").capitalize())


def priority_words(priority: str) -> str:
    """A priority for people."""
    return PRIORITIES.get(priority, priority.capitalize())


def outcome_words(outcome: str) -> str:
    """Why a unit is not part of a backfill."""
    return OUTCOMES.get(outcome, outcome.replace("_", " "))


def check_words(name: str) -> str:
    """The name of a check for people: `Title length`."""
    return sentence(name.replace("-", " ").replace("_", " "))


def duration(seconds: float) -> str:
    """How long something took or will take: `0.42 s`, `3 min`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def count_words(number: int) -> str:
    """A number with its thousands apart: `12,000`."""
    return f"{number:,}"


def sentence(text: str) -> str:
    """`text` with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def usd(amount: object) -> str:
    """Money with as many digits as small sums need."""
    value = float(str(amount))
    size = abs(value)
    text = f"${size:.2f}" if size >= 1 or value == 0 else f"${size:.4f}"
    return f"-{text}" if value < 0 else text


def clock(seconds: float) -> str:
    """A place in a video: `1:05`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def size_words(size: int) -> str:
    """A file's size: `12.3 MB`."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def moment(at: datetime | str) -> str:
    """A moment, in UTC."""
    value = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{value.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def external_url(url: str) -> str:
    """`url` when it is safe to link to, else nothing."""
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
