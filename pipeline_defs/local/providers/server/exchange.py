"""One call to a provider's endpoint: key, fault, idempotency, work, bill, answer.

The work and its bill are recorded in one transaction with the answer that is kept under the
idempotency key, before anything is sent: an answer that is lost on its way was paid for once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode
from binascii import Error as BadBase64
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
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
from pipeline_defs.local.providers.server.shapes import ApiError, Provider
from pipeline_defs.local.providers.server.store import KeptAnswer, LoggedCall, Store, as_json
from pipeline_defs.local.providers.server.work import Answer, Operation, Request

BODY_LIMIT = 4_000_000
KEY_LIMIT = 255
REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True, slots=True)
class _Sent:
    """An answer as it goes over the wire."""

    status: int
    body: str
    model: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Exchange:
    """Answers calls. One per server; lives in one event loop."""

    def __init__(self, key: str, store: Store, faults: FaultScript) -> None:
        self._key = key
        self._store = store
        self._faults = faults
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._waiting: defaultdict[tuple[str, str], int] = defaultdict(int)

    async def answer(self, http: HttpRequest, operation: Operation) -> Response:
        """The response to one call."""
        provider = operation.provider
        try:
            self._authorize(http, provider)
            raw = await _read(http)
        except ApiError as error:
            return self._failed(http, operation, error, None)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        said = raw.decode("utf-8", "replace")
        fault = self._faults.pick(http.url.path, operation.capability, said)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is not None and fault.stops_before_work:
            return self._stopped(http, operation, fault)
        try:
            sent = await self._worked(http, operation, raw, fault)
        except ApiError as error:
            return self._failed(http, operation, error, fault)
        body = _damaged(sent.body.encode(), operation, fault)
        return delivered(body, sent.status, sent.headers, fault)

    def is_ours(self, http: HttpRequest) -> bool:
        """Whether a request carries the key as a bearer token."""
        return _same(_bearer(http), self._key)

    def _authorize(self, http: HttpRequest, provider: Provider) -> None:
        given = _basic_password(http) if provider.basic else _bearer(http)
        if not _same(given, self._key):
            raise ApiError(401, *provider.unauthorized)

    async def _worked(
        self, http: HttpRequest, operation: Operation, raw: bytes, fault: Action | None
    ) -> _Sent:
        request = Request(
            path=http.url.path,
            body=_decoded(raw) if http.method == "POST" else None,
            query=http.query_params,
            parts={name: str(value) for name, value in http.path_params.items()},
            fault=fault,
        )
        key = http.headers.get("idempotency-key", "") if operation.keyed else ""
        if len(key) > KEY_LIMIT:
            raise ApiError(400, "invalid_idempotency_key", f"longer than {KEY_LIMIT} characters")
        if not key:
            return await self._do(operation, request, None)
        print_of_it = _fingerprint(http, raw)
        slot = (operation.provider.name, key)
        async with self._alone(slot):
            kept = self._store.kept(*slot)
            if kept is None:
                return await self._do(operation, request, (*slot, print_of_it))
            return self._again(kept, print_of_it, request, operation)

    async def _do(
        self, operation: Operation, request: Request, keep: tuple[str, str, str] | None
    ) -> _Sent:
        """Do the work, bill it, and keep the answer when the call has a key."""
        answer = await asyncio.to_thread(operation.handle, request)
        sent = _Sent(answer.status, as_json(answer.body), answer.model, answer.headers)
        kept = KeptAnswer(*keep, sent.status, sent.body, sent.model) if keep else None
        self._store.log(_logged(request, operation, answer, kept.key if kept else ""), kept)
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
        return _Sent(kept.status, kept.body, kept.model, REPLAYED)

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


def _logged(request: Request, operation: Operation, answer: Answer, key: str) -> LoggedCall:
    call = LoggedCall(
        path=request.path,
        capability=operation.capability,
        model=answer.model,
        idempotency_key=key,
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
    )


def _damaged(body: bytes, operation: Operation, fault: Action | None) -> bytes:
    """Garbage in place of the answer; a text model's garbage is inside its answer already."""
    if fault is None or operation.capability == "text":
        return body
    if fault.garbage == "bad_json":
        return body[: max(1, len(body) // 2)]
    return WRONG_SCHEMA if fault.garbage == "wrong_schema" else body


async def _read(http: HttpRequest) -> bytes:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise ApiError(413, "request_too_large", f"more than {BODY_LIMIT} bytes")
    return bytes(body)


def _decoded(raw: bytes) -> Any:
    try:
        value = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_json", "the body is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid_json", "the body is not a JSON object")
    return value


def _fingerprint(http: HttpRequest, raw: bytes) -> str:
    asked = f"{http.method} {http.url.path}?{http.url.query}\n".encode()
    return hashlib.sha256(asked + raw).hexdigest()


def _bearer(http: HttpRequest) -> str:
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _basic_password(http: HttpRequest) -> str:
    """The password; WordPress shows application passwords with spaces, which do not count."""
    scheme, _, given = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = b64decode(given.strip(), validate=True).decode()
    except (BadBase64, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2].replace(" ", "")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.replace(" ", "").encode())
