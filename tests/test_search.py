"""Search: what people type finds what they mean, whatever they type."""

from __future__ import annotations

import dataclasses
import random
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oceankg.read import load
from oceankg.search import MOST_OFFSET, Found, Query, Search, texts_of, type_of
from oceankg.store import Snapshot
from oceankg.text import words

NVS = "http://vocab.nerc.ac.uk/collection/"
SST = NVS + "EXV/current/EXV017/"
PSALST01 = NVS + "P01/current/PSALST01/"
CORA = "10.17882/46219"
OLD_NAME = "http://vocab.nerc.ac.uk/standard_name/concentration_of_chlorophyll_in_sea_water/"


@pytest.fixture(scope="module")
def search(starter: Snapshot) -> Search:
    return Search(load(starter))


def iris(found: Found) -> list[str]:
    return [hit.iri for hit in found.hits]


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("q", "label"),
        [
            ("sea surf temp", "Sea-surface temperature"),
            ("temp sea surf", "Sea-surface temperature"),
            ("SEA_SURFACE-TEMPERATURE", "Sea-surface temperature"),
            ("oxyg", "Oxygen"),
            ("oxygene dissous", "Oxygen"),
            ("OXYGÈNE DISSOUS", "Oxygen"),
            ("subsurface salinty", "Subsurface salinity"),
            ("temprature surfce sea", "Sea-surface temperature"),
            ("inorgnaic crabon", "Ocean inorganic carbon"),
        ],
    )
    def test_finds_what_is_meant_first(self, search: Search, q: str, label: str) -> None:
        assert search.find(Query(q)).hits[0].label == label

    @pytest.mark.parametrize(
        "q",
        [
            "SDN:P01::PSALST01",
            "sdn:p01::psalst01",
            "PSALST01",
            "psalst01",
            "P01:PSALST01",
            "http://vocab.nerc.ac.uk/collection/P01/current/PSALST01/",
            "https://vocab.nerc.ac.uk/collection/P01/current/PSALST01",
            "SDN:P01::PSALST0",
            "http://vocab.nerc.ac.uk/collection/P01/current/PSALST0",
            "P01 practical salinity CTD unesco",
        ],
    )
    def test_finds_an_identifier_whole_or_in_part(self, search: Search, q: str) -> None:
        assert PSALST01 in iris(search.find(Query(q, vocabularies=("P01",))))
        assert search.find(Query(q)).hits[0].iri == PSALST01

    def test_finds_products_by_doi_identifier_and_title(self, search: Search) -> None:
        by_doi = search.find(Query(CORA))
        assert {hit.type for hit in by_doi.hits} == {"product"}
        assert {hit.vocabulary for hit in by_doi.hits} == {"odatis", "cmems"}
        by_id = search.find(Query("INSITU_GLO_PHY_TS_DISCRETE_MY_013"))
        assert "CORA" in by_id.hits[0].label
        assert by_id.hits[0].matched_field == "identifier"
        assert "product" in {h.type for h in search.find(Query("arctic ocean wave hindc")).hits}

    @pytest.mark.parametrize(
        ("q", "kind"),
        [
            ("AVISO", "centre"),
            ("ocean colour consortium", "consortium"),
            ("FAIR-EASE", "project"),
            ("SEANOE", "service"),
        ],
    )
    def test_finds_agents(self, search: Search, q: str, kind: str) -> None:
        assert kind in {hit.type for hit in search.find(Query(q)).hits}

    @pytest.mark.parametrize("q", ["", " ", '"', "(", "*", "\x00", ":", "%%", "\ud800"])
    def test_of_what_has_no_word_there_is_nothing(self, search: Search, q: str) -> None:
        assert search.find(Query(q)).hits == ()

    @pytest.mark.parametrize(
        "q",
        [
            "x" * 10_000,
            "sea " * 10_000,
            "qwxzvk " * 2_500,
            'label:"sea" OR *:*',
            "sea\x00surface",
            "a AND NOT (b",
            "海面水温",
            "SDN:P01::",
            "http://",
            "https://vocab.nerc.ac.uk/collection/",
        ],
    )
    def test_hostile_texts_are_only_texts(self, search: Search, q: str) -> None:
        found = search.find(Query(q))
        assert found.q == q
        assert len(found.hits) == min(found.total, 10)

    @pytest.mark.parametrize(
        ("right", "wrong", "is_found"),
        [
            ("salinity", "salinitx", True),
            ("nitrate", "nitrte", True),
            ("phosphate", "phozphte", True),
            ("ice", "ixe", False),
            ("temperature", "tmxprxtxre", False),
            ("EXV017", "EXV917", False),
        ],
    )
    def test_one_typo_in_a_short_word_two_in_a_long_one(
        self, search: Search, right: str, wrong: str, is_found: bool
    ) -> None:
        meant = search.find(Query(right, prefix=False, limit=1)).hits[0].iri
        assert (meant in iris(search.find(Query(wrong, limit=100)))) is is_found

    def test_ligatures_and_strokes_are_plain_letters(self) -> None:
        assert words("Œuvre, SMØLA; Łódź Kraków") == ["oeuvre", "smola", "lodz", "krakow"]

    def test_only_whole_words_without_prefix(self, search: Search) -> None:
        assert search.find(Query("sea surf temp", types=("essential variable",))).total > 0
        whole = Query("sea surf temp", types=("essential variable",), prefix=False)
        assert search.find(whole).total == 0


