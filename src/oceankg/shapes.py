"""SHACL: the shapes in ``ontologies/shapes``, and the refusal of a graph that breaks them."""

from __future__ import annotations

from collections.abc import Iterable

import pyshacl
import rdflib
from pyoxigraph import Literal, NamedNode, Quad
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
    """Raise ShapesError with the report unless the whole graph keeps to the shapes."""
    graph = rdflib.Graph()
    for quad in quads:
        graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes_graph(), advanced=False)
    if not conforms:
        first = next((line for line in text.splitlines() if "Message:" in line), "").strip()
        raise ShapesError(f"the graph breaks its shapes; the first fault: {first}", text)


def _node(term: object) -> Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
    raise ShapesError(f"{term} is a blank node; the graph holds only names", "")
