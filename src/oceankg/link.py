"""Linking: what follows from all sources and mapping sets together, as triples.

Words that nobody has decided are linked by the same label, and the guess is written as SSSOM
with its ground; paths to essential variables become resources; records are related to the
products of the service, see `relate`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, relate, sssom
from oceankg.climb import EXV, WORD, ClimbGraph, Path, Statement, climb_graph
from oceankg.gather import Part
from oceankg.namespaces import DCAT, OKG, PREFIXES, PROV, RDF, SKOS
from oceankg.rdf import text_of
from oceankg.text import fold


@dataclass
class Linked:
    """What linking found: more triples by graph, and the report's figures."""

    triples: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    unreached: list[dict[str, Any]] = field(default_factory=list)
    catalogues: dict[str, dict[str, int]] = field(default_factory=dict)
    relations: Mapping[str, int] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()


def link_all(
    parts: Sequence[Part], curated: Sequence[sssom.MappingSet], own: Iterable[Triple] = ()
) -> Linked:
    """Everything that follows from the sources, our `own` terms and the mapping sets together."""
    linked = Linked()
    own = tuple(own)
    facts = _Index.of(parts, own)
    decisions = [s for s in curated if s.is_of_records]
    for mapping_set in decisions:
        linked.triples[f"mappings-{mapping_set.id}"] += sssom.triples(mapping_set)
    curated = [s for s in curated if not s.is_of_records]
    automatic = _automatic_sets(facts, curated)
    for mapping_set in (*curated, *automatic):
        linked.triples[f"mappings-{mapping_set.id}"] += sssom.triples(mapping_set)
    graph = climb_with(facts.statements, (*curated, *automatic), facts.essential)
    derived = linked.triples["derived"]
    paths = {}
    for concept in sorted(facts.concepts | facts.words.keys()):
        paths[concept] = graph.paths(concept)
        derived += serves(concept, (p for p in paths[concept] if p.steps))
    reported = {c for named in facts.reports.values() for c in named}
    for concept in sorted(reported):
        for path in paths.get(concept) or graph.paths(concept):
            derived += path_triples(path)
    _link_products(linked, facts, graph, {c: paths.get(c, ()) for c in reported})
    for dataset in sorted(facts.datasets):
        derived += _measures(dataset, facts, graph)
    _relate_records(linked, (*(t for part in parts for t in part.triples), *own), decisions)
    return linked


def _relate_records(
    linked: Linked, facts: tuple[Triple, ...], decisions: Iterable[sssom.MappingSet]
) -> None:
    related = relate.relate(relate.catalogued((*facts, *linked.triples["derived"])), decisions)
    linked.triples["related"] += relate.triples(related)
    linked.relations = relate.counts(related)
    linked.complaints = related.complaints


def _link_products(
    linked: Linked,
    facts: _Index,
    graph: ClimbGraph,
    paths: Mapping[str, tuple[Path, ...]],
) -> None:
    derived = linked.triples["derived"]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for product, catalogue in sorted(facts.catalogue_of.items()):
        named = sorted(facts.reports.get(product, ()))
        found = [path for concept in named for path in paths[concept]]
        measured = _measures(product, facts, graph)
        derived += measured
        derived += serves(product, found)
        sure = any(p.sure for p in found)
        count = counts[catalogue]
        count["products"] += 1
        count["with an ocean variable"] += bool(measured)
        count["reaching an essential variable"] += sure
        count["perhaps reaching one"] += bool(found) and not sure
        if not sure:
            linked.unreached.append(
                {
                    "product": product,
                    "catalogue": catalogue,
                    "variable": bool(measured),
                    "perhaps": sorted({p.end for p in found}),
                    "words": facts.keywords[product] or [facts.words.get(c, c) for c in named],
                }
            )
    linked.catalogues = {name: dict(count) for name, count in sorted(counts.items())}


def _measures(resource: str, facts: _Index, graph: ClimbGraph) -> list[Triple]:
    """What a product or dataset was taken to measure, by what it reports."""
    named = facts.reports.get(resource, ())
    measured = sorted({m for concept in named for m in _measured(concept, graph)})
    return [Triple(NamedNode(resource), OKG.measures, NamedNode(m)) for m in measured]


def _measured(concept: str, graph: ClimbGraph) -> Iterator[str]:
    """The vocabulary concepts that a reported concept was taken to mean."""
    if not concept.startswith(WORD):
        yield concept
        return
    if concept in graph.edges:
        yield from graph.edges[concept]
    for statement, _ in graph.anchors.get(concept, ()):
        yield statement.object


# The vocabularies whose labels a word of a catalogue is compared with, if nobody decided it.
_LABELLED = (
    *map(ids.nvs_collection, ("EXV", "OD1", "P02", "A05")),
    "https://vocab.ifremer.fr/collection/odatis_variables/",
)


