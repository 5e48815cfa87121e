"""Redirects: a record's address leads to its product; the table for those who run a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oceankg.compare import redirects
from oceankg.compare.redirects import Answer, Choice, Filter, Redirects, Row
from oceankg.errors import UnknownTermError
from oceankg.faces import pages
from oceankg.faces.negotiate import (
    CSV,
    HTML,
    JSON,
    accepted,
    choose,
    etag_of,
    kept_for,
    not_modified,
)
from oceankg.faces.problems import MEDIA_TYPE, problem
from oceankg.querypool import NotAcceptable
from oceankg.relations import rules
from oceankg.serving import Serving

TSV: Final = "text/tab-separated-values"
TURTLE: Final = "text/turtle"
PLAIN: Final = "text/plain"

Form = Literal["json", "csv", "tsv", "turtle", "html", "nginx"]
# The media type of each form; nginx's has none of its own, so it is asked for by name only.
FORMS: Final[Mapping[Form, str]] = {
    "json": JSON,
    "csv": CSV,
    "tsv": TSV,
    "turtle": TURTLE,
    "html": HTML,
    "nginx": PLAIN,
}


@dataclass(frozen=True, slots=True)
class Table:
    """The relations that lead on, and with `weak=include` also those that do not."""

    snapshot: str
    rows: tuple[Row, ...]


_ANSWER = TypeAdapter(Answer)
_TABLE = TypeAdapter(Table)
_CHOICES = TypeAdapter(tuple[Choice, ...])
_PIECES = TypeAdapter(tuple[redirects.Piece, ...])


def router(serving: Serving) -> APIRouter:
    """The routes of redirects."""
    routes = APIRouter(tags=["redirects"])
    answers = {
        302: {"description": "the same product, in the other catalogue"},
        303: {"description": "a product that it is derived from, a source of, or replaced by"},
        300: {"description": "several of these", "content": {JSON: {}, HTML: {}}},
        404: {
            "description": "no such record, or nothing sure enough: what there is, is listed",
            "content": {MEDIA_TYPE: {}, HTML: {}},
        },
    }

    @routes.get(
        "/redirects",
        summary="Which record leads to which product: the table to load",
        response_model=Table,
        responses={200: {"content": {form: {} for form in (CSV, TSV, TURTLE, HTML, PLAIN)}}},
    )
    def table(
        request: Request,
        form: Annotated[Form | None, Query(description="else by the Accept header")] = None,
        catalogue: Annotated[
            str | None, Query(max_length=100, description="whose records; all but cmems")
        ] = None,
        role: Annotated[str | None, Query(max_length=100)] = None,
        confidence: Annotated[float, Query(ge=0, le=1, description="the least")] = 0.0,
        weak: Annotated[
            Literal["include", "exclude"], Query(description="also what does not lead on")
        ] = "exclude",
    ) -> Response:
        chosen = form or _chosen(request)
        served = serving.now()
        wanted = Filter(catalogue, role, confidence, weak == "include")
        _check(served.redirects, wanted)
        etag = etag_of(served.model.snapshot.id, FORMS[chosen])
        if same := not_modified(request, etag):
            return same
        rows = served.redirects.table(wanted)
        if chosen == "html":
            page = pages.render(request, "redirects.html", rows=rows, wanted=wanted)
            page.headers.update(kept_for(etag))
            return page
        write: Mapping[str, Callable[[], bytes | str]] = {
            "json": lambda: _TABLE.dump_json(Table(served.model.snapshot.id, rows)),
            "csv": lambda: redirects.as_csv(rows),
            "tsv": lambda: redirects.as_sssom(rows),
            "turtle": lambda: redirects.as_turtle(rows),
            "nginx": lambda: redirects.as_nginx(rows, served.redirects.answer),
        }
        return Response(write[chosen](), media_type=FORMS[chosen], headers=kept_for(etag))

    @routes.get("/redirect", summary="Where a record leads", status_code=302, responses=answers)  # type: ignore[arg-type]
    def by_name(
        request: Request,
        record: Annotated[str, Query(min_length=1, max_length=1000)],
    ) -> Response:
        return _answer(request, serving.now().redirects, (record,))

    @routes.get(
        "/redirect/{record:path}",
        summary="Where a record leads, by its IRI, identifier, UUID, DOI, other name or address",
        status_code=302,
        responses=answers,  # type: ignore[arg-type]
    )
    def by_path(request: Request, record: str) -> Response:
        # Also as sent, because the IRI of a record may hold encoded characters.
        raw = request.scope.get("raw_path", b"").decode("ascii", "replace")
        asked = f"?{request.url.query}" if request.url.query else ""
        spellings = (record, raw.partition("/redirect/")[2], record + asked)
        return _answer(request, serving.now().redirects, spellings)

    return routes


def _chosen(request: Request) -> Form:
    offered = {type_: form for form, type_ in FORMS.items() if form != "nginx"}
    return offered[accepted(request, tuple(offered))]


def _check(known: Redirects, wanted: Filter) -> None:
    """Raise UnknownTermError when a filter names no catalogue or role, rather than no row."""
    for name, offered in (
        (wanted.catalogue, known.catalogues),
        (wanted.role, tuple(rules().roles)),
    ):
        if name is not None and name not in offered:
            raise UnknownTermError(f"{name!r} is none of: {', '.join(offered)}")


def _answer(request: Request, known: Redirects, spellings: tuple[str, ...]) -> Response:
    found = _first(known, spellings)
    headers = {"Vary": "Accept", "Link": ", ".join(_links(request, found))}
    if found.status in (302, 303):
        return RedirectResponse(_url(request, found.targets[0]), found.status, headers)
    form = choose(request, [JSON, MEDIA_TYPE, HTML])
    if form is None:
        raise NotAcceptable(f"offered: {JSON}, {HTML}")
    if form == HTML:
        page = pages.render(request, "redirect.html", found.status, answer=found)
        page.headers["Link"] = headers["Link"]
        return page
    if found.status == 300:
        return Response(_ANSWER.dump_json(found), 300, headers, media_type=JSON)
    return problem(
        404,
        f"no product is surely related to {found.id}; what may be, is listed, with why",
        headers,
        weak=_CHOICES.dump_python(found.weak, mode="json"),
        evidence=_PIECES.dump_python(found.evidence, mode="json"),
    )


def _first(known: Redirects, spellings: tuple[str, ...]) -> Answer:
    """The answer to the first spelling that names a record; what the first one lacks otherwise."""
    for spelling in dict.fromkeys(spellings):
        with suppress(UnknownTermError):
            return known.answer(spelling)
    return known.answer(spellings[0])


def _links(request: Request, found: Answer) -> list[str]:
    """Link headers (RFC 8288): the record, what says why, and each product that it leads to.

    A relation is named by IANA's word for it and by the IRI of its role.
    """
    links = [f'<{_ascii(found.iri)}>; rel="canonical"']
    for choice in (*found.targets, *found.others):
        role = rules().roles[choice.role]
        links.append(f'<{_ascii(_url(request, choice))}>; rel="{role.rel} {role.iri}"')
        links.append(f'<{_own(request, choice.relationship)}>; rel="describedby"')
    return links


def _url(request: Request, choice: Choice) -> str:
    """The page of a product, in its catalogue or else here."""
    return choice.url or _own(request, choice.iri)


def _own(request: Request, iri: str) -> str:
    return str(request.base_url).rstrip("/") + pages.local(iri)


def _ascii(url: str) -> str:
    """An address as a header can carry it."""
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~-._")
