"""The columns of a file of page requests: what they are called, how a cell is read and written.

The fields of a request lie flat in them. Whatever is written here is read here as it was.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from pipeline_defs.domain import strict_json
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.domain.pages.requests import ADDRESS_FORM, Competitor, PageRequest
from pipeline_defs.domain.spreadsheets import harmless

SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)  # what pydantic strips from a text
SEPARATORS = re.compile(r"[;|\n]")
BETWEEN_ADDRESSES = re.compile(r"[\s;|,]+(?=https?://)")
THOUSANDS = re.compile("[0-9]{1,3}(?:[.,' \xa0\u202f’][0-9]{3})+")
SLASHED_DATE = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}\b.*")
BARE_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
DOTTED_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(.*)", re.DOTALL)
SWITCH: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}
REASONS = ("error_code", "error_message", "advice")  # of a failure: left alone when read again
FORMS = {
    "target_url": ADDRESS_FORM,
    "url": ADDRESS_FORM,
    "images": ADDRESS_FORM,
    "skus": "must be 1 to 64 letters, digits or signs without spaces",
    "sku": "must be 1 to 64 letters, digits or signs without spaces",
    "currency": "must be a currency code such as EUR",
    "gtin": "must be 8 to 14 digits",
}  # what a text has to look like, by the last name of its field


class CellFault(ValueError):
    """A cell that cannot be read; its text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where in a request its cells belong, how they are read and written."""

    name: str
    path: tuple[str, ...]
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    fix: str
    also: tuple[str, ...] = ()  # other headings that mean it


def is_blank(cell: str) -> bool:
    """Whether there is nothing in a cell."""
    return not cell.strip(SPACE)


def column_of(heading: str) -> Column | None:
    """The column a heading means, however it is written."""
    return _HEADINGS.get(_normal(heading))


def is_reason(heading: str) -> bool:
    """Whether a heading is of a column that tells why a page failed."""
    return _normal(heading) in _REASONS


def nearest(heading: str) -> Column | None:
    """The column whose name is most like a heading that is unknown."""
    found = get_close_matches(_normal(heading)[:80], _HEADINGS, n=1, cutoff=0.6)
    return _HEADINGS[found[0]] if found else None


def cells_of(request: PageRequest) -> list[str]:
    """A request as cells, in the order of `COLUMNS`."""
    cells: list[str] = []
    for column in COLUMNS:
        value: Any = request
        for name in column.path:
            value = getattr(value, name)
        cells.append("" if value is None else harmless(column.write(value)))
    return cells


def body_of(cells: Sequence[tuple[Column, str]]) -> tuple[dict[str, Any], dict[Column, str]]:
    """The body of a request by the cells of a row, and what is wrong with which cell."""
    body: dict[str, Any] = {}
    faults: dict[Column, str] = {}
    for column, cell in cells:
        if is_blank(cell):
            continue
        *above, name = column.path
        place = body
        for part in above:
            place = place.setdefault(part, {})
        try:
            place[name] = column.read(cell)
        except CellFault as fault:
            faults[column] = str(fault)
    return body, faults


def owner_of(field: str) -> tuple[Column | None, str]:
    """The column a faulty field belongs to, and what of it: `metadata.skus[2]` is `skus`, `[2]`."""
    for column in COLUMNS:
        path = ".".join(column.path)
        if field == path or field.startswith((f"{path}.", f"{path}[")):
            return column, field[len(path) :]
    return None, ""


def _normal(heading: str) -> str:
    folded = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(character for character in folded if character.isalnum())


def _word(cell: str) -> str:
    return cell.strip().lower()


def _count(cell: str) -> str:
    """Thousands may be separated; a sign between other digits is left to be refused."""
    text = cell.strip()
    return re.sub("[^0-9]", "", text) if THOUSANDS.fullmatch(text) else text


def _switch(cell: str) -> bool:
    value = SWITCH.get(_word(cell))
    if value is None:
        raise CellFault("must be yes or no")
    return value


def _moment(cell: str) -> str:
    text = cell.strip()
    if BARE_NUMBER.fullmatch(text):
        raise CellFault("must be a date, and is a bare number")
    if SLASHED_DATE.fullmatch(text):
        raise CellFault("is ambiguous: with slashes, day and month cannot be told apart")
    dotted = DOTTED_DATE.fullmatch(text)
    if dotted:
        day, month, year, rest = dotted.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}{rest}"
    return text


def _entries(cell: str) -> list[Any]:
    listed = _list(cell)
    if listed is not None:
        return listed
    parts = SEPARATORS.split(cell) if SEPARATORS.search(cell) else cell.split(",")
    return [part.strip(SPACE) for part in parts if not is_blank(part)]


def _competitors(cell: str) -> list[Any]:
    listed = _list(cell)
    plain = cell.strip(" \t\r\n;|,")
    entries = listed if listed is not None else BETWEEN_ADDRESSES.split(plain) if plain else []
    return [{"url": entry} if isinstance(entry, str) else entry for entry in entries]


def _list(cell: str) -> list[Any] | None:
    """What only JSON can say: entries that hold a separator, or texts of competitors."""
    if not cell.lstrip().startswith("["):
        return None
    try:
        found = strict_json.loads(cell.encode())
    except strict_json.BadJson:
        return None
    return found if isinstance(found, list) else None


def _object(cell: str) -> Any:
    try:
        return strict_json.loads(cell.encode())
    except strict_json.BadJson as error:
        raise CellFault(f"must be a product as JSON: {error}") from error


def _write_entries(entries: Sequence[str]) -> str:
    text = " | ".join(entries)
    return text if _entries(text) == list(entries) else _json(list(entries))


def _write_competitors(entries: Sequence[Competitor]) -> str:
    plain = [entry.model_dump(exclude_none=True) for entry in entries]
    text = " | ".join(entry.url or "" for entry in entries)
    return text if _competitors(text) == plain else _json(plain)


def _write_moment(moment: datetime) -> str:
    return moment.isoformat()


def _write_switch(value: bool) -> str:
    return "yes" if value else "no"


def _write_product(product: Product) -> str:
    return product.model_dump_json(exclude_defaults=True)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_SEVERAL = "Separate entries with | or ;"
COLUMNS: tuple[Column, ...] = (
    Column("page_type", ("page_type",), _word, str,
           "Write category, product, brand or guide.", ("type",)),
    Column("target_url", ("target_url",), str.strip, str,
           "Write the whole address: https://shop.example/tents", ("url", "page url", "address")),
    Column("keywords", ("keywords",), _entries, _write_entries, _SEVERAL, ("keyword",)),
    Column("language", ("language",), str.strip, str, "Write a code such as en or de.", ("lang",)),
    Column("brand_voice", ("brand_voice",), str, str, "Shorten it.", ("voice",)),
    Column("priority", ("priority",), str.strip, str, "Write HIGH, NORMAL or LOW."),
    Column("deadline", ("deadline",), _moment, _write_moment,
           "Write it like 2026-12-24 or 2026-12-24T17:00+01:00", ("due", "due date")),
    Column("skus", ("metadata", "skus"), _entries, _write_entries, _SEVERAL, ("sku",)),
    Column("category", ("metadata", "category"), str, str, "Shorten it."),
    Column("brand", ("metadata", "brand"), str, str, "Shorten it."),
    Column("topic", ("metadata", "topic"), str, str, "Shorten it."),
    Column("product", ("metadata", "product"), _object, _write_product,
           "Name products of the feed in `skus`, or write one as a JSON object."),
    Column("sku_count", ("metadata", "sku_count"), _count, str, "Write a whole number, from 0."),
    Column("monthly_searches", ("metadata", "monthly_searches"), _count, str,
           "Write a whole number, from 0.", ("searches", "search volume")),
    Column("content_status", ("metadata", "content_status"), _word, str,
           "Write missing, outdated or current."),
    Column("competitor_urls", ("metadata", "competitors"), _competitors, _write_competitors,
           _SEVERAL, ("competitor", "competitors", "competitor url")),
    Column("skip_quality", ("options", "skip_quality"), _switch, _write_switch,
           "Write yes or no."),
    Column("publish", ("options", "publish"), _word, str, "Write none, draft or publish."),
)  # fmt: skip
REQUIRED = COLUMNS[:2]
_HEADINGS: Mapping[str, Column] = {
    _normal(heading): column
    for column in COLUMNS
    for heading in (column.name, ".".join(column.path), *column.also)
}
_REASONS = frozenset(map(_normal, REASONS))
