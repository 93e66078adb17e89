"""What people say about a finished page before it is published: approved, or rejected and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pipeline_defs import policies
from pipeline_defs.domain.frozen import Frozen
from pipeline_defs.domain.publications import Published
from pipeline_defs.domain.requests import Strict, Text

Version = Annotated[Text, Field(max_length=64, examples=["9f86d081884c7d65"])]


class PageApproval(Strict):
    """`version` is that of the document that was looked at; `status` how it is published: as the
    page's request says when nothing is said here, else as a draft. `unpublished`: a post that was
    public was taken back on the site."""

    version: Version
    status: Published | None = None
    unpublished: Annotated[bool, Field(strict=True)] = False


class PageRejection(Strict):
    """`version` is that of the document that was looked at; it is not published."""

    version: Version
    reason: Annotated[Text, Field(max_length=policies.REJECTION_REASON_CHARS)]


class Decision(Frozen):
    """The last decision about a page; it holds for `version` of its document alone."""

    version: str
    decision: Literal["approved", "rejected"]
    publish: Published | None = None
    reason: str = ""
    decided_by: str
    decided_at: datetime
