"""Annotate over HTTP: a file as the body or by a form; JSON, a patch, or a page."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated as Stated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Query
from pydantic import TypeAdapter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from oceankg import patch
from oceankg.annotate import Annotated, annotate
from oceankg.errors import HeaderError
from oceankg.faces import pages, problems
from oceankg.faces.negotiate import HTML, JSON, choose
from oceankg.headers import READERS, Limits, apart
from oceankg.querypool import NotAcceptable
from oceankg.serving import Serving

MULTIPART = "multipart/form-data"
# A form has some more than the file in it.
_FRAME = 64 * 1024
_NAMES = {HTML: "html", JSON: "json"} | {kind: form for form, (kind, _) in patch.FORMS.items()}
_JSON = TypeAdapter(Annotated)
_BODIES = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("application/octet-stream", "application/x-netcdf", "text/plain")
} | {
    MULTIPART: {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
            "required": ["file"],
        }
    }
}


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    content: bytes


def router(serving: Serving) -> APIRouter:
    """The page with the form, and the route that takes a file."""
    routes = APIRouter(tags=["annotate"])
    limits = Limits.of(serving.settings)
    # Each file takes a process of its own.
    readers = CapacityLimiter(serving.settings.workers)

    @routes.get("/annotate", include_in_schema=False)
    def form(request: Request) -> Response:
        return _page(request, limits)

    @routes.post(
        "/annotate",
        summary="What each variable of a file means, and what its header lacks",
        response_model=Annotated,
        responses={200: {"content": {kind: {} for kind in (HTML, *_kinds())}}},
        openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
    )
    async def post(
        request: Request,
        filename: Stated[str, Query(max_length=255)] = "",
        form: Stated[str, Query(max_length=10)] = "",
    ) -> Response:
        wanted = _wanted(request, form)
        try:
            file = await _received(request, limits, filename)
            work = _worker(serving, file, limits)
            found = await to_thread.run_sync(work, limiter=readers)
        except HeaderError as error:
            if wanted != HTML:
                raise
            return _page(request, limits, problems.status_of(error), fault=str(error))
        return await to_thread.run_sync(_answer, request, limits, wanted, found)

    return routes


def _worker(serving: Serving, file: _File, limits: Limits) -> Callable[[], Annotated]:
    def work() -> Annotated:
        header = apart.read(file.name, file.content, limits)
        return annotate(serving.now().resolver, header, file.name)

    return work


def _kinds() -> tuple[str, ...]:
    return tuple(kind for kind, _ in patch.FORMS.values())


def _wanted(request: Request, form: str) -> str:
    """The media type of the answer: by `form` if it is given, else by Accept."""
    if form:
        named = {name: kind for kind, name in _NAMES.items()}
        if form not in named:
            raise HTTPException(400, f"no form {form!r}; there are: {', '.join(named)}")
        return named[form]
    kind = choose(request, [JSON, HTML, *_kinds()])
    if kind is None:
        raise NotAcceptable(f"offered: {', '.join(_NAMES)}")
    return kind


async def _received(request: Request, limits: Limits, filename: str) -> _File:
    """The file of a request; 413 as soon as it is past the limit, however long it says it is."""
    bounded = _bounded(request, limits.content + _FRAME)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != MULTIPART:
        return _File(_base(filename) or "the file sent", await bounded.body())
    async with bounded.form(max_files=1, max_fields=8) as fields:
        upload = fields.get("file")
        if not isinstance(upload, UploadFile):
            raise HTTPException(400, "the form has no file in a field named `file`")
        return _File(
            _base(filename or upload.filename or "") or "the file sent", await upload.read()
        )


def _base(name: str) -> str:
    """A name without the folders of the machine that it comes from."""
    return os.path.basename(name.replace("\\", "/"))[:255]  # noqa: PTH119  (a name, no path)


def _bounded(request: Request, most: int) -> Request:
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, f"a file may have {most - _FRAME} bytes; send its CDL instead")
        return message

    return Request(request.scope, receive)


def _answer(request: Request, limits: Limits, kind: str, found: Annotated) -> Response:
    headers = {"Vary": "Accept"}
    if kind == HTML:
        return _page(request, limits, found=found)
    if kind == JSON:
        return Response(_JSON.dump_json(found), media_type=JSON, headers=headers)
    write = patch.FORMS[_NAMES[kind]][1]
    return Response(write(found), media_type=kind, headers=headers)


def _page(
    request: Request,
    limits: Limits,
    status: int = 200,
    *,
    found: Annotated | None = None,
    fault: str = "",
) -> Response:
    forms = {name: write(found) for name, (_, write) in patch.FORMS.items()} if found else {}
    return pages.render(
        request,
        "annotate.html",
        status=status,
        found=found,
        fault=fault,
        forms=forms,
        formats=["netCDF", *READERS],
        most=limits.content // 2**20,
    )
