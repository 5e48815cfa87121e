"""Coverage: where each catalogue has products of a variable, and where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from starlette.requests import Request
from starlette.responses import Response

from oceankg.compare import coverage_table as forms
from oceankg.compare.coverage import AXES
from oceankg.compare.coverage_table import Filters, OneCell, Table
from oceankg.faces import pages
from oceankg.faces.compare import written
from oceankg.faces.negotiate import (
    CSV,
    GRAPH_TYPES,
    HTML,
    JSON,
    MARKDOWN,
    RDF_FORMS,
    etag_of,
    form_of,
    kept_for,
    not_modified,
)
from oceankg.read import ReadModel
from oceankg.serving import Serving

CELL_FORMS: Final[Mapping[str, str]] = {"json": JSON, "html": HTML, **RDF_FORMS}
FORMS: Final[Mapping[str, str]] = {**CELL_FORMS, "csv": CSV, "markdown": MARKDOWN}
# The most empty cells in one answer: what comes near each of them is looked for.
MOST_EMPTIES = 1000

_TABLE = TypeAdapter(Table)
_CELL = TypeAdapter(OneCell)

Named = Annotated[
    str | None, Field(max_length=300, description="an identifier, code or label; open if none")
]


class CellIn(BaseModel):
    """The cell asked about: a value of each axis."""

    # A misspelt name must not silently open an axis.
    model_config = ConfigDict(extra="forbid")

    variable: str = Field(min_length=1, max_length=300, description="an essential variable")
    region: str = Field(min_length=1, max_length=300)
    time_scale: str = Field(min_length=1, max_length=300)
    kind: str = Field(min_length=1, max_length=300)
    release: str | None = Field(None, max_length=100, description="a snapshot; see /snapshots")
    form: str | None = Field(None, max_length=20, description=f"one of {', '.join(CELL_FORMS)}")


class CoverageIn(BaseModel):
    """The cells asked about."""

    model_config = ConfigDict(extra="forbid")

    variable: Named = None
    region: Named = None
    time_scale: Named = None
    kind: Named = None
    catalogue: Literal["odatis", "cmems"] | None = Field(None, description="has a product there")
    state: Literal["both", "odatis", "cmems", "empty"] | None = None
    limit: int | None = Field(None, ge=1, le=100_000, description="the most cells")
    offset: int = Field(0, ge=0)
    release: str | None = Field(None, max_length=100, description="a snapshot; see /snapshots")
    form: str | None = Field(None, max_length=20, description=f"one of {', '.join(FORMS)}")

    @model_validator(mode="before")
    @classmethod
    def _open(cls, asked: Any) -> Any:  # noqa: ANN401  (whatever was sent)
        """What a form of a page leaves empty is open."""
        return {k: v for k, v in asked.items() if v != ""} if isinstance(asked, dict) else asked


def router(serving: Serving) -> APIRouter:
    """The routes of the coverage."""
    routes = APIRouter(tags=["coverage"])

    @routes.get(
        "/coverage",
        summary="Which catalogue has products, by variable, region, time scale and kind",
        response_model=Table,
        responses={200: {"content": {media: {} for media in FORMS.values()}}, 304: {}},
    )
    def table(request: Request, asked: Annotated[CoverageIn, Query()]) -> Response:
        media = form_of(request, FORMS, asked.form)
        if asked.state == "empty" and (asked.limit or 0) > MOST_EMPTIES:
            raise HTTPException(422, f"at most {MOST_EMPTIES} empty cells at once; give an offset")
        model = serving.resolver_at(asked.release).model
        etag = etag_of(model.snapshot.id, media)
        if same := not_modified(request, etag):
            return same
        filters = forms.filters_named(model, asked.model_dump())
        if media == HTML:
            return _page(request, model, filters, asked, etag)
        return Response(_content(model, filters, asked, media), 200, kept_for(etag), media)

    @routes.get(
        "/coverage/cell",
        summary="One cell: its products, and where there are none, who could fill it",
        response_model=OneCell,
        responses={200: {"content": {media: {} for media in CELL_FORMS.values()}}, 304: {}},
    )
    def cell(request: Request, asked: Annotated[CellIn, Query()]) -> Response:
        media = form_of(request, CELL_FORMS, asked.form)
        model = serving.resolver_at(asked.release).model
        etag = etag_of(model.snapshot.id, media)
        if same := not_modified(request, etag):
            return same
        filters = forms.filters_named(model, asked.model_dump())
        return _one(request, model, filters, asked.release, media)

    return routes


def _content(model: ReadModel, filters: Filters, asked: CoverageIn, media: str) -> bytes | str:
    if media in GRAPH_TYPES:
        _, cells = forms.page(model, filters, asked.limit, asked.offset)
        return forms.rdf(model.snapshot.id, cells, media)
    if media == MARKDOWN:
        return forms.markdown(forms.matrix(model, filters), filters, model)
    answer = forms.table(model, filters, asked.limit, asked.offset)
    if media == CSV:
        return written((forms.COLUMNS, *forms.rows(model, answer)))
    return _TABLE.dump_json(answer)


def _page(
    request: Request, model: ReadModel, filters: Filters, asked: CoverageIn, etag: str
) -> Response:
    known = filters.asked() | ({"release": asked.release} if asked.release else {})
    limit = asked.limit or forms.EMPTIES
    shared: dict[str, Any] = {
        "asked": known,
        "axes": AXES,
        "titles": forms.TITLES,
        "snapshot": model.snapshot.id,
        "name": model.name,
        "choices": forms.choices(model),
        "forms": [name for name in FORMS if name != "html"],
    }
    if filters.state == "empty":
        answer = forms.table(model, filters, limit, asked.offset)
        page = pages.render(request, "gaps.html", answer=answer, limit=limit, **shared)
    else:
        shown = forms.matrix(model, filters)
        page = pages.render(request, "coverage.html", matrix=shown, mark=forms.MARKS, **shared)
    page.headers.update(kept_for(etag))
    return page


def _one(
    request: Request, model: ReadModel, filters: Filters, release: str | None, media: str
) -> Response:
    found = forms.cell_asked_for(model, filters)
    headers = kept_for(etag_of(model.snapshot.id, media))
    if media in GRAPH_TYPES:
        return Response(forms.rdf(model.snapshot.id, [found], media), 200, headers, media)
    answer = forms.one_cell(model, found)
    headers["Link"] = f'<{answer.iri}>; rel="canonical"'
    if media == JSON:
        return Response(_CELL.dump_json(answer), 200, headers, media)
    page = pages.render(
        request,
        "coverage-cell.html",
        cell=answer,
        release={"release": release} if release else {},
        axes=AXES,
        titles=forms.TITLES,
        mark=forms.MARKS,
        name=model.name,
        forms=[name for name in CELL_FORMS if name != "html"],
    )
    page.headers.update(headers)
    return page
