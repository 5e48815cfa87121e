"""The faces over HTTP, on a real server with the starter graph."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

from oceankg import queries

OXYGEN = "http://vocab.nerc.ac.uk/collection/EXV/current/EXV028/"
CORA = "10.17882/46219"
CORA_CMEMS = "INSITU_GLO_PHY_TS_DISCRETE_MY_013_001"


@pytest.fixture(scope="module")
def web(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


class TestHealth:
    def test_says_which_snapshot_answers(self, web: httpx.Client) -> None:
        health = web.get("/health").json()
        assert health["status"] == "ok"
        assert health["triples"] > 100_000
        assert health["stale_sources"] == []


class TestStartPage:
    def test_shows_what_is_here_and_questions_to_click(self, web: httpx.Client) -> None:
        page = web.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "316 of the Copernicus Marine Service" in page.text
        assert "/compare?q=Oxygen" in page.text
        for query in queries.examples():
            assert query.summary in page.text.replace("&#39;", "'")

    def test_loads_nothing_from_elsewhere(self, web: httpx.Client) -> None:
        page = web.get("/")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "<script src" not in page.text
        assert "<link" not in page.text


class TestSparql:
    QUERY = queries.get("products-for-essential-variable").text

    @pytest.mark.parametrize("essential", ["Oxygen", "Sea-surface temperature", "Sea level"])
    def test_lists_the_products_of_both_catalogues(self, web: httpx.Client, essential: str) -> None:
        answer = web.get("/sparql", params={"query": self.QUERY})
        rows = [
            row
            for row in answer.json()["results"]["bindings"]
            if row["essential"]["value"] == essential
        ]
        catalogues = {row["catalogue"]["value"] for row in rows}
        assert catalogues == {"Copernicus Marine Service", "ODATIS, Sextant and SEANOE"}
        assert len(rows) > 20

    def test_sparqlwrapper_asks_it_unchanged(self, server: str) -> None:
        wrapper = SPARQLWrapper(f"{server}/sparql", returnFormat=JSON)
        wrapper.setQuery(queries.get("records-tied-by-doi").text)
        rows = wrapper.queryAndConvert()["results"]["bindings"]
        tied = {(row["doi"]["value"], row["product"]["value"]) for row in rows}
        assert (CORA, CORA_CMEMS) in tied

    def test_takes_a_form_and_a_direct_post(self, web: httpx.Client) -> None:
        ask = "ASK { ?s ?p ?o }"
        form = web.post("/sparql", data={"query": ask})
        direct = web.post(
            "/sparql", content=ask, headers={"Content-Type": "application/sparql-query"}
        )
        assert form.json() == direct.json() == {"head": {}, "boolean": True}

    @pytest.mark.parametrize(
        ("query", "accept"),
        [
            ("SELECT ?s { ?s ?p ?o } LIMIT 1", "application/sparql-results+xml"),
            ("SELECT ?s { ?s ?p ?o } LIMIT 1", "text/csv"),
            ("SELECT ?s { ?s ?p ?o } LIMIT 1", "text/tab-separated-values"),
            ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", "text/turtle"),
            ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", "application/rdf+xml"),
            ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", "application/ld+json"),
        ],
    )
    def test_answers_in_the_form_that_is_asked_for(
        self, web: httpx.Client, query: str, accept: str
    ) -> None:
        answer = web.get("/sparql", params={"query": query}, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(accept)
        assert "Accept" in answer.headers["vary"]

    @pytest.mark.parametrize(
        ("method", "kwargs", "status"),
        [
            ("GET", {"params": {"query": "SELEC"}}, 400),
            ("GET", {"params": {"nothing": "1"}, "headers": {"Accept": "text/csv"}}, 400),
            ("GET", {"params": [("query", "ASK {}"), ("query", "ASK {}")]}, 400),
            ("GET", {"params": {"query": "SELECT * { SERVICE <http://127.0.0.1/> {} }"}}, 400),
            ("POST", {"data": {"update": "CLEAR ALL"}}, 403),
            ("POST", {"content": "x", "headers": {"Content-Type": "text/plain"}}, 415),
            ("POST", {"data": {"query": "#" * 2_000_000}}, 413),
            ("PUT", {"content": "x"}, 405),
            (
                "GET",
                {"params": {"query": "ASK {}"}, "headers": {"Accept": "image/png"}},
                406,
            ),
        ],
    )
    def test_says_what_is_wrong_in_a_problem_document(
        self, web: httpx.Client, method: str, kwargs: dict, status: int
    ) -> None:
        answer = web.request(method, "/sparql", **kwargs)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status

    def test_ends_a_query_that_runs_too_long_with_504(self, web: httpx.Client) -> None:
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        answer = web.get("/sparql", params={"query": endless})
        assert answer.status_code == 504
        assert "limit" in answer.json()["detail"]
        assert web.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True

    def test_browsers_of_other_sites_may_ask(self, web: httpx.Client) -> None:
        headers = {"Origin": "https://example.org"}
        answer = web.get("/sparql", params={"query": "SELEC"}, headers=headers)
        assert answer.headers["access-control-allow-origin"] == "*"


class TestResolve:
    @pytest.mark.parametrize(
        ("q", "variable"),
        [
            ("sst", "Sea-surface temperature"),
            ("sea_surface_temperature", "Sea-surface temperature"),
            ("SDN:P02::DOXY", "Oxygen"),
            ("https://vocab.nerc.ac.uk/collection/P02/current/DOXY", "Oxygen"),
            ("Oxygène dissous", "Oxygen"),
            ("oxygene dissous", "Oxygen"),
            ("DOXY", "Oxygen"),
            ("sea_surface_height_above_geoid", "Sea level"),
            ("sea_ice_thickness", "Sea ice"),
            ("EXV023", "Sea level"),
        ],
    )
    def test_leads_to_the_essential_variable(
        self, web: httpx.Client, q: str, variable: str
    ) -> None:
        found = web.get("/resolve", params={"q": q}).json()
        assert found["essential_variable"]["label"] == variable

    def test_names_the_mappings_on_the_way_and_their_ground(self, web: httpx.Client) -> None:
        found = web.get("/resolve", params={"q": "sst"}).json()
        path = found["essential_variable"]["path"]
        assert path[-1]["object"].endswith("/EXV017/")
        assert path[-1]["justification"] == "semapv:ManualMappingCuration"
        assert path[-1]["source"] == "exv-cf"
        assert 0 < path[-1]["confidence"] <= 1

    def test_many_terms_come_back_in_order(self, web: httpx.Client) -> None:
        terms = ["sst", "no such thing", "PSAL"]
        body = {"queries": [{"q": q} for q in terms]}
        results = web.post("/resolve", json=body).json()["results"]
        assert [r["q"] for r in results] == terms
        assert results[1]["candidates"] == []
        assert results[1]["essential_variable"] is None
        assert results[1]["reason"]

    def test_surface_and_subsurface_stay_apart(self, web: httpx.Client) -> None:
        surface = web.get("/resolve", params={"q": "sea_surface_temperature"}).json()
        depth = web.get("/resolve", params={"q": "sea_water_temperature"}).json()
        assert surface["essential_variable"]["iri"].endswith("/EXV017/")
        assert depth["essential_variable"]["iri"].endswith("/EXV018/")

    @pytest.mark.parametrize(
        "name", ["sea_water_pressure", "surface_backwards_scattering_coefficient_of_radar_wave"]
    )
    def test_a_published_link_that_misleads_is_not_followed(
        self, web: httpx.Client, name: str
    ) -> None:
        found = web.get("/resolve", params={"q": name}).json()
        assert found["candidates"][0]["matched_text"] == name
        assert found["essential_variable"] is None
        assert found["reason"]

    def test_an_alias_names_its_successor(self, web: httpx.Client) -> None:
        found = web.get(
            "/resolve", params={"q": "concentration_of_chlorophyll_in_sea_water"}
        ).json()["candidates"][0]
        assert found["deprecated"]
        assert found["replaced_by"] == [
            "http://vocab.nerc.ac.uk/standard_name/mass_concentration_of_chlorophyll_in_sea_water/"
        ]

    def test_a_coarse_term_may_serve_and_says_so(self, web: httpx.Client) -> None:
        found = web.get("/resolve", params={"q": "OD1:SEATEMP"}).json()
        assert found["essential_variable"]["label"] == "Subsurface temperature"
        assert found["essential_variable"]["sure"] is False
        assert "may serve" in found["reason"]
        possible = {s["label"] for s in found["candidates"][0]["essential_variables"]}
        assert possible == {"Sea-surface temperature", "Subsurface temperature"}

    @pytest.mark.parametrize("depth", ["NaN", "Infinity", "-Infinity", "1e999"])
    def test_a_depth_that_is_no_number_is_refused(self, web: httpx.Client, depth: str) -> None:
        body = f'{{"queries": [{{"q": "TEMP", "depth": {depth}}}]}}'
        answer = web.post("/resolve", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
        assert "depth" in answer.json()["detail"]

    def test_a_long_identifier_is_refused(self, web: httpx.Client) -> None:
        query = {"q": "TEMP", "identifiers": ["x" * 1001]}
        assert web.post("/resolve", json={"queries": [query]}).status_code == 422

    def test_a_misspelt_key_is_refused(self, web: httpx.Client) -> None:
        assert web.get("/resolve", params={"q": "TEMP", "unit": "degC"}).status_code == 422
        body = {"queries": [{"q": "TEMP", "unit": "degC"}]}
        assert web.post("/resolve", json=body).status_code == 422

    def test_a_body_past_the_limit_is_refused(self, web: httpx.Client) -> None:
        answer = web.post("/resolve", json={"queries": [{"q": "x" * 17 * 2**20}]})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"

    def test_what_is_not_there_is_not_found_whatever_is_accepted(self, web: httpx.Client) -> None:
        answer = web.get("/nowhere", headers={"Accept": "application/json"})
        assert answer.status_code == 404

    def test_an_empty_question_is_refused(self, web: httpx.Client) -> None:
        assert web.get("/resolve", params={"q": ""}).status_code == 422
        assert web.post("/resolve", json={"queries": [{}]}).status_code == 422

    @pytest.mark.parametrize("known", [{"identifiers": ["x" * 301]}, {"language": "x" * 36}])
    def test_what_is_known_besides_is_bounded(
        self, web: httpx.Client, known: dict[str, object]
    ) -> None:
        asked = {"queries": [{"q": "TEMP", **known}]}
        assert web.post("/resolve", json=asked).status_code == 422

    def test_a_depth_is_a_number(self, web: httpx.Client) -> None:
        assert web.get("/resolve", params={"q": "TEMP", "depth": "nan"}).status_code == 422


class TestCompare:
    @pytest.mark.parametrize(
        "variable", ["Oxygen", "Sea-surface temperature", "Sea level", "sea surface height"]
    )
    def test_lists_both_catalogues(self, web: httpx.Client, variable: str) -> None:
        found = web.get("/compare", params={"q": variable}).json()["catalogues"]
        assert len(found["odatis"]) > 3
        assert len(found["cmems"]) > 3
        for row in found["odatis"] + found["cmems"]:
            assert row["paths"]

    def test_the_case_of_a_name_does_not_matter(self, web: httpx.Client) -> None:
        query = "{ essentialVariables { iri label } }"
        variables = web.post("/graphql", json={"query": query}).json()["data"]
        for variable in variables["essentialVariables"]:
            for name in (variable["label"], variable["label"].lower(), variable["iri"]):
                found = web.get("/compare", params={"q": name}).json()
                assert found["parameter"] == variable["iri"], name

    @pytest.mark.parametrize("word", ["sst", "salinity", "temperature"])
    def test_a_word_of_one_catalogue_finds_the_products_of_both(
        self, web: httpx.Client, word: str
    ) -> None:
        found = web.get("/compare", params={"q": word}).json()
        assert "/word/" not in found["parameter"]
        assert found["catalogues"]["odatis"]
        assert found["catalogues"]["cmems"]

    def test_cora_is_tied_to_its_twin(self, web: httpx.Client) -> None:
        found = web.get("/compare", params={"q": "Subsurface temperature"}).json()["catalogues"]
        cora = next(r["product"] for r in found["odatis"] if r["product"]["doi"] == CORA)
        relation = cora["relations"][0]
        assert relation["other"].endswith(CORA_CMEMS)
        assert relation["evidence"] == CORA
        assert any(r["product"]["id"] == CORA_CMEMS for r in found["cmems"])

    def test_a_vocabulary_concept_gathers_what_is_equal_or_narrower(
        self, web: httpx.Client
    ) -> None:
        found = web.get("/compare", params={"q": "SDN:P02::DOXY"}).json()
        titles = [r["product"]["title"] for r in found["catalogues"]["cmems"]]
        assert len(titles) > 5

    def test_what_is_not_stated_is_null(self, web: httpx.Client) -> None:
        rows = web.get("/compare", params={"q": "Oxygen"}).json()["catalogues"]["odatis"]
        assert any(row["product"]["resolution"] is None for row in rows)
        assert not any(value == "" for row in rows for value in row["product"].values())

    def test_a_browser_gets_a_page(self, web: httpx.Client) -> None:
        page = web.get("/compare", params={"q": "Oxygen"}, headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "unknown" in page.text

    def test_a_browser_that_asks_for_what_is_not_there_gets_names_that_begin_so(
        self, web: httpx.Client
    ) -> None:
        params, accept = {"q": "Sea surf"}, {"Accept": "text/html"}
        page = web.get("/compare", params=params, headers=accept)
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert re.search(r"<li><a href=\"/compare\?q=sea", page.text, re.IGNORECASE)
        hostile = web.get("/compare", params={"q": "<script>alert(1)</script>"}, headers=accept)
        assert "<script>alert" not in hostile.text

    def test_an_unknown_parameter_is_404(self, web: httpx.Client) -> None:
        answer = web.get("/compare", params={"q": "phlogiston"})
        assert answer.status_code == 404
        assert "phlogiston" in answer.json()["detail"]

    def test_every_essential_variable_of_the_ocean_that_has_products_has_paths(
        self, web: httpx.Client
    ) -> None:
        query = "{ essentialVariables { iri label } }"
        variables = web.post("/graphql", json={"query": query}).json()["data"]
        for variable in variables["essentialVariables"]:
            found = web.get("/compare", params={"q": variable["iri"]}).json()["catalogues"]
            for row in (*found["odatis"], *found["cmems"]):
                for path in row["paths"]:
                    ends = [path[0]["subject"], path[-1]["object"], path[-1]["subject"]]
                    assert variable["iri"] in ends[1:]


class TestEntities:
    @pytest.mark.parametrize(
        "path",
        [
            "/collection/P02/current/DOXY/",
            "/standard_name/sea_surface_temperature/",
            f"/product/cmems/{CORA_CMEMS}",
            "/product/odatis/10.17882%2F46219",
            "/centre/coriolis",
            "/consortium/ocean-colour",
            f"/entity?iri={OXYGEN}",
            "/entity?iri=SDN:P02::DOXY",
        ],
    )
    @pytest.mark.parametrize(
        "accept",
        [
            "text/html",
            "text/turtle",
            "application/n-triples",
            "application/rdf+xml",
            "application/ld+json",
        ],
    )
    def test_every_iri_answers_in_the_form_asked_for(
        self, web: httpx.Client, path: str, accept: str
    ) -> None:
        answer = web.get(path, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(accept)
        assert len(answer.content) > 100
        head = web.head(path, headers={"Accept": accept})
        assert head.status_code == 200
        assert head.content == b""

    def test_a_product_has_its_period_with_it(self, web: httpx.Client) -> None:
        accept = {"Accept": "text/turtle"}
        turtle = web.get("/product/odatis/10.17882%2F85178", headers=accept).text
        assert "1987" in turtle
        assert "POLYGON" in turtle

    def test_the_page_of_a_product_bears_its_title_and_says_each_thing_once(
        self, web: httpx.Client
    ) -> None:
        page = web.get(f"/product/cmems/{CORA_CMEMS}", headers={"Accept": "text/html"}).text
        assert "<h1>Global Ocean- CORA- In-situ Observations" in page
        assert page.count("dcterms:publisher") == 1
        assert "Products that measure it" not in page

    def test_what_the_graph_does_not_hold_is_404(self, web: httpx.Client) -> None:
        assert web.get("/collection/P02/current/NOSUCH/").status_code == 404
        assert web.get("/entity", params={"iri": "http://example.org/x"}).status_code == 404

    def test_a_form_that_is_not_offered_is_406(self, web: httpx.Client) -> None:
        answer = web.get("/collection/P02/current/DOXY/", headers={"Accept": "image/png"})
        assert answer.status_code == 406


class TestEveryFace:
    @pytest.mark.parametrize(
        "path", ["/", "/health", "/resolve?q=sst", "/compare?q=Oxygen", "/graphql", "/docs"]
    )
    def test_head_answers_like_get_without_a_body(self, web: httpx.Client, path: str) -> None:
        headers = {"Accept": "text/html,*/*;q=0.5"}
        head, get = web.head(path, headers=headers), web.get(path, headers=headers)
        assert head.status_code == get.status_code == 200
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.content == b""

    def test_head_states_the_length_of_what_get_sends(self, web: httpx.Client) -> None:
        path, headers = "/resolve?q=TEMP", {"Accept-Encoding": "gzip"}
        head, get = web.head(path, headers=headers), web.get(path, headers=headers)
        assert head.headers["content-encoding"] == get.headers["content-encoding"] == "gzip"
        assert head.headers["content-length"] == get.headers["content-length"]

    def test_what_cannot_be_written_is_no_fault_of_ours(self, web: httpx.Client) -> None:
        body = b'{"queries": [{"q": "SDN:P02::\\ud800"}, {"q": "x", "vocabulary": "\\ud800"}]}'
        answer = web.post("/resolve", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 422)

    @pytest.mark.parametrize(
        "vocabulary", ["P02", "p02", "https://vocab.nerc.ac.uk/collection/P02/current"]
    )
    def test_a_vocabulary_has_many_spellings(self, web: httpx.Client, vocabulary: str) -> None:
        found = web.get("/resolve", params={"q": "DOXY", "vocabulary": vocabulary}).json()
        assert {c["iri"] for c in found["candidates"]} == {
            "http://vocab.nerc.ac.uk/collection/P02/current/DOXY/"
        }


class TestOpenApi:
    def test_its_page_loads_nothing_from_elsewhere(self, web: httpx.Client) -> None:
        page = web.get("/docs").text
        for address in re.findall(r'(?:src|href)="([^"]+)"', page):
            assert address.startswith("/")
            assert web.get(address).status_code == 200

    def test_names_every_route(self, web: httpx.Client) -> None:
        paths = web.get("/openapi.json").json()["paths"]
        assert {"/health", "/resolve", "/compare", "/sparql", "/graphql", "/entity"} <= set(paths)


class TestGraphql:
    def ask(self, web: httpx.Client, query: str, **variables: object) -> dict:
        answer = web.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in answer, json.dumps(answer)
        return answer["data"]

    @pytest.mark.parametrize("q", ["Oxygen", "Sea-surface temperature", "Sea level"])
    def test_lists_the_products_of_both_catalogues(self, web: httpx.Client, q: str) -> None:
        found = self.ask(
            web,
            "query($q: String!) { compare(q: $q) { odatis { product { id title } }"
            " cmems { product { id title } } } }",
            q=q,
        )["compare"]
        assert found["odatis"]
        assert found["cmems"]

    def test_says_the_same_as_sparql(self, web: httpx.Client) -> None:
        found = self.ask(
            web,
            '{ compare(q: "Oxygen") { odatis { sure product { id } }'
            " cmems { sure product { id } } } }",
        )["compare"]
        ids = {r["product"]["id"] for r in found["odatis"] + found["cmems"] if r["sure"]}
        rows = web.get("/sparql", params={"query": TestSparql.QUERY}).json()["results"]
        assert ids == {
            row["identifier"]["value"]
            for row in rows["bindings"]
            if row["essential"]["value"] == "Oxygen"
        }

    def test_knows_who_is_behind(self, web: httpx.Client) -> None:
        found = self.ask(
            web,
            "{ dataCentres { label edmo } consortia { label founded }"
            " projects { label funder } services { label } }",
        )
        assert len(found["dataCentres"]) == 8
        assert "486" in {c["edmo"] for c in found["dataCentres"]}
        assert sorted(c["founded"] for c in found["consortia"]) == [
            "2018",
            "2019",
            "2020",
            "2022",
            "2023",
        ]
        assert len(found["projects"]) >= 10
        assert len(found["services"]) == 5

    def test_a_product_names_its_words_concepts_and_variables(self, web: httpx.Client) -> None:
        found = self.ask(
            web,
            "query($id: ID!) { product(id: $id) { doi reports { label }"
            " measures { iri } essentialVariables { label } relations { other } } }",
            id=CORA_CMEMS,
        )["product"]
        assert found["doi"] == CORA
        assert "sea-water-temperature" in {r["label"] for r in found["reports"]}
        assert "Subsurface temperature" in {v["label"] for v in found["essentialVariables"]}

    def test_a_concept_leads_to_its_products(self, web: httpx.Client) -> None:
        found = self.ask(
            web,
            '{ concept(q: "SDN:P02::DOXY") { essentialVariables { label path { predicate } } }'
            ' compare(q: "SDN:P02::DOXY") { cmems { product { id } } } }',
        )
        assert found["concept"]["essentialVariables"][0]["label"] == "Oxygen"
        assert found["compare"]["cmems"]

    def test_pages_of_products_do_not_overlap(self, web: httpx.Client) -> None:
        query = 'query($o: Int!) { products(catalogue: "cmems", first: 200, offset: $o) { iri } }'
        one = {p["iri"] for p in self.ask(web, query, o=0)["products"]}
        two = {p["iri"] for p in self.ask(web, query, o=200)["products"]}
        assert len(one) == 200
        assert len(two) == 116
        assert not one & two

    def test_a_question_that_is_too_deep_is_refused(self, web: httpx.Client) -> None:
        deep = "kind ofType { " * 12 + "name" + " }" * 12
        answer = web.post("/graphql", json={"query": f"{{ release {{ id }} a: {deep} }}"})
        assert answer.json()["errors"]
        many = {"query": "query($q: [String!]!) { resolve(q: $q) { q } }"}
        answer = web.post("/graphql", json=many | {"variables": {"q": ["sst"] * 501}})
        assert "at most 500" in answer.text

    @pytest.mark.parametrize("body", [b"null", b"5", b'"x"', b"\xff", b"[" * 100_000, b"{}"])
    def test_what_is_no_question_is_refused(self, web: httpx.Client, body: bytes) -> None:
        headers = {"Content-Type": "application/json", "Origin": "https://example.org"}
        answer = web.post("/graphql", content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert web.post("/graphql", data={"query": "{}"}).status_code == 415

    def test_a_product_is_found_by_its_own_identifier_before_its_doi(
        self, web: httpx.Client
    ) -> None:
        found = self.ask(web, "query($id: ID!) { product(id: $id) { catalogue } }", id=CORA)
        assert found["product"]["catalogue"] == "odatis"

    def test_answers_by_get_too(self, web: httpx.Client) -> None:
        answer = web.get("/graphql", params={"query": "{ release { id } }"})
        assert answer.json()["data"]["release"]["id"]

    def test_a_browser_gets_our_own_page(self, web: httpx.Client) -> None:
        page = web.get("/graphql", headers={"Accept": "text/html"})
        assert "compare(q: String!, release: String = null): Comparison" in page.text
        assert "unpkg" not in page.text
