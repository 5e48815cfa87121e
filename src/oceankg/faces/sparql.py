"""The SPARQL endpoint: queries by GET and POST; updates are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oceankg import queries
from oceankg.faces import pages
from oceankg.faces.negotiate import GRAPH_TYPES, HTML, JSON, SELECT_TYPES, choose, whole_body
from oceankg.querypool import Job
from oceankg.serving import Serving

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
# What many clients ask for when they mean the SPARQL results in that syntax.
_ALIASES = {JSON: SELECT_TYPES[0], "application/xml": SELECT_TYPES[1]}


def router(serving: Serving) -> APIRouter:
    """The routes of the endpoint."""
    routes = APIRouter(tags=["SPARQL"])

    @routes.get("/sparql", summary="Answer a SPARQL query")
    async def get(request: Request) -> Response:
        fields = parse_qs(request.url.query, keep_blank_values=True)
        if "query" not in fields and choose(request, [*SELECT_TYPES, HTML]) == HTML:
            return pages.render(request, "sparql.html", examples=queries.examples())
        return await _answer(serving, request, fields)

    @routes.post("/sparql", summary="Answer a SPARQL query")
    async def post(request: Request) -> Response:
        body = await _text(request)
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        fields = parse_qs(request.url.query, keep_blank_values=True)
        if kind == DIRECT:
            fields = fields | {"query": [body]}
        elif kind == FORM:
            fields = fields | parse_qs(body, keep_blank_values=True)
        else:
            raise HTTPException(415, f"send {DIRECT} or {FORM}")
        return await _answer(serving, request, fields)

    return routes


async def _text(request: Request) -> str:
    try:
        return (await whole_body(request)).decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the body is not UTF-8") from error


async def _answer(serving: Serving, request: Request, fields: dict[str, list[str]]) -> Response:
    if "update" in fields:
        raise HTTPException(403, "this endpoint answers queries; it takes no updates")
    if len(fields.get("query", ())) != 1:
        raise HTTPException(400, "give exactly one query")
    job = Job(
        query=fields["query"][0],
        select=_chosen(request, SELECT_TYPES, _ALIASES),
        graph=_chosen(request, GRAPH_TYPES, {}),
        default_graphs=tuple(fields.get("default-graph-uri", ())),
        named_graphs=tuple(fields.get("named-graph-uri", ())),
    )
    served = await run_in_threadpool(serving.now)
    # Its own few threads: those who wait for a worker must not keep others from answering.
    answer = await to_thread.run_sync(served.pool.run, job, limiter=serving.askers)
    return Response(answer.content, media_type=answer.media_type, headers={"Vary": "Accept"})


def _chosen(request: Request, offered: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    # A browser's form asks for HTML first; it gets the plainest form of the answer.
    best = choose(request, [*offered, HTML, *aliases])
    return offered[0] if best == HTML else aliases.get(best or "", best)
