"""From reported words to essential variables, along the mappings, with the path kept.

The law of the climb: from a concept go on to its equals and to what is broader, and stop at the
nearest concept for which somebody named an essential variable. So a specific mapping wins over
one inherited from a wider group, and surface and subsurface stay apart. An equal is nearer than
a broader one. A mapping to a *narrower* essential variable says only "may serve". A negative
mapping removes the link it speaks of, whoever asserted it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import networkx as nx
from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, sssom
from oceankg.namespaces import BASE, DCAT, DCT, OKG, OWL, PROV, RDF, RDFS, SKOS, Namespace

EXV = ids.nvs_collection("EXV")
WORD = BASE + "word/"
BIBO = Namespace("http://purl.org/ontology/bibo/")

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
        parts = [self.start, self.end, *(f"{s.subject} {s.predicate} {s.object}" for s in self.steps)]
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
        onward = self._nearest(target)
        return [Path(word, p.end, (first, *p.steps), p.sure) for p in onward]

    def _nearest(self, concept: str, at_most: int | None = None) -> list[Path]:
        if concept in self.essential:
            return [Path(concept, concept, (), sure=True)]
        if concept not in self.edges:
            return self._anchored(concept, [concept], concept)
        distance, route = nx.single_source_dijkstra(self.edges, concept, cutoff=at_most)
        reached = {node: d for node, d in distance.items() if self._is_anchor(node)}
        nearest = min(reached.values(), default=None)
        return [
            path
            for node, d in reached.items()
            if d == nearest
            for path in self._anchored(concept, route[node], node)
        ]

    def _is_anchor(self, node: str) -> bool:
        return node in self.anchors or node in self.essential

    def _anchored(self, concept: str, route: list[str], node: str) -> list[Path]:
        steps = tuple(
            self.edges[a][b]["statement"] for a, b in zip(route, route[1:], strict=False)
        )
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
    for path in sorted(paths, key=lambda p: (not p.sure, len(p.steps), p.iri)):
        chosen.setdefault(path.end, path)
    return tuple(sorted(chosen.values(), key=lambda p: (not p.sure, p.end)))


def climb_graph(
    statements: Iterable[Statement],
    mapping_sets: Iterable[sssom.MappingSet],
    essential: Iterable[str],
) -> ClimbGraph:
    """The graph to climb: the authorities' links that are followed, and all mapping sets."""
    mapping_sets = tuple(mapping_sets)
    denied = {
        frozenset((m.subject, m.object)) for s in mapping_sets for m in s.mappings if m.negated
    }
    asserted = [
        *statements,
        *(_statement(m, s.id) for s in mapping_sets for m in s.mappings if not m.negated),
    ]
    graph = ClimbGraph(essential=frozenset(essential))
    doubtful = doubtful_equals(asserted)
    for statement in asserted:
        if frozenset((statement.subject, statement.object)) not in denied:
            _add(graph, statement, doubtful)
    return graph


def _statement(mapping: sssom.Mapping, set_id: str) -> Statement:
    return Statement(
        mapping.subject,
        mapping.predicate,
        mapping.object,
        ids.graph(f"mappings-{set_id}"),
        mapping.iri,
        mapping.confidence,
    )


def _add(graph: ClimbGraph, statement: Statement, doubtful: frozenset[tuple[str, str]]) -> None:
    s, p, o = statement.subject, statement.predicate, statement.object
    if p in _SAME:
        for low, high in {(s, o), (o, s)} - doubtful:
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
    elif low not in graph.essential and not high.startswith(WORD) and high != sssom.NO_TERM:
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
            ways[st.subject, _scheme(st.object)].add(st.object)
            ways[st.object, _scheme(st.subject)].add(st.subject)
    return frozenset(
        (one, other) for (one, _), many in ways.items() if len(many) > 1 for other in many
    )


def _scheme(iri: str) -> str:
    return iri.rstrip("/").rsplit("/", 1)[0]


