"""The climb from a concept to the essential variables that it serves, with the path kept.

The law of the climb: from a concept go on to its equals and to what is broader, and stop at the
nearest concept for which somebody named an essential variable. So a specific mapping wins over
one inherited from a wider group, and surface and subsurface stay apart. An equal is nearer than
a broader one. A mapping to a *narrower* essential variable, or a step of which its curator is no
surer than one half, says only "may serve". A negative mapping removes the link it speaks of,
whoever asserted it.

Both wings stand on this: the build derives with it, the read model explains with it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import networkx as nx

from oceankg import ids
from oceankg.ids import scheme_of
from oceankg.namespaces import BASE, DCT, OWL, SKOS
from oceankg.sssom import NO_TERM

EXV = ids.nvs_collection("EXV")
WORD = BASE + "word/"
NAME = BASE + "name/"

# A path with a step less sure than this only says "may serve".
_SURE = 0.5
# An equal is nearer than anything broader, however many equals there are in a row.
_EQUAL, _BROADER = 1, 1000

_SAME = {SKOS.exactMatch.value, OWL.sameAs.value}
_UP = {
    SKOS.closeMatch.value: _EQUAL,
    DCT.isReplacedBy.value: _EQUAL,
    SKOS.broadMatch.value: _BROADER,
    SKOS.broader.value: _BROADER,
}
_DOWN = {SKOS.narrower.value, SKOS.narrowMatch.value}


@dataclass(frozen=True, slots=True)
class Statement:
    """One asserted link, where it stands, and (if it is a mapping) which."""

    subject: str
    predicate: str
    object: str
    graph: str
    mapping: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """The statements that lead from a concept to an essential variable."""

    start: str
    end: str
    steps: tuple[Statement, ...]
    sure: bool

    @property
    def iri(self) -> str:
        """The path's own IRI."""
        parts = [
            self.start,
            self.end,
            *(f"{s.subject} {s.predicate} {s.object}" for s in self.steps),
        ]
        return f"{BASE}path/{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


