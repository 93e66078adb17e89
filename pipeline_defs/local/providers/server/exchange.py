"""One call to a provider's endpoint: key, fault, idempotency, work, bill, answer.

The work and its bill are recorded in one transaction with the answer that is kept under the
idempotency key, before anything is sent: an answer that is lost on its way was paid for once.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from pipeline_defs.local.providers.server import shapes
from pipeline_defs.local.providers.server.delivery import (
    HTML_GARBAGE,
    WRONG_SCHEMA,
    delivered,
)
from pipeline_defs.local.providers.server.faults import Action, FaultScript
from pipeline_defs.local.providers.server.incoming import (
    bearer,
    decoded,
    expect_key,
    fingerprint,
    read,
    same,
)
from pipeline_defs.local.providers.server.latency import Latency
from pipeline_defs.local.providers.server.shapes import ApiError
from pipeline_defs.local.providers.server.store import KeptAnswer, LoggedCall, Store, as_json
from pipeline_defs.local.providers.server.work import JSON, Answer, Operation, Request

log = logging.getLogger(__name__)
KEY_LIMIT = 255
REPLAYED = {"Idempotent-Replayed": "true"}
ENGINE_DEADLINE = 300.0  # seconds after which an engine is taken for hung, waiting included
HUNG = 70  # exit status


@dataclass(frozen=True, slots=True)
class _Sent:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Exchange:
    """Answers calls, `engines` of them at once by work. One per server; lives in one event loop.
    Close it."""

    def __init__(
        self, key: str, store: Store, faults: FaultScript, latency: Latency, *, engines: int
    ) -> None:
        self._key = key
        self._store = store
        self._faults = faults
        self._latency = latency
        self._engines = ThreadPoolExecutor(engines, "media-engine")
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._waiting: defaultdict[tuple[str, str], int] = defaultdict(int)

    def close(self) -> None:
        """Let engines at work end; what waits for one is dropped."""
        self._engines.shutdown(cancel_futures=True)

    async def answer(self, http: HttpRequest, operation: Operation) -> Response:
        """The response to one call."""
        try:
            expect_key(http, operation.provider, self._key)
            raw = await read(http, operation.body_limit)
        except ApiError as error:
            return self._failed(http, operation, error, None)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        fault = self._fault(http, operation, raw)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and fault.stops_before_work:
            return self._stopped(http, operation, fault)
        try:
            sent = await self._worked(http, operation, raw, fault)
        except ApiError as error:
            return self._failed(http, operation, error, fault)
        sent = _damaged(sent, operation, fault)
        headers = {"content-type": sent.media_type, **sent.headers}
        return delivered(sent.body, sent.status, headers, fault)

    def is_ours(self, http: HttpRequest) -> bool:
        """Whether a request carries the key as a bearer token."""
        return same(bearer(http), self._key)

    def _fault(self, http: HttpRequest, operation: Operation, raw: bytes) -> Action | None:
        if self._faults.is_empty:
            return None
        said = raw.decode("utf-8", "replace")
        return self._faults.pick(http.url.path, operation.capability, said)

    async def _worked(
        self, http: HttpRequest, operation: Operation, raw: bytes, fault: Action | None
    ) -> _Sent:
        key = http.headers.get("idempotency-key", "") if operation.keyed else ""
        if len(key) > KEY_LIMIT:
            raise ApiError(400, "invalid_idempotency_key", f"longer than {KEY_LIMIT} characters")
        content_type = http.headers.get("content-type", "") if http.method == "POST" else None
        request = Request(
            path=http.url.path,
            body=None,
            query=http.query_params,
            parts={name: str(value) for name, value in http.path_params.items()},
            fault=fault,
            key=key,
        )
        todo = _Todo(operation, request, raw, content_type)
        if not key:
            return await self._do(todo, None)
        print_of_it = fingerprint(http, raw)
        slot = (operation.provider.name, key)
        async with self._alone(slot):
            kept = self._store.kept(*slot)
            if kept is None:
                return await self._do(todo, print_of_it)
            return self._again(kept, print_of_it, request, operation)

    async def _do(self, todo: _Todo, print_of_it: str | None) -> _Sent:
        """Do the work, bill it, and keep the answer when the call has a key."""
        operation = todo.operation
        loop = asyncio.get_running_loop()
        seconds = self._latency.of(operation.capability) if operation.heavy else None
        if seconds is not None:
            await asyncio.sleep(seconds)
        threads = self._engines if operation.heavy else None
        work = loop.run_in_executor(threads, self._done, todo, print_of_it)
        try:
            async with asyncio.timeout(ENGINE_DEADLINE):
                return await asyncio.shield(work)
        except TimeoutError:
            log.critical("%s hangs: the server is started anew", operation.capability)
            os._exit(HUNG)  # a thread cannot be ended, and would block all others for ever

    def _done(self, todo: _Todo, print_of_it: str | None) -> _Sent:
        answer = todo.answer()
        body = answer.body if isinstance(answer.body, bytes) else as_json(answer.body).encode()
        sent = _Sent(answer.status, body, answer.media_type, answer.headers)
        operation, request = todo.operation, todo.request
        kept = None
        if print_of_it is not None:
            kept = KeptAnswer(
                scope=operation.provider.name,
                key=request.key,
                fingerprint=print_of_it,
                status=sent.status,
                body=body,
                model=answer.model,
                media_type=sent.media_type,
            )
        self._store.log(_logged(request, operation, answer), kept)
        return sent

    def _again(
        self, kept: KeptAnswer, print_of_it: str, request: Request, operation: Operation
    ) -> _Sent:
        """The answer given before, free of charge."""
        if kept.fingerprint != print_of_it:
            raise ApiError(
                409, "idempotency_key_reused", "this Idempotency-Key was used for another request"
            )
        self._store.log(
            LoggedCall(
                path=request.path,
                capability=operation.capability,
                model=kept.model,
                idempotency_key=kept.key,
                replayed=True,
                status=kept.status,
            )
        )
        return _Sent(kept.status, kept.body, kept.media_type, REPLAYED)

    @asynccontextmanager
    async def _alone(self, slot: tuple[str, str]) -> AsyncGenerator[None]:
        """One call per key at a time; the lock goes when nobody waits for it."""
        lock = self._locks.setdefault(slot, asyncio.Lock())
        self._waiting[slot] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[slot] -= 1
            if not self._waiting[slot]:
                del self._waiting[slot], self._locks[slot]

    def _stopped(self, http: HttpRequest, operation: Operation, fault: Action) -> Response:
        """An answer from in front of the provider: nothing was done, nothing is billed."""
        status = fault.status or 200
        self._log_unbilled(http, operation, status)
        if fault.garbage == "html":
            return delivered(HTML_GARBAGE, status, {"content-type": "text/html"}, fault)
        if fault.garbage == "empty":
            return delivered(b"", status, {}, fault)
        body: Any = fault.body
        if body is None:
            code, message = shapes.FAULT_CODES.get(status, ("server_error", "Injected fault."))
            body = operation.provider.error(ApiError(status, code, message))
        text = body if isinstance(body, str) else as_json(body)
        lowered = {name.lower(): value for name, value in fault.headers.items()}
        return delivered(text.encode(), status, lowered, fault)

    def _failed(
        self, http: HttpRequest, operation: Operation, error: ApiError, fault: Action | None
    ) -> Response:
        self._log_unbilled(http, operation, error.status)
        body = as_json(operation.provider.error(error)).encode()
        return delivered(body, error.status, {}, fault)

    def _log_unbilled(self, http: HttpRequest, operation: Operation, status: int) -> None:
        key = http.headers.get("idempotency-key", "")[:KEY_LIMIT]
        path, capability = http.url.path, operation.capability
        self._store.log(LoggedCall(path, capability, idempotency_key=key, status=status))


@dataclass(frozen=True, slots=True)
class _Todo:
    """A call that waits for its worker thread; `content_type` is None where no body is read."""

    operation: Operation
    request: Request
    raw: bytes
    content_type: str | None

    def answer(self) -> Answer:
        """Decode the body and do the work."""
        request = self.request
        if self.content_type is not None:
            body, form = decoded(self.raw, self.content_type)
            request = replace(request, body=body, files=form.files)
        return self.operation.handle(request)


def _logged(request: Request, operation: Operation, answer: Answer) -> LoggedCall:
    call = LoggedCall(
        path=request.path,
        capability=operation.capability,
        model=answer.model,
        idempotency_key=request.key,
        status=answer.status,
    )
    if answer.bill is None:
        return call
    return replace(
        call,
        billed=True,
        cost_usd=answer.bill.cost_usd,
        input_tokens=answer.bill.input_tokens,
        output_tokens=answer.bill.output_tokens,
        quantity=answer.bill.quantity,
        unit=answer.bill.unit,
    )


def _damaged(sent: _Sent, operation: Operation, fault: Action | None) -> _Sent:
    """Garbage in place of the answer; a text model's garbage is inside its answer already."""
    if fault is None or operation.capability == "text":
        return sent
    if fault.garbage == "bad_json":
        return replace(sent, body=sent.body[: max(1, len(sent.body) // 2)])
    if fault.garbage == "wrong_schema":
        return replace(sent, body=WRONG_SCHEMA, media_type=JSON)
    return sent