class TestOrder:
    def test_whole_then_beginning_then_words(self, search: Search) -> None:
        scores = [hit.score for hit in search.find(Query("oxygen", limit=1000)).hits]
        assert scores == sorted(scores, reverse=True)
        assert {1.0, 0.9, 0.8} <= set(scores)

    def test_typing_errors_come_last(self, search: Search) -> None:
        exact = search.find(Query("salinity", limit=100)).hits
        typos = search.find(Query("salinitx", limit=100)).hits
        assert max(hit.score for hit in typos) < min(hit.score for hit in exact)

    def test_among_equals_what_is_used_more(self, search: Search) -> None:
        hits = search.find(Query("chlorophyll", limit=100)).hits
        for score in {hit.score for hit in hits}:
            used = [hit.uses for hit in hits if hit.score == score]
            assert used == sorted(used, reverse=True)
        assert max(hit.uses for hit in hits) > 10

    def test_deprecated_ones_come_after_their_equals(self, search: Search) -> None:
        hits = search.find(
            Query("concentration chlorophyll", ("CF",), deprecated=None, limit=100)
        ).hits
        for score in {hit.score for hit in hits}:
            states = [hit.deprecated for hit in hits if hit.score == score]
            assert states == sorted(states)
        assert any(hit.deprecated for hit in hits)

    def test_pages_follow_each_other(self, search: Search) -> None:
        all_hits = search.find(Query("temp", limit=60)).hits
        pages = [search.find(Query("temp", limit=20, offset=n)).hits for n in (0, 20, 40)]
        assert all_hits == sum(pages, ())
        assert len(set(iris(search.find(Query("temp", limit=60))))) == 60

    def test_a_page_past_the_end_is_empty(self, search: Search) -> None:
        assert search.find(Query("sst", offset=10**12)).hits == ()
        assert search.find(Query("sst", offset=MOST_OFFSET, limit=1)).hits == ()
        assert search.find(Query("sst", offset=-5)).hits == search.find(Query("sst")).hits

    def test_the_answer_does_not_depend_on_the_index_at_hand(
        self, search: Search, starter: Snapshot
    ) -> None:
        again = Search(load(starter))
        for q in ("s", "temp", "salinty", "sea ice"):
            assert again.find(Query(q, limit=100)) == search.find(Query(q, limit=100))

    def test_threads_get_the_same_answers(self, search: Search) -> None:
        asked = [Query(q) for q in ("sea", "oxyg", "salinty", "P01 temp") * 25]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(search.find, asked)) == [search.find(q) for q in asked]


