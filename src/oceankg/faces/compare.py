"""The comparison of the catalogues for a parameter, in any kept snapshot, and its changes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from io import StringIO
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from oceankg.compare import Comparison, compare, sidebyside
from oceankg.compare.attributes import ATTRIBUTES
from oceankg.compare.differences import Change, Differences, all_differences, differences
from oceankg.errors import UnknownTermError
from oceankg.faces import pages
from oceankg.faces.negotiate import (
    CSV,
    HTML,
    JSON,
    MARKDOWN,
    RDF_FORMS,
    etag_of,
    form_of,
    kept_for,
    not_modified,
)
from oceankg.resolve import Resolver, Term
from oceankg.serving import Serving

FORMS: Final[Mapping[str, str]] = {
    "json": JSON,
    "html": HTML,
    "csv": CSV,
    "markdown": MARKDOWN,
    **RDF_FORMS,
}
CHANGE_FORMS: Final[Mapping[str, str]] = {"json": JSON, "html": HTML, "csv": CSV}

Parameter = Annotated[
    str, Query(min_length=1, max_length=1000, description="an essential variable or any concept")
]
Release = Annotated[
    str | None, Query(max_length=100, description="a snapshot that is kept; see /snapshots")
]
Form = Annotated[str | None, Query(max_length=20, description=f"one of {', '.join(FORMS)}")]

_COMPARISON = TypeAdapter(Comparison)
_DIFFERENCES = TypeAdapter(Differences)


def router(serving: Serving) -> APIRouter:
    """The routes of comparisons."""
    routes = APIRouter(tags=["compare"])

    @routes.get(
        "/compare",
        summary="The products of both catalogues for a parameter, side by side",
        response_model=Comparison,
        responses={200: {"content": {media: {} for media in FORMS.values()}}},
    )
    def compare_catalogues(
        request: Request, q: Parameter, release: Release = None, form: Form = None
    ) -> Response:
        media = form_of(request, FORMS, form)
        resolver = serving.resolver_at(release)
        try:
            comparison = compare(resolver, q)
        except UnknownTermError:
            if media != HTML:
                raise
            return _unknown(request, resolver, q)
        etag = etag_of(comparison.snapshot, media)
        return not_modified(request, etag) or _answer(request, comparison, media, etag)

    @routes.get(
        "/compare/changes",
        summary="What changed between two snapshots, and which record or mapping did it",
        response_model=Differences,
        responses={200: {"content": {CSV: {}, HTML: {}}}},
    )
    def changes(
        request: Request,
        old: Annotated[str, Query(alias="from", max_length=100, description="an older snapshot")],
        q: Annotated[
            str | None, Query(min_length=1, max_length=1000, description="all variables if none")
        ] = None,
        new: Annotated[str | None, Query(alias="to", max_length=100)] = None,
        form: Form = None,
    ) -> Response:
        media = form_of(request, CHANGE_FORMS, form)
        after, before = serving.resolver_at(new), serving.resolver_at(old)
        if q is None:
            found = all_differences(before.model, after.model)
        else:
            parameter = compare(after, q).parameter
            found = differences(before.model, after.model, parameter)
        etag = etag_of(found.new, media, found.old)
        return not_modified(request, etag) or _changes(request, found, media, after, etag)

    return routes


def _answer(request: Request, comparison: Comparison, media: str, etag: str) -> Response:
    headers = {**kept_for(etag), "Link": f'<{comparison.iri}>; rel="canonical"'}
    if media == HTML:
        page = pages.render(
            request,
            "compare.html",
            comparison=comparison,
            attributes=ATTRIBUTES,
            overview=sidebyside.overview(comparison),
            basis=sidebyside.basis,
            difference=sidebyside.difference,
            forms=[name for name in FORMS if name != "html"],
        )
        page.headers.update(headers)
        return page
    if media == JSON:
        content: bytes | str = _COMPARISON.dump_json(comparison)
    elif media == CSV:
        content = written((sidebyside.COLUMNS, *sidebyside.table(comparison)))
    elif media == MARKDOWN:
        content = sidebyside.markdown(comparison)
    else:
        content = sidebyside.rdf(comparison, media)
    return Response(content, media_type=media, headers=headers)


def _unknown(request: Request, resolver: Resolver, q: str) -> Response:
    near = resolver.resolve_many([Term(q)], limit=1)[0].suggestions
    return pages.render(request, "unknown.html", status=404, q=q, suggestions=near)


def _changes(
    request: Request, found: Differences, media: str, resolver: Resolver, etag: str
) -> Response:
    headers = kept_for(etag)
    if media == JSON:
        return Response(_DIFFERENCES.dump_json(found), media_type=JSON, headers=headers)
    if media == CSV:
        return Response(written(_rows(found)), media_type=CSV, headers=headers)
    page = pages.render(request, "compare-changes.html", found=found, name=resolver.model.name)
    page.headers.update(headers)
    return page


def _rows(found: Differences) -> Iterable[Sequence[Any]]:
    yield [field.name for field in fields(Change)]
    for change in found.changes:
        *cells, because = astuple(change)
        yield [*cells, "; ".join(because)]


def written(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
