"""GeoNetwork's search answers: real ones of Sextant, and pages from a server on the loopback."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from helpers import Reply, loopback
from oceankg import gather, ids, sources
from oceankg.errors import FetchError, SourceError
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.model import Facts, Recording
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG
from oceankg.sources import Place, Source
from oceankg.sources.geonetwork import page, question, read_records

SURVAL = "cf5048f6-5bbf-4e44-ba74-e6f429af51ea"
Json = dict[str, object]


def record(uuid: str, **more: object) -> Json:
    plain: Json = {
        "uuid": uuid,
        "resourceTitleObject": {"default": f"Record {uuid}", "langeng": f"Record {uuid}"},
        "resourceType": ["dataset"],
        "mainLanguage": "eng",
        "dateStamp": "2024-01-01T00:00:00.000Z",
        "isTemplate": "n",
    }
    return plain | more


def answer(*records: object, total: object = None) -> bytes:
    hits = [{"_id": "x", "_source": r} if isinstance(r, dict) else r for r in records]
    outer: Json = {"hits": hits}
    if total is not None:
        outer["total"] = {"value": total, "relation": "eq"}
    return json.dumps({"took": 3, "hits": outer}).encode()


def read(*records: object) -> Facts:
    return read_records(Recording("page.json", answer(*records), "geonetwork-records"))


def values(facts: Facts, about: str, predicate: NamedNode) -> set[str]:
    return {
        t.object.value
        for t in facts.triples
        if t.subject.value == about and t.predicate == predicate
    }


def me(uuid: str) -> str:
    return ids.product("odatis", uuid)


# ------------------------------------------------------------------ a real answer


def surval(shared) -> Facts:
    content = (shared / "odatis/es_full_response_surval.json").read_bytes()
    return read_records(Recording("surval.json", content, "geonetwork-records"))


def test_a_real_record_says_what_it_holds(shared):
    facts = surval(shared)
    assert values(facts, me(SURVAL), DCT.title) == {"Surval - Données par paramètre"}
    assert values(facts, me(SURVAL), BIBO.doi) == {f"10.12770/{SURVAL}"}
    reported = values(facts, me(SURVAL), OKG.reports)
    assert ids.word("odatis", "/Physique de l'Océan/Turbidité") in reported
    # Of 15 variables, none of the themes, monitoring descriptors or towns beside them.
    assert len(reported) == 15
    assert values(facts, f"{me(SURVAL)}/period", DCAT.startDate) == {"1974-01-01"}
    assert values(facts, f"{me(SURVAL)}/period", DCAT.endDate) == set()
    assert values(facts, me(SURVAL), DCT.license) == {"https://spdx.org/licenses/etalab-2.0"}
    assert values(facts, me(SURVAL), DCT.type) == {f"{BASE}kind/in-situ"}
    rhythm = values(facts, me(SURVAL), DCT.accrualPeriodicity)
    assert {r.rsplit("/", 1)[-1] for r in rhythm} == {"DAILY"}
    [box] = values(facts, f"{me(SURVAL)}/extent", DCAT.bbox)
    assert box == "POLYGON((-180 -70,180 -70,180 70,-180 70,-180 -70))"
    assert values(facts, me(SURVAL), DCT.publisher) == {f"{BASE}organisation/ifremer"}


def test_no_contact_of_a_real_record_enters(shared):
    facts = surval(shared)
    said = " ".join([*map(str, facts.triples), *map(str, facts.left_out)])
    for name in ("contact@", "Cellule", "testadmin", "Test ADMIN", "bancarisées"):
        assert name not in said


@pytest.mark.parametrize("name", ["catalog_response", "catalog_response2"])
def test_answers_of_an_older_form_are_read_too(shared, name):
    content = (shared / f"odatis/aviso/{name}.json").read_bytes()
    facts = read_records(Recording(name, content, "geonetwork-records"))
    assert values(facts, me("productA"), DCT.title) == {"Sample Product A"}
    assert values(facts, me("productA"), BIBO.doi) == {"10.1234/producta"}


@pytest.mark.parametrize(
    "name", ["bad_catalog_response", "bad_product_responses", "product_response"]
)
def test_what_is_no_answer_of_a_search_is_refused(shared, name):
    content = (shared / f"odatis/aviso/{name}.json").read_bytes()
    with pytest.raises(SourceError, match=r"hits\.hits"):
        read_records(Recording(name, content, "geonetwork-records"))


def test_an_answer_that_is_cut_off_is_refused_wherever_it_ends(shared):
    content = (shared / "odatis/es_full_response_surval.json").read_bytes().rstrip()
    for end in range(1, len(content), len(content) // 40):
        with pytest.raises(SourceError):
            read_records(Recording("cut.json", content[:end], "geonetwork-records"))


# ------------------------------------------------------------------ what a record may hold


def test_an_anchor_of_a_keyword_is_what_is_reported():
    od1 = "http://vocab.nerc.ac.uk/collection/OD1/current/SEATEMP/"
    keywords = {
        "od1": {
            "id": "geonetwork.thesaurus.external.theme.NVS.OD1",
            "theme": "theme",
            "keywords": [{"default": "Sea temperature", "link": od1}],
        }
    }
    assert values(read(record("a", allKeywords=keywords)), me("a"), OKG.reports) == {od1}


def test_keywords_by_the_fields_of_older_versions_are_the_same():
    old = record("a", th_odatis_variables=[{"default": "/Physique de l'Océan/Salinité"}])
    word = ids.word("odatis", "/Physique de l'Océan/Salinité")
    assert values(read(old), me("a"), OKG.reports) == {word}


def test_a_centre_is_known_by_its_keyword():
    facts = read(record("a", th_odatis_centre_donnees=[{"default": "CDS-AVISO"}]))
    assert values(facts, me("a"), OKG.dataCentre) == {f"{BASE}centre/aviso"}


def test_titles_in_two_languages_are_both_held():
    title = {"default": "Température", "langfre": "Température", "langeng": "Temperature"}
    facts = read(record("a", resourceTitleObject=title, mainLanguage="fre"))
    found = {
        (t.object.value, t.object.language)
        for t in facts.triples
        if t.subject.value == me("a") and t.predicate == DCT.title
    }
    assert found == {("Température", "fr"), ("Temperature", "en")}


@pytest.mark.parametrize(
    ("hit", "reason"),
    [
        ("text", "a hit without a source"),
        ({"uuid": "a"}, "title"),
        (record("a", isTemplate="y"), "another kind: template"),
        (record("a", resourceType=["service"]), "another kind: service"),
        (record("a", resourceTitleObject=[3, None]), "title"),
        (record(""), ""),
    ],
)
def test_a_hit_that_is_no_product_is_left_out_and_its_siblings_stay(hit, reason):
    facts = read(hit, record("b"))
    assert values(facts, me("b"), DCT.title) == {"Record b"}
    assert not values(facts, me("a"), DCT.title)
    if reason:
        assert any(reason in item.reason for item in facts.left_out)


wild = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("resourceTitleObject", "allKeywords", "th_x", "tag", "geom", "link", "format"),
                *("resourceTemporalExtentDateRange", "contactForResource", "licenseObject"),
                *("resourceIdentifier", "cl_status", "resolutionDistance", "dateStamp", "uuid"),
                *("resourceVerticalRange", "parentUuid", "lineageObject", "resourceType"),
            ]
        ),
        wild,
        max_size=6,
    )
)
def test_whatever_a_field_holds_the_others_are_read(fields):
    facts = read(record("a") | fields, record("b"))
    assert values(facts, me("b"), DCT.title) == {"Record b"}


@given(st.sampled_from(["email", "individual", "phone", "address", "position", "website"]))
def test_nothing_of_a_person_enters(field):
    contact = {"organisation": "Ifremer", "role": "author", field: "jane.doe@example.org"}
    links = [
        {"url": url, "function": "download"}
        for url in ("https://example.org/a?token=secret", "https://jane:secret@example.org/b")
    ]
    facts = read(record("a", contactForResource=[contact], contact=[contact], link=links))
    said = " ".join(map(str, facts.triples))
    assert "jane" not in said
    assert "secret" not in said
    assert "https://example.org/a" in said


# ------------------------------------------------------------------ page after page


def harvested(tmp_path, pages: Sequence[Reply], about: str = ""):
    """The source of a server that gives these pages, and the questions that it was asked."""
    with loopback({"/_search": pages}) as server, Client(attempts=1, timeout=10) as client:
        place = Place(
            f"{server.url}/_search",
            "geonetwork-records",
            {"page": "2"},
            by="geonetwork",
            about=about,
        )
        source = Source("sextant-records", "Sextant", "", "", "", live=(place,))
        harvest = Harvest(tmp_path)
        try:
            harvest.fetch(source, client)
        finally:
            questions = [json.loads(headers["question"]) for _, headers in server.requests]
        recordings = harvest.get(source.id).recordings
        return gather.read_part(source, recordings, "harvested"), questions


def test_all_pages_are_asked_for_in_order(tmp_path):
    pages = [
        Reply(body=answer(record("a"), record("b"), total=3)),
        Reply(body=answer(record("c"), total=3)),
    ]
    part, questions = harvested(tmp_path, pages, about="+th_centre:AVISO")
    assert {t.object.value for t in part.triples if t.predicate == DCAT.dataset} == {
        me("a"),
        me("b"),
        me("c"),
    }
    assert [q["from"] for q in questions] == [0, 2]
    assert all(q["size"] == 2 for q in questions)
    assert questions[0]["query"]["bool"]["filter"][1] == {
        "query_string": {"query": "+th_centre:AVISO"}
    }
    assert "*.email" in questions[0]["_source"]["excludes"]


def test_a_break_costs_only_the_page_at_which_it_came(tmp_path):
    first = Reply(body=answer(record("a"), record("b"), total=3))
    with pytest.raises(FetchError, match="503"):
        harvested(tmp_path, [first, Reply(503)])
    # The server has another port now, so the pages of the other one do not count.
    part, _ = harvested(tmp_path, [first, Reply(body=answer(record("c"), total=3))])
    assert len({t.object.value for t in part.triples if t.predicate == DCAT.dataset}) == 3


def test_a_server_that_gives_less_than_it_counts_is_told_on(tmp_path):
    pages = [Reply(body=answer(record("a"), record("b"), total=3)), Reply(body=answer(total=3))]
    part, _ = harvested(tmp_path, pages)
    assert any("1 records" in item.item for item in part.left_out)


def test_more_records_than_the_search_can_give_need_a_filter(tmp_path):
    everything = answer(*(record(str(n)) for n in range(9_999)), total=20_000)
    with pytest.raises(FetchError, match="about"):
        harvested(tmp_path, [Reply(body=everything)])


def test_an_apology_is_no_page(tmp_path):
    html = {"Content-Type": "text/html"}
    with pytest.raises(FetchError, match="page"):
        harvested(tmp_path, [Reply(body=b"<html>Sorry</html>", headers=html)])


def test_a_page_tells_how_many_there_are():
    found = page(Recording("p", answer(record("a"), total=7), "geonetwork-records"))
    assert (found.count, found.total) == (1, 7)
    assert json.loads(question("", 40, 20))["from"] == 40


def test_sextant_is_among_the_entries():
    [place] = [p for s in sources.all_sources().values() for p in s.live if p.by == "geonetwork"]
    assert place.at.endswith("/search/records/_search")
