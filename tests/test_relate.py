"""What a record is to a product: found with its evidence, weighed by the rules, or decided."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceankg import gather, rdf, relate, sssom
from oceankg.errors import MappingError
from oceankg.harvest import Harvest
from oceankg.namespaces import BASE, PREFIXES
from oceankg.relations import DECISIVE, PERHAPS, RELATED, rules
from oceankg.resources import all_files

ODATIS, CMEMS = f"{BASE}product/odatis/", f"{BASE}product/cmems/"
SEANOE = {
    "10.17882/46219": "INSITU_GLO_PHY_TS_DISCRETE_MY_013_001",
    "10.17882/70345": "INSITU_GLO_WAV_DISCRETE_MY_013_045",
    "10.17882/86207": "INSITU_GLO_BGC_DISCRETE_MY_013_046",
    "10.17882/86236": "INSITU_GLO_PHY_UV_DISCRETE_MY_013_044",
    "10.17882/93670": "INSITU_GLO_PHY_SSH_DISCRETE_MY_013_053",
    "10.17882/99089": "INSITU_GLO_BGC_CARBON_DISCRETE_MY_013_050",
}
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    f"@prefix odatis: <{ODATIS}> .\n@prefix cmems: <{CMEMS}> .\n"
)
SMALL = f"""
<{BASE}catalogue/odatis> dcat:dataset odatis:r .
<{BASE}catalogue/cmems> dcat:dataset cmems:WIND_GLO_L4_012_004 .
odatis:r dcterms:identifier "r" ; bibo:doi "10.12770/r" .
cmems:WIND_GLO_L4_012_004 dcterms:identifier "WIND_GLO_L4_012_004" ;
   bibo:doi "10.48670/moi-1" .
