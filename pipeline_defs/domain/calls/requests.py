"""What users may ask of a campaign of phone interviews. No I/O here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from pipeline_defs import policies
from pipeline_defs.domain.calls.numbers import e164
from pipeline_defs.domain.requests import Strict, Text

LOCAL_TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone: name one like Europe/Berlin") from error
    return name


def _local_time(text: object) -> object:
    if isinstance(text, str):
        if not LOCAL_TIME.fullmatch(text):
            raise ValueError("is not a time of day: write it like 20:30")
        return time.fromisoformat(text)
    raise ValueError("is not a time of day: write it like 20:30, as a text")


PhoneNumber = Annotated[Text, Field(max_length=40), AfterValidator(e164)]
TimeZone = Annotated[Text, Field(max_length=64), AfterValidator(_time_zone)]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_local_time),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str, when_used="json"),
]
Budget = Annotated[Decimal, Field(gt=0, le=100_000, max_digits=12, decimal_places=4)]


class HypothesisRequest(Strict):
    """A sentence that the campaign is to find true or false; `field` a short name for tables."""

    text: Annotated[Text, Field(min_length=10, max_length=300)]
    field: Annotated[Text, Field(max_length=60)] | None = None


class QuestionRequest(Strict):
    """A question of the interview, and the number of the hypothesis it is about, if of one."""

    question: Annotated[Text, Field(max_length=300)]
    hypothesis: Annotated[int, Field(strict=True, ge=1)] | None = None


class ContactRequest(Strict):
    """Whom to call. `respondent`: the person, where one is reached at several numbers.

    `script`: in a rehearsal, what they are going to say, word for word and in order.
    """

    phone: PhoneNumber
    name: Annotated[Text, Field(max_length=100)] | None = None
    respondent: Annotated[Text, Field(max_length=100)] | None = None
    script: Annotated[Text, Field(max_length=10_000)] | None = None


class QuietHours(Strict):
    """When nobody is called, by the clock of `CampaignRequest.time_zone`; may span midnight."""

    start: TimeOfDay = time(20)
    end: TimeOfDay = time(9)


class CampaignRequest(Strict):
    """What creates a campaign: whom to ask what, and which hypotheses that is to decide."""

    goal: Annotated[Text, Field(max_length=1000)]
    title: Annotated[Text, Field(max_length=120)] | None = None
    language: Literal["en"] = "en"
    hypotheses: Annotated[
        list[HypothesisRequest], Field(min_length=1, max_length=policies.CAMPAIGN_MAX_HYPOTHESES)
    ]
    checklist: Annotated[
        list[QuestionRequest], Field(min_length=1, max_length=policies.CAMPAIGN_MAX_QUESTIONS)
    ]
    contacts: Annotated[
        list[ContactRequest], Field(min_length=1, max_length=policies.CAMPAIGN_MAX_CONTACTS)
    ]
    consent: Annotated[Text, Field(min_length=20, max_length=600)]
    time_zone: TimeZone = "UTC"
    quiet_hours: QuietHours | None = QuietHours()
    do_not_call: Annotated[
        list[PhoneNumber], Field(max_length=policies.CAMPAIGN_MAX_DO_NOT_CALL)
    ] = []
    calls_per_minute: Annotated[
        int, Field(strict=True, ge=1, le=policies.CALLS_PER_MINUTE_MOST)
    ] = policies.CALLS_PER_MINUTE
    budget_usd: Budget | None = None
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = policies.CALL_AGAIN_MOST
    retry_after_minutes: Annotated[int, Field(strict=True, ge=1, le=10_080)] = (
        policies.CALL_AGAIN_MINUTES
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for number, question in enumerate(self.checklist, start=1):
            if question.hypothesis is not None and question.hypothesis > len(self.hypotheses):
                raise ValueError(
                    f"checklist question {number} is about hypothesis {question.hypothesis}, "
                    f"and there are {len(self.hypotheses)}"
                )
        repeated = _repeated([contact.phone for contact in self.contacts])
        if repeated:
            raise ValueError(f"contacts: {repeated} occurs more than once")
        return self

    @property
    def heading(self) -> str:
        """What the campaign is called in lists."""
        return self.title or self.goal.splitlines()[0][:120]


def _repeated(numbers: Sequence[str]) -> str | None:
    return next((n for n in numbers if numbers.count(n) > 1), None)


class CampaignChange(Strict):
    """New rules for placing calls; what is not named stays. `budget_usd` null: no limit."""

    calls_per_minute: (
        Annotated[int, Field(strict=True, ge=1, le=policies.CALLS_PER_MINUTE_MOST)] | None
    ) = None
    budget_usd: Budget | None = None
    do_not_call: Annotated[
        list[PhoneNumber], Field(max_length=policies.CAMPAIGN_MAX_DO_NOT_CALL)
    ] = []


Numbers = Annotated[list[Annotated[int, Field(strict=True, ge=1)]], Field(max_length=500)]


class CampaignRebuild(Strict):
    """What to make again: nothing named means whatever is stale or failed.

    `parts` are numbers of calls, `hypotheses` those of hypotheses, `assets` names of assets;
    `fresh` makes even what is up to date anew, and pays for it. Nobody is called again for it.
    """

    parts: Numbers | None = None
    hypotheses: Numbers | None = None
    assets: (
        list[Literal["transcript", "claims", "hypothesis_verdict", "campaign_report"]] | None
    ) = None
    fresh: Annotated[bool, Field(strict=True)] = False
