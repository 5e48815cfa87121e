"""Search and autocomplete over all labels, codes and titles; JSON, or a page in the browser."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi import Query as Parameters
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oceankg.faces import pages
from oceankg.faces.negotiate import HTML, JSON, choose
from oceankg.querypool import NotAcceptable
from oceankg.search import MOST_OFFSET, Found, Hit, Query
from oceankg.serving import Serving

MOST = 100
MOST_FILTERS = 50
DEPRECATED: dict[str, bool | None] = {"false": False, "true": True, "any": None}

Name = Annotated[str, Field(max_length=1000)]
Names = Annotated[list[Name], Field(max_length=MOST_FILTERS)]


class SearchIn(BaseModel):
    """What is typed, and what the answers are confined to; a list is a repeated parameter."""

    q: Annotated[
        str, Field(max_length=1000, description="a text, code or identifier, or its start")
    ]
    vocabulary: Annotated[Names, Field(description="such as P01, CF or EXV")] = []
    type: Annotated[
        Names, Field(description="such as concept, essential variable, word, product or centre")
    ] = []
    language: Annotated[Names, Field(description="language of the labels, such as fr")] = []
    deprecated: Annotated[
        Literal["false", "true", "any"], Field(description="no deprecated ones, only these, both")
    ] = "false"
    limit: Annotated[int, Field(ge=1, le=MOST)] = 10
    offset: Annotated[int, Field(ge=0, le=MOST_OFFSET)] = 0

    def query(self) -> Query:
        """The question as the search takes it."""
        return Query(
            self.q,
            # A form sends a field that was left empty too.
            vocabularies=tuple(filter(None, self.vocabulary)),
            types=tuple(filter(None, self.type)),
            languages=tuple(filter(None, self.language)),
            deprecated=DEPRECATED[self.deprecated],
            limit=self.limit,
            offset=self.offset,
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hit in short, with the path of the page that its reader may want."""

    iri: str
    label: str
    matched_text: str
    type: str
    vocabulary: str
    notation: str | None
    href: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a text may be the beginning of, the best first."""

    q: str
    suggestions: tuple[Suggestion, ...]


def router(serving: Serving) -> APIRouter:
    """The routes of the search."""
    routes = APIRouter(tags=["search"])

    @routes.get(
        "/search",
        summary="Concepts, products and agents by label, code or title",
        response_model=Found,
        responses={200: {"content": {HTML: {}}}},
    )
    def search(request: Request, asked: Annotated[SearchIn, Parameters()]) -> Response:
        form = choose(request, [JSON, HTML])
        if form is None:
            raise NotAcceptable(f"offered: {JSON}, {HTML}")
        found = serving.now().search.find(asked.query())
        if form == HTML:
            return _page(request, asked, found)
        return JSONResponse(asdict(found), headers={"Vary": "Accept"})

    @routes.get(
        "/autocomplete",
        summary="What a text may be the beginning of",
        response_model=Suggestions,
    )
    def autocomplete(asked: Annotated[SearchIn, Parameters()]) -> Response:
        found = serving.now().search.find(asked.query())
        return JSONResponse(asdict(Suggestions(asked.q, tuple(map(suggest, found.hits)))))

    return routes


def suggest(hit: Hit) -> Suggestion:
    """A hit in short."""
    return Suggestion(
        hit.iri,
        hit.label,
        hit.matched_text,
        hit.type,
        hit.vocabulary,
        hit.notation,
        href(hit),
    )


def href(hit: Hit) -> str:
    """Where to go from a hit: the comparison of a parameter, the page of anything else."""
    if hit.type in ("concept", "essential variable", "word"):
        return "/compare?" + urlencode({"q": hit.iri})
    return pages.local(hit.iri)


def _page(request: Request, asked: SearchIn, found: Found) -> Response:
    def at(offset: int) -> str:
        values: dict[str, Any] = asked.model_dump(exclude_defaults=True) | {"offset": offset}
        return "/search?" + urlencode(values, doseq=True)

    after = asked.offset + asked.limit
    return pages.render(
        request,
        "search.html",
        asked=asked,
        found=found,
        href=href,
        before=at(max(asked.offset - asked.limit, 0)) if asked.offset else None,
        after=at(after) if after < min(found.total, MOST_OFFSET) else None,
    )
