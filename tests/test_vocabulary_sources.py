"""Vocabularies are read whole and as facts only, or refused with file, place and remedy."""

from __future__ import annotations

import gzip
import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from helpers import CF, EXV, OD1, P02
from oceankg import queries
from oceankg.errors import SourceError
from oceankg.harvest import from_folder
from oceankg.model import Recording
from oceankg.namespaces import DCAT, DCT, FOAF, OKG, ORG, OWL, QUDT, RDF, SKOS
from oceankg.sources import LEFT_OUT, READERS, all_sources, read

NVS = "http://vocab.nerc.ac.uk/"
COLLECTION = NVS + "collection/"
P01 = COLLECTION + "P01/current/"
P03 = COLLECTION + "P03/current/"
P06 = COLLECTION + "P06/current/"
P08 = COLLECTION + "P08/current/"
P09 = COLLECTION + "P09/current/"
R03 = COLLECTION + "R03/current/"
LINE_BREAK = b"\n"
ODATIS = "https://vocab.ifremer.fr/collection/odatis_variables/"


@cache
def facts_of(source, shared):
    """All triples of a source's recordings."""
    return tuple(t for r in from_folder(all_sources()[source], shared) for t in read(r).triples)


def subjects(triples, predicate, value=None):
    return {t.subject for t in triples if t.predicate == predicate and value in (None, t.object)}


def objects(triples, subject, predicate):
    me = NamedNode(subject)
    return {t.object for t in triples if t.subject == me and t.predicate == predicate}


def iris(*values):
    return {NamedNode(value) for value in values}


def outcome(recording):
    """The facts of a recording, or None when it is refused properly."""
    try:
        return read(recording).triples
    except SourceError as error:
        refused = error
    assert refused.file == recording.name
    assert refused.place
    assert refused.remedy
    return None


def refusal(recording):
    with pytest.raises(SourceError) as caught:
        read(recording)
    assert caught.value.file == recording.name
    assert caught.value.remedy
    return caught.value


# ------------------------------------------------------------------ counts


COUNTS = {
    "nvs-p01": 50_185,
    "nvs-p02": 476,
    "nvs-p03": 77,
    "nvs-p06": 406,
    "nvs-p07": 4_925,
    "nvs-p08": 12,
    "nvs-p09": 627,
    "nvs-a05": 24,
    "nvs-od1": 50,
    "nvs-exv": 69,
    "nvs-r03": 105,
    "odatis-variables": 45,
    "cf-standard-names": 5_023,
    "socat-columns": 94,
    "cmems-insitu-names": 116,
    "cmems-names": 29,
}


@pytest.mark.parametrize("source", COUNTS)
def test_a_vocabulary_has_all_its_concepts_with_a_label_each(source, shared):
    found = facts_of(source, shared)
    concepts = subjects(found, RDF.type, SKOS.Concept)
    if source == "cf-standard-names":  # an alias is a concept too, but no longer a name
        concepts -= subjects(found, OWL.deprecated)
    assert len(concepts) == COUNTS[source]
    assert concepts <= subjects(found, SKOS.prefLabel)


@pytest.mark.parametrize("source", [s for s in COUNTS if s.startswith("nvs-")])
def test_every_concept_of_an_nvs_list_is_its_member(source, shared):
    found = facts_of(source, shared)
    concepts = subjects(found, RDF.type, SKOS.Concept)
    collection = NamedNode(f"{COLLECTION}{source[4:].upper()}/current/")
    members = [t.object for t in found if t.predicate == SKOS.member]
    assert {t.subject for t in found if t.predicate == SKOS.member} == {collection}
    assert len(members) == len(concepts)
    assert set(members) == concepts


def test_cf_has_595_aliases_of_which_three_are_names_in_use(shared):
    found = facts_of("cf-standard-names", shared)
    replaced = subjects(found, DCT.isReplacedBy)
    assert len(replaced) == 592
    assert replaced == subjects(found, OWL.deprecated)
    source = all_sources()["cf-standard-names"]
    left_out = [i for r in from_folder(source, shared) for i in read(r).left_out]
    assert sorted(item.item for item in left_out) == [
        "alias convective_precipitation_rate",
        "alias integral_wrt_depth_of_sea_water_potential_temperature_expressed_as_heat_content",
        "alias ocean_volume",
    ]


def test_edmo_and_edmerp_have_all_their_entries(shared):
    assert len(subjects(facts_of("edmo", shared), RDF.type, ORG.Organization)) == 5_834
    assert len(subjects(facts_of("edmo", shared), FOAF.name)) == 5_834
    assert len(subjects(facts_of("edmerp", shared), RDF.type, FOAF.Project)) == 3_564
    assert len(subjects(facts_of("edmerp", shared), DCT.title)) == 3_564


def test_p01_has_its_445_deprecated_concepts_and_all_links_to_p02(shared):
    found = facts_of("nvs-p01", shared)
    assert len(subjects(found, OWL.deprecated)) == 445
    links = {
        (t.subject, t.object)
        for t in found
        if t.predicate == SKOS.broader and t.object.value.startswith(P02)
    }
    assert len(links) >= 50_465


# ------------------------------------------------------------------ well-known records


def test_p01_oxygen_has_its_unit_and_its_group(shared):
    found = facts_of("nvs-p01", shared)
    assert objects(found, f"{P01}DOXYZZXX/", SKOS.related) == iris(f"{P06}UPOX/")
    assert NamedNode(f"{P02}DOXY/") in objects(found, f"{P01}DOXYZZXX/", SKOS.broader)
    assert objects(found, f"{P01}DOXYZZXX/", SKOS.notation) == {Literal("SDN:P01::DOXYZZXX")}


def test_argo_oxygen_is_the_same_as_a_p01_concept(shared):
    same = objects(facts_of("nvs-r03", shared), f"{R03}DOXY/", OWL.sameAs)
    assert same == iris(f"{P01}DOXMZZXX/")
    assert same <= subjects(facts_of("nvs-p01", shared), SKOS.prefLabel)


NAME = "https://w3id.org/oceankg/name/"