@dataclass
class ClimbGraph:
    """The links that are followed: edges to equals and broader ones, anchors to EXV."""

    edges: nx.DiGraph[str] = field(default_factory=nx.DiGraph)
    anchors: dict[str, list[tuple[Statement, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    essential: frozenset[str] = frozenset()

    def paths(self, concept: str) -> tuple[Path, ...]:
        """Every nearest path from a concept to an essential variable, in a stable order."""
        if concept.startswith(WORD) and concept in self.edges:
            found = [p for target in self.edges[concept] for p in self._via(concept, target)]
            return _best(found + self._nearest(concept, at_most=0))
        return _best(self._nearest(concept))

    def _via(self, word: str, target: str) -> list[Path]:
        # Each thing that a word names is looked at by itself: the second must not be lost
        # because the first is nearer to its essential variable.
        first: Statement = self.edges[word][target]["statement"]
        up = self.edges[word][target]["weight"] >= _BROADER
        onward = self._nearest(target)
        return [Path(word, p.end, (first, *p.steps), p.sure) for p in onward if p.sure or not up]

    def _nearest(self, concept: str, at_most: int | None = None) -> list[Path]:
        if concept in self.essential:
            return [Path(concept, concept, (), sure=True)]
        if concept not in self.edges:
            return self._anchored(concept, [concept], concept)
        # The stubs do not know that without a target both answers are by node.
        found: Any = nx.single_source_dijkstra(self.edges, concept, cutoff=at_most)
        distance: dict[str, int] = found[0]
        route: dict[str, list[str]] = found[1]
        reached = {n: d for n, d in distance.items() if self._is_anchor(n, up=d >= _BROADER)}
        nearest = min(reached.values(), default=None)
        return [
            path
            for node, d in reached.items()
            if d == nearest
            for path in self._anchored(concept, route[node], node)
            if path.sure or d < _BROADER
        ]

    def _is_anchor(self, node: str, *, up: bool) -> bool:
        # Up to a group and down again to a part of it proves nothing.
        named = self.anchors.get(node, ())
        return node in self.essential or any(sure or not up for _, sure in named)

    def _anchored(self, concept: str, route: list[str], node: str) -> list[Path]:
        steps = tuple(self.edges[a][b]["statement"] for a, b in pairwise(route))
        if node in self.essential:
            return [Path(concept, node, steps, sure=True)]
        return [
            Path(concept, _other(last, node), (*steps, last), sure)
            for last, sure in self.anchors.get(node, ())
        ]


def _other(statement: Statement, node: str) -> str:
    return statement.object if statement.subject == node else statement.subject


def _best(paths: list[Path]) -> tuple[Path, ...]:
    """One path to each essential variable: a sure one before a possible one, then the shortest."""
    chosen: dict[str, Path] = {}
    paths = [replace(p, sure=p.sure and _is_confident(p)) for p in paths]
    for path in sorted(paths, key=lambda p: (not p.sure, len(p.steps), p.iri)):
        chosen.setdefault(path.end, path)
    return tuple(sorted(chosen.values(), key=lambda p: (not p.sure, p.end)))


def _is_confident(path: Path) -> bool:
    stated = (s.confidence for s in path.steps if s.confidence is not None)
    return all(confidence > _SURE for confidence in stated)


def climb_graph(
    statements: Iterable[Statement], denied: Iterable[tuple[str, str]], essential: Iterable[str]
) -> ClimbGraph:
    """The graph to climb: all asserted links but those that a negative mapping denies.

    `denied` holds pairs of concepts; a link between them is not followed in either direction.
    """
    # In one order, so that among equally short paths the same one is always taken.
    asserted = sorted(set(statements), key=_in_order)
    closed = {frozenset(pair) for pair in denied}
    graph = ClimbGraph(essential=frozenset(essential))
    doubtful = doubtful_equals(asserted)
    for statement in asserted:
        if frozenset((statement.subject, statement.object)) not in closed:
            _add(graph, statement, doubtful)
    return graph


def _in_order(statement: Statement) -> tuple[str, ...]:
    ends = (statement.subject, statement.predicate, statement.object)
    return (*ends, statement.graph, statement.mapping or "", str(statement.confidence))


def _add(graph: ClimbGraph, statement: Statement, doubtful: frozenset[tuple[str, str]]) -> None:
    s, p, o = statement.subject, statement.predicate, statement.object
    if p in _SAME:
        for low, high in ((s, o), (o, s)):
            # Only the claim itself is doubted: a match that somebody curated is followed.
            if p != OWL.sameAs.value or (low, high) not in doubtful:
                _edge(graph, low, high, _EQUAL, statement)
    elif p in _UP:
        _edge(graph, s, o, _UP[p], statement)
    elif p in _DOWN:
        _edge(graph, o, s, _BROADER, statement)
        if o in graph.essential:
            graph.anchors[s].append((statement, False))


def _edge(graph: ClimbGraph, low: str, high: str, weight: int, statement: Statement) -> None:
    """An edge upwards; one that ends at an essential variable is an anchor instead.

    Nothing leads into a word, because a word may name several things, nor out of an essential
    variable, because the climb ends there.
    """
    if high in graph.essential:
        graph.anchors[low].append((statement, True))
    elif low not in graph.essential and not high.startswith(WORD) and high != NO_TERM:
        known = graph.edges.get_edge_data(low, high)
        if known is None or weight < known["weight"]:
            graph.edges.add_edge(low, high, weight=weight, statement=statement)


def doubtful_equals(statements: Iterable[Statement]) -> frozenset[tuple[str, str]]:
    """The directions in which a published ``owl:sameAs`` is not followed.

    Where one concept is claimed to be the same as two of another scheme, following it would
    make those two the same, so the way from the one to the many is closed. The claims stay in
    the graph as their authority made them.
    """
    ways: dict[tuple[str, str], set[str]] = defaultdict(set)
    for st in statements:
        if st.predicate == OWL.sameAs.value:
            ways[st.subject, scheme_of(st.object)].add(st.object)
            ways[st.object, scheme_of(st.subject)].add(st.subject)
    return frozenset(
        (one, other) for (one, _), many in ways.items() if len(many) > 1 for other in many
    )
