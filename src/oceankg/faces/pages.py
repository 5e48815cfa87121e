"""The pages: plain HTML without scripts from elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from oceankg import __version__, ids, queries
from oceankg.evidence import curie
from oceankg.namespaces import BASE
from oceankg.read import ReadModel
from oceankg.serving import Serving

QUESTIONS = ("Oxygen", "Sea-surface temperature", "Sea level", "Ocean inorganic carbon", "Sea ice")
_HEADERS = {
    "Vary": "Accept",
    "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'none'",
}


def local(iri: str) -> str:
    """The path of this service under which an IRI is described."""
    for start in (BASE, ids.NVS):
        # What follows a # never reaches a server as part of a path.
        if iri.startswith(start) and "#" not in iri:
            return "/" + quote(iri.removeprefix(start), safe="/%+~")
    return "/entity?" + urlencode({"iri": iri})


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"local": local, "curie": curie}
_templates.globals |= {"version": __version__, "urlencode": urlencode}


def render(
    request: Request,
    template: str,
    /,
    status: int = 200,
    **values: Any,  # noqa: ANN401
) -> Response:
    """A page from its template."""
    base = str(request.base_url).rstrip("/")
    return HTMLResponse(
        _templates.get_template(template).render(base=base, **values), status, _HEADERS
    )


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement of an entity page."""

    property: str
    value: str
    is_iri: bool
    label: str
    language: str
    graph: str


def statements(results: bytes) -> list[StatementRow]:
    """The rows of an entity page from SPARQL results in JSON."""
    bindings = json.loads(results)["results"]["bindings"]
    return [
        StatementRow(
            property=b["property"]["value"],
            value=b["value"]["value"],
            is_iri=b["value"]["type"] == "uri",
            label=b.get("label", {}).get("value", ""),
            language=b["value"].get("xml:lang", ""),
            graph=b["graph"]["value"].rsplit("/", 1)[-1],
        )
        for b in bindings
    ]


def router(serving: Serving) -> APIRouter:
    """The start page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> Response:
        model = serving.now().model
        return render(
            request,
            "start.html",
            manifest=model.snapshot.manifest(),
            questions=QUESTIONS,
            examples=queries.examples(),
            essential=_essential_counts(model),
            products=Counter(p.catalogue for p in model.products.values()),
            concepts=len(model.concepts),
        )

    return routes


def _essential_counts(model: ReadModel) -> list[tuple[str, str, dict[str, int]]]:
    """Each essential variable with the number of products that serve it in each catalogue."""
    count: dict[str, Counter[str]] = {}
    for product in model.products.values():
        for variable in product.serves:
            count.setdefault(variable, Counter())[product.catalogue] += 1
    return [
        (c.iri, c.label(), dict(count[c.iri])) for c in model.essential_variables if c.iri in count
    ]