@pytest.mark.parametrize(
    ("source", "subject", "unit", "standard_name"),
    [
        ("nvs-r03", f"{R03}DOXY/", "micromole/kg", "moles_of_oxygen_per_unit_mass_in_sea_water"),
        ("socat-columns", f"{NAME}socat/temp", "degrees_C", "sea_surface_temperature"),
        ("socat-columns", f"{NAME}socat/wind_speed_true", "m/s", "wind_speed"),
        ("cmems-insitu-names", f"{NAME}cmems-insitu/TEMP", "degrees_C", "sea_water_temperature"),
        ("cmems-names", f"{NAME}cmems/sithick_glor", "m", "sea_ice_thickness"),
    ],
)
def test_a_name_of_variables_has_its_unit_and_cf_name(source, subject, unit, standard_name, shared):
    found = facts_of(source, shared)
    assert objects(found, subject, OKG.canonicalUnit) == {Literal(unit)}
    assert objects(found, subject, OKG.standardName) == {Literal(standard_name)}


def test_a_parameter_of_argo_that_states_no_cf_name_has_none(shared):
    found = facts_of("nvs-r03", shared)
    assert not objects(found, f"{R03}VRS_PH/", OKG.standardName)
    assert objects(found, f"{R03}VRS_PH/", OKG.canonicalUnit) == {Literal("volt")}
    assert not any(t.object == Literal("-") for t in found)


def test_the_headers_of_socat_belong_to_its_columns(shared):
    found = facts_of("socat-columns", shared)
    labels = objects(found, f"{NAME}socat/sal", SKOS.altLabel)
    assert {Literal("sal"), Literal("salinity")} & labels
    headers = {t.subject for t in found if t.predicate == SKOS.altLabel}
    assert headers <= subjects(found, RDF.type, SKOS.Concept)


def test_a_default_of_socat_that_is_no_json_is_left_out_and_named(shared):
    source = all_sources()["socat-columns"]
    left_out = [i for r in from_folder(source, shared) for i in read(r).left_out]
    assert [item.item for item in left_out] == ["column delta_temp"]


def test_an_in_situ_name_keeps_its_codes_and_says_no_more_than_its_list(shared):
    found = facts_of("cmems-insitu-names", shared)
    assert objects(found, f"{NAME}cmems-insitu/BATH", SKOS.closeMatch) == iris(f"{P01}MBANZZZZ/")
    assert objects(found, f"{NAME}cmems-insitu/PSAL", SKOS.related) == iris(f"{P06}UUUU/")
    assert not objects(found, f"{NAME}cmems-insitu/TICW", SKOS.closeMatch)
    assert not objects(found, f"{NAME}cmems-insitu/PH25", OKG.standardName)


def test_a_cf_alias_with_two_successors_leads_to_both(shared):
    found = facts_of("cf-standard-names", shared)
    alias = f"{CF}surface_carbon_dioxide_mole_flux/"
    assert objects(found, alias, DCT.isReplacedBy) == iris(
        f"{CF}surface_downward_mole_flux_of_carbon_dioxide/",
        f"{CF}surface_upward_mole_flux_of_carbon_dioxide/",
    )
    assert objects(found, alias, OWL.deprecated) == {Literal(value=True)}


def test_cf_sea_surface_temperature_is_in_kelvin(shared):
    found = facts_of("cf-standard-names", shared)
    assert objects(found, f"{CF}sea_surface_temperature/", OKG.canonicalUnit) == {Literal("K")}


def test_from_p02_by_p03_to_p08_each_step_is_broader(shared):
    up = facts_of("nvs-p02", shared), facts_of("nvs-p03", shared), facts_of("nvs-p08", shared)
    everything = [t for found in up for t in found]
    [group] = objects(everything, f"{P02}PSAL/", SKOS.broader)
    assert group == NamedNode(f"{P03}D025/")
    assert NamedNode(f"{P08}DS03/") in objects(everything, group.value, SKOS.broader)
    assert not objects(everything, f"{P08}DS03/", SKOS.narrower)


def test_a_deprecated_p02_is_marked_and_a_current_one_is_not(shared):
    found = facts_of("nvs-p02", shared)
    assert objects(found, f"{P02}PREX/", OWL.deprecated) == {Literal(value=True)}
    assert not objects(found, f"{P02}TEMP/", OWL.deprecated)


def test_a_p06_unit_has_its_ucum_codes(shared):
    found = facts_of("nvs-p06", shared)
    codes = {code.value for code in objects(found, f"{P06}UPOX/", QUDT.ucumCode)}
    assert codes == {"umol.L-1", "umol/L"}


def test_a_label_that_is_a_path_also_gives_its_last_part(shared):
    found = facts_of("odatis-variables", shared)
    me = f"{ODATIS}2792d63e-aea3-4c78-a4b6-f4bdb4710ffc"
    assert objects(found, me, SKOS.prefLabel) == {
        Literal("/Physical Oceanography/Salinity", language="en"),
        Literal("/Physique de l'Océan/Salinité", language="fr"),
    }
    assert objects(found, me, SKOS.altLabel) == {
        Literal("Salinity", language="en"),
        Literal("Salinité", language="fr"),
    }


def test_a_p09_code_matches_its_p01_concept(shared):
    found = facts_of("nvs-p09", shared)
    assert objects(found, f"{P09}DMTW/", SKOS.exactMatch) == iris(f"{P01}XYLMPBF1/")


def test_an_essential_variable_names_its_document(shared):
    found = facts_of("nvs-exv", shared)
    assert objects(found, f"{EXV}EXV063/", SKOS.prefLabel) == {
        Literal("Coral cover and composition", language="en")
    }
    assert objects(found, f"{EXV}EXV063/", DCT.source) == iris(
        "https://goosocean.org/document/17512"
    )


# ------------------------------------------------------------------ broken, yet published


BAD = (
    "NVS.P01.rdf",
    "dcsmm.area.rdf",
    "emodnet-checkpoint.challenges.rdf",
    "emodnet-checkpoint.data.delivery.mechanism.rdf",
    "emodnet-checkpoint.environmental.matrix.rdf",
    "emodnet-checkpoint.policy.visibility.rdf",
    "emodnet-checkpoint.readyness.rdf",
    "emodnet-checkpoint.reliability.rdf",
    "emodnet-checkpoint.service.extent.rdf",
    "emodnet-checkpoint.visibility.rdf",
    "portail-donnees-facette-comment.rdf",
    "portail-donnees-facette-delai.rdf",
    "portail-donnees-facette-discipline.rdf",
    "portail-donnees-facette-ou.rdf",
    "portail-donnees-facette-type.rdf",
    "sosa-oms.ttl",
)