"""
PAIR = (f"{ODATIS}r", f"{CMEMS}WIND_GLO_L4_012_004")
RELATIONS = {p.name: p for p in all_files("relations", "*.sssom.tsv")}


def catalogues(more: str = "") -> relate.Catalogues:
    return relate.catalogued(rdf.read((HEAD + SMALL + more).encode(), "small.ttl"))


def found(more: str) -> set[tuple[str, str]]:
    """The kinds of evidence between the two, each with the role that it gives the record."""
    return {(e.kind, e.role) for e in relate.gather_evidence(catalogues(more)) if e.record}


def mapping(predicate: str, *, negated: bool = False, **more: object) -> sssom.Mapping:
    prefix, _, name = predicate.partition(":")
    ends = more.pop("ends", PAIR)
    iri = PREFIXES[prefix] + name
    return sssom.Mapping(ends[0], iri, ends[1], sssom.CURATED, negated=negated, **more)


def decided(*mappings: sssom.Mapping, more: str = "") -> relate.Related:
    return relate.relate(catalogues(more), [sssom.MappingSet("d", "d", "", "", mappings)])


@pytest.fixture(scope="module")
def starter_catalogues(tmp_path_factory: pytest.TempPathFactory) -> relate.Catalogues:
    parts = gather.gather(Harvest(tmp_path_factory.mktemp("none")), None, None)
    facts = (t for part in parts for t in part.triples)
    return relate.catalogued([*facts, *gather.ontology_triples()])


@pytest.fixture(scope="module")
def undecided(starter_catalogues: relate.Catalogues) -> relate.Related:
    """What the catalogues alone say, without any decision."""
    return relate.relate(starter_catalogues)


def short(relation: relate.Relation) -> tuple[str, str, str]:
    return (
        relation.record.removeprefix(ODATIS).replace("%2F", "/"),
        relation.role,
        relation.product.removeprefix(CMEMS),
    )


# ------------------------------------------------------------------ the real catalogues


def test_the_six_products_with_a_doi_of_seanoe_are_the_same_product(
    undecided: relate.Related,
) -> None:
    same = {short(r) for r in undecided.relations if r.role == "same-product"}
    assert same == {(doi, "same-product", product) for doi, product in SEANOE.items()}
    for relation in undecided.relations:
        if relation.role == "same-product":
            assert relation.redirects
            assert "shared-doi" in {e.kind for e in relation.evidence}


def test_what_declares_its_source_by_doi_is_derived_from_it(undecided: relate.Related) -> None:
    derived = {short(r) for r in undecided.relations if r.role == "derived-from" and r.redirects}
    swot = "a57da16f-330a-4927-b532-ca013b6c83da"
    assert derived == {
        (swot, "derived-from", "SEALEVEL_GLO_PHY_L3_MY_008_062"),
        (swot, "derived-from", "SEALEVEL_GLO_PHY_L3_NRT_008_044"),
    }


def test_nothing_else_leads_on_without_a_decision(undecided: relate.Related) -> None:
    assert sum(r.redirects for r in undecided.relations) == len(SEANOE) + 2


def test_a_record_that_only_names_a_product_is_related_and_leads_nowhere(
    undecided: relate.Related,
) -> None:
    named = {short(r): r for r in undecided.relations if r.role == RELATED}
    assert {("16078b94-0b96-46e5-bb48-5407f549f929", RELATED, "SST_ATL_PHY_L3S_NRT_010_037")} <= (
        named.keys()
    )
    former = ("d0a65168-9efc-43b8-8035-260d76a75765", RELATED, "SEALEVEL_GLO_PHY_L4_MY_008_047")
    pieces = {e.kind: e.value for e in named[former].evidence}
    assert pieces["former-name"] == "SEALEVEL_GLO_PHY_L4_REP_OBSERVATIONS_008_047"


def test_the_keyword_on_the_wrong_product_is_kept_and_doubtful(undecided: relate.Related) -> None:
    keywords = [e for e in undecided.of_products if e.kind == "centre-keyword"]
    [wrong] = [e for e in keywords if e.doubt]
    assert wrong.product == f"{CMEMS}WIND_ARC_PHY_HR_L3_MY_012_105"
    assert (wrong.value, wrong.about) == ("cds-coriolis", f"{BASE}centre/coriolis")
    assert "satellite" in wrong.doubt
    assert "in-situ" in wrong.doubt
    assert len(keywords) == 17
    # Nothing comes of a keyword, right or wrong.
    assert not any(e.kind == "centre-keyword" for r in undecided.relations for e in r.evidence)
    assert not any(r.product == wrong.product for r in undecided.relations)


def test_a_title_borrowed_from_the_product_proves_nothing(undecided: relate.Related) -> None:
    for relation in undecided.relations:
        if short(relation)[0] in SEANOE:
            assert "title-agreement" not in {e.kind for e in relation.evidence}


def test_all_pieces_of_the_recorded_links_are_found_again_and_no_others(
    starter_catalogues: relate.Catalogues, shared: Path
) -> None:
    products = starter_catalogues.products
    evidence = relate.gather_evidence(starter_catalogues)
    links = json.loads((shared / "odatis" / "odatis_cmems_links.json").read_text("utf-8"))
    recorded = {
        (piece["kind"], link["cmems_product"], piece["value"])
        for link in links
        for piece in link["evidence"]
    }
    kinds = {
        "seanoe-doi": "shared-doi",
        "odatis-cds-keyword": "centre-keyword",
        "french-producer": "national-producer",
    }
    again = {(e.kind, products[e.product].identifier, e.value) for e in evidence}
    matched = set()
    for kind, product, value in recorded:
        if kind in kinds:
            # The file writes the names of some producers short: Mercator, ACRI.
            same = {a for a in again if a[:2] == (kinds[kind], product) and a[2].startswith(value)}
            assert same, (kind, product, value)
            matched |= same
    assert {a for a in again if a[0] in kinds.values()} == matched
    pairs = {(e.kind, e.record, products[e.product].identifier) for e in evidence}
    for kind, product, value in recorded:
        if kind == "sextant-record-names-product":
            assert ("names-product", ODATIS + value, product) in pairs
        elif kind == "aviso-product-derived-from-cmems-doi":
            [record] = [i for i, r in starter_catalogues.records.items() if value in r.dois]
            for one in product.split(", "):
                assert ("declared-lineage", record, one.split(" ")[0]) in pairs


# ------------------------------------------------------------------ each kind of evidence


@pytest.mark.parametrize(
    ("facts", "evidence"),
    [
        ('odatis:r bibo:doi "10.48670/moi-1" .', ("shared-doi", "same-product")),
        (
            "odatis:r prov:wasDerivedFrom <https://doi.org/10.48670/moi-1> .",
            ("declared-lineage", "derived-from"),
        ),
        (
            "cmems:WIND_GLO_L4_012_004 prov:wasDerivedFrom <https://doi.org/10.12770/r> .",
            ("declared-lineage", "source-of"),
        ),
        (
            "odatis:r dcterms:isReplacedBy cmems:WIND_GLO_L4_012_004 .",
            ("declared-version", "replaced-by"),
        ),
        (
            "cmems:WIND_GLO_L4_012_004 dcterms:replaces odatis:r .",
            ("declared-predecessor", "replaced-by"),
        ),
        (
            "odatis:r dcterms:isPartOf cmems:WIND_GLO_L4_012_004 .",
            ("declared-part", "subset-of"),
        ),
        (
            "cmems:WIND_GLO_L4_012_004 dcterms:hasPart odatis:r .",
            ("declared-whole", "subset-of"),
        ),
        ("odatis:r dcterms:relation cmems:WIND_GLO_L4_012_004 .", ("names-product", "")),
        ("cmems:WIND_GLO_L4_012_004 dcterms:relation odatis:r .", ("names-product", "")),
        ("odatis:r dcterms:relation cmems:WIND_OLD_NAME_012_004 .", ("former-name", "")),
        (
            "<urn:d> dcat:inSeries cmems:WIND_GLO_L4_012_004 . odatis:r dcterms:relation <urn:d> .",
            ("names-product", ""),
        ),
        (
            '<urn:d> dcat:inSeries cmems:WIND_GLO_L4_012_004 ; bibo:doi "10.12770/R" .',
            ("shared-doi", "subset-of"),
        ),
        (
            f"<{BASE}dataset/cmems/wind-p1d> dcat:inSeries cmems:WIND_GLO_L4_012_004 ."
            " odatis:r dcterms:source <https://example.org/files?dataset=wind-p1d> .",
            ("link-identifier", ""),
        ),
        (
            "odatis:r dcat:landingPage <https://example.org/product/WIND_GLO_L4_012_004/x> .",
            ("link-identifier", ""),
        ),
        (
            "cmems:WIND_GLO_L4_012_004 dcterms:references <https://doi.org/10.12770/R> .",
            ("link-identifier", ""),
        ),
        (
            'odatis:r dcterms:title "Hourly stress from the scatterometer" .'
            ' cmems:WIND_GLO_L4_012_004 dcterms:title "Hourly stress from a scatterometer" .',
            ("title-agreement", ""),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_evidence_is_found_and_says_what_the_record_is(
    facts: str, evidence: tuple[str, str]
) -> None:
    assert evidence in found(facts)
    assert found("") == set()


@pytest.mark.parametrize(
    "facts",
    [
        "odatis:r dcterms:relation cmems:WAVE_OLD_NAME_012_004 .",  # another theme
        "odatis:r dcterms:relation cmems:WIND_OLD_NAME_012_005 .",  # another number
        "odatis:r prov:wasDerivedFrom <https://doi.org/10.48670/moi-11> .",
        "odatis:r dcat:landingPage <https://example.org/WIND_GLO_L4_012_0044> .",
    ],
)
def test_what_is_only_alike_is_no_evidence(facts: str) -> None:
    assert found(facts) == set()


def test_agreement_is_looked_for_only_where_something_else_speaks() -> None:
    alike = f"""
    odatis:r dcterms:creator <{BASE}organisation/a> ; okg:servesEssentialVariable <urn:v> ;
      dcterms:spatial <{ODATIS}r/extent> ; dcterms:temporal <{ODATIS}r/period> .
    <{BASE}organisation/a> foaf:name "Ifremer/CERSAT" .
    <{ODATIS}r/extent> dcat:bbox "POLYGON((170 0,190 0,190 10,170 10,170 0))" .
    <{ODATIS}r/period> dcat:startDate "2018-03" ; okg:ongoing true .
    {{p}} dcterms:creator <{BASE}organisation/b> ; okg:servesEssentialVariable <urn:v> .
    <{BASE}organisation/b> foaf:name "IFREMER (France)" .
    <{CMEMS}WIND_GLO_L4_012_004/extent>
      dcat:bbox "POLYGON((-180 0,-170 0,-170 10,-180 10,-180 0))" .
    <{CMEMS}WIND_GLO_L4_012_004/period> dcat:startDate "2018-01-01" ; okg:ongoing true .
    """.replace("{p}", "cmems:WIND_GLO_L4_012_004")
    assert found(alike) == set()
    kinds = {kind for kind, _ in found(alike + "odatis:r dcterms:relation <" + PAIR[1] + "> .")}
    assert kinds == {
        "names-product",
        "producer-agreement",
        "parameter-agreement",
        "extent-agreement",
        "period-agreement",
    }


def test_boxes_overlap_across_the_date_line() -> None:
    east = "POLYGON((170 0,190 0,190 10,170 10,170 0))"
    west = "POLYGON((-180 0,-170 0,-170 10,-180 10,-180 0))"
    assert relate.box_overlap(east, west) == pytest.approx(0.5)
    assert relate.box_overlap(east, east) == pytest.approx(1)
    assert relate.box_overlap(east, "") is None


def test_a_producer_is_not_shared_because_it_stands_in_one_country() -> None:
    facts = f"""
    odatis:r dcterms:relation cmems:WIND_GLO_L4_012_004 ; dcterms:creator <{BASE}organisation/a> .
    <{BASE}organisation/a> foaf:name "Data centre of France" .
    cmems:WIND_GLO_L4_012_004 dcterms:creator <{BASE}organisation/b> .
    <{BASE}organisation/b> foaf:name "CLS (France)" .
    """
    assert {kind for kind, _ in found(facts)} == {"names-product"}


# ------------------------------------------------------------------ weighing


WEAK = sorted(k.name for k in rules().kinds.values() if k.strength != DECISIVE)
DECISIVES = sorted(k.name for k in rules().kinds.values() if k.strength == DECISIVE)


@given(st.lists(st.sampled_from(WEAK), max_size=60), st.integers(0, 3))
def test_weak_evidence_in_any_number_never_leads_on(kinds: list[str], values: int) -> None:
    evidence = tuple(
        relate.Evidence(kind, *PAIR, f"{n % (values + 1)}", "urn:s") for n, kind in enumerate(kinds)
    )
    assert rules().confidence(kinds) < rules().redirect
    for relation in relate.weighed(*PAIR, evidence):
        assert relation.role in (RELATED, PERHAPS)
        assert not relation.redirects
        assert relation.evidence == evidence


@given(st.lists(st.sampled_from(WEAK), max_size=20), st.sampled_from(DECISIVES))
def test_more_evidence_never_makes_less_sure(kinds: list[str], decisive: str) -> None:
    alone, together = rules().confidence([decisive]), rules().confidence([decisive, *kinds])
    assert rules().redirect <= alone <= together <= 1


def test_a_kind_of_evidence_counts_once() -> None:
    assert rules().confidence(["names-product"] * 9) == rules().confidence(["names-product"])
    assert rules().confidence([]) == 0


def test_what_is_doubtful_does_not_count() -> None:
    piece = relate.Evidence("shared-doi", *PAIR, "10.1/x", "urn:s", "same-product")
    assert all(r.redirects for r in relate.weighed(*PAIR, (piece,)))
    doubted = replace(piece, doubt="another product's")
    [relation] = relate.weighed(*PAIR, (doubted,))
    assert not relation.redirects
    assert relation.evidence == (doubted,)


def test_the_rules_and_the_ontology_name_the_same_roles_and_kinds() -> None:
    iris = {str(t.subject.value) for t in gather.ontology_triples()}
    for kind, known in (("role", rules().roles), ("evidence-kind", rules().kinds)):
        assert {i for i in iris if i.startswith(f"{BASE}{kind}/")} == {
            k.iri for k in known.values()
        }
    for role in rules().roles.values():
        assert rules().roles[role.inverse].inverse == role.name
        assert role.predicate in sssom.RECORDS
    assert all(kind.reason for kind in rules().kinds.values())


# ------------------------------------------------------------------ decisions


@pytest.mark.parametrize(
    ("predicate", "forward", "backward"),
    [
        ("prov:alternateOf", "same-product", "same-product"),
        ("prov:wasDerivedFrom", "derived-from", "source-of"),
        ("dcterms:isPartOf", "subset-of", "superset-of"),
        ("dcterms:hasPart", "superset-of", "subset-of"),
        ("dcterms:isReplacedBy", "replaced-by", "replaces"),
        ("dcterms:replaces", "replaces", "replaced-by"),
        ("dcterms:relation", "related", "related"),
    ],
)
def test_a_decision_may_be_told_of_either_end(predicate: str, forward: str, backward: str) -> None:
    for ends, role in ((PAIR, forward), (PAIR[::-1], backward)):
        said = mapping(predicate, ends=ends, confidence=0.8, author="A", reviewer="B", comment="c")
        [relation] = decided(said).relations
        assert (relation.record, relation.product, relation.role) == (*PAIR, role)
        assert (relation.confidence, relation.author, relation.reviewer) == (0.8, "A", "B")
        assert relation.evidence[0].source == said.iri


def test_a_decision_wins_over_the_evidence_which_is_kept_beside_it() -> None:
    doi = 'odatis:r bibo:doi "10.48670/moi-1" .'
    [relation] = decided(mapping("dcterms:isPartOf", confidence=0.8), more=doi).relations
    assert (relation.role, relation.confidence) == ("subset-of", 0.8)
    assert [e.kind for e in relation.evidence][:2] == ["decision", "shared-doi"]


@given(
    st.lists(st.sampled_from([*WEAK, *DECISIVES]), max_size=12),
    st.booleans(),
    st.sampled_from(["prov:alternateOf", "dcterms:relation"]),
)
def test_a_denied_pair_never_leads_on(kinds: list[str], also_said: bool, denied: str) -> None:
    evidence = tuple(
        relate.Evidence(kind, *PAIR, kind, "urn:s", rules().kinds[kind].role) for kind in kinds
    )
    decisions = [relate.Decision("same-product", mapping("prov:alternateOf"))] * also_said
    role = rules().role_of(mapping(denied).predicate)
    decisions.append(relate.Decision(role, mapping(denied, negated=True)))
    relations = list(relate.decided_relations(PAIR, decisions, evidence))
    assert relations
    for relation in relations:
        assert relation.denied
        assert not relation.redirects
        assert relation.evidence[1:] == evidence


def test_a_denial_of_one_role_leaves_a_decision_for_another() -> None:
    told = decided(
        mapping("prov:alternateOf", negated=True), mapping("prov:wasDerivedFrom", confidence=0.9)
    )
    assert {(r.role, r.redirects) for r in told.relations} == {
        ("same-product", False),
        ("derived-from", True),
    }


def test_a_decision_below_the_threshold_is_shown_and_leads_nowhere() -> None:
    [relation] = decided(mapping("prov:alternateOf", confidence=0.6)).relations
    assert (relation.role, relation.redirects) == ("same-product", False)


def test_a_decision_on_what_the_catalogues_do_not_hold_is_named() -> None:
    gone = mapping("prov:alternateOf", ends=(PAIR[0], f"{CMEMS}GONE"))
    told = decided(gone)
    assert told.relations == ()
    [complaint] = told.complaints
    assert f"{CMEMS}GONE" in complaint


# ------------------------------------------------------------------ as RDF


def test_a_relation_is_stated_both_ways_and_a_weak_one_not_plainly() -> None:
    strong = set(map(str, relate.triples(decided(mapping("prov:wasDerivedFrom", confidence=0.9)))))
    ends = tuple(f"<{iri}>" for iri in PAIR)
    derived = "<http://www.w3.org/ns/prov#wasDerivedFrom>"
    assert f"{ends[0]} {derived} {ends[1]}" in strong
    assert f"{ends[1]} {derived} {ends[0]}" not in strong
    for record in ends:
        assert any(t.startswith(f"{record} <http://www.w3.org/ns/dcat#qual") for t in strong)
    weak = set(map(str, relate.triples(decided(mapping("prov:wasDerivedFrom", confidence=0.5)))))
    assert not any(derived in t and t.startswith(ends) for t in weak)


# ------------------------------------------------------------------ the sets of the package


@pytest.mark.parametrize("name", RELATIONS)
def test_a_packaged_set_is_sound_and_all_of_it_is_used(
    name: str, starter_catalogues: relate.Catalogues
) -> None:
    told = sssom.read(RELATIONS[name].read_bytes(), name)
    assert told.is_of_records
    assert all(m.comment and m.author and m.reviewer for m in told.mappings)
    assert all(m.confidence is not None for m in told.mappings)
    related = relate.relate(starter_catalogues, [told])
    assert related.complaints == ()
    # Each row leads to its own relation: none is denied by another.
    rows = sum(e.kind == "decision" for r in related.relations for e in r.evidence)
    assert rows == len(told.mappings)


def test_the_rows_decide_what_the_catalogues_say_in_words(
    starter_catalogues: relate.Catalogues,
) -> None:
    sets = [sssom.read(p.read_bytes(), n) for n, p in RELATIONS.items()]
    related = relate.relate(starter_catalogues, sets)
    leading = {short(r) for r in related.relations if r.redirects}
    hybrid = "MDT_HYBRID-CNES-CLS22-CMEMS2020"
    assert {
        (hybrid, "same-product", "SEALEVEL_GLO_PHY_MDT_008_063"),
        (hybrid, "derived-from", "SEALEVEL_MED_PHY_MDT_L4_STATIC_008_066"),
        (hybrid, "derived-from", "SEALEVEL_BLK_PHY_MDT_L4_STATIC_008_067"),
        ("MDT_CNES-CLS22", "source-of", "SEALEVEL_GLO_PHY_MDT_008_063"),
        ("10.17882/46219", "source-of", "INSITU_GLO_PHY_TS_OA_MY_013_052"),
        (
            "12dba510-cd71-4d4f-9fc1-9cc027d128b0",
            "source-of",
            "MULTIOBS_GLO_PHY_SSS_L3_MYNRT_015_014",
        ),
        (
            "d0a65168-9efc-43b8-8035-260d76a75765",
            "replaced-by",
            "SEALEVEL_GLO_PHY_L4_MY_008_047",
        ),
    } <= leading
    assert {(doi, "same-product", product) for doi, product in SEANOE.items()} <= leading
    mediterranean = "16078b94-0b96-46e5-bb48-5407f549f929"
    assert not any(record == mediterranean for record, *_ in leading)


def test_a_broken_set_is_refused_with_line_column_and_remedy() -> None:
    [file] = RELATIONS.values()
    text = file.read_text("utf-8")
    for old, new, place in (
        ("prov:alternateOf", "owl:sameAs", "column predicate_id"),
        ("prov:alternateOf", "skos:exactMatch", "column predicate_id"),
        ("\t0.9\t", "\tsure\t", "line"),
    ):
        broken = text.replace("# curie_map:\n", "# curie_map:\n#   owl: http://o/\n", 1).replace(
            "#   semapv:", "#   skos: http://www.w3.org/2004/02/skos/core#\n#   semapv:", 1
        )
        head, _, rows = broken.partition("subject_id\t")
        with pytest.raises(MappingError) as refused:
            sssom.read((head + "subject_id\t" + rows.replace(old, new, 1)).encode(), "mine.tsv")
        assert place in refused.value.place
        assert refused.value.remedy


def test_a_set_is_written_as_it_is_read() -> None:
    prefixes = {"odatis": ODATIS, "cmems": CMEMS}
    for name, file in RELATIONS.items():
        told = sssom.read(file.read_bytes(), name)
        again = sssom.read(sssom.write(told, prefixes).encode(), name)
        # The day stands in the head of the file that came, not in its rows.
        assert again.mappings == tuple(replace(m, day=None) for m in told.mappings)
