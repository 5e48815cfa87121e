"""What the catalogues share: a product, its words, its organisations, its extent and period."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.namespaces import BASE, DCAT, DCT, FOAF, GEO, OKG, RDF, RDFS, SKOS, XSD

_PRECISIONS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), XSD.date),
    (re.compile(r"\d{4}-\d{2}"), XSD.gYearMonth),
    (re.compile(r"\d{4}"), XSD.gYear),
)


def catalogue(name: str, title: str) -> Iterator[Triple]:
    """A catalogue, and the scheme of the words that it uses."""
    me = NamedNode(f"{BASE}catalogue/{name}")
    yield Triple(me, RDF.type, DCAT.Catalog)
    yield Triple(me, DCT.title, Literal(title, language="en"))


def product(
    name: str, me: NamedNode, identifier: str, title: str, language: str | None
) -> Iterator[Triple]:
    """A product with its identifier and title, in its catalogue."""
    yield Triple(me, RDF.type, DCAT.Dataset)
    yield Triple(me, DCT.identifier, Literal(identifier))
    text = " ".join(title.split())
    yield Triple(me, DCT.title, Literal(text, language=language) if language else Literal(text))
    yield Triple(NamedNode(f"{BASE}catalogue/{name}"), DCAT.dataset, me)


def reported_word(name: str, title: str, me: NamedNode, word: str) -> Iterator[Triple]:
    """A word by which a product's record names what it holds, kept as reported."""
    concept = NamedNode(ids.word(name, word))
    scheme = NamedNode(f"{BASE}word/{name}")
    yield Triple(me, OKG.reports, concept)
    yield Triple(concept, RDF.type, SKOS.Concept)
    # One wording for all spellings of a word, so that it has one label.
    yield Triple(concept, SKOS.prefLabel, Literal(" ".join(word.split()).casefold()))
    yield Triple(concept, SKOS.inScheme, scheme)
    yield Triple(scheme, RDF.type, SKOS.ConceptScheme)
    yield Triple(scheme, DCT.title, Literal(f"Words of the catalogue: {title}", language="en"))


def organisation(me: NamedNode, role: NamedNode, name: str) -> Iterator[Triple]:
    """An organisation as the record names it, in a role to the product."""
    name = " ".join(name.split())
    agent = NamedNode(f"{BASE}organisation/{ids.slug(name)}")
    yield Triple(me, role, agent)
    yield Triple(agent, RDF.type, FOAF.Organization)
    yield Triple(agent, FOAF.name, Literal(name))


def _location(me: NamedNode, predicate: NamedNode, value: Literal) -> Iterator[Triple]:
    node = NamedNode(f"{me.value}/extent")
    yield Triple(me, DCT.spatial, node)
    yield Triple(node, RDF.type, DCT.Location)
    yield Triple(node, predicate, value)


def extent(me: NamedNode, box: tuple[float, float, float, float]) -> Iterator[Triple]:
    """A bounding box: west, south, east, north in degrees."""
    west, south, east, north = (format(edge, "g") for edge in box)
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    wkt = "POLYGON((" + ",".join(f"{x} {y}" for x, y in corners) + "))"
    yield from _location(me, DCAT.bbox, Literal(wkt, datatype=GEO.wktLiteral))


def place(me: NamedNode, name: str) -> Iterator[Triple]:
    """A region in the words of the record."""
    yield from _location(me, RDFS.label, Literal(" ".join(name.split())))


def period(me: NamedNode, start: str, end: str, *, ongoing: bool = False) -> Iterator[Triple]:
    """A period at the precision stated; times that cannot be read are not carried."""
    times = [(DCAT.startDate, moment(start)), (DCAT.endDate, moment(end))]
    if not ongoing and not any(found for _, found in times):
        return
    node = NamedNode(f"{me.value}/period")
    yield Triple(me, DCT.temporal, node)
    yield Triple(node, RDF.type, DCT.PeriodOfTime)
    for predicate, found in times:
        if found is not None:
            yield Triple(node, predicate, found)
    if ongoing:
        yield Triple(node, OKG.ongoing, Literal(value=True))


def moment(text: str) -> Literal | None:
    """A day, month or year as an XSD literal, or None."""
    for pattern, kind in _PRECISIONS:
        if pattern.fullmatch(text):
            return Literal(text, datatype=kind)
    return None