def test_the_list_of_bad_files_is_whole(shared):
    assert sorted(path.name for path in (shared / "bad").iterdir()) == sorted(BAD)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_file_line_and_remedy(name, shared):
    error = refusal(Recording(name, (shared / "bad" / name).read_bytes(), "skos"))
    assert error.place.startswith("line ")
    assert str(error) == f"{name}, {error.place}: {error.message} Remedy: {error.remedy}"


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        ("dcsmm.area.rdf", 30, "Sous-regions marines"),
        ("emodnet-checkpoint.reliability.rdf", 30, "reliability##"),
        ("portail-donnees-facette-ou.rdf", 9, "Facette Où"),
        ("sosa-oms.ttl", 275, "osa:"),
    ],
)
def test_the_line_named_is_the_line_at_fault(name, line, text, shared):
    content = (shared / "bad" / name).read_bytes()
    assert refusal(Recording(name, content, "skos")).place == f"line {line}"
    assert text in content.decode().split("\n")[line - 1]


def test_the_cut_off_p01_breaks_at_its_end(shared):
    content = (shared / "bad" / "NVS.P01.rdf").read_bytes()
    error = refusal(Recording("NVS.P01.rdf", content, "skos"))
    assert error.place == f"line {len(content.split(LINE_BREAK))}, column 0"
    assert "fetch it again" in error.remedy


# ------------------------------------------------------------------ facts only


SENTENCES = ("definition", "description", "note", "comment", "abstract", "scopeNote", "example")


def assert_facts_only(triples):
    for triple in triples:
        name = triple.predicate.value.replace("#", "/").rsplit("/", 1)[-1]
        assert name.lower() not in {word.lower() for word in SENTENCES}
        assert not name.lower().endswith("note")
        assert not isinstance(triple.subject, BlankNode)
        assert not isinstance(triple.object, BlankNode)
        if triple.predicate == SKOS.prefLabel:
            assert triple.object.value.strip()
        for term in (triple.subject, triple.object):
            if isinstance(term, NamedNode) and "vocab.nerc.ac.uk" in term.value:
                assert term.value.startswith(NVS)
                assert term.value.endswith("/")


ALL_BUT_P01 = [source for source in all_sources() if source != "nvs-p01"]


@pytest.mark.parametrize("source", ALL_BUT_P01)
def test_a_source_gives_facts_only_in_the_spelling_of_the_graph(source, shared):
    assert_facts_only(facts_of(source, shared))


def test_a_sample_of_p01_gives_facts_only(shared):
    assert_facts_only(facts_of("nvs-p01", shared)[::97])


# ------------------------------------------------------------------ small recordings of each kind


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'

A05_TTL = f"""@prefix skos: <{SKOS.iri}> .
@prefix owl: <{OWL.iri}> .
<{OD1}> a skos:Collection ;
    skos:prefLabel "ODATIS aggregation parameters" ;
    skos:member <{OD1}SAL/>, <{OD1}DOXY/> .
<{OD1}DOXY/> a skos:Concept ;
    skos:prefLabel "Dissolved oxygen"@en, "Oxygène dissous"@fr ;
    skos:definition "Left to its authors."@en ;
    owl:sameAs <{P02}DOXY/> .
<{OD1}SAL/> a skos:Concept ; skos:prefLabel "Salinity"@en .
"""

SKOS_RDF = f"""{XML}<rdf:RDF xmlns:rdf="{RDF.iri}" xmlns:skos="{SKOS.iri}">
<skos:Concept rdf:about="{ODATIS}1">
<skos:prefLabel xml:lang="fr">/Physique/Salinité</skos:prefLabel>
<skos:note>Left to its authors.</skos:note>
</skos:Concept>
<skos:Concept rdf:about="{ODATIS}2"><skos:prefLabel>Chlorophyll</skos:prefLabel></skos:Concept>
</rdf:RDF>
"""

JSONLD = json.dumps(
    {
        "data": {
            "@context": {"skos": SKOS.iri, "dct": DCT.iri, "owl": OWL.iri},
            "@graph": [
                {
                    "@id": P08,
                    "@type": "skos:Collection",
                    "dct:title": "Disciplines",
                    "skos:member": [{"@id": f"{P08}DS02/"}, {"@id": f"{P08}DS03/"}],
                },
                {
                    "@id": f"{P08}DS02/",
                    "@type": "skos:Concept",
                    "skos:prefLabel": {"@language": "en", "@value": "Chemical oceanography"},
                    "skos:definition": {"@language": "en", "@value": "Left to its authors."},
                    "skos:narrower": [{"@id": f"{P03}C015/"}],
                    "owl:deprecated": "false",
                },
                {
                    "@id": f"{P08}DS03/",
                    "@type": "skos:Concept",
                    "skos:prefLabel": "Physical oceanography",
                    "dct:date": "2005-03-10 14:31:52.0",
                    "owl:deprecated": "true",
                },
            ],
        }
    },
    indent=1,
)

DUMP = f"""identifier,preflabel,altLabel,deprecated,uri,definition,standardUnitID,standardunit
SDN:P01::DOXYZZXX,"Concentration of oxygen, water",WC_dissO2,false,{P01}DOXYZZXX/,"A
sentence",{P06}UPOX/,Micromoles per litre
SDN:P01::PREXPR01,Old pressure,,true,{P01}PREXPR01/,Another,None,nan
SDN:P02::PSAL,Salinity,Sal,false,{P02}PSAL/,Third,None,nan
"""

UNITS = f"""identifier,preflabel,altLabel,deprecated,uri
SDN:P06::BQSM,Becquerels per square metre,Bq/m^2,false,{P06}BQSM/
SDN:P06::KMP2,Kilograms per square metre,kg/m^2,true,{P06}KMP2/
"""

CSV = f"""uri,prefLabel,definition,altLabel,id
{P02}ARAD/,Radioactivity in the atmosphere,"All, that is.",AtmosRad,SDN:P02::ARAD
{P02}PSAL/,"Salinity of the ""water"" column",None.,,SDN:P02::PSAL
"""

LINKS = json.dumps(
    {
        f"{P02}NUHF/": [f"{P01}HFITRAT7/"],
        f"{P02}INAP/": [],
        f"{P02}PHLT/": [f"{OD1}C02/", f"{P01}PVLTGC01/"],
    }
)

