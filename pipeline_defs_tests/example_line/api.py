"""Haikus: create, list, read, cancel, resume, edit a verse. Plan, lineage, cost and progress are
there for every line."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from pipeline_defs.domain.units import Unit
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web.links import Links
from pipeline_defs.web.routes import BODY, CONFLICT, MISSING, Caller, api_router
from pipeline_defs.web.submissions import submit
from pipeline_defs.web.unit_routes import UnitRoutes
from pipeline_defs.web.unit_shape import Accepted, UnitShape, unit_fields
from pipeline_defs_tests.example_line import storage
from pipeline_defs_tests.example_line.domain import HAIKUS, Haiku, HaikuRequest, VerseEdit


class VerseShape(BaseModel):
    """A verse."""

    n: int
    theme: str
    status: str
    text: str | None


class HaikuShape(UnitShape):
    """A haiku with its verses."""

    text: str | None
    verses: list[VerseShape]


async def read_haiku(tx: Transaction, haiku_id: str) -> tuple[Unit, Haiku] | None:
    """A haiku as read in one transaction."""
    unit, haiku = await units.get(tx, haiku_id), await storage.read(tx, haiku_id)
    return (unit, haiku) if unit and haiku else None


def haiku_shape(view: tuple[Unit, Haiku], links: Links) -> HaikuShape:
    """The public shape of it."""
    unit, haiku = view
    verses = [
        VerseShape(n=v.order, theme=v.theme, status=v.status, text=v.text) for v in haiku.verses
    ]
    return HaikuShape(**unit_fields(unit, links, []), text=haiku.text, verses=verses)


router = api_router("haikus")
haiku_routes = UnitRoutes(router, HAIKUS, read_haiku, haiku_shape, HaikuShape)
haiku_routes.add_list()
haiku_routes.add_get("A haiku with its verses.")
haiku_routes.add_cancel("Cancel in any state; a finished haiku stays as it is.")
haiku_routes.add_resume("Write what is missing, stale or failed; the rest stays.")


@router.post("/v1/haikus", status_code=202, response_model=Accepted, responses={**BODY, **CONFLICT})
async def create_haiku(request: Request, caller: Caller, haiku: HaikuRequest) -> Response:
    """Create a haiku."""
    return await submit(request, caller, HAIKUS, lambda tx: storage.create(tx, haiku, caller.actor))


@router.patch("/v1/haikus/{haiku_id}/verses/{n}", responses={**MISSING, **BODY})
async def edit_verse(
    request: Request,
    caller: Caller,
    haiku_id: str,
    n: Annotated[int, Path(ge=1, le=3)],
    edit: VerseEdit,
    afterwards: BackgroundTasks,
) -> HaikuShape:
    """Give a verse another theme; what was written on the old one is stale until it is rebuilt."""
    return await haiku_routes.edited(
        request, caller, haiku_id, lambda tx: storage.edit(tx, haiku_id, n, edit), afterwards
    )