def same_name_links(names: Mapping[str, str], others: Mapping[str, str]) -> sssom.MappingSet:
    """CF standard names and the NVS P07 concepts with the very same name, as exact matches.

    `names` and `others` are name to IRI.
    """
    return sssom.MappingSet(
        id="cf-p07",
        title="CF standard names and NVS P07, by the same name",
        version="",
        licence="https://creativecommons.org/publicdomain/zero/1.0/",
        mappings=tuple(
            _lexical(names[name], SKOS.exactMatch.value, others[name], 1.0)
            for name in sorted(names.keys() & others.keys())
        ),
    )


def word_links(
    words: Mapping[str, str], labels: Mapping[str, str], decided: frozenset[str]
) -> sssom.MappingSet:
    """Words to the concept whose label is the same, for words that nobody has decided.

    `words` is IRI to wording, `labels` is folded label to concept IRI (see `fold`).
    """
    undecided = sorted(iri for iri in words if iri not in decided)
    hits = ((iri, labels.get(fold(words[iri]))) for iri in undecided)
    return sssom.MappingSet(
        id="words",
        title="Words of the catalogues, linked by the same label",
        version="",
        licence="https://creativecommons.org/publicdomain/zero/1.0/",
        mappings=tuple(
            _lexical(iri, SKOS.closeMatch.value, target, 0.9) for iri, target in hits if target
        ),
    )


def fold(text: str) -> str:
    """A label with case, hyphens, underscores and spacing made one."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _lexical(subject: str, predicate: str, target: str, confidence: float) -> sssom.Mapping:
    return sssom.Mapping(
        subject, predicate, target, sssom.LEXICAL, confidence=confidence, author="oceankg link"
    )


def path_triples(path: Path) -> Iterator[Triple]:
    """A path as a resource, its steps as reified statements in order."""
    me = NamedNode(path.iri)
    yield Triple(me, RDF.type, OKG.EvidencePath)
    yield Triple(me, OKG.start, NamedNode(path.start))
    yield Triple(me, OKG.end, NamedNode(path.end))
    for position, statement in enumerate(path.steps, 1):
        step = NamedNode(f"{path.iri}/{position}")
        yield Triple(me, OKG.step, step)
        yield Triple(step, OKG.position, Literal(position))
        yield Triple(step, RDF.type, RDF.Statement)
        yield Triple(step, RDF.subject, NamedNode(statement.subject))
        yield Triple(step, RDF.predicate, NamedNode(statement.predicate))
        yield Triple(step, RDF.object, NamedNode(statement.object))
        yield Triple(step, PROV.wasDerivedFrom, NamedNode(statement.mapping or statement.graph))


def serves(subject: str, paths: Iterable[Path]) -> Iterator[Triple]:
    """The essential variables that paths lead to, as plain triples of a subject."""
    paths = tuple(paths)
    sure = {p.end for p in paths if p.sure}
    for end in sorted(sure):
        yield Triple(NamedNode(subject), OKG.servesEssentialVariable, NamedNode(end))
    for end in sorted({p.end for p in paths} - sure):
        yield Triple(NamedNode(subject), OKG.mayServeEssentialVariable, NamedNode(end))


def shared_dois(doi_of: Mapping[str, str], catalogue_of: Mapping[str, str]) -> Iterator[Triple]:
    """Records of two catalogues that carry one DOI, as a relationship with its evidence."""
    by_doi: dict[str, list[str]] = defaultdict(list)
    for product, doi in sorted(doi_of.items()):
        by_doi[doi].append(product)
    for doi, products in sorted(by_doi.items()):
        for one in products:
            for other in products:
                if catalogue_of.get(one) != catalogue_of.get(other):
                    yield from _related(one, other, doi)


def _related(one: str, other: str, doi: str) -> Iterator[Triple]:
    name = hashlib.sha256(f"{one} {other} {doi}".encode()).hexdigest()[:16]
    me = NamedNode(f"{BASE}relationship/{name}")
    yield Triple(NamedNode(one), DCAT.qualifiedRelation, me)
    yield Triple(NamedNode(one), DCT.relation, NamedNode(other))
    yield Triple(me, RDF.type, DCAT.Relationship)
    yield Triple(me, DCT.relation, NamedNode(other))
    yield Triple(me, DCAT.hadRole, NamedNode(f"{BASE}role/same-doi"))
    yield Triple(me, BIBO.doi, Literal(doi))
    yield Triple(me, RDFS.label, Literal(f"carries the same DOI, {doi}", language="en"))