EXV_TSV = (
    "EXV016\tAerosol properties\thttps://gcos.wmo.int/en/aerosols\n"
    "EXV063\tCoral cover and composition\thttps://goosocean.org/document/17512\n"
)

P01_LINKS = json.dumps(
    {
        "_source": "a sample",
        "p01": {
            f"{P01}TEMPPR01/": {
                "broader": [f"{COLLECTION}S06/current/S0600082/", f"{P02}TEMP/"],
                "related": [f"{P06}UPAA/"],
            }
        },
    }
)

UCUM = f"""@prefix dt: <http://example.org/dt/> .
@prefix skos: <{SKOS.iri}> .
<{P06}AMPB/> skos:notation "A"^^dt:UCUMcs .
<{P06}BQM3/> skos:notation "Bq.m-3"^^dt:UCUMcs ; skos:notation "SDN:P06::BQM3"^^dt:SDNcode .
"""

LIST = f"""{XML}<vocabulary list="SDN:P09:77:" version="77" title="MEDATLAS">
  <element key="SDN:P09::MZNF" label="ZN FLUX" shortLabel="MZNF" date="2009-04-08T08:11:19.000"/>
  <element key="SDN:P09::LFIS" label="FISH LARVAE" shortLabel="LFisAbund" date=""/>
</vocabulary>
"""

MAPPING = f"""{XML}<mapping>
  <vocabulary list="SDN:P01:1291:"/>
  <mapped><vocabulary list="SDN:P09:77:"/></mapped>
  <match><element key="SDN:P09:77:DMTW"/>
    <exact><element key="SDN:P01:77:XYLMPBF1"/></exact></match>
  <match><element key="SDN:P09:77:CUPH"/>
    <broad><element key="SDN:P01:77:TCUPHZZZ"/></broad></match>
</mapping>
"""

EDMO_CSV = """uri,code,name
https://edmo.seadatanet.org/report/10,10,"University of Liverpool, Earth Sciences"
https://edmo.seadatanet.org/report/100,100,Leibniz Institute for Baltic Sea Research Warnemünde
"""

EDMERP_XML = f"""{XML}<SimpleMetadataList>
  <SimpleMetadata><Id>8067</Id><Title>Mapping seabed habitats</Title><Acronym>MESH</Acronym>
  </SimpleMetadata>
  <SimpleMetadata><Id>9</Id><Title>Évolution</Title><Acronym>unknown</Acronym></SimpleMetadata>
</SimpleMetadataList>
"""

CF_XML = f"""{XML}<standard_name_table>
  <version_number>93</version_number>
  <last_modified>2026-03-17T10:53:20Z</last_modified>
  <entry id="sea_surface_temperature">
    <canonical_units>K</canonical_units><description>Left to its authors.</description></entry>
  <entry id="area_type"><canonical_units/></entry>
  <alias id="sst"><entry_id>sea_surface_temperature</entry_id></alias>
</standard_name_table>
"""

CMEMS = json.dumps(
    {
        "BALTIC_OMI_TEMP": {
            "title": "Baltic temperature",
            "description": "Left to its authors.",
            "keywords": ["baltic-sea", "sea-water-temperature", "level-4"],
            "sci:doi": "10.48670/moi-00001",
            "providers": [{"name": "CLS (France)", "roles": ["producer"]}],
            "extent": {
                "spatial": {"bbox": [[9, 53, 30, 66]]},
                "temporal": {"interval": [["1993-01-01T00:00:00Z", None]]},
            },
        }
    }
)

ODATIS_JSONL = "".join(
    json.dumps(record) + "\n"
    for record in (
        {
            "id": "10.17882/1",
            "title": "Salinity of the bay",
            "doi": "10.17882/1",
            "parameters": ["salinity"],
            "landing_url": "https://doi.org/10.17882/1",
            "source_url": "https://doi.org/10.17882/1",
            "confidence": "read",
        },
        {
            "id": "10.17882/2",
            "title": "Oxygen of the bay",
            "doi": "10.17882/2",
            "parameters": ["oxygen"],
            "source_url": "https://doi.org/10.17882/2",
            "confidence": "read",
        },
    )
)


SOCAT = """# Standard types
# sal={"display_name":"salinity","units":["PSU"],"standard_name":"sea_surface_salinity"}
# odd={"display_name":"odd","file_std_unit"="K"}

temp={"display_name":"SST","file_std_unit":"degrees_C","units":["deg C"]}
"""

SOCAT_HEADERS = """# header = type, unit, missing value
sst=temp,deg C,
sssalinity=sal,,
"""

INSITU = """# Copernicus variables

| variable name | long_name | CF standard_name | unit | SDN Param | SDN UoM |
| --- | --- | --- | --- | --- | --- |
| TEMP | Sea temperature | sea_water_temperature | degrees_C | SDN:P01::TEMPPR01 | SDN:P06:UPAA |
| FREQ | Frequency | TBD | s-1 | TBD | - |
"""

DESCRIBED = json.dumps(
    {"products": [{"variables": [{"short_name": "uo", "standard_name": "x", "units": "m s-1"}]}]}
)