@dataclass
class _Index:
    """The sources' triples by what linking asks of them."""

    essential: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    cf: dict[str, str] = field(default_factory=dict)
    p07: dict[str, str] = field(default_factory=dict)
    standard_names: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    catalogue_of: dict[str, str] = field(default_factory=dict)
    datasets: set[str] = field(default_factory=set)
    statements: list[Statement] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Sequence[Part], own: Iterable[Triple] = ()) -> _Index:
        index = cls()
        for triple in own:
            index._take(triple)
        for part in parts:
            followed = {expand(name) for name in part.source.climb}
            graph = ids.graph(part.source.id)
            for triple in part.triples:
                index._take(triple)
                if triple.predicate.value in followed:
                    ends = (text_of(triple.subject), triple.predicate.value, text_of(triple.object))
                    index.statements.append(Statement(*ends, graph))
        return index

    def _take(self, triple: Triple) -> None:
        subject, value = text_of(triple.subject), text_of(triple.object)
        match triple.predicate:
            case p if p == RDF.type and triple.object == SKOS.Concept:
                self._take_concept(subject)
            case p if p == SKOS.prefLabel:
                self._take_label(subject, value)
            case p if p == OKG.reports:
                self.reports[subject].add(value)
            case p if p == OKG.standardName:
                self.standard_names[subject] = value
            case p if p == DCAT.keyword:
                self.keywords[subject].append(value)
            case p if p == DCAT.dataset:
                self.catalogue_of[value] = subject
            case p if p == DCAT.inSeries:
                self.datasets.add(subject)

    def _take_concept(self, subject: str) -> None:
        if subject.startswith(EXV):
            self.essential.add(subject)
        elif not subject.startswith(WORD):
            self.concepts.add(subject)

    def _take_label(self, subject: str, label: str) -> None:
        if subject.startswith(WORD):
            self.words[subject] = label
        elif subject.startswith(ids.CF_NAME):
            self.cf[label] = subject
        elif subject.startswith(ids.nvs_collection("P07")):
            self.p07[label] = subject
        elif subject.startswith(_LABELLED):
            self.labels.setdefault(fold(label), subject)


def expand(curie: str) -> str:
    """A predicate such as ``skos:broader`` in full."""
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def _automatic_sets(
    facts: _Index, curated: Sequence[sssom.MappingSet]
) -> tuple[sssom.MappingSet, ...]:
    decided = frozenset(m.subject for s in curated for m in s.mappings)
    labels = facts.labels | {fold(name): iri for name, iri in facts.cf.items()}
    # A variable of one dataset states its name too, and is no concept.
    stated = {c: name for c, name in facts.standard_names.items() if c in facts.concepts}
    sets = (
        same_name_links(facts.cf, facts.p07),
        standard_name_links(stated, facts.cf),
        word_links(facts.words, labels, decided),
    )
    return tuple(s for s in sets if s.mappings)


def climb_with(
    statements: Iterable[Statement],
    mapping_sets: Iterable[sssom.MappingSet],
    essential: Iterable[str],
) -> ClimbGraph:
    """The graph to climb: the authorities' links that are followed, and all mapping sets."""
    mapping_sets = tuple(mapping_sets)
    denied = [(m.subject, m.object) for s in mapping_sets for m in s.mappings if m.negated]
    mapped = (_statement(m, s.id) for s in mapping_sets for m in s.mappings if not m.negated)
    return climb_graph([*statements, *mapped], denied, essential)


def _statement(mapping: sssom.Mapping, set_id: str) -> Statement:
    graph = ids.graph(f"mappings-{set_id}")
    ends = (mapping.subject, mapping.predicate, mapping.object)
    return Statement(*ends, graph, mapping.iri, mapping.confidence)


def same_name_links(names: Mapping[str, str], others: Mapping[str, str]) -> sssom.MappingSet:
    """CF standard names and the NVS P07 concepts with the very same name, as exact matches.

    `names` and `others` are name to IRI.
    """
    return _automatic(
        "cf-p07",
        "CF standard names and NVS P07, by the same name",
        (
            _lexical(names[name], SKOS.exactMatch.value, others[name], 1.0)
            for name in sorted(names.keys() & others.keys())
        ),
    )


def standard_name_links(stated: Mapping[str, str], names: Mapping[str, str]) -> sssom.MappingSet:
    """Concepts whose list states a CF standard name to that name, where the CF table has it.

    `stated` is concept IRI to name, `names` is name to IRI.
    """
    return _automatic(
        "standard-names",
        "Names of variables to the CF standard name that their list states",
        (
            _lexical(concept, SKOS.closeMatch.value, names[name], 0.95)
            for concept, name in sorted(stated.items())
            if name in names
        ),
    )


def word_links(
    words: Mapping[str, str], labels: Mapping[str, str], decided: frozenset[str]
) -> sssom.MappingSet:
    """Words to the concept whose label is the same, for words that nobody has decided.

    `words` is IRI to wording, `labels` is folded label to concept IRI (see `text.fold`).
    """
    undecided = sorted(iri for iri in words if iri not in decided)
    hits = ((iri, labels.get(fold(words[iri]))) for iri in undecided)
    return _automatic(
        "words",
        "Words of the catalogues, linked by the same label",
        (_lexical(iri, SKOS.closeMatch.value, target, 0.9) for iri, target in hits if target),
    )


def _automatic(name: str, title: str, mappings: Iterable[sssom.Mapping]) -> sssom.MappingSet:
    """A mapping set that the linking makes itself."""
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    return sssom.MappingSet(name, title, version="", licence=licence, mappings=tuple(mappings))


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
