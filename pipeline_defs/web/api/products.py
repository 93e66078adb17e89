"""What pages are made from: the product feed and search figures of the organization."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel

from pipeline_defs import policies
from pipeline_defs.domain.field_errors import FieldError
from pipeline_defs.domain.languages import Language
from pipeline_defs.domain.pages.products import Product
from pipeline_defs.runtime.shop_files import read_keywords, read_products
from pipeline_defs.runtime.table_files import RowError
from pipeline_defs.storage import products
from pipeline_defs.web.gateway import gateway_of
from pipeline_defs.web.problems import Problem
from pipeline_defs.web.routes import BODY, Caller, api_router
from pipeline_defs.web.unit_routes import Limit

router = api_router("products")
FEED = {
    "requestBody": {
        "required": True,
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}}
            for name in ("text/csv", "application/json", "application/xml")
        },
    }
}


class Imported(BaseModel):
    """How much was stored, and how much is known now."""

    imported: int
    products: int
    keywords: int


class ProductList(BaseModel):
    """Products by SKU; `next` is the last one, for the page after."""

    items: list[Product]
    total: int
    imported_at: datetime | None
    next: str | None = None


@router.post("/v1/products", responses=BODY, openapi_extra=FEED)
async def import_products(
    request: Request,
    caller: Caller,
    replace: Annotated[bool, Query(description="Remove products the feed does not name.")] = False,
) -> Imported:
    """Import a product feed: CSV, JSON or Google Merchant XML; all of it or nothing."""
    data, name = await request.body(), request.headers.get("content-type", "")
    reading = await asyncio.to_thread(read_products, data, name)
    refuse(reading.errors, "The feed has faulty rows; nothing was imported.")

    async def store(tx: Any) -> dict[str, Any]:
        await products.import_products(tx, reading.products, caller.actor, replace=replace)
        return await products.counts(tx)

    known = await gateway_of(request).database.transact(caller.org_id, store)
    return Imported(
        imported=len(reading.products), products=known["products"], keywords=known["keywords"]
    )


@router.get("/v1/products")
async def list_products(
    request: Request,
    caller: Caller,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Limit = policies.LIST_PAGE_DEFAULT,
) -> ProductList:
    """The organization's products."""

    async def read(tx: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        rows = await tx.all("products.list", after=after, most=limit + 1)
        return rows, await products.counts(tx)

    rows, known = await gateway_of(request).database.transact(caller.org_id, read)
    items = [Product.model_validate(row["product"]) for row in rows[:limit]]
    return ProductList(
        items=items,
        total=known["products"],
        imported_at=known["imported_at"],
        next=items[-1].sku if len(rows) > limit else None,
    )


@router.post("/v1/keywords", responses=BODY, openapi_extra=FEED)
async def import_keywords(
    request: Request, caller: Caller, language: Annotated[Language, Query()] = "en"
) -> Imported:
    """Import search figures: CSV or JSON with `keyword` and `monthly_searches`."""
    data, name = await request.body(), request.headers.get("content-type", "")
    reading = await asyncio.to_thread(read_keywords, data, name)
    refuse(reading.errors, "The file has faulty rows; nothing was imported.")

    async def store(tx: Any) -> dict[str, Any]:
        await products.import_figures(tx, reading.figures, language, caller.actor)
        return await products.counts(tx)

    known = await gateway_of(request).database.transact(caller.org_id, store)
    return Imported(
        imported=len(reading.figures), products=known["products"], keywords=known["keywords"]
    )


def refuse(faults: tuple[RowError, ...], detail: str) -> None:
    """Problem 422 that names row and column of every fault; nothing where there are none."""
    if not faults:
        return
    raise Problem(
        422,
        "INVALID_FILE",
        detail,
        advice="Correct the rows that are named and send the file again.",
        errors=[
            FieldError(
                field=f"row {fault.row}, {fault.column}" if fault.row else fault.column,
                message=fault.message,
                fix=fault.fix,
            )
            for fault in faults
        ],
    )