DATASETS = """product_id,dataset_id,version,timeChunked_url,native_url
P_001,cmems_mod_glo_phy_my_0.083deg_P1D-m,202311,,https://example.org/a
P_001,cmems_mod_glo_phy_my_0.083deg_P1M-m,202311,,https://example.org/b
"""
DATASET = "cmems_mod_glo_phy_my_0.083deg_P1D-m"
STAC_COLLECTION = json.dumps(
    {"id": "P_001", "title": "A product", "keywords": ["sea-water-salinity"]}
)
ITEM = json.dumps(
    {
        "id": f"{DATASET}_202311",
        "collection": "P_001",
        "properties": {"title": "Daily", "cube:variables": {"so": {"unit": "1e-3"}}},
    }
)
TOOLBOX = json.dumps(
    {
        "products": [
            {
                "product_id": "P_001",
                "title": "A product",
                "datasets": [
                    {"dataset_id": DATASET, "versions": [{"label": "202311", "parts": [{}]}]}
                ],
            }
        ]
    }
)
HITS = json.dumps(
    {"hits": {"hits": [{"_source": {"uuid": "a", "resourceTitleObject": {"default": "A"}}}]}}
)
FEATURES = json.dumps(
    {"features": [{"id": "a", "properties": {"title": "A product", "type": "dataset"}}]}
)
ERDDAP_INFO = json.dumps(
    {
        "table": {
            "columnNames": [
                *("Row Type", "Variable Name", "Attribute Name", "Data Type", "Value"),
            ],
            "rows": [
                ["attribute", "NC_GLOBAL", "id", "String", "a"],
                ["attribute", "NC_GLOBAL", "title", "String", "A dataset"],
                ["variable", "TEMP", "", "float", ""],
            ],
        }
    }
)
DCAT_RDF = f"""{XML}<rdf:RDF xmlns:rdf="{RDF.iri}" xmlns:dct="{DCT.iri}" xmlns:dcat="{DCAT.iri}">
  <dcat:Dataset rdf:about="https://example.org/d"><dct:title>A dataset</dct:title></dcat:Dataset>
</rdf:RDF>
"""
DC = """<dc:identifier>a</dc:identifier><dc:title>A product</dc:title><dc:type>dataset</dc:type>"""
CSW = f"""{XML}<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
  <csw:SearchResults numberOfRecordsMatched="1" numberOfRecordsReturned="1" nextRecord="0">
    <csw:Record>{DC}</csw:Record>
  </csw:SearchResults>
</csw:GetRecordsResponse>
"""
OAI = f"""{XML}<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <ListRecords><record>
    <header><identifier>oai:example.org:a</identifier><datestamp>2024-01-01</datestamp></header>
    <metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
      xmlns:dc="http://purl.org/dc/elements/1.1/">{DC}</oai_dc:dc></metadata>
  </record></ListRecords>
</OAI-PMH>
"""


def table(*rows):
    """A SPARQL answer in JSON, as an endpoint writes it."""
    columns = ("subject", "predicate", "object")
    bindings = [
        {
            "subject": {"type": "uri", "value": subject},
            "predicate": {"type": "uri", "value": predicate},
            "object": {"type": "literal", "value": value},
        }
        for subject, predicate, value in rows
    ]
    return json.dumps({"head": {"vars": columns}, "results": {"bindings": bindings}})


CONCEPT = {
    "@context": {"skos": SKOS.iri, "dc": DCT.iri},
    "@id": f"{P02}TEMP/",
    "@type": "skos:Concept",
    "skos:prefLabel": {"@language": "en", "@value": "Temperature"},
    "skos:definition": "Left to its authors.",
    "dc:date": "2022-06-01 00:00:00.0",
}
GOOS_TERMS = {
    "objects": [
        {"about": "https://goosocean.org/eov/fish", "label": "Fish abundance"},
        {"about": "https://goosocean.org/eov/fish/biomass/by_age", "label": "Biomass by age"},
        {"about": "https://goosocean.org/eov/dish/biomass", "label": "Misspelt"},
    ]
}
GOOS_VARIABLES = {
    "top_level_eovs": [
        {
            "url": "https://goosocean.org/eov/zooplankton",
            "label": "Zooplankton biomass",
            "alt_uris": [
                "https://vocab.nerc.ac.uk/collection/EXV/current/EXV057/",
                "https://goosocean.org/document/17509",
            ],
        }
    ]
}
TITLES = f"""{XML}<vocabularies>
  <vocabulary list="SDN:C17:1155:" version="1155" title="ICES Platform Codes"/>
</vocabularies>
"""
VALUES = """preflabel,deprecated,uri,definition
Thalassa,false,http://vocab.nerc.ac.uk/collection/C17/current/35HT/,"Left to
its authors."
microscopy,true,http://vocab.nerc.ac.uk/collection/S04/current/S0452/,Left to its authors.
CTD,false,http://vocab.nerc.ac.uk/collection/L22/current/TOOL1456/,Left to its authors.
"""
LDES = f"""@prefix dc: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{P02}TEMP/2/> a skos:Concept ; dc:isVersionOf <{P02}TEMP/> ; skos:prefLabel "Temperature" ;
  dc:modified "2023-06-01T10:56:10"^^<http://www.w3.org/2001/XMLSchema#dateTime> ;
  skos:definition "Left to its authors." .
<{P02}PSAL/1/> a skos:Concept ; dc:isVersionOf <{P02}PSAL/> ; skos:prefLabel "Salinity" .
"""


def small(name, content, format_, **options):
    content = content if isinstance(content, bytes) else content.encode()
    return Recording(name, content, format_, options)


SMALL = {
    "turtle": small("od1.ttl", A05_TTL, "skos", only=OD1),
    "rdf-xml": small("list.rdf", SKOS_RDF, "skos"),
    "jsonld": small("p08.json", JSONLD, "nvs-jsonld"),
    "concept": small("TEMP", json.dumps(CONCEPT), "nvs-jsonld"),
    "nvs-rows": small("0.json", table((f"{P02}TEMP/", SKOS.prefLabel.value, "T")), "nvs-rows"),
    "edmo-rows": small(
        "0.json", table(("http://edmo.seadatanet.org/10", ORG.name.value, "Bay")), "edmo-rows"
    ),
    "edmerp-rows": small(
        "0.json",
        table(("http://edmerp.seadatanet.org/report/9", DCT.title.value, "Bay")),
        "edmerp-rows",
    ),
    "goos-terms": small("terms.json", json.dumps(GOOS_TERMS), "goos-thesaurus"),
    "goos-variables": small("eov.json", json.dumps(GOOS_VARIABLES), "goos-variables"),
    "titles": small("vocabularies.xml", TITLES, "sdn-titles"),
    "values": small("values.csv", VALUES, "nvs-dump", collection="C17 S04"),
    "ldes": small("page.ttl", LDES, "ldes"),
    "dump": small("dump.csv", DUMP, "nvs-dump", collection="P01"),
    "dump-gz": small(
        "dump.csv.gz", gzip.compress(DUMP.encode(), mtime=0), "nvs-dump", collection="P01"
    ),
    "dump-deprecated": small("dump.csv", DUMP, "nvs-dump", collection="P01", only="deprecated"),
    "units": small("units.csv", UNITS, "nvs-dump", collection="P06"),
    "csv": small("p02.csv", CSV, "nvs-csv", collection="P02"),
    "links": small("l.json", LINKS, "nvs-links", predicate="skos:narrower", to="P01"),
    "exv": small("EXV.tsv", EXV_TSV, "nvs-exv-tsv"),
    "p01-links": small("sample.json", P01_LINKS, "nvs-p01-links"),
    "ucum": small("ucum.ttl", UCUM, "p06-ucum"),
    "list": small("p09.xml", LIST, "sdn-list"),
    "mapping": small("m.xml", MAPPING, "sdn-mapping"),
    "edmo": small("EDMO.csv", EDMO_CSV, "edmo-csv"),
    "edmerp": small("EDMERP.xml", EDMERP_XML, "edmerp-xml"),
    "cf": small("cf.xml", CF_XML, "cf-table"),
    "cmems": small("cmems.json", CMEMS, "cmems-collections"),
    "odatis": small("odatis.jsonl", ODATIS_JSONL, "odatis-records"),
    "socat": small("KnownTypes.properties", SOCAT, "socat-types"),
    "socat-headers": small("DefaultTypeKeys.properties", SOCAT_HEADERS, "socat-headers"),
    "insitu": small("insitu.md", INSITU, "cmems-insitu-names"),
    "described": small("describe.json", DESCRIBED, "cmems-described"),
    "datasets": small("datasets.csv", DATASETS, "cmems-datasets"),
    "stac-collection": small("product.stac.json", STAC_COLLECTION, "stac-collection"),
    "stac-item": small("dataset.stac.json", ITEM, "stac-item"),
    "toolbox": small("describe.json", TOOLBOX, "cmems-describe"),
    "geonetwork": small("page.json", HITS, "geonetwork-records"),
    "features": small("page.json", FEATURES, "ogc-records"),
    "erddap": small("index.json", ERDDAP_INFO, "erddap-info"),
    "dcat": small("catalogue.rdf", DCAT_RDF, "dcat"),
    "csw": small("page", CSW, "csw-records"),
    "oai": small("page", OAI, "oai-records"),
}

