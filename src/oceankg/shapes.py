"""SHACL: the shapes in ``ontologies/shapes``, and the refusal of a graph that breaks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode, Quad
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from oceankg.errors import ShapesError
from oceankg.resources import all_files


def shapes_graph() -> rdflib.Graph:
    """All shapes in one graph."""
    graph = rdflib.Graph()
    for file in all_files("ontologies/shapes", "*.ttl"):
        graph.parse(file, format="turtle")
    return graph


def validate(quads: Iterable[Quad]) -> None:
    """Raise ShapesError with the report unless the whole graph keeps to the shapes.

    Only the predicates that a shape speaks of are looked at, which leaves the verdict as it is
    and most of the graph out of memory.
    """
    rules = shapes_graph()
    spoken_of = {str(p) for p in _predicates(rules)}
    graph = rdflib.Graph()
    name = cache(rdflib.URIRef)
    graph.addN(
        (_node(q.subject, name), name(q.predicate.value), _node(q.object, name), graph)
        for q in quads
        if q.predicate.value in spoken_of
    )
    conforms, _, text = pyshacl.validate(graph, shacl_graph=rules, inplace=True)
    if not conforms:
        first = next((line for line in text.splitlines() if "Message:" in line), "").strip()
        raise ShapesError(f"the graph breaks its shapes; the first fault: {first}", text)


def _predicates(rules: rdflib.Graph) -> set[Node]:
    """The predicates that the shapes look at: their paths, and what they aim at."""
    looked_at = (SH.path, SH.targetSubjectsOf, SH.targetObjectsOf)
    found = (p for by in looked_at for path in rules.objects(None, by) for p in _in(rules, path))
    return {RDF.type, *found}


def _in(rules: rdflib.Graph, path: Node) -> Iterable[Node]:
    """The predicates in a path: itself, or those of its alternatives, steps and inverses."""
    if isinstance(path, rdflib.URIRef):
        return {path}
    return {p for part in rules.objects(path) for p in _in(rules, part)} - {RDF.nil}


def _node(term: object, name: Callable[[str], rdflib.URIRef]) -> rdflib.URIRef | rdflib.Literal:
    """A term as rdflib has it; `name` makes each IRI once."""
    if isinstance(term, NamedNode):
        return name(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        # As written: a value that is not of its datatype must stay to be seen.
        return rdflib.Literal(term.value, datatype=name(term.datatype.value), normalize=False)
    raise ShapesError(f"{term} is a blank node; the graph holds only names", "")
