"""What the catalogue readers promise, on the real harvests and on small broken ones."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from oceankg import ids, rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, FOAF, OKG, ORG, RDF, SKOS
from oceankg.resources import folder
from oceankg.sources.catalogue import draw_box, read_date
from oceankg.sources.catalogue_cmems import read_collections
from oceankg.sources.catalogue_odatis import CENTRES, JUDGED, OD1, language_of, read_records

CMEMS = "cmems/cop_marine_collections_4.10.1.json"
RECORDS = ("odatis/odatis_products.jsonl", "odatis/odatis_records_seen.jsonl")
COLLECTION = {
    "title": "A product",
    "keywords": ["sea-ice-thickness", "a", "none", "", "baltic-sea", "multi-year", "level-4"],
    "providers": [{"name": "CLS (France) - IFREMER (France)", "roles": ["producer"]}],
    "extent": {
        "spatial": {"bbox": [[0, 0, 0, 0]]},
        "temporal": {"interval": [["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]]},
    },
    "sci:doi": "10.17882/1",
    "description": "Nobody copies this.",
}


@cache
def all_facts(shared: Path) -> dict[str, Facts]:
    read = {CMEMS: read_collections, RECORDS[0]: read_records, RECORDS[1]: read_records}
    return {
        name: reader(Recording(name, (shared / name).read_bytes(), ""))
        for name, reader in read.items()
    }


def cmems(**changes: object) -> Facts:
    content = json.dumps({"A": COLLECTION | changes}).encode()
    return read_collections(Recording("cmems.json", content, "cmems-collections"))


def odatis(*records: dict[str, object]) -> Facts:
    plain = {"id": "a", "title": "A product", "parameters": ["salinity"]}
    lines = [json.dumps(plain | record).encode() for record in records]
    return read_records(Recording("odatis.jsonl", b"\n".join(lines), "odatis-records"))


def values(facts: Facts, predicate: NamedNode, about: str = "") -> list[str]:
    return [
        t.object.value
        for t in facts.triples
        if t.predicate == predicate and (not about or t.subject.value == about)
    ]


def products(facts: Facts) -> list[str]:
    return values(facts, DCAT.dataset)


# ------------------------------------------------------------------ on the real harvests


def test_every_cmems_product_is_read(shared):
    assert len(products(all_facts(shared)[CMEMS])) == 316


def test_every_odatis_record_stands_or_is_left_out_with_a_reason(shared):
    for name in RECORDS:
        facts = all_facts(shared)[name]
        offered = [json.loads(line)["id"] for line in (shared / name).read_bytes().splitlines()]
        left = {item.item: item.reason for item in facts.left_out if item.item in offered}
        assert len(products(facts)) + len(left) == len(offered)
        assert all(left.values())


def test_about_two_hundred_records_stand(shared):
    standing = {p for name in RECORDS for p in products(all_facts(shared)[name])}
    assert 200 <= len(standing) <= 240


def test_each_judgement_is_about_a_record_that_was_offered(shared):
    text = b"".join((shared / name).read_bytes() for name in RECORDS).decode()
    assert [i for i in JUDGED if json.dumps(i) not in text] == []


def test_cora_carries_its_doi_in_both_catalogues(shared):
    for name in (CMEMS, RECORDS[0]):
        assert "10.17882/46219" in values(all_facts(shared)[name], BIBO.doi)


def test_seanoe_records_are_one_product_in_both_files(shared):
    phytobs = ids.product("odatis", "10.17882/85178")
    assert all(phytobs in products(all_facts(shared)[name]) for name in RECORDS)
    assert not [p for name in RECORDS for p in products(all_facts(shared)[name]) if "seanoe" in p]


@pytest.mark.parametrize("predicate", [DCT.identifier, SKOS.prefLabel])
def test_merged_files_agree(shared, predicate):
    said = {
        (t.subject.value, t.object)
        for facts in all_facts(shared).values()
        for t in facts.triples
        if t.predicate == predicate
    }
    assert [s for s, n in Counter(s for s, _ in said).items() if n > 1] == []


def test_no_text_holds_an_address_of_a_person_or_a_description(shared):
    for facts in all_facts(shared).values():
        texts = [t.object.value for t in facts.triples if isinstance(t.object, Literal)]
        assert [t for t in texts if re.search(r"\w@\w|\bet al\b", t) and "not seen" not in t] == []
        assert max(map(len, texts)) < 300
        iris = [t.object.value for t in facts.triples if isinstance(t.object, NamedNode)]
        assert [i for i in iris if re.match(r"https?://[^/]*@", i)] == []


def test_boxes_lie_on_earth(shared):
    for facts in all_facts(shared).values():
        for box in values(facts, DCAT.bbox):
            numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", box)]
            assert all(abs(n) <= 180.5 for n in numbers[::2])
            assert all(abs(n) <= 90 for n in numbers[1::2])


def test_od1_table_is_the_vocabulary(shared):
    path = shared / "odatis" / "OD1.ttl"
    labels = {
        t.object.value.casefold(): t.subject.value
        for t in rdf.read(path.read_bytes(), path.name)
        if t.predicate == SKOS.prefLabel and t.subject.value.startswith(ids.nvs_collection("OD1"))
    }
    assert {label: ids.nvs_concept("OD1", code) for label, code in OD1.items()} == {
        label: iri for label, iri in labels.items() if iri != ids.nvs_collection("OD1")
    }


# ------------------------------------------------------------------ Copernicus Marine


def test_placeholders_are_unknown():
    facts = cmems()
    assert values(facts, DCT.temporal) == values(facts, DCAT.bbox) == []


def test_keywords_are_facets_or_words():
    facts = cmems()
    assert values(facts, OKG.reports) == [ids.word("cmems", "sea-ice-thickness")]
    assert values(facts, DCT.spatial) == [f"{BASE}region/baltic"]
    assert values(facts, OKG.timeScale) == [f"{BASE}time-scale/multi-year"]
    assert values(facts, OKG.processingLevel) == ["L4"]


def test_producers_in_one_name_are_two():
    assert len(values(cmems(), DCT.creator)) == 2


def test_an_identifier_alone_is_kept_and_marked():
    facts = cmems(title=None, providers=[], keywords=["", "a"], **{"sci:doi": None})
    assert values(facts, OKG.titleIsDescription) == ["true"]
    assert [item.item for item in facts.left_out] == ["A, title"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"title": None}, "title"),
        ({"title": 5}, "title"),
        ({"keywords": "a,b"}, "keywords"),
        ({"providers": ["x"]}, "providers"),
        ({"providers": [{"roles": ["producer"]}]}, "providers"),
        ({"sci:doi": 5}, "sci:doi"),
        ({"extent": {"spatial": {"bbox": [["a", 1, 2, 3]]}}}, "bbox"),
        ({"extent": "{}"}, "bbox"),
    ],
)
def test_a_wrong_value_is_an_error_with_its_place(changes, key):
    with pytest.raises(SourceError, match="product A, key") as caught:
        cmems(**changes)
    assert key in caught.value.place or "extent" in caught.value.place
    assert caught.value.remedy


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"A": {', b'{"A": 1}', b"\xff", b'{"A": {}, "A": {}}']
)
def test_a_broken_harvest_is_an_error_with_its_place(content):
    with pytest.raises(SourceError) as caught:
        read_collections(Recording("x", content, ""))
    assert caught.value.place
    assert caught.value.remedy


# ------------------------------------------------------------------ ODATIS


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b'{"id": "b"',
        b"[]",
        b'{"id": "b"}',
        b'{"id": " ", "title": "t"}',
        b'{"id": "b", "title": "t", "parameters": "x"}',
        b'{"id": "b", "title": "t", "od1_uri": 5}',
        b'{"id": "b", "title": "t", "region": 5}',
        b'{"id": "b", "title": "t", "bbox": ["a", 1, 2, 3]}',
        b'{"id": "b", "title": "t", "title_seen": "no"}',
        b'{"id": "b", "title": "t", "roles": "x"}',
        b'{"id": "a", "title": "twice"}',
        b"\xff",
    ],
)
def test_a_broken_line_is_an_error_with_its_number(line):
    content = b'{"id": "a", "title": "t"}\n\n' + line
    with pytest.raises(SourceError, match="line 3") as caught:
        read_records(Recording("x", content, ""))
    assert caught.value.remedy


def test_no_records_is_an_error():
    with pytest.raises(SourceError, match="line 1"):
        read_records(Recording("x", b"\n", ""))


@pytest.mark.parametrize(
    "record",
    [
        {"record_type": "cruise"},
        {"record_type": "observing system"},
        {"kind": "data centre record"},
        {"title": "[DOUBLON à SUPPRIMER] A product"},
        {"title": "[A SUPPRIMER] A product"},
        {"title_seen": False, "id_is_local_label": True},
        {"note": "uuid and exact title not seen"},
        {"note": "older release"},
    ],
)
def test_what_is_no_product_of_its_own_is_left_out(record):
    facts = odatis(record)
    assert products(facts) == []
    assert [item.item for item in facts.left_out] == ["a"]


def test_of_two_records_with_one_doi_the_fuller_stands():
    facts = odatis({"doi": "10.17882/1"}, {"id": "b", "doi": "10.17882/1", "region": "Brest"})
    assert products(facts) == [ids.product("odatis", "b")]
    assert "b" in facts.left_out[0].reason


def test_a_superseded_record_is_left_out_and_named():
    old = "354c918a-0219-4b8a-971f-044c090bac26"
    facts = odatis({"id": old}, {"supersedes": f"version 3 ({old})"})
    assert values(facts, DCT.replaces) == [ids.product("odatis", old)]
    assert products(facts) == [ids.product("odatis", "a")]


def test_a_description_in_place_of_a_title_is_marked():
    assert values(odatis({"title_seen": False}), OKG.titleIsDescription) == ["true"]


def test_od1_labels_lead_to_the_vocabulary_in_both_languages():
    facts = odatis({"od1": ["Courants", "Salinity"], "od1_uri": ["OD1/current/SEALVL"]})
    codes = ("CURR", "SAL", "SEALVL")
    assert {ids.nvs_concept("OD1", code) for code in codes} <= set(values(facts, OKG.reports))


@pytest.mark.parametrize(
    ("name", "centre"),
    [("CDS-SAT-Toulouse (older label)", "aviso"), ("CDS-IS-Coriolis", "coriolis")],
)
def test_only_a_cds_name_says_the_data_centre(name, centre):
    assert values(odatis({"cds": name}), OKG.dataCentre) == [f"{BASE}centre/{centre}"]
    assert values(odatis({"data_centre": "AVISO"}), OKG.dataCentre) == []


def test_ongoing_has_no_end_and_an_old_page_does_not_know():
    now = odatis({"time_start": "1997", "time_end": "ongoing (2026-03 when read)"})
    assert (values(now, OKG.ongoing), values(now, DCAT.endDate)) == (["true"], [])
    old = odatis({"time_end": "ongoing (record of 2007)"})
    assert values(old, OKG.ongoing) == []
    assert old.left_out


def test_persons_are_no_organisations():
    # The first is a record whose producer was looked at; the second only has the words for it.
    facts = odatis(
        {"id": "10.17882/99825", "producer": "A. Person et al., MOOSE"},
        {"id": "b", "producer": "X et al."},
    )
    assert values(facts, DCT.creator) == [f"{BASE}organisation/moose"]
    assert all("Person" not in str(triple) for triple in facts.triples)


def test_a_handbook_and_the_folder_of_the_files_are_held():
    facts = odatis(
        {"handbook": "SALP-MU-P-EA-23172-CLS", "tds_path": "l3/ssh/", "revised": "2025-10-27"}
    )
    assert values(facts, DCAT.accessURL) == ["https://tds-odatis.aviso.altimetry.fr/thredds/"]
    assert {"SALP-MU-P-EA-23172-CLS", "l3/ssh/"} <= set(values(facts, DCT.title))
    assert values(facts, FOAF.page) == [f"{products(facts)[0]}/handbook"]
    assert values(facts, DCT.modified) == ["2025-10-27"]


def test_passwords_are_cut_from_addresses_and_other_protocols_left_out():
    facts = odatis({"source_url": "http://u:p@h.org/x", "landing_url": "ftp://h.org/x"})
    assert values(facts, DCT.source) == ["http://h.org/x"]
    assert values(facts, DCAT.landingPage) == []


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("Etalab open licence v2.0 (April 2017)", "https://spdx.org/licenses/etalab-2.0"),
        ("CC-BY", None),
    ],
)
def test_a_licence_with_its_version_is_an_iri(text, licence):
    facts = odatis({"licence": text})
    assert values(facts, DCT.license) == ([licence] if licence else [])
    assert values(facts, DCT.rights) == ([] if licence else [text])


# ------------------------------------------------------------------ small things


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1987", "gYear"),
        ("1987-02", "gYearMonth"),
        ("1987-02-28", "date"),
        ("1987-02-28T10:00:00Z", "date"),
    ],
)
def test_dates_keep_their_precision(text, kind):
    found = read_date(text)
    assert found is not None
    assert found.datatype.value.endswith(kind)


@pytest.mark.parametrize("text", ["1987-13", "1987-02-30", "soon", ""])
def test_what_is_no_date_is_none(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    "box", [(0, 0, 9.97e36, 1), (0, 0, 0, 0), (10, 0, 5, 1), (0, 1, 2), (0, 0, 1, 95)]
)
def test_what_is_no_box_is_none(box):
    assert draw_box(box) is None


def test_half_a_cell_beyond_the_pole_is_cut():
    assert (
        draw_box((-180, -90.5, 180, 90.03)) == "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
    )


@pytest.mark.parametrize(
    ("title", "language"),
    [("Bathymétrie - Mayotte, zone du volcan", "fr"), ("Maps of the sea", "en"), ("FES2012", None)],
)
def test_a_title_has_a_language_when_it_shows(title, language):
    assert language_of(title) == language


# ------------------------------------------------------------------ what comes with the package


def ontology(name: str) -> Facts:
    file = folder("ontologies") / name
    return Facts(rdf.read(file.read_bytes(), file.name))


@pytest.mark.parametrize("name", ["organisations.ttl", "facets.ttl"])
def test_labels_are_in_both_languages_and_facts_have_a_source(name):
    facts = ontology(name)
    labels: dict[str, set[str | None]] = {}
    for triple in facts.triples:
        if triple.predicate == SKOS.prefLabel:
            labels.setdefault(triple.subject.value, set()).add(triple.object.language)
    assert all(languages == {"en", "fr"} for languages in labels.values())
    sourced = {t.subject for t in facts.triples if t.predicate == DCT.source}
    scheme = {t.subject: t.object for t in facts.triples if t.predicate == SKOS.inScheme}
    # What is told of an organisation by its catalogue's name alone rests on that name.
    described = {t.subject for t in facts.triples if t.predicate == SKOS.prefLabel}
    assert [s for s in described if s not in sourced and scheme.get(s) not in sourced] == []


def test_every_centre_that_a_record_can_name_is_described():
    described = {t.subject.value for t in ontology("organisations.ttl").triples}
    assert {f"{BASE}centre/{name}" for name in CENTRES.values()} <= described


def test_edmo_codes_are_edmos(shared):
    with (shared / "seadatanet" / "EDMO.csv").open(encoding="utf-8") as file:
        known = {row["code"] for row in csv.DictReader(file)}
    assert set(values(ontology("organisations.ttl"), ORG.identifier)) <= known


def test_every_facet_that_a_reader_names_is_described(shared):
    described = {t.subject.value for t in ontology("facets.ttl").triples if t.predicate == RDF.type}
    named = {
        t.object.value
        for facts in all_facts(shared).values()
        for t in facts.triples
        if re.match(BASE + "(region|area|time-scale|kind)/", t.object.value)
    }
    assert named <= described
