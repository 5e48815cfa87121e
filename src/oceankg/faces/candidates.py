"""Candidates for the Copernicus Marine catalogue, criterion by criterion, and the recipes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from oceankg.compare import candidates
from oceankg.compare.added import Added, essential, label_of, value_added
from oceankg.compare.candidates import Candidate, Listing, Wanted
from oceankg.compare.recipes import Recipe, get_recipe, recipe_files
from oceankg.errors import RecipeError
from oceankg.faces import pages
from oceankg.faces.compare import Release, written
from oceankg.faces.negotiate import CSV, HTML, JSON, MARKDOWN, etag_of, form_of, tagged
from oceankg.read import ReadModel
from oceankg.serving import Serving

FORMS: Final[Mapping[str, str]] = {"json": JSON, "html": HTML, "csv": CSV, "markdown": MARKDOWN}
SHEET_FORMS: Final[Mapping[str, str]] = {"json": JSON, "html": HTML}
# Rows that a page shows; the CSV has them all.
ROWS = 250

RecipeName = Annotated[
    str | None, Query(max_length=60, description="by which they are ordered; see /recipes")
]
# A form that is left empty asks for nothing in particular.
Name = Annotated[str | None, Query(max_length=1000)]
Filters = Annotated[
    list[Annotated[str, Query(max_length=60)]],
    Query(
        max_length=20,
        description="only those that meet it; also `length:unknown`, `length:not-met`",
    ),
]
Form = Annotated[str | None, Query(max_length=20, description=f"one of {', '.join(FORMS)}")]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One candidate with all its evidence and what it adds, and how it was judged."""

    snapshot: str
    today: str
    recipe: Recipe | None
    candidate: Candidate
    added: tuple[Added, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """A recipe that may be named; `error` says why it cannot be used."""

    name: str
    recipe: Recipe | None
    error: str = ""


_LISTING, _SHEET = TypeAdapter(Listing), TypeAdapter(Sheet)
_OFFERED = TypeAdapter(tuple[Offered, ...])


def router(serving: Serving) -> APIRouter:
    """The routes of candidates and recipes."""
    routes = APIRouter(tags=["candidates"])
    data = serving.settings.data

    @routes.get(
        "/candidates",
        summary="ODATIS products that Copernicus Marine does not have, criterion by criterion",
        response_model=Listing,
        responses={200: {"content": {media: {} for media in FORMS.values()}}},
    )
    def every(
        request: Request,
        recipe: RecipeName = None,
        variable: Name = None,
        criterion: Filters = [],  # noqa: B006  (FastAPI copies it)
        product: Name = None,
        release: Release = None,
        form: Form = None,
    ) -> Response:
        resolver, chosen = serving.resolver_at(release), _recipe(recipe, data)
        if product:
            return _sheet(request, resolver.model, chosen, product, form)
        media = form_of(request, FORMS, form)
        wanted = Wanted(
            essential(resolver, variable) if variable else None,
            candidates.read_outcomes(filter(None, criterion)),
        )
        found = candidates.listing(resolver.model, chosen, wanted)
        answer = _answer(request, found, media, tuple(recipe_files(data)))
        return tagged(request, answer, _etag(resolver.model, media, chosen))

    @routes.get(
        "/candidates/{product:path}",
        summary="One candidate with all its evidence",
        response_model=Sheet,
        responses={200: {"content": {HTML: {}}}},
    )
    def one(
        request: Request,
        product: str,
        recipe: RecipeName = None,
        release: Release = None,
        form: Form = None,
    ) -> Response:
        model = serving.resolver_at(release).model
        return _sheet(request, model, _recipe(recipe, data), product, form)

    @routes.get(
        "/recipes",
        summary="The recipes by which candidates can be ordered",
        response_model=tuple[Offered, ...],
        responses={200: {"content": {HTML: {}}}},
    )
    def recipes(request: Request, form: Form = None) -> Response:
        media = form_of(request, SHEET_FORMS, form)
        offered = tuple(_offered(name, data) for name in recipe_files(data))
        if media == HTML:
            return pages.render(request, "recipes.html", offered=offered)
        return Response(_OFFERED.dump_json(offered), media_type=JSON, headers={"Vary": "Accept"})

    return routes


def _recipe(name: str | None, data: Path) -> Recipe | None:
    return get_recipe(name, data) if name else None


def _offered(name: str, data: Path) -> Offered:
    try:
        return Offered(name, get_recipe(name, data))
    except RecipeError as error:
        # The other recipes stand; this one says what is wrong with it.
        return Offered(name, None, str(error))


def _answer(request: Request, found: Listing, media: str, recipes: tuple[str, ...]) -> Response:
    if media == HTML:
        return pages.render(
            request,
            "candidates.html",
            found=found,
            order=candidates.order_of(found),
            recipes=recipes,
            query=dict(request.query_params),
            limit=ROWS,
        )
    if media == CSV:
        rows = (candidates.columns(), *candidates.rows(found.candidates))
        content: bytes | str = written(rows)
    elif media == MARKDOWN:
        content = candidates.markdown(found)
    else:
        content = _LISTING.dump_json(found)
    return Response(content, media_type=media)


def _etag(model: ReadModel, media: str, recipe: Recipe | None) -> str:
    """The tag of an answer, which also depends on what the recipe says today."""
    said = recipe.model_dump_json() if recipe else ""
    return etag_of(model.snapshot.id, media, hashlib.sha256(said.encode()).hexdigest()[:12])


def _sheet(
    request: Request, model: ReadModel, recipe: Recipe | None, name: str, form: str | None
) -> Response:
    media = form_of(request, SHEET_FORMS, form)
    found = candidates.listing(model, recipe)
    candidate = candidates.find(found.candidates, model, name)
    added = value_added(model, model.products[candidate.product]).variables
    sheet = Sheet(found.snapshot, found.today, recipe, candidate, added)
    if media == JSON:
        answer = Response(_SHEET.dump_json(sheet), media_type=JSON)
    else:
        answer = pages.render(
            request,
            "candidate.html",
            sheet=sheet,
            criteria={q.name: q for q in found.criteria},
            number=len(found.candidates),
            name=model.name,
            label_of=label_of,
        )
    return tagged(request, answer, _etag(model, media, recipe))
