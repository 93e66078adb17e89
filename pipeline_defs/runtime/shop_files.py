"""Reads what a shop uploads: product feeds and search figures, as CSV, XLSX, JSON or XML.

Every faulty row is named; whether any of it is stored then is the caller's decision. A file without
entries is faulty as a whole: it is an export that failed, not a shop that has nothing left. XML
is Google Merchant's, RSS or Atom; it may define no entities and refer to nothing outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline_defs import policies
from pipeline_defs.domain import strict_json
from pipeline_defs.domain.pages.facts import KeywordFigures
from pipeline_defs.domain.pages.feed_values import detail
from pipeline_defs.domain.pages.feeds import FaultyEntry, Values, figures_of, product_of
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.runtime.table_files import (
    Bounds,
    NotATable,
    RowError,
    kind_of,
    read_csv,
)
from pipeline_defs.runtime.xlsx_files import read_xlsx

T = TypeVar("T")
PRODUCTS = ("products", "items", "entries")  # what an object of JSON may call its list
KEYWORDS = ("keywords", "figures", "items", "entries")
BOUNDS = Bounds(rows=policies.FEED_ROWS, columns=policies.FEED_COLUMNS)
ITEMS = frozenset({"item", "entry"})


@dataclass(frozen=True, slots=True)
class Feed:
    """The products of a feed, and everything that is wrong with it."""

    products: tuple[Product, ...] = ()
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Keywords:
    """Search figures of a file, and everything that is wrong with it."""

    figures: tuple[KeywordFigures, ...] = ()
    errors: tuple[RowError, ...] = ()


def read_products(data: bytes, media_type_or_name: str) -> Feed:
    """The products of a feed."""
    products, errors = _read(data, media_type_or_name, product_of, lambda p: p.sku, "sku", PRODUCTS)
    return Feed(tuple(products), tuple(errors))


def read_keywords(data: bytes, media_type_or_name: str) -> Keywords:
    """The search figures of a file."""
    figures, errors = _read(
        data, media_type_or_name, figures_of, lambda f: f.keyword.lower(), "keyword", KEYWORDS
    )
    return Keywords(tuple(figures), tuple(errors))


def _read(
    data: bytes,
    name: str,
    make: Callable[[Values], T],
    identity: Callable[[T], str],
    column: str,
    lists: Sequence[str],
) -> tuple[list[T], list[RowError]]:
    try:
        rows = list(_rows(data, name, lists))
        _must_have_entries(rows, lists[0])
    except NotATable as refusal:
        return [], [refusal.error]
    made: list[T] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for row, values in rows:
        try:
            entry = make(values)
        except FaultyEntry as fault:
            errors += [RowError(row, f.field, f.message, f.fix) for f in fault.faults]
            continue
        before = seen.setdefault(identity(entry), row)
        if before != row:
            message = f"{identity(entry)!r} stands in row {before} as well"
            errors.append(RowError(row, column, message, "Remove one of the two rows."))
        made.append(entry)
    return made, errors[: policies.PAGE_BATCH_FAULTS_TOLD]


def _must_have_entries(rows: Sequence[tuple[int, Values]], named: str) -> None:
    if not rows:
        raise NotATable(
            f"has no {named}",
            f"Export it again and send it with at least one of them; without {named} nothing "
            "is changed.",
        )


def _rows(data: bytes, name: str, lists: Sequence[str]) -> Iterable[tuple[int, Values]]:
    """Rows by number. Raises NotATable."""
    if _is_xml(data):
        return _xml_items(data)
    kind = kind_of(data, name, policies.FEED_BYTES)
    if kind == "json":
        return _json_items(data, lists)
    table = read_xlsx(data, BOUNDS) if kind == "xlsx" else read_csv(data, BOUNDS)
    return ((row, _cells(table.headings, cells)) for row, cells in table.rows)


def _is_xml(data: bytes) -> bool:
    """By the first character, which in UTF-16 has a mark before it and a zero beside it."""
    return data[:512].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<")


def _cells(headings: Sequence[str], cells: Sequence[str]) -> Values:
    """What stands under each heading; under one that is repeated, all of it."""
    values: dict[str, list[str]] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading.strip():
            values.setdefault(heading, []).append(cell)
    return values


def _json_items(data: bytes, lists: Sequence[str]) -> Iterator[tuple[int, Values]]:
    try:
        found = strict_json.loads(data)
    except strict_json.BadJson as error:
        raise NotATable(f"cannot be read as JSON: {error}") from error
    entries = _list_of(found, lists)
    if len(entries) > policies.FEED_ROWS:
        raise NotATable(f"has more than {policies.FEED_ROWS:,} entries")
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise NotATable(f"entry {number} is not an object", row=number)
        yield number, _json_values(entry)


def _list_of(found: Any, names: Sequence[str]) -> list[Any]:
    """The list itself, or what an object holds under one of the names."""
    if isinstance(found, dict):
        found = next((found[name] for name in names if name in found), None)
    if not isinstance(found, list):
        *others, last = (f'"{name}"' for name in names)
        raise NotATable(
            f"has no list under {', '.join(others)} or {last}",
            f'Send [...] or {{"{names[0]}": [...]}}.',
        )
    return found


def _json_values(entry: dict[str, Any]) -> Values:
    values: dict[str, list[str]] = {}
    for name, value in entry.items():
        if name == "attributes":
            for attribute in _attributes(value):
                values.setdefault("product_detail", []).append(attribute)
        elif name == "category" and isinstance(value, list):
            values[name] = [" > ".join(str(part) for part in value)]
        elif isinstance(value, list):
            values[name] = [str(part) for part in value]
        elif value is not None and not isinstance(value, dict):
            values[name] = [str(value)]
    return values


def _attributes(value: Any) -> list[str]:
    """`[{"name", "value"}]` or `{name: value}` as details."""
    if isinstance(value, dict):
        return [detail(str(name), str(said)) for name, said in value.items()]
    if isinstance(value, list):
        named = [a for a in value if isinstance(a, dict)]
        return [detail(str(a.get("name")), str(a.get("value"))) for a in named]
    return []


def _xml_items(data: bytes) -> Iterator[tuple[int, Values]]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(data) > policies.FEED_BYTES:
        raise NotATable(f"is larger than {policies.FEED_BYTES // 1_000_000} MB")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise NotATable("defines entities or a document type", "Remove its DOCTYPE.") from error
    except (ParseError, ValueError) as error:
        raise NotATable(f"is not well-formed XML: {error}") from error
    items = [element for element in root.iter() if _local(element.tag) in ITEMS]
    if not items:
        raise NotATable("has no item or entry", "Send Google Merchant's RSS or Atom format.")
    if len(items) > policies.FEED_ROWS:
        raise NotATable(f"has more than {policies.FEED_ROWS:,} products")
    for number, item in enumerate(items, start=1):
        yield number, _xml_values(item)


def _xml_values(item: Any) -> Values:
    values: dict[str, list[str]] = {}
    for element in item:
        name = _local(element.tag)
        if name == "product_detail":
            said = {_local(part.tag): (part.text or "").strip() for part in element}
            text = detail(said.get("attribute_name", ""), said.get("attribute_value", ""))
            values.setdefault(name, []).append(text)
        elif name == "link" and not (element.text or "").strip():  # Atom
            values.setdefault(name, []).append(element.get("href", ""))
        elif len(element) == 0:
            values.setdefault(name, []).append(element.text or "")
    return values


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