# A cut after a whole record (a line, a row, or in Turtle a statement) leaves a sound, shorter
# file; no reader can know. What such a file says must be a part of what the whole one says.
TABLES = ("dump", "dump-deprecated", "units", "csv", "exv", "edmo", "values", "datasets")
BY_RECORD = {
    **dict.fromkeys(TABLES, (b"\n",)),
    "odatis": (b"}", b"}\n"),
    **dict.fromkeys(("socat", "socat-headers"), (b"\n",)),
    "insitu": (b"|", b"|\n"),
    **dict.fromkeys(("turtle", "ucum"), (b".", b".\n")),
    **dict.fromkeys(("turtle", "ucum", "ldes"), (b".", b".\n")),
}


def given_bytes(kind, content):
    whole = SMALL[kind]
    return Recording(whole.name, content, whole.format, whole.options)


def test_there_is_a_small_recording_for_every_reader():
    # A thing left out holds no facts, only the reason.
    assert {recording.format for recording in SMALL.values()} == set(READERS) - {LEFT_OUT}


@pytest.mark.parametrize("kind", SMALL)
def test_a_small_recording_gives_facts_only(kind):
    found = read(SMALL[kind]).triples
    assert found
    assert len(found) == len(set(found))
    assert_facts_only(found)


@pytest.mark.parametrize("kind", SMALL)
def test_the_same_bytes_give_the_same_facts(kind):
    assert set(read(SMALL[kind]).triples) == set(read(SMALL[kind]).triples)


@pytest.mark.parametrize("kind", SMALL)
@given(data=st.data())
def test_a_recording_cut_at_any_byte_is_refused_or_says_the_very_same(kind, data):
    content = SMALL[kind].content
    cut = data.draw(st.integers(0, len(content) - 1))
    part = content[:cut]
    found = outcome(given_bytes(kind, part))
    if found is None:
        return
    everything = set(read(SMALL[kind]).triples)
    if kind in BY_RECORD and part.endswith(BY_RECORD[kind]):
        assert set(found) <= everything
    else:
        assert set(found) == everything


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_that_ends_within_a_row_is_refused(kind):
    """A last column that is cut short would still be a column, so the last line must end."""
    error = refusal(given_bytes(kind, SMALL[kind].content[:-1]))
    assert "cut off" in error.remedy


def test_a_table_that_ends_within_quotes_is_refused_even_after_a_line():
    before, _ = SMALL["dump"].content.split(b"sentence")
    assert before.endswith(b"\n")
    assert refusal(given_bytes("dump", before)).place


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_that_lacks_a_column_is_refused_with_its_row(kind):
    separator = b"\t" if kind == "exv" else b","
    *rows, last = SMALL[kind].content.rstrip(b"\n").split(b"\n")
    short = last.rsplit(separator, 1)[0]
    error = refusal(given_bytes(kind, b"\n".join([*rows, short, b""])))
    assert error.place.startswith("line ")


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_with_a_column_too_many_is_refused(kind):
    separator = b"\t" if kind == "exv" else b","
    content = SMALL[kind].content.rstrip(b"\n") + separator + b"more\n"
    assert refusal(given_bytes(kind, content)).place


# ------------------------------------------------------------------ what is something else


HTML = b"""<!DOCTYPE html>
<html><head><title>Sorry</title></head><body><p>We are down for maintenance.<br></body></html>
"""

LAUGHS = (
    b'<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>\n<lolz>&j;</lolz>\n"
)


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HTML, id="html"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n", id="blank"),
        pytest.param(b"\xff\xfe\x00caf\xe9\n", id="not-utf-8"),
        pytest.param(b"\x00\x00\x00", id="nul"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]\n", id="list"),
        pytest.param(b"{}\n", id="object"),
        pytest.param(b"a\rb\n", id="lone-cr"),
        pytest.param(b"[" * 200_000, id="deep-list"),
        pytest.param(b"<a>" * 200_000, id="deep-xml"),
        pytest.param(b"x" * 200_000 + b"\n", id="long-field"),
        pytest.param(b"x\n" + b"1," * 9, id="other-table"),
        pytest.param(b'<?xml version="1.0" encoding="utf-7"?><a/>', id="odd-encoding"),
        pytest.param(b"9" * 5_000, id="long-number"),
        pytest.param(LAUGHS, id="billion-laughs"),
    ],
)
def test_a_file_of_another_kind_is_refused(kind, content):
    assert refusal(given_bytes(kind, content)).place


ROOTS = {
    "list": "vocabulary",
    "mapping": "mapping",
    "edmerp": "SimpleMetadataList",
    "cf": "standard_name_table",
}


