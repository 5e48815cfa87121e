"""The plain web API: resolve, health; and every IRI of the graph under its own path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oceankg import ids, queries
from oceankg.errors import UnknownTermError
from oceankg.faces import pages
from oceankg.faces.negotiate import GRAPH_TYPES, HTML, JSON, choose
from oceankg.namespaces import BASE
from oceankg.querypool import Job, NotAcceptable
from oceankg.resolve import Resolution, Term
from oceankg.serving import Serving

MAX_TERMS = 10_000


class TermIn(BaseModel):
    """One term to resolve, with what else is known of the variable."""

    # A misspelt key must not be a silent loss of what is known.
    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=1000, description="an IRI, code, name or label")
    units: str | None = Field(None, max_length=200, description="as CF, UCUM or P06 write it")
    long_name: str | None = Field(None, max_length=1000)
    standard_name: str | None = Field(None, max_length=1000, description="of CF")
    identifiers: list[Annotated[str, Field(max_length=300)]] = Field(
        [], max_length=20, description="stated beside the name, such as an sdn_parameter_urn"
    )
    vocabulary: str | None = Field(
        None, max_length=1000, description="a list such as P02, or the start of an IRI"
    )
    depth: float | None = Field(None, allow_inf_nan=False, description="in metres")
    platform: str | None = Field(None, max_length=1000, description="what carries the instrument")
    language: str = Field("en", max_length=35, description="language of the labels returned")

    def term(self) -> Term:
        """The question as the resolver takes it."""
        known = self.model_dump(exclude={"limit"})
        return Term(**(known | {"identifiers": tuple(self.identifiers)}))


class OneTermIn(TermIn):
    """One term, and how many candidates at most."""

    limit: int = Field(10, ge=1, le=50, description="the most candidates")


class TermsIn(BaseModel):
    """Many terms to resolve."""

    model_config = ConfigDict(extra="forbid")

    queries: list[TermIn] = Field(max_length=MAX_TERMS)
    limit: int = Field(10, ge=1, le=50, description="the most candidates of each")


@dataclass(frozen=True, slots=True)
class TermsOut:
    """The answers, in the order of the questions."""

    results: tuple[Resolution, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What is being served."""

    status: str
    snapshot: str
    created: str
    triples: int
    stale_sources: tuple[str, ...]


# The answers of thousands of terms are written at once, without being checked again.
_RESOLUTION = TypeAdapter(Resolution)
_TERMS = TypeAdapter(TermsOut)


def _json(content: bytes) -> Response:
    return Response(content, media_type=JSON)


def router(serving: Serving) -> APIRouter:
    """The routes of the web API."""
    routes = APIRouter()

    @routes.get("/health", tags=["service"], summary="Whether the service answers, and from what")
    def health() -> Health:
        manifest = serving.now().model.snapshot.manifest()
        stale = tuple(s["id"] for s in manifest["sources"] if s["stale"])
        return Health("ok", manifest["id"], manifest["created"], manifest["triples"], stale)

    @routes.get(
        "/resolve", tags=["resolve"], summary="What a term means", response_model=Resolution
    )
    def resolve_one(
        asked: Annotated[OneTermIn, Query()],
    ) -> Response:
        found = serving.now().resolver.resolve_many([asked.term()], asked.limit)[0]
        return _json(_RESOLUTION.dump_json(found))

    @routes.post(
        "/resolve", tags=["resolve"], summary="What many terms mean", response_model=TermsOut
    )
    def resolve_many(body: TermsIn) -> Response:
        terms = [question.term() for question in body.queries]
        found = TermsOut(serving.now().resolver.resolve_many(terms, body.limit))
        return _json(_TERMS.dump_json(found))

    return routes


def entity_router(serving: Serving) -> APIRouter:
    """Every IRI of the graph under the path that it has at its authority; comes last."""
    routes = APIRouter(tags=["linked data"])

    @routes.get("/entity", summary="What the graph says of an IRI")
    async def by_iri(request: Request, iri: str) -> Response:
        wanted = ids.canonical(iri)
        if wanted is None:
            raise UnknownTermError(f"{iri!r} is no IRI, URN, CURIE or DOI; ask /resolve")
        return await run_in_threadpool(_entity, serving, request, [wanted])

    @routes.get("/{path:path}", include_in_schema=False)
    async def by_path(request: Request, path: str) -> Response:
        # The path as sent, because identifiers may hold encoded characters.
        raw = request.scope.get("raw_path", b"").decode("ascii", "replace").lstrip("/") or path
        iris = [BASE + raw, ids.NVS + raw, ids.NVS + raw.rstrip("/") + "/"]
        return await run_in_threadpool(_entity, serving, request, iris)

    return routes


def _entity(serving: Serving, request: Request, iris: list[str]) -> Response:
    served = serving.now()
    for iri in dict.fromkeys(iris):
        if not served.house.run(_job("is-described", iri, None)).content.count(b"true"):
            continue
        form = choose(request, [*GRAPH_TYPES, HTML])
        if form is None:
            raise NotAcceptable(f"offered: {', '.join((*GRAPH_TYPES, HTML))}")
        if form == HTML:
            rows = pages.statements(served.house.run(_job("statements", iri, None)).content)
            return pages.render(
                request,
                "entity.html",
                iri=iri,
                name=served.model.name(iri),
                is_concept=iri in served.model.concepts,
                rows=rows,
            )
        answer = served.house.run(_job("describe", iri, form))
        headers = {"Vary": "Accept", "Link": f'<{iri}>; rel="canonical"'}
        return Response(answer.content, media_type=answer.media_type, headers=headers)
    raise UnknownTermError(f"the graph says nothing of {iris[0]}")


def _job(name: str, iri: str, form: str | None) -> Job:
    return Job(queries.get(name).text, graph=form, bindings={"thing": iri})
