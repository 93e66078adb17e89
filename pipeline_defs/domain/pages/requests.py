"""What users ask for: one page, many, or a page made again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline_defs import policies
from pipeline_defs.domain.languages import LANGUAGES, Language
from pipeline_defs.domain.pages.products import Address, Product, Sku
from pipeline_defs.domain.publications import Publish
from pipeline_defs.domain.requests import Strict, Text

PageType = Literal["category", "product", "brand", "guide"]
Priority = Literal["HIGH", "NORMAL", "LOW"]
ContentStatus = Literal["missing", "outdated", "current"]
ADDRESS_FORM = "must be a web address such as https://shop.example/tents"
PRIORITIES: tuple[Priority, ...] = get_args(Priority)


def _language(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in LANGUAGES:
        return value.lower()
    known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    raise ValueError(f"is not a supported language: choose one of {known}")


def _priority(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _in_time(value: datetime) -> datetime:
    """A moment without a time zone is meant in UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _web(value: Any) -> Any:
    if isinstance(value, str) and not value.strip().lower().startswith(("http://", "https://")):
        raise ValueError(ADDRESS_FORM)
    return value


def _public(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError(ADDRESS_FORM)
    return value


AnyLanguage = Annotated[Language, BeforeValidator(_language)]
AnyPriority = Annotated[Priority, BeforeValidator(_priority)]
WebAddress = Annotated[Address, BeforeValidator(_web), AfterValidator(_public)]
Keyword = Annotated[Text, Field(max_length=80)]
Moment = Annotated[datetime, AfterValidator(_in_time)]


class Competitor(Strict):
    """A competitor's page: its address, or its text where that is at hand."""

    url: WebAddress | None = None
    text: Annotated[str, Field(max_length=policies.COMPETITOR_TEXT_CHARS)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Competitor:
        if (self.url is None) == (self.text is None):
            raise ValueError("must have either `url` or `text`")
        return self


class PageMetadata(Strict):
    """What is known of the page beforehand.

    `skus`, `category` and `brand` choose products of the organization's feed, `product` brings one
    along; where none of them is given, products are looked for by the target's address and by the
    keywords. A page without any product states no figures. `sku_count`, `monthly_searches` and
    `content_status` weigh in the queue.
    """

    skus: Annotated[list[Sku], Field(max_length=policies.PAGE_MAX_PRODUCTS)] = []
    category: Annotated[Text, Field(max_length=80)] | None = None
    brand: Annotated[Text, Field(max_length=70)] | None = None
    topic: Annotated[Text, Field(max_length=150)] | None = None
    product: Product | None = None
    competitors: Annotated[list[Competitor], Field(max_length=policies.PAGE_MAX_COMPETITORS)] = []
    sku_count: Annotated[int, Field(ge=0)] | None = None
    monthly_searches: Annotated[int, Field(ge=0)] | None = None
    content_status: ContentStatus | None = None


class PageOptions(Strict):
    """`skip_quality` makes a page without the quality gate, and says so on it; `publish`: as a
    draft or for everyone to see, once it is finished and somebody has approved it."""

    skip_quality: Annotated[bool, Field(strict=True)] = False
    publish: Publish = "none"


class PageRequest(Strict):
    """What creates a page."""

    page_type: PageType
    target_url: WebAddress
    keywords: Annotated[list[Keyword], Field(max_length=policies.PAGE_MAX_KEYWORDS)] = []
    language: AnyLanguage = "en"
    brand_voice: Annotated[Text, Field(max_length=500)] | None = None
    priority: AnyPriority | None = None
    deadline: Moment | None = None
    metadata: PageMetadata = Field(default_factory=PageMetadata)
    options: PageOptions = Field(default_factory=PageOptions)

    @property
    def sku_count(self) -> int:
        """How many products the page stands for, as far as the request tells."""
        told = self.metadata.sku_count
        return told if told is not None else max(1, len(self.metadata.skus))


class PageRebuild(Strict):
    """What to make again: nothing named means what is stale, missing or failed.

    `fresh` makes even what is up to date anew, and pays for it.
    """

    assets: list[Literal["page_context", "page_components", "page"]] | None = None
    fresh: Annotated[bool, Field(strict=True)] = False


class PriorityBoost(Strict):
    """Another priority for a page that waits."""

    priority: AnyPriority