@pytest.mark.parametrize("kind", ROOTS)
def test_xml_with_another_root_is_refused_and_both_are_named(kind):
    error = refusal(given_bytes(kind, b'<?xml version="1.0"?>\n<sorry/>\n'))
    assert error.message == f"the root is <sorry>, not <{ROOTS[kind]}>"


@pytest.mark.parametrize("kind", ["rdf-xml", "list", "mapping", "edmerp", "cf"])
def test_xml_that_declares_entities_is_refused_unread(kind):
    error = refusal(given_bytes(kind, LAUGHS))
    assert "entities" in error.message
    assert error.place == "document type"
    assert "DOCTYPE" in error.remedy


KEYS_OF_ANOTHER_LIST = {
    "list": (b"SDN:P09::LFIS", b"SDN:P02::LFIS"),
    "mapping": (b"SDN:P09:77:CUPH", b"SDN:P02:77:CUPH"),
    "csv": (f"{P02}PSAL/".encode(), f"{P03}PSAL/".encode()),
    "units": (f"{P06}KMP2/".encode(), f"{P02}KMP2/".encode()),
    "edmo": (b"report/100,100", b"report/100,101"),
    "exv": (b"EXV063", b"A05063"),
}


@pytest.mark.parametrize("kind", KEYS_OF_ANOTHER_LIST)
def test_a_key_of_another_list_is_refused_with_its_place(kind):
    right, wrong = KEYS_OF_ANOTHER_LIST[kind]
    assert right in SMALL[kind].content
    assert refusal(given_bytes(kind, SMALL[kind].content.replace(right, wrong))).place


def test_a_cf_alias_to_a_name_that_is_not_there_is_refused():
    content = CF_XML.replace("<entry_id>sea_", "<entry_id>lake_").encode()
    error = refusal(given_bytes("cf", content))
    assert error.place == "alias sst"
    assert "lake_surface_temperature" in error.message


def test_a_list_with_a_member_that_it_does_not_describe_is_refused():
    content = JSONLD.replace(f'"@id": "{P08}DS03/",\n', f'"@id": "{P08}DS04/",\n').encode()
    assert f"{P08}DS03/" in refusal(given_bytes("jsonld", content)).place


LABELS = {
    "list": (b'label="FISH LARVAE"', b'label=" "'),
    "csv": (b"Radioactivity in the atmosphere", b""),
    "dump": (b"Old pressure", b" "),
    "units": (b"Becquerels per square metre", b""),
    "exv": (b"Aerosol properties", b" "),
    "edmerp": (b"Mapping seabed habitats", b" "),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_concept_without_a_label_is_refused_with_its_place(kind):
    label, nothing = LABELS[kind]
    assert label in SMALL[kind].content
    assert refusal(given_bytes(kind, SMALL[kind].content.replace(label, nothing))).place


def test_a_path_that_ends_in_a_slash_has_no_last_part():
    content = SKOS_RDF.replace("/Physique/Salinité", "/Physique/").encode()
    assert not subjects(read(given_bytes("rdf-xml", content)).triples, SKOS.altLabel)


@pytest.mark.parametrize("stamp", ["2026-W05-1", "20260131", "31/01/2026", "2026-02-30", "2026"])
def test_a_date_that_is_none_is_not_said(stamp):
    content = LIST.replace("2009-04-08T08:11:19.000", stamp).encode()
    assert not subjects(read(given_bytes("list", content)).triples, DCT.modified)


def test_a_unit_without_an_iri_has_no_code():
    content = UCUM + '[] skos:notation "m"^^dt:UCUMcs .\n'
    assert_facts_only(read(given_bytes("ucum", content.encode())).triples)


IN_PLACE = {
    "list": (b'list="SDN:P09:77:"', b'list="P09"'),
    "list key": (b"SDN:P09::LFIS", b"SDN:P09::&lt; &gt;"),
    "mapping list": (b'list="SDN:P01:1291:"', b'list=""'),
    "cf": (b'"area_type"', b'"area&lt;type"'),
    "csv": (f"{P02}PSAL/".encode(), f"{P02}P<>SAL/".encode()),
    "units": (f"{P06}KMP2/".encode(), f"{P06}KM P2/".encode()),
    "dump": (f"{P06}UPOX/".encode(), f"{P06}UP OX/".encode()),
    "exv": (b"https://goosocean.org/document/17512", b"https://goosocean.org/a b"),
    "links": (f"{P01}HFITRAT7/".encode(), f"{P01}HF<>T/".encode()),
    "p01-links": (f"{P02}TEMP/".encode(), f"{P02}TE<>MP/".encode()),
    "jsonld": (f"{P03}C015/".encode(), f"{P03}C<>15/".encode()),
}


@pytest.mark.parametrize("fault", IN_PLACE)
def test_what_can_be_no_iri_is_refused_or_escaped(fault):
    right, wrong = IN_PLACE[fault]
    kind = fault.split()[0]
    content = SMALL[kind].content
    assert right in content
    found = outcome(given_bytes(kind, content.replace(right, wrong)))
    if found is not None:
        assert_facts_only(found)


def test_a_column_of_socat_that_is_not_a_default_must_be_valid():
    content = SOCAT.replace("# odd", "odd").encode()
    assert refusal(given_bytes("socat", content)).place == "line 3"


@pytest.mark.parametrize("units", ["5", "[5]", "[null]"])
def test_a_unit_that_is_no_text_is_refused(units):
    content = SOCAT.replace(',"file_std_unit":"degrees_C"', "").replace('["deg C"]', units)
    assert refusal(given_bytes("socat", content.encode())).place == "line 5"


@pytest.mark.parametrize("word", ["3", "null", '""', "[]"])
def test_a_variable_without_a_name_is_refused(word):
    content = DESCRIBED.replace('"uo"', word).encode()
    assert refusal(given_bytes("described", content)).place.startswith("variable ")


def test_a_row_of_names_that_lacks_a_cell_is_refused_with_its_line():
    content = INSITU.replace("| TBD | - |", "| TBD |").encode()
    assert refusal(given_bytes("insitu", content)).place == "line 6"


# ------------------------------------------------------------------ whatever the bytes


@pytest.mark.parametrize("kind", SMALL)
@given(content=st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_no_bytes_lead_to_another_exception(kind, content):
    found = outcome(given_bytes(kind, content))
    if found is not None:
        assert_facts_only(found)


@pytest.mark.parametrize("kind", SMALL)
@given(data=st.data())
def test_no_damage_within_a_recording_leads_to_another_exception(kind, data):
    content = SMALL[kind].content
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 30))
    put = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b"<", b",", b"\r", b" ", b"{"]))
    found = outcome(given_bytes(kind, content[:start] + put + content[start + length :]))
    if found is not None:
        assert not any(isinstance(t.subject, BlankNode) for t in found)


