"""A comparison as rows, Markdown and RDF: the same attributes of every product, side by side.

What a record does not state reads ``unknown``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from oceankg.compare import Comparison, Row
from oceankg.compare.attributes import ATTRIBUTES, BY_NAME, Advantage, Attribute
from oceankg.namespaces import BASE, DCAT, DCT, OKG, PREFIXES, PROV, RDF, RDFS, SCHEMA
from oceankg.read import UNKNOWN as NOT_STATED
from oceankg.read import Product

UNKNOWN: Final = "unknown"
COLUMNS: Final = (
    *("catalogue", "product", "identifier", "title", "sure"),
    *(attribute.name for attribute in ATTRIBUTES),
    *("differs", "tied_to", "because"),
)
# What a table for people shows of the columns.
BRIEF: Final = (
    *("catalogue", "title", "kind", "level", "vertical", "time_scale", "start", "end", "step"),
    *("region", "resolution", "stage", "doi", "differs"),
)
_CATALOGUES: Final[Mapping[str, str]] = {
    "odatis": "ODATIS, Sextant and SEANOE",
    "cmems": "Copernicus Marine Service",
}


def stated(product: Product, attribute: str) -> str:
    """The values of an attribute as one text, ``unknown`` where the record states none."""
    return "; ".join(BY_NAME[attribute].values(product)) or UNKNOWN


def basis(product: Product, attribute: str) -> str:
    """On what the values of an attribute rest that the record does not state in so many words."""
    properties = BY_NAME[attribute].properties
    return "; ".join(b.basis for b in product.bases if b.property in properties)


def difference(advantage: Advantage) -> str:
    """An advantage in words: ``resolution 0.02 degree (best of the other: 0.05 degree)``."""
    label = BY_NAME[advantage.attribute].label.lower()
    best = f" (best of the other: {advantage.best})" if advantage.best else ""
    return f"{label} {advantage.value}{best}"


def records(comparison: Comparison) -> Iterator[dict[str, str]]:
    """One record a product, by `COLUMNS`; ODATIS first, the sure ones first."""
    for catalogue, rows in comparison.catalogues.items():
        for row in rows:
            yield _record(catalogue, row)


def _record(catalogue: str, row: Row) -> dict[str, str]:
    product = row.product
    return {
        "catalogue": catalogue,
        "product": product.iri,
        "identifier": product.id,
        "title": product.title,
        "sure": "yes" if row.sure else "may",
        **{attribute.name: stated(product, attribute.name) for attribute in ATTRIBUTES},
        "differs": "; ".join(map(difference, row.differs)),
        "tied_to": "; ".join(dict.fromkeys(f"{r.role}: {r.other}" for r in product.relations)),
        "because": _because(row),
    }


@dataclass(frozen=True, slots=True)
class Overview:
    """An attribute over all sure products of each catalogue: what occurs, and how often unknown."""

    attribute: str
    label: str
    catalogues: Mapping[str, str]


def overview(comparison: Comparison) -> tuple[Overview, ...]:
    """Each compared attribute, the catalogues side by side."""
    sure = {
        name: [row.product for row in rows if row.sure]
        for name, rows in comparison.catalogues.items()
    }
    return tuple(
        Overview(a.name, a.label, {name: _over(a, products) for name, products in sure.items()})
        for a in ATTRIBUTES
        if a.compared
    )


def _over(attribute: Attribute, products: Sequence[Product]) -> str:
    """What occurs: a range where the attribute has an order, else each value with its number."""
    silent = sum(not attribute.values(product) for product in products)
    unknown = [f"{UNKNOWN} {silent}"] if silent else []
    if attribute.measure is None:
        count = Counter(value for product in products for value in attribute.values(product))
        return "; ".join([*(f"{value} {n}" for value, n in count.most_common()), *unknown])
    measured = sorted(
        (measure, "; ".join(attribute.values(product)))
        for product in products
        if (measure := attribute.measure(product)) is not None
    )
    ends = dict.fromkeys(text for _, text in (measured[:1] + measured[-1:]))
    return "; ".join([*([" to ".join(ends)] if ends else []), *unknown])


def _because(row: Row) -> str:
    """The surest way to the parameter, as labels."""
    if not row.paths or not row.paths[0]:
        return "reported directly"
    steps = row.paths[0]
    return " > ".join((steps[0].subject_label, *(step.object_label for step in steps)))


def table(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """The rows of the comparison, in the order of `COLUMNS`."""
    return (tuple(record[name] for name in COLUMNS) for record in records(comparison))


def markdown(comparison: Comparison) -> str:
    """The comparison as a Markdown document with one table a catalogue."""
    lines = [f"# {comparison.label}", "", f"<{comparison.iri}>", ""]
    columns = [name for name in BRIEF if name != "catalogue"]
    every = list(records(comparison))
    lines += [_line(("", *_CATALOGUES.values())), _line("---" for _ in range(3))]
    lines += [_line((o.label, *o.catalogues.values())) for o in overview(comparison)]
    lines.append("")
    for catalogue, title in _CATALOGUES.items():
        own = [record for record in every if record["catalogue"] == catalogue]
        lines += [f"## {title} ({len(own)})", ""]
        if own:
            lines += [_line(columns), _line("---" for _ in columns)]
            lines += [_line(_shown(record, name) for name in columns) for record in own]
        else:
            lines.append("No product of this catalogue is known to measure it.")
        lines.append("")
    return "\n".join(lines)


def _shown(record: Mapping[str, str], name: str) -> str:
    if name == "title" and record["sure"] == "may":
        return f"may: {record['title']}"
    return record[name]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(' '.join(c.replace('|', '&#124;').split()) for c in cells)} |"


# ------------------------------------------------------------------ RDF


def triples(comparison: Comparison) -> Iterator[Triple]:
    """The comparison as a resource with a row for each product."""
    me = NamedNode(comparison.iri)
    yield Triple(me, RDF.type, OKG.Comparison)
    yield Triple(me, DCT.title, Literal(comparison.label))
    yield Triple(me, OKG.parameter, NamedNode(comparison.parameter))
    yield Triple(me, SCHEMA.version, Literal(comparison.snapshot))
    yield Triple(me, DCT.isVersionOf, NamedNode(comparison.iri.partition("&release=")[0]))
    for rows in comparison.catalogues.values():
        for row in rows:
            yield from _row_triples(comparison, row)


def _row_triples(comparison: Comparison, row: Row) -> Iterator[Triple]:
    product = row.product
    name = hashlib.sha256(f"{comparison.iri} {product.iri}".encode()).hexdigest()[:16]
    me = NamedNode(f"{BASE}comparison-row/{name}")
    yield Triple(NamedNode(comparison.iri), OKG.row, me)
    yield Triple(me, OKG.product, NamedNode(product.iri))
    yield Triple(me, DCT.isPartOf, NamedNode(f"{BASE}catalogue/{product.catalogue}"))
    yield Triple(me, RDFS.label, Literal(product.title))
    yield Triple(me, OKG.sure, Literal(row.sure))
    for attribute in ATTRIBUTES:
        yield from _attribute_triples(me, attribute, product)
    for advantage in row.differs:
        yield Triple(me, OKG.differs, Literal(difference(advantage)))
    for path in row.paths:
        for step in path:
            if step.mapping:
                yield Triple(me, PROV.wasDerivedFrom, NamedNode(step.mapping))
    for address in product.access:
        yield Triple(me, DCAT.accessURL, NamedNode(address.url))


def _attribute_triples(row: NamedNode, attribute: Attribute, product: Product) -> Iterator[Triple]:
    """An attribute as schema.org has it; the concept "not stated" where there is no value."""
    me = NamedNode(f"{row.value}/{attribute.name}")
    yield Triple(row, SCHEMA.additionalProperty, me)
    yield Triple(me, RDF.type, SCHEMA.PropertyValue)
    yield Triple(me, SCHEMA.propertyID, Literal(attribute.name))
    yield Triple(me, SCHEMA.name, Literal(attribute.label, language="en"))
    values = attribute.values(product)
    if not values:
        yield Triple(me, SCHEMA.value, NamedNode(NOT_STATED))
    for value in values:
        yield Triple(me, SCHEMA.value, Literal(value))


def rdf(comparison: Comparison, media_type: str) -> bytes:
    """The comparison in an RDF syntax; ValueError when the media type names none."""
    form = RdfFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(media_type)
    written = serialize(dict.fromkeys(triples(comparison)), format=form, prefixes=PREFIXES)
    return written or b""