class TestFilters:
    @pytest.mark.parametrize(
        ("given", "stands"),
        [
            ("P02", "P02"),
            ("p02", "P02"),
            ("CF", "standard_name"),
            ("standard_name", "standard_name"),
            (NVS + "P07/current/", "P07"),
            ("cmems", "cmems"),
        ],
    )
    def test_by_vocabulary(self, search: Search, given: str, stands: str) -> None:
        found = search.find(Query("temperature", vocabularies=(given,), limit=100))
        assert {hit.vocabulary for hit in found.hits} == {stands}

    def test_by_several_at_once(self, search: Search) -> None:
        query = Query("temperature", vocabularies=("P02", "EXV"), limit=100)
        assert {hit.vocabulary for hit in search.find(query).hits} == {"P02", "EXV"}

    @pytest.mark.parametrize("kind", ["concept", "essential variable", "word", "product"])
    def test_by_type(self, search: Search, kind: str) -> None:
        found = search.find(Query("temperature", types=(kind,), limit=100))
        assert {hit.type for hit in found.hits} == {kind}

    def test_by_language(self, search: Search) -> None:
        def by(q: str, language: str) -> set[str]:
            found = search.find(Query(q, languages=(language,), limit=100))
            return {hit.matched_text for hit in found.hits if hit.matched_field == "prefLabel"}

        assert "Oxygène dissous" in by("oxygène dissous", "fr")
        assert "Oxygène dissous" in by("oxygène dissous", "fr-FR") | by("oxygène dissous", "FR")
        assert by("oxygène dissous", "en") == set()
        first = search.find(Query("oxygène dissous", languages=("fr",))).hits[0]
        assert (first.matched_text.casefold(), first.language) == ("oxygène dissous", "fr")

    def test_deprecated_ones_are_shown_when_asked_for(self, search: Search) -> None:
        q = "concentration_of_chlorophyll_in_sea_water"
        found = search.find(Query(q, deprecated=True))
        assert found.hits[0].iri == OLD_NAME
        assert found.hits[0].replaced_by
        assert all(hit.deprecated for hit in found.hits)
        assert OLD_NAME not in iris(search.find(Query(q)))
        both = search.find(Query(q, deprecated=None))
        assert {hit.deprecated for hit in both.hits} == {True, False} or both.total == 1

    def test_of_an_unknown_list_there_is_nothing(self, search: Search) -> None:
        assert search.find(Query("sea", vocabularies=("no such",))).total == 0

    def test_the_total_is_that_of_all_pages(self, search: Search) -> None:
        query = Query("sea ice", types=("concept",), limit=100)
        found, seen = search.find(query), 0
        for offset in range(0, found.total, 100):
            seen += len(search.find(dataclasses.replace(query, offset=offset)).hits)
        assert seen == found.total > 100


class TestLaws:
    @given(q=st.text(max_size=60), prefix=st.booleans())
    def test_any_text_has_an_answer(self, search: Search, q: str, prefix: bool) -> None:
        found = search.find(Query(q, prefix=prefix, deprecated=None, limit=5))
        assert len(found.hits) == min(found.total, 5)

    @given(seed=st.integers(0, 2**32))
    def test_a_whole_text_comes_first_among_its_kind(self, search: Search, seed: int) -> None:
        thing = random.Random(seed).choice(search.things)
        for text in texts_of(thing):
            found = search.find(Query(text.text, types=(type_of(thing),), deprecated=None))
            asked = words(text.text)
            if 0 < len(asked) <= 16:
                assert found.hits[0].score == 1.0
                assert found.total > 0

    @given(seed=st.integers(0, 2**32))
    def test_case_and_accents_make_no_difference(self, search: Search, seed: int) -> None:
        thing = random.Random(seed).choice(search.things)
        text = next(texts_of(thing)).text
        plain = search.find(Query(" ".join(words(text)), limit=3))
        assert iris(search.find(Query(text.upper(), limit=3))) == iris(plain)

    @given(seed=st.integers(0, 2**32), letters=st.integers(1, 60))
    @settings(max_examples=50)
    def test_what_it_begins_with_finds_it(self, search: Search, seed: int, letters: int) -> None:
        thing = random.Random(seed).choice(search.things)
        text = next(texts_of(thing)).text[:letters]
        found = search.find(Query(text, deprecated=None, limit=100))
        assert not words(text) or found.total > 100 or thing.iri in iris(found)