@pytest.mark.parametrize("kind", ["jsonld", "links", "p01-links", "cmems", "odatis", "described"])
@given(data=st.data())
def test_half_of_a_surrogate_pair_leads_to_no_other_exception(kind, data):
    parts = SMALL[kind].content.split(b'"')
    at = data.draw(st.integers(1, len(parts) - 1).filter(lambda n: n % 2))
    parts[at] = b"\\ud800" + parts[at]
    outcome(given_bytes(kind, b'"'.join(parts)))


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([P02, f"{P01}TEMPPR01/", f"{P06}a b/", "http://", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                [
                    "@graph",
                    "@context",
                    "@id",
                    "data",
                    "p01",
                    "broader",
                    "related",
                    f"{P01}TEMPPR01/",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", ["jsonld", "links", "p01-links", "cmems", "odatis", "described"])
@given(
    value=anything,
    key=st.sampled_from(["@graph", "p01", f"{P01}TEMPPR01/", "id", "short_name", ""]),
)
def test_no_json_leads_to_another_exception(kind, value, key):
    for content in (value, {key: value}, {key: {f"{P01}TEMPPR01/": value}}, {key: [value]}):
        outcome(given_bytes(kind, json.dumps(content).encode() + b"\n"))


# ------------------------------------------------------------------ more lists


def test_rows_of_a_dump_without_codes_belong_to_the_list_of_their_iri():
    found = read(SMALL["values"]).triples
    assert subjects(found, SKOS.notation) == iris(
        f"{COLLECTION}C17/current/35HT/", f"{COLLECTION}S04/current/S0452/"
    )
    assert subjects(found, OWL.deprecated) == iris(f"{COLLECTION}S04/current/S0452/")


def test_a_sub_variable_of_goos_is_narrower_than_the_nearest_known_above_it():
    found = read(SMALL["goos-terms"]).triples
    fish = "https://goosocean.org/eov/fish"
    assert objects(found, f"{fish}/biomass/by_age", SKOS.broader) == iris(fish)
    assert objects(found, "https://goosocean.org/eov/dish/biomass", SKOS.broader) == set()


def test_a_variable_of_goos_leads_to_exv_and_to_its_specification():
    found = read(SMALL["goos-variables"]).triples
    me = "https://goosocean.org/eov/zooplankton"
    assert objects(found, me, SKOS.exactMatch) == iris(f"{EXV}EXV057/")
    assert objects(found, me, DCT.source) == iris("https://goosocean.org/document/17509")


def test_a_code_of_p09_leads_to_its_unit_and_its_group(shared):
    found = facts_of("nvs-p09", shared)
    assert objects(found, f"{P09}TEMP/", SKOS.broader) == iris(f"{P02}TEMP/")
    assert objects(found, f"{P09}TEMP/", SKOS.related) == iris(f"{P06}UPAA/")


@pytest.mark.parametrize(
    ("source", "iri", "labels"),
    [
        (
            "sextant",
            "https://vocab.ifremer.fr/scheme/SXT/myocean.processing-level/"
            "78a4ba97-b2b9-4a16-8680-1eef0bdf8481",
            {"Level 4"},
        ),
        (
            "sextant-2016",
            "http://purl.org/myocean/ontology/vocabulary/processing-level#L4",
            {"Level 4"},
        ),
    ],
)
def test_sextant_is_read_in_both_syntaxes_and_under_both_iris(shared, source, iri, labels):
    assert {o.value for o in objects(facts_of(source, shared), iri, SKOS.prefLabel)} == labels


def test_the_themes_of_sextant_hang_together_and_have_their_own_names(shared):
    found = facts_of("sextant", shared)
    me = "https://vocab.ifremer.fr/scheme/SXT/sextant-theme/0b7d8274-e377-4fe6-8cd5-a712530a38a1"
    assert Literal("Sonde", language="fr") in objects(found, me, SKOS.altLabel)
    [above] = objects(found, me, SKOS.broader)
    assert above in subjects(found, SKOS.prefLabel)


def test_a_link_within_a_users_own_vocabulary_is_kept():
    text = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <http://example.org/a> a skos:Concept ; skos:prefLabel "A" ;
        skos:broader <http://example.org/b> ,
        <http://example.org/elsewhere> .
    <http://example.org/b> a skos:Concept ; skos:prefLabel "B" ."""
    found = read(Recording("own.ttl", text.encode(), "skos")).triples
    assert objects(found, "http://example.org/a", SKOS.broader) == iris("http://example.org/b")


def test_of_several_versions_the_newest_says_how_a_concept_is_called(shared):
    """NVS wrote until 2024 what a concept is called on the concept itself, not on its version."""
    content = (shared / "nvs" / "p02-ldes" / "P02-ldes-2024.ttl").read_bytes()
    found = read(Recording("P02-ldes-2024.ttl", content, "ldes")).triples
    assert len(subjects(found, SKOS.prefLabel)) == 468
    assert objects(found, f"{P02}FREP/", SKOS.prefLabel) == {
        Literal("Fish reproduction", language="en")
    }
    [modified] = objects(found, f"{P02}FREP/", DCT.modified)
    assert modified.value.startswith("2023-12-11T15:57:56")


def test_every_recorded_concept_of_argo_can_be_read_singly(shared):
    for file in (shared / "nvs" / "argo" / "R03-single").iterdir():
        found = read(Recording(file.name, file.read_bytes(), "nvs-jsonld")).triples
        me = R03 + file.stem + "/"
        assert objects(found, me, SKOS.prefLabel)
        assert NamedNode(me) in {t.object for t in found if t.predicate == SKOS.member}


def test_every_source_can_be_had_somewhere_and_a_query_that_it_names_exists():
    for source in all_sources().values():
        assert source.recorded or source.live
        for place in source.live:
            assert place.format in READERS
            assert place.at.startswith("http")
            assert (place.by == "sparql") == bool(place.query)
            assert not place.query or queries.get(place.query).text
