"""Errors as RFC 9457 problem documents: every answer that is not a success has this one shape.

`code` is stable and upper-case; `errors` names the fields of a refused request in words.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from pipeline_defs.domain.errors import PipelineError, Transient
from pipeline_defs.domain.field_errors import FieldError, readable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "2"
STATUS_OF_CODE = {
    "NOT_FOUND": 404,
    "BUSY": 409,
    "DATABASE_UNAVAILABLE": 503,
    "INVALID_EVENT": 422,
    "NOT_A_PART": 422,
}
CODE_OF_STATUS = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "BODY_TOO_SLOW",
    410: "GONE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    416: "RANGE_NOT_SATISFIABLE",
    422: "INVALID_REQUEST",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "UNAVAILABLE",
}


class ProblemDocument(BaseModel):
    """RFC 9457 problem details, with a stable `code` and the faulty fields."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["INVALID_REQUEST"])
    detail: str = Field(examples=["The request has a faulty field: sections."])
    advice: str | None = None
    errors: list[FieldError] | None = None


class Problem(HTTPException):
    """An error answer. Raise it anywhere in a request."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        advice: str | None = None,
        errors: Sequence[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if status in (429, 503):
            headers = {"Retry-After": RETRY_AFTER, **(headers or {})}
        super().__init__(status, detail, dict(headers) if headers else None)
        self.code = code
        self.advice = advice
        self.errors = errors


def not_found(what: str = "There is nothing here.") -> Problem:
    """404: also for what belongs to somebody else."""
    return Problem(404, "NOT_FOUND", what)


def response(problem: Problem) -> Response:
    """The problem as an answer."""
    document = ProblemDocument(
        title=HTTPStatus(problem.status_code).phrase,
        status=problem.status_code,
        code=problem.code,
        detail=problem.detail,
        advice=problem.advice or None,
        errors=list(problem.errors) if problem.errors else None,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True),
        problem.status_code,
        dict(problem.headers or {}),
        MEDIA_TYPE,
    )


def from_exception(error: Exception, body: Any = None) -> Problem:
    """Any exception as a problem; what nobody foresaw becomes a 500 that says nothing."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(readable(error.errors(), error.body if body is None else body))
    if isinstance(error, HTTPException):
        code = CODE_OF_STATUS.get(error.status_code, "ERROR")
        return Problem(error.status_code, code, str(error.detail), headers=error.headers)
    if isinstance(error, PipelineError):
        return _from_pipeline_error(error)
    return _from_database_error(error) or Problem(
        500, "INTERNAL_ERROR", "Something went wrong on our side; it was logged."
    )


def install(app: FastAPI) -> None:
    """Have every known exception answered as a problem."""

    async def handle(_request: Request, error: Exception) -> Response:
        return response(from_exception(error))

    for kind in (HTTPException, RequestValidationError, PipelineError, psycopg.Error):
        app.add_exception_handler(kind, handle)


def _invalid(errors: list[FieldError]) -> Problem:
    names = ", ".join(dict.fromkeys(error.field for error in errors))
    plural = "fields" if "," in names else "field"
    return Problem(
        422, "INVALID_REQUEST", f"The request has faulty {plural}: {names}.", errors=errors
    )


def _from_pipeline_error(error: PipelineError) -> Problem:
    status = STATUS_OF_CODE.get(error.code, 503 if isinstance(error, Transient) else 409)
    detail = error.message[:1].upper() + error.message[1:] + "."
    return Problem(status, error.code, detail, advice=error.advice)


def _from_database_error(error: Exception) -> Problem | None:
    if not isinstance(error, psycopg.Error):
        return None
    if error.diag.constraint_name == "legal_transition":
        return Problem(
            409,
            "ILLEGAL_STATE",
            "This is not possible in the present state.",
            advice="Look at the state first; it may have changed a moment ago.",
        )
    passing = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
    if isinstance(error, passing):  # InternalError: read-only during a fail-over
        log.error("database refused: %s", type(error).__name__)
        return Problem(503, "DATABASE_UNAVAILABLE", "The database does not answer at the moment.")
    return None
