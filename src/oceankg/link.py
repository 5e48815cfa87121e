"""Linking: what follows from all sources and mapping sets together, as triples.

Words that nobody has decided are linked by the same label, and the guess is written as SSSOM
with its ground; paths to essential variables become resources; records of two catalogues that
carry one DOI are tied.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, sssom
from oceankg.climb import ClimbGraph, Path, Statement, climb_graph
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG, PROV, RDF, RDFS, SKOS
from oceankg.text import fold


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

    `words` is IRI to wording, `labels` is folded label to concept IRI (see `text.fold`).
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
