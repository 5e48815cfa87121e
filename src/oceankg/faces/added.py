"""The map of value added: what a product has that no product of the other catalogue has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from oceankg.compare import added
from oceankg.compare.added import Balances, Findings
from oceankg.faces import pages
from oceankg.faces.compare import Release, written
from oceankg.faces.negotiate import CSV, HTML, JSON, etag_of, form_of, tagged
from oceankg.read import ReadModel
from oceankg.serving import Serving

FORMS: Final[Mapping[str, str]] = {"json": JSON, "html": HTML, "csv": CSV}
# Products that a page shows; the CSV has them all.
ROWS = 250

Name = Annotated[str | None, Query(min_length=1, max_length=1000)]
Form = Annotated[str | None, Query(max_length=20, description=f"one of {', '.join(FORMS)}")]

_FINDINGS, _BALANCES = TypeAdapter(Findings), TypeAdapter(Balances)


def router(serving: Serving) -> APIRouter:
    """The route of the map of value added."""
    routes = APIRouter(tags=["candidates"])

    @routes.get(
        "/value-added",
        summary="What products add to the other catalogue: of a product, a variable, or in figures",
        response_model=Findings | Balances,
        responses={200: {"content": {CSV: {}, HTML: {}}}},
    )
    def value_added(
        request: Request,
        product: Annotated[Name, Query(description="an identifier or IRI")] = None,
        variable: Annotated[Name, Query(description="an essential variable")] = None,
        direction: Annotated[
            Literal["odatis", "cmems"] | None, Query(description="whose products; of both if none")
        ] = None,
        release: Release = None,
        form: Form = None,
    ) -> Response:
        media = form_of(request, FORMS, form)
        if product and variable:
            raise HTTPException(422, "ask for a product or for a variable, not for both")
        resolver = serving.resolver_at(release)
        model = resolver.model
        if product:
            found = added.of_product(model, product)
            answer = _findings(request, found, media, model, found.products[0].title)
        elif variable:
            iri = added.essential(resolver, variable)
            found = added.of_variable(model, iri, direction)
            answer = _findings(request, found, media, model, model.name(iri))
        else:
            answer = _figures(request, added.balances(model), media)
        return tagged(request, answer, etag_of(model.snapshot.id, media))

    return routes


def _findings(
    request: Request, found: Findings, media: str, model: ReadModel, title: str
) -> Response:
    if media == HTML:
        return pages.render(
            request,
            "value-added.html",
            found=found,
            title=title,
            name=model.name,
            label_of=added.label_of,
            query=dict(request.query_params),
            limit=ROWS,
        )
    if media == CSV:
        return _csv((added.COLUMNS, *added.rows(found.products, model)))
    return Response(_FINDINGS.dump_json(found), media_type=JSON)


def _figures(request: Request, found: Balances, media: str) -> Response:
    if media == HTML:
        return pages.render(request, "value-added-figures.html", found=found)
    if media == CSV:
        head = ("variable", "label", "odatis", "odatis_ahead", "cmems", "cmems_ahead")
        rows = (
            (b.variable, b.label, *(n for c in b.products for n in (b.products[c], b.ahead[c])))
            for b in found.variables
        )
        return _csv((head, *rows))
    return Response(_BALANCES.dump_json(found), media_type=JSON)


def _csv(rows: Iterable[Sequence[object]]) -> Response:
    return Response(written(rows), media_type=CSV)
