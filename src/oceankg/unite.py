"""Uniting: one product of a catalogue that several sources tell of is one in the graph.

Two sources name one product when they give it the same identifier, or the same DOI: the starter
knows some products of AVISO by their DOI that Sextant knows by a UUID. The product then has the IRI
that the first source gives it. What a product has once (title, period, extent, licence, ...) is
taken from the record of the newest date, and a record that a server sent with its date stands
before what people read; what it may have many times is the sum. Nothing is dropped in silence:
each part says what of it gave way, and to which source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from oceankg.gather import Part
from oceankg.model import LeftOut
from oceankg.namespaces import ADMS, BASE, BIBO, DCAT, DCT, FOAF, OKG, SKOS
from oceankg.rdf import text_of

Term = NamedNode | BlankNode | Literal | Triple

# What a product has once. Properties on one line say the same thing, so they go together.
_ONCE: Final = (
    (DCT.title, OKG.titleIsDescription),
    (BIBO.doi,),
    (DCT.license, DCT.rights),
    (DCT.publisher,),
    (DCT.issued,),
    (DCT.created,),
    (DCT.modified,),
    (DCT.temporal,),
    (DCT.accrualPeriodicity,),
    (DCAT.version,),
    (DCAT.landingPage,),
    (DCAT.temporalResolution, OKG.timeStep),
    (DCAT.spatialResolutionInMeters, OKG.spatialResolutionInDegrees, OKG.spatialResolution),
    (OKG.shallowest, OKG.deepest),
    (OKG.processingLevel,),
    (ADMS.status,),
)
_GROUP: Final = {p: group[0] for group in _ONCE for p in group}
# Nodes of a product's own that are told whole or not at all.
_NODES: Final = ("period", "extent", "record")
_PRODUCTS: Final = f"{BASE}product/"
# A word or an organisation has one name, the first; another spelling of a word stands beside it.
_NAMED: Final = (f"{BASE}word/", f"{BASE}organisation/")
_NAMES: Final = {SKOS.prefLabel: SKOS.altLabel, FOAF.name: None}


@dataclass
class _Told:
    """What one part tells of one product."""

    date: str = ""
    groups: set[NamedNode] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)


def united(parts: Sequence[Part]) -> list[Part]:
    """The parts with each product of a catalogue told of as one."""
    catalogues = [n for n, part in enumerate(parts) if _products(part)]
    fresh = dict(zip(catalogues, _united([parts[n] for n in catalogues]), strict=True))
    return [fresh.get(number, part) for number, part in enumerate(parts)]


def _united(parts: Sequence[Part]) -> list[Part]:
    """The same, of parts that are catalogues."""
    if renamed := _renamed(parts):
        parts = [replace(part, triples=_under_new_names(part.triples, renamed)) for part in parts]
    parts = _under_first_names(parts)
    shared = _shared(parts)
    if not shared:
        return list(parts)
    told = [_told(part, shared) for part in parts]
    return [_giving_way(parts, number, told, shared) for number in range(len(parts))]


def _under_first_names(parts: Sequence[Part]) -> list[Part]:
    first: dict[tuple[str, NamedNode], Term] = {}

    def renamed(triple: Triple) -> Triple | None:
        subject, predicate = text_of(triple.subject), triple.predicate
        if predicate not in _NAMES or not subject.startswith(_NAMED):
            return triple
        if first.setdefault((subject, predicate), triple.object) == triple.object:
            return triple
        other = _NAMES[predicate]
        return Triple(triple.subject, other, triple.object) if other else None

    found = []
    for part in parts:
        kept = tuple(dict.fromkeys(filter(None, map(renamed, part.triples))))
        # What the starter holds keeps the names that its own sources give.
        found.append(replace(part, triples=kept) if part.source.keep == "none" else part)
    return found


def _products(part: Part) -> dict[str, str]:
    """The products of a part and the catalogue of each."""
    return {
        text_of(t.object): text_of(t.subject) for t in part.triples if t.predicate == DCAT.dataset
    }


# ------------------------------------------------------------------ one IRI


def _renamed(parts: Sequence[Part]) -> dict[str, str]:
    """The IRI of each product that an earlier part tells of under another one, to that one."""
    first: dict[tuple[str, str], str | None] = {}
    renamed: dict[str, str] = {}
    for part in parts:
        catalogue_of = _products(part)
        own: dict[tuple[str, str], list[str]] = defaultdict(list)
        for triple in part.triples:
            product = text_of(triple.subject)
            if triple.predicate == BIBO.doi and product in catalogue_of:
                own[catalogue_of[product], text_of(triple.object)].append(product)
        for key, products in own.items():
            # Two products of one source with one DOI are two; which one is meant is not known.
            alone = products[0] if len(set(products)) == 1 else None
            earlier = first.setdefault(key, alone)
            if earlier and alone and alone != earlier:
                renamed.setdefault(alone, earlier)
    return renamed


def _under_new_names(triples: Iterable[Triple], renamed: Mapping[str, str]) -> tuple[Triple, ...]:
    return tuple(dict.fromkeys(_under_new_name(triple, renamed) for triple in triples))


def _under_new_name(triple: Triple, renamed: Mapping[str, str]) -> Triple:
    subject, value = _new_name(triple.subject, renamed), _new_name(triple.object, renamed)
    if subject is None and value is None:
        return triple
    # The identifier under which the other source knows it is now one of its names.
    moved = triple.predicate == DCT.identifier and subject is not None
    return Triple(
        subject or triple.subject,
        SKOS.altLabel if moved else triple.predicate,
        value or triple.object,
    )


def _new_name(term: object, renamed: Mapping[str, str]) -> NamedNode | None:
    """The new IRI of a product or of a node of its own; None where the term stays."""
    if not isinstance(term, NamedNode) or not term.value.startswith(_PRODUCTS):
        return None
    # A product is one segment after the catalogue, so what follows is a node of its own.
    parts = term.value.removeprefix(_PRODUCTS).split("/", 2)
    product = _PRODUCTS + "/".join(parts[:2])
    return NamedNode("/".join([renamed[product], *parts[2:]])) if product in renamed else None


# ------------------------------------------------------------------ one record


def _shared(parts: Sequence[Part]) -> frozenset[str]:
    """The products of which more than one part tells."""
    seen: set[str] = set()
    shared: set[str] = set()
    for part in parts:
        products = _products(part).keys()
        shared |= seen & products
        seen |= products
    return frozenset(shared)


def _node_of(triple: Triple, shared: frozenset[str]) -> tuple[str, str]:
    """The product that a fact is about, and which node of it; ("", "") for any other fact."""
    subject = text_of(triple.subject)
    if subject in shared:
        return subject, ""
    product, _, node = subject.rpartition("/")
    return (product, node) if product in shared and node in _NODES else ("", "")


def _told(part: Part, shared: frozenset[str]) -> dict[str, _Told]:
    told: dict[str, _Told] = defaultdict(_Told)
    for triple in part.triples:
        product, node = _node_of(triple, shared)
        if not product:
            continue
        if node:
            told[product].nodes.add(node)
            if node == "record" and triple.predicate == DCT.modified:
                told[product].date = text_of(triple.object)
        elif triple.predicate in _GROUP:
            told[product].groups.add(_GROUP[triple.predicate])
    return told


def _giving_way(
    parts: Sequence[Part],
    number: int,
    told: Sequence[Mapping[str, _Told]],
    shared: frozenset[str],
) -> Part:
    """A part without what a record of a newer date tells instead."""
    part = parts[number]
    before = {}
    for product in told[number]:
        order = _in_order(told, product)
        before[product] = order[: order.index(number)]
    kept: list[Triple] = []
    gone: dict[str, tuple[set[str], set[int]]] = defaultdict(lambda: (set(), set()))
    for triple in part.triples:
        product, node = _node_of(triple, shared)
        winner = _winner(triple, node, before.get(product, ()), product, told)
        if winner is None:
            kept.append(triple)
        else:
            names, sources = gone[product]
            names.add(node or triple.predicate.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1])
            sources.add(winner)
    notes = tuple(
        LeftOut(
            f"{product.removeprefix(BASE)}, {', '.join(sorted(names))}",
            "what stands is told by " + ", ".join(parts[s].source.id for s in sorted(sources)),
        )
        for product, (names, sources) in gone.items()
    )
    return replace(part, triples=tuple(kept), left_out=(*part.left_out, *notes))


def _in_order(told: Sequence[Mapping[str, _Told]], product: str) -> list[int]:
    """The parts that tell of a product: that of the newest date first, then in their order."""
    found = [number for number, by_product in enumerate(told) if product in by_product]
    return sorted(found, key=lambda number: told[number][product].date, reverse=True)


def _winner(
    triple: Triple,
    node: str,
    before: Iterable[int],
    product: str,
    told: Sequence[Mapping[str, _Told]],
) -> int | None:
    """The part that tells instead what a triple says, or None where the triple stands."""
    group = None if node else _GROUP.get(triple.predicate)
    for other in before:
        said = told[other][product]
        if node in said.nodes or group in said.groups:
            return other
    return None
