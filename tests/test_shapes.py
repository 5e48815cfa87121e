"""SHACL: each shape refuses what it is there to refuse, and the verdict names the thing."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from oceankg import shapes
from oceankg.errors import ShapesError
from oceankg.namespaces import PREFIXES
from oceankg.store import Snapshot

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    "@prefix : <http://example.org/> .\n"
)
SOUND = """
:c a skos:Concept ; skos:prefLabel "salt"@en , "sel"@fr ; skos:broader :group ;
   owl:deprecated true ; dcterms:isReplacedBy :d .
:list a skos:Collection ; skos:member :c .
:catalogue dcat:dataset :p .
:p a dcat:Dataset ; dcterms:identifier "P" ; dcterms:title "A product" ; bibo:doi "10.17882/46219" ;
   okg:reports :c ; dcat:landingPage <http://example.org/p> ; dcterms:temporal :t .
:t a dcterms:PeriodOfTime ; dcat:startDate "1987"^^xsd:gYear .
:o a org:Organization ; skos:prefLabel "An organisation"@en .
:m a sssom:Mapping ; owl:annotatedSource :c ; owl:annotatedProperty skos:exactMatch ;
   owl:annotatedTarget :d ; sssom:mapping_justification semapv:LexicalMatching ;
   sssom:confidence 0.9 .
:path a okg:EvidencePath ; okg:start :c ; okg:end :d ; okg:step :s .
:p dcat:qualifiedRelation :r .
:r a dcat:Relationship ; dcterms:relation :q ; sssom:confidence 0.85 ; okg:redirects true ;
   dcat:hadRole <https://w3id.org/oceankg/role/same-product> ; okg:evidence :e .
:e a okg:Evidence ; dcterms:type <https://w3id.org/oceankg/evidence-kind/shared-doi> ;
   prov:wasDerivedFrom :catalogue .
"""
BROKEN = {
    "a concept without a label": ('skos:prefLabel "salt"@en , "sel"@fr ;', ""),
    "two labels in one language": ('"sel"@fr', '"sea salt"@en'),
    "a copied definition": ("skos:broader :group", 'skos:definition "words"@en'),
    "a copied description": ('bibo:doi "10.17882/46219"', 'dcterms:description "words"@en'),
    "deprecated is neither true nor false": ("owl:deprecated true", 'owl:deprecated "yes"'),
    "a successor that is text": ("dcterms:isReplacedBy :d", 'dcterms:isReplacedBy "d"'),
    "a broader concept that is text": ("skos:broader :group", 'skos:broader "group"'),
    "an empty collection": ("skos:member :c", "skos:hasTopConcept :c"),
    "a product without a title": ('dcterms:title "A product"', 'skos:altLabel "A product"'),
    "a product with two identifiers": ('dcterms:identifier "P"', 'dcterms:identifier "P" , "Q"'),
    "a product in no catalogue": (":catalogue dcat:dataset :p .", ""),
    "a DOI that is none": ('"10.17882/46219"', '"doi of a product"'),
    "a word in place of a concept": ("okg:reports :c", 'okg:reports "salt"'),
    "a page that is text": ("<http://example.org/p> ;", '"a page" ;'),
    "a start that is no date": ('"1987"^^xsd:gYear', '"long ago"'),
    "a period with two starts": ('"1987"^^xsd:gYear', '"1987"^^xsd:gYear , "1988"^^xsd:gYear'),
    "an organisation without a name": ('skos:prefLabel "An organisation"@en', "org:unitOf :x"),
    "a mapping without its ground": ("sssom:mapping_justification", "dcterms:source"),
    "a mapping by another predicate": ("skos:exactMatch", "owl:sameAs"),
    "a mapping without an object": ("owl:annotatedTarget :d", "owl:annotatedSource :c"),
    "a confidence above one": ("sssom:confidence 0.9", "sssom:confidence 1.9"),
    "a relationship of no record": (":p dcat:qualifiedRelation :r .", ""),
    "a relationship to nothing": ("dcterms:relation :q", "dcterms:source :q"),
    "a role that is not ours": ("role/same-product", "role/cousin-of"),
    "a relationship without evidence": ("okg:evidence :e", "dcterms:source :e"),
    "a relationship surer than sure": ("sssom:confidence 0.85", "sssom:confidence 1.85"),
    "weak evidence that redirects": ("evidence-kind/shared-doi", "evidence-kind/centre-keyword"),
    "evidence that nobody states": ("prov:wasDerivedFrom :catalogue", "dcterms:source :catalogue"),
    "a path without a step": ("okg:step :s", "okg:end :d"),
}


def graph(text: str) -> Store:
    store = Store()
    store.load(HEAD + text, format=RdfFormat.TURTLE)
    return store


def test_a_sound_graph_passes() -> None:
    shapes.validate(graph(SOUND))


def test_a_dataset_stands_in_its_product_where_a_product_stands_in_its_catalogue() -> None:
    shapes.validate(
        graph(SOUND.replace(":catalogue dcat:dataset :p .", ":p dcat:inSeries :series ."))
    )


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_refused_and_named(fault: str) -> None:
    old, new = BROKEN[fault]
    assert SOUND.count(old) == 1
    with pytest.raises(ShapesError) as refused:
        shapes.validate(graph(SOUND.replace(old, new)))
    named = ("http://example.org/", '"group"')
    assert any(name in refused.value.report for name in named)
    assert "Message:" in str(refused.value)


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(ShapesError, match="blank node"):
        shapes.validate(graph(SOUND.replace("skos:broader :group", "skos:broader []")))


def test_what_no_shape_speaks_of_does_not_change_the_verdict(starter: Snapshot) -> None:
    shapes.validate(graph(SOUND + ':c <http://example.org/other> "anything", 7 .'))
