"""Compare: the products of each catalogue for one parameter, side by side.

The parameter is an essential variable or any concept; it is expanded through everything that is
equal to it or narrower. What a record does not state is None, never guessed. Marked is what a
product has that no product of the other catalogue has, or has better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode

import networkx as nx

from oceankg.climb import EXV, NAME, WORD, Path, Statement
from oceankg.compare.attributes import Advantage, Offer, advantages, profiles
from oceankg.errors import UnknownTermError
from oceankg.evidence import Served, Step, explain, served_by
from oceankg.namespaces import BASE
from oceankg.read import Product, ReadModel
from oceankg.resolve import WORDS, Candidate, Resolver, Term

CATALOGUES = ("odatis", "cmems")
# Comparisons that are remembered of a snapshot, which never changes.
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Way:
    """How a reported concept leads to the parameter: how surely, in how many steps, and which."""

    sure: bool
    length: int
    steps: tuple[Step, ...]


Ways = Mapping[str, Way]


@dataclass(frozen=True, slots=True)
class Row:
    """A product that measures the parameter, how surely, and by which paths that is known.

    `differs` is in what it goes beyond every product of the other catalogue that surely does.
    """

    product: Product
    sure: bool
    paths: tuple[tuple[Step, ...], ...]
    differs: tuple[Advantage, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A parameter and its products by catalogue, sure ones first, then by title.

    `iri` names the comparison of this parameter in this snapshot; `essential_variables` are those
    that the parameter serves, for who wants the wider view.
    """

    iri: str
    parameter: str
    label: str
    snapshot: str
    essential_variables: tuple[Served, ...]
    catalogues: dict[str, tuple[Row, ...]]


def compare(resolver: Resolver, q: str) -> Comparison:
    """Compare the catalogues for a parameter, given by identifier, code or label.

    Raises UnknownTermError when nothing has that name.
    """
    model = resolver.model
    resolution = resolver.resolve_many([Term(q)])[0]
    named = [c for c in resolution.candidates if c.matched_field != WORDS]
    if not named:
        near = ", ".join(resolution.suggestions[:5])
        raise UnknownTermError(
            f"{q!r}: nothing has that name" + (f"; near: {near}" if near else "")
        )
    # A name that may be several things gives way to what surely has it.
    settled = (c for c in named if not c.iri.startswith(NAME) or _is_settled(c))
    return compare_concept(model, _meant(model, next(settled, named[0]).iri))


def _is_settled(candidate: Candidate) -> bool:
    return any(served.sure for served in candidate.essential_variables)


def _meant(model: ReadModel, concept: str) -> str:
    """What a word or name stands for most surely; a concept of a vocabulary means itself.

    Else a word of one catalogue would never find the products of the other.
    """
    if not concept.startswith((WORD, NAME)):
        return concept
    ways = model.climb.edges.adj.get(concept, {})
    served = [p.end for p in model.paths(concept)]
    if not ways:
        return served[0] if served else concept
    return min(ways, key=lambda o: (-(ways[o]["statement"].confidence or 0), ways[o]["weight"], o))


def compare_concept(model: ReadModel, parameter: str) -> Comparison:
    """Compare the catalogues for a concept, given by the IRI that it has in the graph."""
    if parameter.startswith(EXV) and parameter in model.concepts:
        # There are few of them, and `prepare` has made theirs.
        return model.once(f"comparison of {parameter}", lambda m: _compared(m, parameter))
    kept = model.once("comparisons", _none_yet)
    found = kept.get(parameter)
    if found is None:
        found = _compared(model, parameter)
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[parameter] = found
    return found


def prepare(model: ReadModel) -> None:
    """Make the comparisons of all essential variables, so that nobody waits for one."""
    for variable in model.essential_variables:
        compare_concept(model, variable.iri)


def _none_yet(_: ReadModel) -> dict[str, Comparison]:
    return {}


def _compared(model: ReadModel, parameter: str) -> Comparison:
    ways = _essential(model, parameter) if parameter.startswith(EXV) else _any(model, parameter)
    return Comparison(
        iri=comparison_iri(parameter, model.snapshot.id),
        parameter=parameter,
        label=model.name(parameter),
        snapshot=model.snapshot.id,
        essential_variables=served_by(model, parameter),
        catalogues=_rows(model, _ways_of_products(model, ways)),
    )


def comparison_iri(parameter: str, snapshot: str) -> str:
    """The IRI of the comparison of a parameter in a snapshot; the service answers it as it is."""
    return f"{BASE}compare?{urlencode({'q': parameter, 'release': snapshot})}"


def _rows(model: ReadModel, ways: Mapping[str, Sequence[Way]]) -> dict[str, tuple[Row, ...]]:
    """Each product with its ways, and what it has beyond the sure ones of the other catalogues."""
    by_catalogue: dict[str, list[Product]] = {name: [] for name in CATALOGUES}
    for iri in ways:
        product = model.products[iri]
        by_catalogue.setdefault(product.catalogue, []).append(product)
    known = profiles(model)
    rows = {}
    for name in CATALOGUES:
        others = (p for other in CATALOGUES if other != name for p in by_catalogue[other])
        offer = Offer.of(known[p.iri] for p in others if ways[p.iri][0].sure)
        found = (
            Row(p, own[0].sure, tuple(way.steps for way in own), advantages(known[p.iri], offer))
            for p in by_catalogue[name]
            for own in [ways[p.iri]]
        )
        rows[name] = tuple(sorted(found, key=_order))
    return rows


def _order(row: Row) -> tuple[bool, str, str]:
    return (not row.sure, row.product.title.casefold(), row.product.iri)


def _essential(model: ReadModel, parameter: str) -> Ways:
    """Every reported concept that leads to the essential variable, with its way explained."""
    return model.once("ways", _all_ways).get(parameter, {})


def _all_ways(model: ReadModel) -> Mapping[str, Ways]:
    found: dict[str, dict[str, Way]] = defaultdict(dict)
    for concept, paths in model.reported_paths.items():
        for path in paths:
            found[path.end][concept] = _way(model, path)
    return found


def _any(model: ReadModel, parameter: str) -> Ways:
    """Every reported concept from which the climb comes by this concept, with the way there."""
    edges = model.climb.edges
    if parameter not in edges:
        return {parameter: Way(True, 0, ())}
    routes = nx.single_source_dijkstra_path(edges.reverse(copy=False), parameter)
    found = (
        Path(concept, parameter, _statements(model, routes[concept][::-1]), sure=True)
        for concept in routes.keys() & model.reporters.keys()
    )
    return {path.start: _way(model, path) for path in found}


def _way(model: ReadModel, path: Path) -> Way:
    return Way(path.sure, len(path.steps), explain(model, path))


def _statements(model: ReadModel, route: list[str]) -> tuple[Statement, ...]:
    edges = model.climb.edges
    return tuple(edges[a][b]["statement"] for a, b in pairwise(route))


def _ways_of_products(model: ReadModel, ways: Ways) -> dict[str, list[Way]]:
    """The ways of each product, the surest and shortest first."""
    found: dict[str, list[Way]] = {}
    for concept, way in sorted(ways.items(), key=lambda w: (not w[1].sure, w[1].length, w[0])):
        for product in model.reporters.get(concept, ()):
            found.setdefault(product, []).append(way)
    return found
