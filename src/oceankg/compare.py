"""Compare: the products of each catalogue for one parameter, side by side.

The parameter is an essential variable or any concept; it is expanded through everything that is
equal to it or narrower. What a record does not state is None, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from oceankg.climb import EXV, NAME, WORD, Path, Statement
from oceankg.errors import UnknownTermError
from oceankg.evidence import Served, Step, explain, served_by
from oceankg.read import Product, ReadModel
from oceankg.resolve import WORDS, Candidate, Resolver, Term

CATALOGUES = ("odatis", "cmems")


@dataclass(frozen=True, slots=True)
class Row:
    """A product that measures the parameter, how surely, and by which paths that is known."""

    product: Product
    sure: bool
    paths: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A parameter and its products by catalogue, sure ones first, then by title.

    `essential_variables` are those that the parameter serves, for who wants the wider view.
    """

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
    found = _essential(model, parameter) if parameter.startswith(EXV) else _any(model, parameter)
    rows = _rows(model, found)
    return Comparison(
        parameter=parameter,
        label=model.name(parameter),
        snapshot=model.snapshot.id,
        essential_variables=served_by(model, parameter),
        catalogues={
            name: tuple(sorted((r for r in rows if r.product.catalogue == name), key=_order))
            for name in CATALOGUES
        },
    )


def _order(row: Row) -> tuple[bool, str, str]:
    return (not row.sure, row.product.title.casefold(), row.product.iri)


def _essential(model: ReadModel, parameter: str) -> dict[str, Path]:
    """Every reported concept that leads to the essential variable, with its path."""
    return {
        concept: path
        for concept, paths in model.reported_paths.items()
        for path in paths
        if path.end == parameter
    }


def _any(model: ReadModel, parameter: str) -> dict[str, Path]:
    """Every reported concept from which the climb comes by this concept, with the way there."""
    edges = model.climb.edges
    if parameter not in edges:
        return {parameter: Path(parameter, parameter, (), sure=True)}
    routes = nx.single_source_dijkstra_path(edges.reverse(copy=False), parameter)
    return {
        concept: Path(concept, parameter, _statements(model, routes[concept][::-1]), sure=True)
        for concept in routes.keys() & model.reporters.keys()
    }


def _statements(model: ReadModel, route: list[str]) -> tuple[Statement, ...]:
    edges = model.climb.edges
    return tuple(edges[a][b]["statement"] for a, b in pairwise(route))


def _rows(model: ReadModel, found: dict[str, Path]) -> list[Row]:
    paths: dict[str, list[Path]] = {}
    for concept, path in sorted(found.items()):
        for product in model.reporters.get(concept, ()):
            paths.setdefault(product, []).append(path)
    return [_row(model, product, own) for product, own in paths.items()]


def _row(model: ReadModel, product: str, paths: Iterable[Path]) -> Row:
    ordered = sorted(paths, key=lambda p: (not p.sure, len(p.steps), p.start))
    return Row(
        model.products[product],
        any(p.sure for p in ordered),
        tuple(explain(model, path) for path in ordered),
    )