@pytest.fixture(scope="module")
def web(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


class TestOverHttp:
    def test_search_answers_what_the_search_finds(self, web: httpx.Client, search: Search) -> None:
        answer = web.get("/search", params={"q": "sea surf temp", "limit": 7}).json()
        found = dataclasses.asdict(search.find(Query("sea surf temp", limit=7)))
        assert answer["total"] == found["total"]
        assert [hit["iri"] for hit in answer["hits"]] == [hit["iri"] for hit in found["hits"]]
        assert set(answer["hits"][0]) == set(found["hits"][0])

    def test_lists_are_repeated_parameters(self, web: httpx.Client) -> None:
        asked = {"q": "temperature", "vocabulary": ["P02", "EXV"], "limit": 100}
        hits = web.get("/search", params=asked).json()["hits"]
        assert {hit["vocabulary"] for hit in hits} == {"P02", "EXV"}
        asked = {"q": "temperature", "type": "essential variable", "language": "en"}
        assert {h["type"] for h in web.get("/search", params=asked).json()["hits"]} == {
            "essential variable"
        }

    def test_deprecated_any_takes_both(self, web: httpx.Client) -> None:
        asked = {"q": "concentration_of_chlorophyll_in_sea_water", "deprecated": "any"}
        hits = web.get("/search", params=asked).json()["hits"]
        assert OLD_NAME in [hit["iri"] for hit in hits]

    def test_a_browser_gets_a_page_with_links(self, web: httpx.Client) -> None:
        asked = {"q": "sea surf temp", "type": "", "vocabulary": ""}
        page = web.get("/search", params=asked, headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["vary"].startswith("Accept,")
        assert "Sea-surface temperature" in page.text
        assert 'href="/compare?q=' in page.text
        assert 'rel="next"' in page.text

    def test_what_is_typed_stays_text_on_the_page(self, web: httpx.Client) -> None:
        hostile = '"><script>alert(1)</script>'
        page = web.get("/search", params={"q": hostile}, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert hostile not in page.text

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"q": "x" * 1001},
            {"q": "sea", "limit": 0},
            {"q": "sea", "limit": 101},
            {"q": "sea", "offset": -1},
            {"q": "sea", "offset": MOST_OFFSET + 1},
            {"q": "sea", "deprecated": "perhaps"},
            {"q": "sea", "vocabulary": ["P01"] * 51},
        ],
    )
    @pytest.mark.parametrize("path", ["/search", "/autocomplete"])
    def test_what_is_too_much_is_refused(self, web: httpx.Client, path: str, asked: dict) -> None:
        answer = web.get(path, params=asked)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    def test_autocomplete_is_short_and_leads_on(self, web: httpx.Client) -> None:
        answer = web.get("/autocomplete", params={"q": "sea surf tem"})
        first = answer.json()["suggestions"][0]
        assert first["label"] == "Sea-surface temperature"
        assert len(answer.content) < 5000
        assert web.get(first["href"]).json()["label"] == first["label"]
        product = web.get("/autocomplete", params={"q": "aviso", "type": "centre"}).json()
        assert web.get(product["suggestions"][0]["href"]).status_code == 200

    def test_the_start_page_has_a_box_that_proposes(self, web: httpx.Client) -> None:
        page = web.get("/").text
        for part in ('role="combobox"', 'role="listbox"', "/autocomplete?", 'aria-controls="'):
            assert part in page

    def test_graphql_searches_too(self, web: httpx.Client) -> None:
        query = """query ask($q: String!) {
          search(q: $q, types: ["essential variable"], limit: 3) {
            total hits { iri label matchedText matchedField score uses }
          }
        }"""
        body = {"query": query, "variables": {"q": "sea surf temp"}}
        found = web.post("/graphql", json=body).json()["data"]["search"]
        assert found["hits"][0]["iri"] == SST
        assert found["hits"][0]["uses"] > 10
