"""Errors as problem documents (RFC 9457), and the one table that says which status each has."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oceankg import errors
from oceankg.querypool import NotAcceptable

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[errors.OceankgError], HTTPStatus] = {
    errors.UnknownTermError: HTTPStatus.NOT_FOUND,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.QueryTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    errors.QueryBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueryTooLargeError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueryError: HTTPStatus.BAD_REQUEST,
    errors.RecipeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.HeaderTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.HeaderError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SnapshotError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.OceankgError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401
) -> Response:
    """A problem document, with `more` members of its own."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **more,
    }
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def status_of(error: errors.OceankgError) -> HTTPStatus:
    """The status of an error: that of its nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Make every error that leaves a route a problem document."""

    def own(_: Request, error: Exception) -> Response:
        if not isinstance(error, errors.OceankgError):
            raise error
        again = {"Retry-After": "10"} if isinstance(error, errors.QueryBusyError) else None
        return problem(status_of(error), str(error), again)

    def http(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        return problem(error.status_code, str(error.detail), error.headers)

    def invalid(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(faults))

    def unforeseen(_: Request, error: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault of ours: {type(error).__name__}")

    app.add_exception_handler(Exception, unforeseen)
    app.add_exception_handler(errors.OceankgError, own)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
