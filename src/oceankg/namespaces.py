"""The namespaces of the graph and the terms that the code names; standard terms first.

A namespace makes a term by attribute or by index: ``SKOS.prefLabel``, ``NVS["P02"]``.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

BASE = "https://w3id.org/oceankg/"


class Namespace:
    """An IRI prefix that makes terms; ``Namespace("http://ex/").a`` is ``<http://ex/a>``."""

    def __init__(self, iri: str) -> None:
        self.iri = iri
        self._terms: dict[str, NamedNode] = {}

    def __getitem__(self, name: str) -> NamedNode:
        if name not in self._terms:
            self._terms[name] = NamedNode(self.iri + name)
        return self._terms[name]

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
BIBO = Namespace("http://purl.org/ontology/bibo/")
DCT = Namespace("http://purl.org/dc/terms/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
ORG = Namespace("http://www.w3.org/ns/org#")
PROV = Namespace("http://www.w3.org/ns/prov#")
QB = Namespace("http://purl.org/linked-data/cube#")
QUDT = Namespace("http://qudt.org/schema/qudt/")
SCHEMA = Namespace("https://schema.org/")
SH = Namespace("http://www.w3.org/ns/shacl#")
SSSOM = Namespace("https://w3id.org/sssom/")
SEMAPV = Namespace("https://w3id.org/semapv/vocab/")
VOID = Namespace("http://rdfs.org/ns/void#")
OKG = Namespace(BASE + "ns#")

PREFIXES: dict[str, str] = {
    "rdf": RDF.iri,
    "rdfs": RDFS.iri,
    "owl": OWL.iri,
    "xsd": XSD.iri,
    "skos": SKOS.iri,
    "adms": ADMS.iri,
    "bibo": BIBO.iri,
    "dcterms": DCT.iri,
    "dcat": DCAT.iri,
    "dqv": DQV.iri,
    "foaf": FOAF.iri,
    "geo": GEO.iri,
    "locn": LOCN.iri,
    "org": ORG.iri,
    "prov": PROV.iri,
    "qb": QB.iri,
    "qudt": QUDT.iri,
    "schema": SCHEMA.iri,
    "sh": SH.iri,
    "sssom": SSSOM.iri,
    "semapv": SEMAPV.iri,
    "void": VOID.iri,
    "okg": OKG.iri,
}
