"""Catalogues in DCAT: Sextant's own records, and what the standard offers, in three syntaxes."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from oceankg import gather, ids
from oceankg.errors import SourceError
from oceankg.harvest import Harvest
from oceankg.model import Facts, Recording
from oceankg.namespaces import ADMS, BASE, BIBO, DCAT, DCT, OKG, PREFIXES, PROV
from oceankg.sources.dcat import is_dcat, read_records

CLIMATOLOGY = "98d22ac0-5398-4889-8f8e-8f28273b548b"
BATHYMETRY = "370ab490-e8b4-11df-b733-005056987263"
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    "@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n"
    "@prefix eu: <http://publications.europa.eu/resource/authority/> .\n"
)
FULL = """
<https://example.org/d/1> a dcat:Dataset ;
    dcterms:title "Sea temperature"@en , "Température de la mer"@fr ;
    dcterms:identifier "doi:10.17882/46219" ;
    dcat:keyword "salinity"@en ;
    dcat:theme <http://vocab.nerc.ac.uk/collection/P02/current/TEMP/> ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:publisher [ a foaf:Organization ; foaf:name "Ifremer" ] ;
    dcterms:creator [ a foaf:Person ; foaf:name "Jane Doe" ] , [ foaf:name "John Roe" ] ;
    dcat:contactPoint [ a vcard:Individual ; vcard:fn "Jane Doe" ;
        vcard:hasEmail <mailto:jane@example.org> ] ;
    dcterms:issued "2020-02-03"^^xsd:date ; dcat:version "2.1" ;
    dcterms:accrualPeriodicity eu:frequency\\/MONTHLY ; adms:status eu:dataset-status\\/WITHDRAWN ;
    dcat:temporalResolution "P1M"^^xsd:duration ; dcat:spatialResolutionInMeters 1000 ;
    dcterms:temporal [ a dcterms:PeriodOfTime ; dcat:startDate "1990"^^xsd:gYear ] ,
        [ a dcterms:PeriodOfTime ; dcat:startDate "2001-01-01"^^xsd:date ;
          dcat:endDate "2005-01-01"^^xsd:date ] ;
    dcterms:spatial [ a dcterms:Location ;
        dcat:bbox '''<http://www.opengis.net/def/crs/OGC/1.3/CRS84>
            POLYGON((-5 40,10 40,10 45,-5 45,-5 40))'''^^geo:wktLiteral ] ;
    prov:wasDerivedFrom <https://doi.org/10.48670/moi-00016> ;
    dcat:landingPage <https://example.org/page> ;
    dcat:distribution [ a dcat:Distribution ; dcterms:title "Files" ;
        dcat:accessURL <https://user:secret@example.org/files?token=secret> ] ,
        [ a dcat:Distribution ; dcat:downloadURL <https://example.org/file.nc> ;
          dcat:mediaType <https://www.iana.org/assignments/media-types/application/netcdf> ] .
"""


def read(text: str | bytes, name: str = "catalogue.ttl") -> Facts:
    content = text if isinstance(text, bytes) else (HEAD + text).encode()
    return read_records(Recording(name, content, "dcat"))


def values(facts: Facts, about: str, predicate: NamedNode) -> set[str]:
    return {
        t.object.value
        for t in facts.triples
        if t.subject.value == about and t.predicate == predicate
    }


def me(identifier: str) -> str:
    return ids.product("odatis", identifier)


def sextant(shared, name: str) -> Facts:
    path = shared / f"odatis/sextant.dcat.{name}.xml"
    return read(path.read_bytes(), path.name)


# ------------------------------------------------------------------ Sextant's own


def test_a_real_record_says_what_it_holds(shared):
    facts, product = sextant(shared, "seadatanet"), me(CLIMATOLOGY)
    assert values(facts, product, DCT.title) == {
        "Global Ocean Climatology - Temperature and Salinity Climatology V2"
    }
    reported = values(facts, product, OKG.reports)
    assert {ids.word("odatis", w) for w in ("ITS-90 water temperature", "Water body salinity")} <= (
        reported
    )
    # Two periods: from the first start to the last end.
    assert values(facts, f"{product}/period", DCAT.startDate) == {"1899-12-31"}
    assert values(facts, f"{product}/period", DCAT.endDate) == {"2017-12-30"}
    [box] = values(facts, f"{product}/extent", DCAT.bbox)
    assert box == "POLYGON((-180 -90,179 -90,179 90,-180 90,-180 -90))"
    [page] = values(facts, product, DCAT.landingPage)
    assert page.endswith(f"/collections/main/items/{CLIMATOLOGY}")


def test_a_record_inside_a_record_has_the_identifier_of_the_outer_one(shared):
    # The dataset itself is known as FR-330-...; other protocols know it by the record's UUID.
    facts = sextant(shared, "bathymetry")
    assert values(facts, me(BATHYMETRY), DCT.identifier) == {BATHYMETRY}
    # "frequency/null" is no frequency.
    assert values(facts, me(BATHYMETRY), DCT.accrualPeriodicity) == set()


@pytest.mark.parametrize("name", ["bathymetry", "seadatanet"])
def test_no_contact_and_no_sentence_enters(shared, name):
    facts = sextant(shared, name)
    said = " ".join([*map(str, facts.triples), *map(str, facts.left_out)])
    for words in ("contact@", "Géosciences Marines", "Bologna", "custodian", "quality flags"):
        assert words not in said


def test_a_record_that_is_cut_off_is_refused_wherever_it_ends(shared):
    content = (shared / "odatis/sextant.dcat.seadatanet.xml").read_bytes().rstrip()
    for end in range(1, len(content), len(content) // 40):
        with pytest.raises(SourceError):
            read(content[:end], "cut.xml")


# ------------------------------------------------------------------ what the standard offers


def test_a_dataset_says_all_that_a_product_may_have():
    facts, product = read(FULL), me("10.17882/46219")
    assert values(facts, product, DCT.title) == {"Sea temperature", "Température de la mer"}
    assert values(facts, product, BIBO.doi) == {"10.17882/46219"}
    assert values(facts, product, OKG.reports) == {
        ids.nvs_concept("P02", "TEMP"),
        ids.word("odatis", "salinity"),
    }
    assert values(facts, product, DCT.license) == {"https://creativecommons.org/licenses/by/4.0/"}
    assert values(facts, product, DCT.publisher) == {f"{BASE}organisation/ifremer"}
    assert values(facts, product, DCT.issued) == {"2020-02-03"}
    assert values(facts, product, DCAT.version) == {"2.1"}
    assert values(facts, product, DCAT.temporalResolution) == {"P1M"}
    assert values(facts, product, DCAT.spatialResolutionInMeters) == {"1000"}
    assert values(facts, product, PROV.wasDerivedFrom) == {"https://doi.org/10.48670/moi-00016"}
    assert {s.rsplit("/", 1)[-1] for s in values(facts, product, ADMS.status)} == {"WITHDRAWN"}
    assert values(facts, f"{product}/period", DCAT.startDate) == {"1990"}
    # One of its periods has no end, so there is none.
    assert values(facts, f"{product}/period", DCAT.endDate) == set()
    [box] = values(facts, f"{product}/extent", DCAT.bbox)
    assert box == "POLYGON((-5 40,10 40,10 45,-5 45,-5 40))"


def test_persons_and_keys_never_enter():
    facts = read(FULL)
    said = " ".join([*map(str, facts.triples), *map(str, facts.left_out)])
    for name in ("Jane", "John", "jane", "secret"):
        assert name not in said


def test_the_syntax_makes_no_difference():
    triples = list(parse((HEAD + FULL).encode(), format=RdfFormat.TURTLE))
    as_turtle = set(read(FULL).triples)
    for format_, name in (
        (RdfFormat.RDF_XML, "catalogue.rdf"),
        (RdfFormat.JSON_LD, "catalogue.json"),
        (RdfFormat.N_TRIPLES, "catalogue"),
    ):
        content = serialize(triples, format=format_)
        assert content is not None
        assert set(read(content, name).triples) == as_turtle


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        ("[] a dcat:Dataset ; dcat:keyword 'a' .", "identifier"),
        ("<urn:x> a dcat:Dataset .", "title"),
        ("<urn:x> a dcat:Dataset ; dcterms:title 'me@example.org' .", "title"),
    ],
)
def test_a_dataset_that_is_no_product_is_left_out_and_its_siblings_stay(dataset, reason):
    facts = read(f"{dataset}\n{FULL}")
    assert values(facts, me("10.17882/46219"), DCT.title)
    assert any(reason in item.reason for item in facts.left_out)


def test_a_geometry_that_is_none_is_named():
    facts = read(FULL.replace("POLYGON((-5 40", "POLYGON((north"))
    assert values(facts, f"{me('10.17882/46219')}/extent", DCAT.bbox) == set()
    assert any(item.item.endswith(", bbox") for item in facts.left_out)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.ttl"),
        (b"<urn:a> <urn:b> <urn:c> .", "a.ttl"),
        (b"{", "a.json"),
        (b"<html>", "a"),
        (b"@prefix dcat: <http://www.w3.org/ns/dcat#> . <a b> a dcat:Dataset .", "a.ttl"),
    ],
)
def test_what_is_no_catalogue_is_refused(content, name):
    with pytest.raises(SourceError):
        read(content, name)


# ------------------------------------------------------------------ as a user's file


def test_a_user_brings_a_catalogue_as_a_file(tmp_path):
    file = tmp_path / "mine.ttl"
    file.write_text(HEAD + FULL, "utf-8")
    harvest = Harvest(tmp_path)
    gather.add_file(harvest, file)
    [recording] = harvest.get("user-mine.ttl").recordings
    assert recording.format == "dcat"


def test_a_vocabulary_is_no_catalogue():
    skos = HEAD + "<urn:a> a skos:Concept ; skos:prefLabel 'salt' ; dcat:theme <urn:b> ."
    assert not is_dcat(skos.encode(), "a.ttl")
    assert is_dcat((HEAD + FULL).encode(), "a.ttl")
