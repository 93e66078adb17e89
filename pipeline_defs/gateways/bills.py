"""What providers say a day cost: OpenAI's costs of an organization, OpenRouter's activity, Twilio's
usage records.

The first two want a key of their own that reads bills, beside the one that calls models; Twilio's
token reads both. The other providers report no money per day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pydantic import SecretStr

from pipeline_defs.gateways.catalog import Catalog
from pipeline_defs.gateways.endpoints import Endpoint, is_configured, resolve
from pipeline_defs.gateways.failures import InvalidAnswer
from pipeline_defs.gateways.http import Call, Http
from pipeline_defs.gateways.wire import Wire, parse_wire
from pipeline_defs.policies import BILLS_TIMEOUT
from pipeline_defs.settings import Settings

PAGES_MOST = 10
TWILIO_CATEGORIES = ("calls", "recordings")  # what we cause; numbers are rented by the month
Days = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True)
class BillSource:
    """A provider that reports what days (UTC) cost."""

    endpoint: Endpoint
    read: Callable[[Http, date, date], Awaitable[Days]]

    async def days(self, since: date, until: date) -> Days:
        """US dollars by day, also of days that cost nothing, as far as they are reported yet."""
        async with Http(self.endpoint) as http:
            return await self.read(http, since, until)


def bill_sources(settings: Settings, catalog: Catalog) -> tuple[BillSource, ...]:
    """The providers that can be asked: real ones whose key for it is set, else the local ones."""
    found: list[BillSource] = []
    for provider, key, read in (
        ("openai", settings.openai_admin_key, _openai),
        ("openrouter", settings.openrouter_management_key, _openrouter),
    ):
        endpoint = _endpoint(provider, key, settings, catalog)
        if endpoint is not None:
            found.append(BillSource(endpoint, read))
    if is_configured("twilio", settings) or settings.local_providers_url is not None:
        found.append(BillSource(resolve("twilio", settings, catalog), _twilio))
    return tuple(found)


def _endpoint(
    provider: str, key: SecretStr | None, settings: Settings, catalog: Catalog
) -> Endpoint | None:
    real = is_configured(provider, settings)
    if real and key is not None:
        variable = {"openai": "OPENAI_ADMIN_KEY", "openrouter": "OPENROUTER_MANAGEMENT_KEY"}
        endpoint = resolve(provider, settings, catalog)
        return replace(endpoint, key=key, variable=variable[provider])
    if not real and settings.local_providers_url is not None:
        return resolve(provider, settings, catalog)
    return None


class _Amount(Wire):
    value: Decimal
    currency: str


class _Result(Wire):
    amount: _Amount


class _Bucket(Wire):
    start_time: int
    results: tuple[_Result, ...]


class _Costs(Wire):
    data: tuple[_Bucket, ...]
    has_more: bool = False
    next_page: str | None = None


async def _openai(http: Http, since: date, until: date) -> Days:
    """`GET /organization/costs`: buckets of a day; today's holds what is known of it so far."""
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    query: dict[str, str | int] = {
        "start_time": _midnight(since),
        "end_time": _midnight(until + timedelta(days=1)),
        "bucket_width": "1d",
        "limit": 31,
    }
    for _ in range(PAGES_MOST):
        call = Call("GET", "/organization/costs", BILLS_TIMEOUT, params=query,
                    headers=http.endpoint.bearer)  # fmt: skip
        page = parse_wire(_Costs, await http.json(call), http.endpoint)
        for bucket in page.data:
            day = datetime.fromtimestamp(bucket.start_time, UTC).date()
            for result in bucket.results:
                if result.amount.currency.lower() != "usd":
                    raise InvalidAnswer(f"{http.endpoint.label} bills in another currency than USD")
                days[day] += result.amount.value
            days[day] += 0
        if not page.has_more or page.next_page is None:
            return days
        query["page"] = page.next_page
    raise InvalidAnswer(f"{http.endpoint.label} gives its costs in more than {PAGES_MOST} pages")


class _Activity(Wire):
    date: str
    usage: Decimal


class _Activities(Wire):
    data: tuple[_Activity, ...]


async def _openrouter(http: Http, since: date, until: date) -> Days:
    """`GET /activity`: the last 30 days that are over, by model; one without calls is left out."""
    call = Call("GET", "/activity", BILLS_TIMEOUT, headers=http.endpoint.bearer)
    found = parse_wire(_Activities, await http.json(call), http.endpoint)
    over = min(until, datetime.now(UTC).date() - timedelta(days=1))
    days = {since + timedelta(days=n): Decimal(0) for n in range((over - since).days + 1)}
    for item in found.data:
        try:
            day = date.fromisoformat(item.date[:10])
        except ValueError as error:
            raise InvalidAnswer(f"{http.endpoint.label} names a day that is none") from error
        if day in days:
            days[day] += item.usage
    return days


class _UsageRecord(Wire):
    start_date: date
    price: Decimal
    price_unit: str


class _UsageRecords(Wire):
    usage_records: tuple[_UsageRecord, ...]
    next_page_uri: str | None = None


async def _twilio(http: Http, since: date, until: date) -> Days:
    """`GET Usage/Records/Daily.json`: a record for each day (UTC) and category."""
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    for category in TWILIO_CATEGORIES:
        for record in await _usage_records(http, category, since, until):
            if record.price_unit.lower() != "usd":
                raise InvalidAnswer(f"{http.endpoint.label} bills in another currency than USD")
            days[record.start_date] += record.price
    return days


async def _usage_records(
    http: Http, category: str, since: date, until: date
) -> tuple[_UsageRecord, ...]:
    from pipeline_defs.gateways.telephony.transport import basic

    key = http.endpoint.key
    token = key.get_secret_value().split()[0] if key is not None else ""
    path = f"/2010-04-01/Accounts/{http.endpoint.user}/Usage/Records/Daily.json"
    query: dict[str, str | int] = {
        "Category": category,
        "StartDate": since.isoformat(),
        "EndDate": until.isoformat(),
        "PageSize": 1000,
    }
    headers = {"Authorization": basic(http.endpoint.user, token)}
    call = Call("GET", path, BILLS_TIMEOUT, params=query, headers=headers)
    found = parse_wire(_UsageRecords, await http.json(call), http.endpoint)
    if found.next_page_uri is not None:  # a day each, and nobody asks for a thousand
        raise InvalidAnswer(f"{http.endpoint.label} gives its usage in more than one page")
    return found.usage_records


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
