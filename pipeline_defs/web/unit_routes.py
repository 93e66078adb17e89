"""What the routes of every kind of unit share: checked ids, lists, reading, cancel and resume."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, BackgroundTasks, Path, Query, Request

from pipeline_defs import policies
from pipeline_defs.domain.keys import is_unit_id
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.runtime import control
from pipeline_defs.runtime.inspection import inspect_now
from pipeline_defs.storage import units
from pipeline_defs.storage.database import Transaction
from pipeline_defs.web import paging
from pipeline_defs.web.gateway import Gateway, gateway_of
from pipeline_defs.web.identity import Identity
from pipeline_defs.web.links import Links
from pipeline_defs.web.problems import Problem, not_found
from pipeline_defs.web.routes import CONFLICT, MISSING, Caller
from pipeline_defs.web.unit_shape import UnitList, UnitShape, unit_shape

V = TypeVar("V")
S = TypeVar("S", bound=UnitShape)
Change = Callable[[Transaction], Awaitable[Any]]
Status = Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$", examples=["completed"])]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=policies.LIST_PAGE_MAX)]


def checked(kind: Kind, unit_id: str) -> str:
    """`unit_id`, when it can be one at all; Problem 404 otherwise."""
    if not is_unit_id(unit_id):
        raise missing(kind)
    return unit_id


def missing(kind: Kind) -> Problem:
    """404 for a unit that is not there, or another organization's."""
    return not_found(f"There is no such {kind.noun}.")


class UnitRoutes(Generic[V, S]):
    """The routes of one kind that are the same for every kind: list, read, cancel, resume.

    `read` gives a unit as it is stored, None where there is none; `shape` what the API says of it,
    as a `model`. Each route is added where it is called for, with its description.
    """

    def __init__(
        self,
        router: APIRouter,
        kind: Kind,
        read: Callable[[Transaction, str], Awaitable[V | None]],
        shape: Callable[[V, Links], S],
        model: type[S],
    ) -> None:
        self.kind = kind
        self._router = router
        self._read = read
        self._shape = shape
        self._model = model
        example = f"{kind.noun}-20261123-k7m2qx9c"
        self._id: Any = Path(alias=f"{kind.noun}_id", examples=[example])
        self._address = f"/v1/{kind.name}/{{{kind.noun}_id}}"

    async def view_of(self, gateway: Gateway, caller: Identity, unit_id: str) -> V:
        """A unit of the caller's organization; Problem 404 when there is none."""
        known = checked(self.kind, unit_id)
        view = await gateway.database.transact(caller.org_id, lambda tx: self._read(tx, known))
        if view is None:
            raise missing(self.kind)
        return view

    async def shape_of(self, gateway: Gateway, caller: Identity, unit_id: str) -> S:
        """The same as the API shows it."""
        return self._shape(await self.view_of(gateway, caller, unit_id), gateway.links)

    async def changed(self, request: Request, caller: Identity, unit_id: str, change: Change) -> S:
        """Change a unit, see to it that what is due now is made, and show it."""
        checked(self.kind, unit_id)
        gateway = gateway_of(request)
        await gateway.database.transact(caller.org_id, change)
        gateway.wake()
        return await self.shape_of(gateway, caller, unit_id)

    async def edited(
        self,
        request: Request,
        caller: Identity,
        unit_id: str,
        change: Change,
        afterwards: BackgroundTasks,
    ) -> S:
        """The same for what assets are made from: Dagster is told once the answer is out."""
        gateway = gateway_of(request)
        shape = await self.changed(request, caller, unit_id, change)
        afterwards.add_task(
            inspect_now,
            gateway.database,
            gateway.settings.dagster_url,
            caller.org_id,
            gateway.lines[self.kind.name],
            unit_id,
        )
        return shape

    def add_list(self) -> None:
        """`GET /v1/{kind}`: the caller's units, page by page."""
        kind = self.kind

        @self._router.get(
            f"/v1/{kind.name}",
            name=f"list_{kind.name}",
            description=f"The organization's {kind.name}, newest first.",
            response_model=UnitList,
        )
        async def _list(
            request: Request,
            caller: Caller,
            status: Status = None,
            next: Cursor = None,
            limit: Limit = policies.LIST_PAGE_DEFAULT,
        ) -> dict[str, Any]:
            return await listed(
                gateway_of(request), caller, kind=kind.name, status=status, cursor=next, limit=limit
            )

    def add_get(self, description: str) -> None:
        """`GET /v1/{kind}/{id}`: all of a unit."""
        named = self._id

        @self._router.get(
            self._address,
            name=f"get_{self.kind.noun}",
            description=description,
            response_model=self._model,
            responses=MISSING,
        )
        async def _get(request: Request, caller: Caller, unit_id: str = named) -> S:
            return await self.shape_of(gateway_of(request), caller, unit_id)

    def add_cancel(self, description: str) -> None:
        """`POST /v1/{kind}/{id}/cancel`."""
        named = self._id

        @self._router.post(
            f"{self._address}/cancel",
            name=f"cancel_{self.kind.noun}",
            description=description,
            response_model=self._model,
            responses=MISSING,
        )
        async def _cancel(request: Request, caller: Caller, unit_id: str = named) -> S:
            line = gateway_of(request).lines[self.kind.name]
            return await self.changed(
                request, caller, unit_id, lambda tx: control.cancel(tx, line, unit_id, caller.actor)
            )

    def add_resume(self, description: str) -> None:
        """`POST /v1/{kind}/{id}/resume`."""
        named = self._id

        @self._router.post(
            f"{self._address}/resume",
            name=f"resume_{self.kind.noun}",
            description=description,
            status_code=202,
            response_model=self._model,
            responses={**MISSING, **CONFLICT},
        )
        async def _resume(request: Request, caller: Caller, unit_id: str = named) -> S:
            line = gateway_of(request).lines[self.kind.name]
            return await self.changed(
                request, caller, unit_id, lambda tx: line.resume(tx, unit_id, caller.actor)
            )


async def listed(
    gateway: Gateway,
    caller: Identity,
    *,
    kind: str | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of the organization's units, newest first, in the shape of `UnitList`."""
    before = paging.parse_cursor(cursor)
    found = await gateway.database.transact(
        caller.org_id,
        lambda tx: units.listed(tx, kind=kind, status=status, before=before, most=limit + 1),
    )
    page = found[:limit]
    return {
        "items": [unit_shape(unit, gateway.links) for unit in page],
        "next": paging.cursor_after(page[-1]) if len(found) > limit else None,
    }
