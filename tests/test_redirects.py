"""A record's address leads to its product; what is too weak is listed; the table can be loaded."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import NamedNode

from oceankg import build, queries, rdf, read, relate, sssom
from oceankg.compare.redirects import COLUMNS, Filter, Redirects
from oceankg.errors import UnknownTermError
from oceankg.harvest import Harvest
from oceankg.namespaces import BASE, DCAT, OKG, PROV
from oceankg.relations import rules
from oceankg.store import Snapshot, Snapshots
from test_cli import oceankg
from test_relate import CMEMS, ODATIS, SEANOE

PAGE = "https://data.marine.copernicus.eu/product/"
CORA = "10.17882/46219"
CORA_CMEMS = "INSITU_GLO_PHY_TS_DISCRETE_MY_013_001"
SWOT = "a57da16f-330a-4927-b532-ca013b6c83da"
WIND = "WIND_ARC_PHY_HR_L3_MY_012_105"
MEDITERRANEAN_SST = "16078b94-0b96-46e5-bb48-5407f549f929"
MSLA = "d0a65168-9efc-43b8-8035-260d76a75765"


@pytest.fixture(scope="module")
def known(starter: Snapshot) -> Redirects:
    return Redirects(read.load(starter))


@pytest.fixture(scope="module")
def web(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


def go(web: httpx.Client, record: str, **headers: str) -> httpx.Response:
    return web.get(f"/redirect/{quote(record, safe='/:')}", headers=headers)


# ------------------------------------------------------------------ where a record leads


@pytest.mark.parametrize("doi", SEANOE)
def test_a_record_of_seanoe_leads_to_the_product_with_its_doi_and_back(
    web: httpx.Client, doi: str
) -> None:
    there = go(web, doi)
    assert there.status_code == 302
    assert there.headers["location"] == PAGE + SEANOE[doi]
    back = go(web, SEANOE[doi])
    assert back.status_code == 302
    assert doi.rpartition("/")[2] in back.headers["location"]


@pytest.mark.parametrize(
    "spelling",
    [
        CORA,
        f"doi:{CORA}",
        f"DOI:{CORA}",
        f"https://doi.org/{CORA}",
        f"http://dx.doi.org/{CORA}",
        f"https:/doi.org/{CORA}",
        f" {CORA} ",
        f"<https://doi.org/{CORA}>",
        "https://www.seanoe.org/data/00351/46219/",
        "https://www.seanoe.org/data/00351/46219",
        f"{ODATIS}10.17882%2F46219",
    ],
)
def test_every_spelling_of_a_record_leads_to_the_same(web: httpx.Client, spelling: str) -> None:
    for answer in (go(web, spelling), web.get("/redirect", params={"record": spelling})):
        assert answer.status_code == 302
        assert answer.headers["location"] == PAGE + CORA_CMEMS


@pytest.mark.parametrize(
    ("spelling", "record"),
    [
        (MSLA.upper(), MSLA),
        (f"https://sextant.ifremer.fr/geonetwork/srv/api/records/{MSLA}", MSLA),
        (f"https://sextant.ifremer.fr/geonetwork/srv/fre/catalog.search?uuid={MSLA}", MSLA),
        ("CATDS-PDC_L3OS_2Q", "12dba510-cd71-4d4f-9fc1-9cc027d128b0"),
        ("catds-pdc_l3os_2q", "12dba510-cd71-4d4f-9fc1-9cc027d128b0"),
        (f"{PAGE}{CORA_CMEMS}/description", CORA_CMEMS),
        ("10.48670/MOI-00146", "SEALEVEL_GLO_PHY_L3_MY_008_062"),
        # One DOI, two records: who asks has that of ODATIS.
        (CORA, CORA),
    ],
)
def test_a_record_is_found_by_other_names_and_addresses(
    known: Redirects, spelling: str, record: str
) -> None:
    assert known.find(spelling).id == record


def test_the_query_of_an_address_is_part_of_it(web: httpx.Client) -> None:
    asked = f"/redirect/https://sextant.ifremer.fr/geonetwork/search?uuid={MSLA}"
    assert web.get(asked).headers["location"] == f"{PAGE}SEALEVEL_GLO_PHY_L4_MY_008_047"


def test_a_name_of_several_records_is_answered_with_all_of_them(known: Redirects) -> None:
    shared = defaultdict(set)
    for product in read_products(known):
        for page in filter(None, [product.landing_page]):
            shared[page].add(product.id)
    page, records = next((p, r) for p, r in shared.items() if len(r) > 1)
    with pytest.raises(UnknownTermError) as refused:
        known.find(page)
    assert all(record in str(refused.value) for record in records)


def read_products(known: Redirects) -> list[read.Product]:
    ids = {row.record for row in known.table(Filter(weak=True))}
    ids |= {"15f25d0b-5a41-4335-85f2-874e9b2e5cd0", "d1f06620-d11c-4945-b53d-6769e909be01"}
    return [known.find(record) for record in sorted(ids)]


@pytest.mark.parametrize(
    ("record", "target", "rel", "role"),
    [
        (MSLA, "SEALEVEL_GLO_PHY_L4_MY_008_047", "successor-version", "replaced-by"),
        (
            "12dba510-cd71-4d4f-9fc1-9cc027d128b0",
            "MULTIOBS_GLO_PHY_SSS_L3_MYNRT_015_014",
            "related",
            "source-of",
        ),
        (
            "daa20677-abe6-49c5-a47b-33f7ad399108",
            "SEALEVEL_GLO_PHY_L4_NRT_008_046",
            "related",
            "derived-from",
        ),
    ],
)
def test_another_relation_answers_303_and_says_which(
    web: httpx.Client, record: str, target: str, rel: str, role: str
) -> None:
    answer = go(web, record)
    assert answer.status_code == 303
    assert answer.headers["location"] == PAGE + target
    assert f'<{PAGE}{target}>; rel="{rel} {BASE}role/{role}"' in answer.headers["link"]


def test_the_links_name_the_record_what_else_is_related_and_where_it_is_explained(
    web: httpx.Client,
) -> None:
    links = re.findall(r'<([^>]+)>; rel="([^"]+)"', go(web, CORA).headers["link"])
    assert links[0] == (f"{ODATIS}10.17882%2F46219", "canonical")
    assert links[1] == (PAGE + CORA_CMEMS, f"alternate {BASE}role/same-product")
    related = f"related {BASE}role/source-of"
    assert (f"{PAGE}INSITU_GLO_PHY_TS_OA_MY_013_052", related) in links
    explained = [url for url, rel in links if rel == "describedby"]
    assert len(explained) == 4
    for url in explained:
        described = web.get(url, headers={"Accept": "text/turtle"})
        assert described.status_code == 200
        assert "okg:Evidence" in described.text or f"<{OKG.Evidence.value}>" in described.text


def test_the_same_product_comes_before_what_it_is_made_from(known: Redirects) -> None:
    found = known.answer("MDT_HYBRID-CNES-CLS22-CMEMS2020")
    assert (found.status, [c.id for c in found.targets]) == (302, ["SEALEVEL_GLO_PHY_MDT_008_063"])
    assert {(c.role, c.id) for c in found.others} == {
        ("derived-from", "SEALEVEL_MED_PHY_MDT_L4_STATIC_008_066"),
        ("derived-from", "SEALEVEL_BLK_PHY_MDT_L4_STATIC_008_067"),
    }


def test_several_are_offered_as_a_choice(web: httpx.Client) -> None:
    answer = go(web, SWOT)
    assert answer.status_code == 300
    assert "location" not in answer.headers
    targets = answer.json()["targets"]
    assert {t["url"] for t in targets} == {
        f"{PAGE}SEALEVEL_GLO_PHY_L3_MY_008_062",
        f"{PAGE}SEALEVEL_GLO_PHY_L3_NRT_008_044",
    }
    for target in targets:
        assert target["role"] == "derived-from"
        assert "declared-lineage" in {e["kind"] for e in target["evidence"]}
        assert target["confidence"] >= rules().redirect
        assert target["reviewer"] is None
    page = go(web, SWOT, Accept="text/html")
    assert page.status_code == 300
    for target in targets:
        assert f'href="{target["url"]}"' in page.text


# ------------------------------------------------------------------ what is too weak


def test_the_doubtful_keyword_is_shown_and_leads_nowhere(web: httpx.Client) -> None:
    answer = go(web, WIND)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["weak"]) == (404, [])
    [keyword] = [e for e in problem["evidence"] if e["kind"] == "centre-keyword"]
    assert keyword["value"] == "cds-coriolis"
    assert "probably a wrong keyword" in keyword["doubt"]
    page = go(web, WIND, Accept="text/html")
    assert page.status_code == 404
    assert "doubtful" in page.text


def test_a_right_keyword_does_not_lead_on_either(known: Redirects) -> None:
    found = known.answer("INSITU_ARC_PHYBGCWAV_DISCRETE_MYNRT_013_031")
    assert found.status == 404
    assert [(e.kind, e.doubt) for e in found.evidence] == [("centre-keyword", None)]


def test_weak_evidence_is_listed_where_nothing_is_sure(web: httpx.Client) -> None:
    problem = go(web, "IFREMER-ARCTIC-PSI_D-OBS").json()
    assert problem["status"] == 404
    [weak] = problem["weak"]
    assert weak["role"] == "perhaps-related"
    assert weak["confidence"] < rules().redirect
    assert "title-agreement" in {e["kind"] for e in weak["evidence"]}


def test_a_denied_pair_is_listed_with_its_ground(web: httpx.Client) -> None:
    [denied] = go(web, MEDITERRANEAN_SST).json()["weak"]
    assert (denied["id"], denied["denied"]) == ("SST_ATL_PHY_L3S_NRT_010_037", True)
    assert "Mediterranean" in denied["comment"]
    assert denied["reviewer"]
    assert "names-product" in {e["kind"] for e in denied["evidence"]}


def test_a_record_without_any_relation_is_told_from_no_record(web: httpx.Client) -> None:
    record = go(web, "AVISO L2P SLA")
    assert (record.status_code, record.json()["weak"]) == (404, [])
    assert "canonical" in record.headers["link"]
    nothing = go(web, "no such record")
    assert (nothing.status_code, "weak" in nothing.json()) == (404, False)
    assert "no such record" in nothing.json()["detail"]


# ------------------------------------------------------------------ the table


def test_the_table_and_the_redirects_say_the_same(web: httpx.Client) -> None:
    table = web.get("/redirects", params={"form": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(table.text)))
    assert tuple(rows[0]) == COLUMNS
    targets = defaultdict(dict)
    for row in rows:
        targets[row["record"]][row["product_url"]] = row["role"]
    assert len(targets) > 15
    for record, products in targets.items():
        answer = go(web, record)
        if answer.status_code == 300:
            assert {t["url"] for t in answer.json()["targets"]} == products.keys()
        else:
            role = products[answer.headers["location"]]
            assert answer.status_code == (302 if role == "same-product" else 303)


def test_the_table_says_evidence_confidence_and_reviewer(web: httpx.Client) -> None:
    rows = {(r["record"], r["product"]): r for r in web.get("/redirects").json()["rows"]}
    doi = rows[CORA, CORA_CMEMS]
    assert doi["evidence"].startswith(f"shared-doi: {CORA}; names-product: ")
    assert (doi["role"], doi["redirects"], doi["reviewer"]) == ("same-product", True, "")
    decided = rows[MSLA, "SEALEVEL_GLO_PHY_L4_MY_008_047"]
    assert decided["evidence"].startswith("decision: ")
    assert (decided["confidence"], decided["reviewer"]) == (0.85, "oceankg curation")


def test_the_table_can_be_filtered(web: httpx.Client) -> None:
    def rows(**wanted: object) -> list[dict[str, object]]:
        return web.get("/redirects", params=wanted).json()["rows"]

    every, weak = rows(), rows(weak="include")
    assert all(r["redirects"] for r in every)
    assert len(weak) > len(every)
    assert {r["role"] for r in weak} > {r["role"] for r in every}
    assert any(r["denied"] for r in weak)
    versions = rows(role="replaced-by")
    assert {r["product"] for r in versions} == {
        "SEALEVEL_GLO_PHY_L4_MY_008_047",
        "WIND_GLO_PHY_L4_NRT_012_004",
    }
    assert {r["confidence"] for r in rows(confidence=0.95)} <= {0.95, 0.96, 0.97, 0.98, 0.99}
    backwards = rows(catalogue="cmems")
    assert {(r["record"], r["product"]) for r in backwards} == {
        (r["product"], r["record"]) for r in every if r["role"] != "replaced-by"
    }


@pytest.mark.parametrize("wanted", [{"catalogue": "emodnet"}, {"role": "cousin-of"}])
def test_an_unknown_filter_is_answered_with_the_known_ones(
    web: httpx.Client, wanted: dict[str, str]
) -> None:
    answer = web.get("/redirects", params=wanted)
    assert answer.status_code == 404
    assert ("odatis" if "catalogue" in wanted else "same-product") in answer.json()["detail"]


@pytest.mark.parametrize(
    "wanted", [{"confidence": "2"}, {"form": "xls"}, {"weak": "perhaps"}, {"confidence": "nan"}]
)
def test_a_value_that_is_none_is_refused(web: httpx.Client, wanted: dict[str, str]) -> None:
    assert web.get("/redirects", params=wanted).status_code == 422


def test_the_sssom_table_brings_the_same_decisions_in(
    web: httpx.Client, known: Redirects, starter: Snapshot
) -> None:
    table = web.get("/redirects", headers={"Accept": "text/tab-separated-values"})
    assert table.headers["content-type"].startswith("text/tab-separated-values")
    told = sssom.read(table.content, "redirects.sssom.tsv")
    facts = [q.triple for q in starter.open() if q.graph_name.value.endswith(("cmems", "odatis"))]
    related = relate.relate(relate.catalogued(facts), [told])
    assert related.complaints == ()
    again = {(r.record, r.role, r.product, r.confidence) for r in related.relations if r.redirects}
    assert again == {
        (r.record_iri, r.role, r.product_iri, r.confidence) for r in known.table(Filter())
    }


def test_the_turtle_table_is_what_the_graph_says(web: httpx.Client, starter: Snapshot) -> None:
    table = web.get("/redirects", headers={"Accept": "text/turtle"})
    triples = rdf.read(table.content, "redirects.ttl")
    store = starter.open()
    held = [t for t in triples if t.predicate != DCAT.landingPage]
    assert held
    for triple in held:
        assert any(store.quads_for_pattern(*triple, None)), triple
    pages = {t.object.value for t in triples if t.predicate == DCAT.landingPage}
    assert PAGE + CORA_CMEMS in pages


def test_the_lines_for_nginx_hold_what_leads_to_one_place(web: httpx.Client) -> None:
    text = web.get("/redirects", params={"form": "nginx"}).text
    lines = text.splitlines()[1:]
    found = [re.fullmatch(r'"((?:[^"\\]|\\.)+)" "([^"$\\]+)";', line) for line in lines]
    pairs = dict(line.groups() for line in found)
    assert pairs[CORA] == PAGE + CORA_CMEMS
    assert SWOT not in pairs
    assert MEDITERRANEAN_SST not in pairs


def test_the_page_of_the_table_links_each_record(web: httpx.Client) -> None:
    page = web.get("/redirects", params={"weak": "include"}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    for link in re.findall(r'href="(/redirect\?record=[^"]+)"', page.text):
        assert web.get(link).status_code in (300, 302, 303, 404)
    assert PAGE + CORA_CMEMS in page.text
    assert "form=csv" in page.text


def test_the_published_query_finds_the_same_rows(known: Redirects, starter: Snapshot) -> None:
    rows = starter.open().query(queries.get("redirects").text, use_default_graph_as_union=True)
    found = {(r["record"].value, r["role"].value, r["product"].value) for r in rows}
    assert found == {(r.record, r.role, r.product) for r in known.table(Filter())}


def test_products_of_the_read_model_hold_their_relations_the_surest_first(
    starter: Snapshot,
) -> None:
    relations = read.load(starter).products[f"{ODATIS}10.17882%2F46219"].relations
    assert (relations[0].other, relations[0].evidence) == (CMEMS + CORA_CMEMS, CORA)
    assert len(relations) == 4


# ------------------------------------------------------------------ as HTTP


@pytest.mark.parametrize("path", [f"/redirect/{CORA}", f"/redirect/{SWOT}", "/redirects"])
def test_head_answers_as_get_without_a_body(web: httpx.Client, path: str) -> None:
    head, get = web.head(path), web.get(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("location", "link", "content-type"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("record", [CORA, SWOT, WIND, MSLA])
def test_pages_elsewhere_may_read_the_answer(web: httpx.Client, record: str) -> None:
    answer = go(web, record, Origin="https://example.org")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Link" in answer.headers["access-control-expose-headers"]
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("path", [f"/redirect/{SWOT}", "/redirects"])
def test_a_form_that_is_not_offered_is_406(web: httpx.Client, path: str) -> None:
    assert web.get(path, headers={"Accept": "image/png"}).status_code == 406


# ------------------------------------------------------------------ on the command line


def test_the_command_prints_the_table_in_each_form(known: Redirects, starter: Snapshot) -> None:
    data = starter.folder.parents[1]

    def printed(*more: str) -> str:
        done = oceankg("redirects", *more, data=data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    rows = list(csv.DictReader(StringIO(printed("--form", "csv", "--role", "derived-from"))))
    wanted = known.table(Filter(role="derived-from"))
    assert [(r["record"], r["product"]) for r in rows] == [(r.record, r.product) for r in wanted]
    markdown = printed("--form", "markdown").splitlines()
    assert len(markdown) == 2 + len(known.table(Filter()))
    assert len({line.count(" | ") for line in markdown[2:]}) == 1
    one = printed(SWOT)
    assert "answers 300" in one
    assert "SEALEVEL_GLO_PHY_L3_MY_008_062" in one
    assert "doubtful" in printed(WIND)


def test_the_command_fails_for_an_unknown_record(starter: Snapshot) -> None:
    done = oceankg("redirects", "nothing", data=starter.folder.parents[1])
    assert done.returncode == 1
    assert "nothing" in done.stderr


def test_a_broken_file_of_relations_is_named_by_check(tmp_path: Path) -> None:
    file = tmp_path / "mine.sssom.tsv"
    same = sssom.Mapping(f"{ODATIS}r", PROV.alternateOf.value, f"{CMEMS}P", sssom.CURATED)
    mine = sssom.MappingSet("mine", "Mine", "", "https://example.org/licence", (same,))
    text = sssom.write(mine, {"odatis": ODATIS, "cmems": CMEMS})
    file.write_text(text, "utf-8")
    assert oceankg("check", str(file), data=tmp_path).returncode == 0
    file.write_text(text.replace("prov:alternateOf", "prov:cousinOf"), "utf-8")
    done = oceankg("check", str(file), data=tmp_path)
    assert done.returncode == 1
    assert "line 10, column predicate_id" in done.stdout + done.stderr
    assert "prov:wasDerivedFrom" in done.stdout + done.stderr


def test_a_decision_of_a_user_wins_and_one_about_nothing_is_named(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    denied = sssom.Mapping(
        f"{CMEMS}{CORA_CMEMS}",
        PROV.alternateOf.value,
        f"{ODATIS}10.17882%2F46219",
        sssom.CURATED,
        negated=True,
        reviewer="Somebody",
    )
    nothing = sssom.Mapping(f"{ODATIS}r", PROV.alternateOf.value, f"{CMEMS}P", sssom.CURATED)
    mine = sssom.MappingSet("mine", "Mine", "", "https://example.org/licence", (denied, nothing))
    text = sssom.write(mine, {"odatis": ODATIS, "cmems": CMEMS})
    Harvest(tmp_path).add_mappings(text.encode(), "user-mine.sssom.tsv")
    built = build.build(snapshots)
    [complaint] = built.complaints
    assert f"{ODATIS}r" in complaint
    found = Redirects(read.load(built.snapshot)).answer(CORA)
    assert found.status == 300
    assert CORA_CMEMS not in {c.id for c in (*found.targets, *found.others)}
    [weak] = found.weak
    assert (weak.id, weak.denied, weak.reviewer) == (CORA_CMEMS, True, "Somebody")
    assert "shared-doi" in {e.kind for e in weak.evidence}


def test_rows_are_plain_values(known: Redirects) -> None:
    for row in known.table(Filter(weak=True)):
        assert set(map(type, asdict(row).values())) <= {str, float, bool}
        NamedNode(row.relationship)
