"""The coverage: what is counted where, that its queries find it again, and who could fill a gap."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from itertools import product as combinations
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store, parse

from oceankg import queries
from oceankg.climb import climb_graph
from oceankg.compare import CATALOGUES, coverage_table, gaps
from oceankg.compare.coverage import (
    AXES,
    CELL_QUERY,
    GLOBAL,
    Cell,
    Count,
    coverage,
    summed,
    value_named,
)
from oceankg.compare.coverage_table import Filters
from oceankg.errors import UnknownTermError
from oceankg.namespaces import BASE, OKG, QB, RDF
from oceankg.querypool import Job, evaluate
from oceankg.read import UNKNOWN, Cells, Concept, Product, ReadModel, load, rows
from oceankg.store import Snapshot
from test_cli import oceankg

EXV = "http://vocab.nerc.ac.uk/collection/EXV/current/"
OXYGEN, SEA_LEVEL, BELOW = f"{EXV}EXV028/", f"{EXV}EXV023/", f"{EXV}EXV018/"
ARCTIC, MULTI_YEAR = f"{BASE}region/arctic", f"{BASE}time-scale/multi-year"
SATELLITE, IN_SITU = f"{BASE}kind/satellite", f"{BASE}kind/in-situ"
EMPTY = (OXYGEN, ARCTIC, MULTI_YEAR, SATELLITE)


@pytest.fixture(scope="module")
def model(starter: Snapshot) -> ReadModel:
    return load(starter)


@pytest.fixture(scope="module")
def store(starter: Snapshot) -> Store:
    return starter.open()


@pytest.fixture(scope="module")
def web(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


def counted(found) -> dict[tuple[str, ...], dict[tuple[str, str], set[str]]]:
    """Rows of the query of cells, as products by cell, catalogue and sureness."""
    cells = defaultdict(lambda: defaultdict(set))
    for row in found:
        place = (row["variable"], row["region"], row["timeScale"], row["kind"])
        cells[place][row["catalogue"].rsplit("/", 1)[-1], row["sure"]].add(row["product"])
    return {place: dict(held) for place, held in cells.items()}


def held_by(cell: Cell) -> dict[tuple[str, str], set[str]]:
    every = {
        (name, "true" if sure else "false"): set(cell.of(name, sure=sure))
        for name in CATALOGUES
        for sure in (True, False)
    }
    return {key: products for key, products in every.items() if products}


class TestQueries:
    def test_the_query_of_cells_finds_every_cell_again_and_no_other(self, model, store) -> None:
        found = counted(rows(store, CELL_QUERY))
        assert found == {cell.place: held_by(cell) for cell in coverage(model).cells}
        assert len(found) > 900

    def test_a_cell_comes_back_by_the_text_that_it_carries(self, model, store) -> None:
        for cell in coverage(model).cells[::37]:
            answer = evaluate(store, Job(cell.sparql, select="text/csv"), 2**20).content
            found = counted(csv.DictReader(io.StringIO(answer.decode())))
            assert found == {cell.place: held_by(cell)}

    def test_a_cell_comes_back_by_the_published_query_with_its_values_bound(
        self, model, store
    ) -> None:
        names = queries.get(CELL_QUERY).parameters
        assert names == ("variable", "region", "timeScale", "kind")
        for cell in coverage(model).cells[::53]:
            bindings = dict(zip(names, cell.place, strict=True))
            job = Job(queries.get(CELL_QUERY).text, select="text/csv", bindings=bindings)
            answer = evaluate(store, job, 2**20).content.decode()
            assert counted(csv.DictReader(io.StringIO(answer))) == {cell.place: held_by(cell)}

    def test_an_empty_cell_comes_back_empty(self, model, store) -> None:
        cell = coverage(model).at(EMPTY)
        assert cell.state == "empty"
        assert len(evaluate(store, Job(cell.sparql, select="text/csv"), 999).content.split()) == 1

    def test_the_aggregate_of_all_counts_the_same(self, model, store) -> None:
        found = {
            (*(row[n] for n in ("variable", "region", "timeScale", "kind")), row["catalogue"]): int(
                row["products"]
            )
            for row in rows(store, "coverage")
        }
        assert found == {
            (*cell.place, f"{BASE}catalogue/{name}"): len(cell.of(name))
            for cell in coverage(model).cells
            for name in CATALOGUES
            if cell.of(name)
        }


class TestSums:
    def test_all_products_together_are_those_that_the_build_reports(self, model, starter) -> None:
        report = starter.report()["catalogues"]
        reached = [
            report[f"{BASE}catalogue/{n}"]["reaching an essential variable"] for n in CATALOGUES
        ]
        answer = coverage_table.table(model, Filters())
        assert [answer.products.odatis, answer.products.cmems] == reached

    def test_the_sum_of_a_variable_is_the_number_of_products_that_serve_it(self, model) -> None:
        values = coverage_table.table(model, Filters()).axes["variable"]
        for value in values:
            serving = [p.catalogue for p in model.products.values() if value.iri in p.serves]
            assert [value.odatis, value.cmems] == [serving.count(n) for n in CATALOGUES]
        assert {v.label: v.odatis + v.cmems for v in values}["Ocean sound"] == 0

    def test_the_sums_of_a_selection_are_those_of_its_cells_alone(self, model) -> None:
        answer = coverage_table.table(model, Filters(variable=OXYGEN, state="both"))
        odatis = {iri for cell in answer.cells for iri in cell.odatis}
        assert answer.products.odatis == len(odatis)
        assert answer.total == len(answer.cells) > 0

    def test_what_is_not_stated_is_a_value_of_its_own(self, model) -> None:
        silent = {
            p.iri for p in model.products.values() if p.serves and p.cells.regions == (UNKNOWN,)
        }
        cells = coverage(model).select(region=UNKNOWN)
        assert silent == {iri for cell in cells for name in CATALOGUES for iri in cell.of(name)}
        assert silent
        assert not any(UNKNOWN in place for place in coverage(model).empties())

    def test_the_axes_have_every_value_of_the_schemes(self, model) -> None:
        axes = coverage(model).axes
        for axis, schemes in {
            "region": ("region", "area"),
            "time_scale": ("time-scale",),
            "kind": ("kind",),
        }.items():
            known = {
                c.iri for c in model.concepts.values() if c.scheme.removeprefix(BASE) in schemes
            }
            assert set(axes[axis]) == known | {UNKNOWN}
            assert axes[axis][-1] == UNKNOWN
        assert set(axes["variable"]) == {c.iri for c in model.essential_variables}
        assert axes["region"][0] == GLOBAL


# ------------------------------------------------------------------ laws

REGIONS = [GLOBAL, ARCTIC, f"{BASE}region/baltic", f"{BASE}area/pacific"]
SCALES = [MULTI_YEAR, f"{BASE}time-scale/forecast"]
KINDS = [SATELLITE, IN_SITU]
VARIABLES = [OXYGEN, SEA_LEVEL, BELOW]


def _some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    stated = st.sets(st.sampled_from(values), min_size=1).map(lambda found: tuple(sorted(found)))
    return st.one_of(st.just((UNKNOWN,)), stated)


@st.composite
def models(draw) -> ReadModel:
    products = {}
    for number in range(draw(st.integers(0, 12))):
        ways = draw(st.lists(st.sampled_from(["sure", "may", "no"]), min_size=3, max_size=3))
        iri = f"https://example.org/product/{number}"
        products[iri] = Product(
            iri=iri,
            id=str(number),
            catalogue=draw(st.sampled_from(CATALOGUES)),
            title=f"product {number}",
            serves=tuple(v for v, way in zip(VARIABLES, ways, strict=True) if way == "sure"),
            may_serve=tuple(v for v, way in zip(VARIABLES, ways, strict=True) if way == "may"),
            cells=Cells(draw(_some(REGIONS)), draw(_some(SCALES)), draw(_some(KINDS))),
            resolution_metres=draw(st.sampled_from([None, 1000.0, 25000.0])),
        )
    concepts = {
        iri: Concept(iri, iri.rstrip("/").rsplit("/", 1)[0])
        for iri in (*VARIABLES, *REGIONS, *SCALES, *KINDS)
    }
    climb = climb_graph((), (), VARIABLES)
    return ReadModel(Snapshot("made", Path()), concepts, products, {}, {}, (), climb)


@given(models())
def test_the_cells_of_a_variable_hold_exactly_the_products_that_serve_it(model) -> None:
    table = coverage(model)
    for variable in VARIABLES:
        cells = table.select(variable=variable)
        for name in CATALOGUES:
            own = [p for p in model.products.values() if p.catalogue == name]
            surely = {p.iri for p in own if variable in p.serves}
            perhaps = {p.iri for p in own if variable in p.may_serve}
            assert {iri for cell in cells for iri in cell.of(name)} == surely
            assert {iri for cell in cells for iri in cell.of(name, sure=False)} == perhaps


@given(models())
def test_a_product_stands_in_each_combination_of_its_values_once_a_variable(model) -> None:
    table = coverage(model)
    for product in model.products.values():
        own = product.cells
        expected = set(combinations(own.regions, own.time_scales, own.kinds))
        for variable in product.serves:
            places = [
                cell.place[1:]
                for cell in table.select(variable=variable)
                for iri in cell.of(product.catalogue)
                if iri == product.iri
            ]
            assert len(places) == len(expected)
            assert set(places) == expected


@given(models(), st.data())
def test_a_selection_is_what_asking_cell_by_cell_would_give(model, data) -> None:
    table = coverage(model)
    wanted = {
        axis: data.draw(st.sampled_from([None, *table.axes[axis]]), label=axis) for axis in AXES
    }
    wanted["state"] = data.draw(st.sampled_from([None, "both", "odatis", "cmems", "empty"]))
    wanted["catalogue"] = data.draw(st.sampled_from([None, *CATALOGUES]))
    expected = tuple(
        cell
        for cell in table.cells
        if all(wanted[axis] in (None, getattr(cell, axis)) for axis in AXES)
        and wanted["state"] in (None, cell.state)
        and (wanted["catalogue"] is None or cell.of(wanted["catalogue"]))
    )
    assert table.select(**wanted) == expected


@given(models())
def test_a_cell_between_stated_values_is_either_held_or_empty(model) -> None:
    table = coverage(model)
    empty = list(table.empties())
    held = [cell.place for cell in table.cells if cell.state != "empty"]
    assert len(set(empty)) == len(empty)
    grid = set(combinations(VARIABLES, REGIONS, SCALES, KINDS))
    assert set(empty) == grid - set(held)


@given(models())
def test_sums_count_each_product_once(model) -> None:
    for region, count in summed(coverage(model).cells, lambda cell: cell.region).items():
        there = [p for p in model.products.values() if region in p.cells.regions]
        surely = [[p for p in there if p.catalogue == n and p.serves] for n in CATALOGUES]
        only_may = [p for p in there if p.may_serve and not p.serves]
        assert count == Count(*map(len, surely), len(only_may))


@given(models(), st.data())
def test_the_nearest_products_differ_on_the_fewest_axes(model, data) -> None:
    place = tuple(data.draw(st.sampled_from(v)) for v in (VARIABLES, REGIONS, SCALES, KINDS))
    cell = coverage(model).at(place)
    near = gaps.nearest(model, cell, limit=100)
    surely = {p.iri for p in model.products.values() if cell.variable in p.serves}
    perhaps = {p.iri for p in model.products.values() if cell.variable in p.may_serve}
    assert {n.product for n in near} == (surely or perhaps)
    assert all(n.sure == bool(surely) for n in near)
    for one in near:
        own = model.products[one.product].cells
        has = (own.regions, own.time_scales, own.kinds)
        expected = [a for a, w, h in zip(AXES[1:], place[1:], has, strict=True) if w not in h]
        assert [lack.axis for lack in one.lacks] == expected
    order = [
        (len(n.lacks), not any(lack.covers for lack in n.lacks), CATALOGUES.index(n.catalogue))
        for n in near
    ]
    assert order == sorted(order)


# ------------------------------------------------------------------ gaps


class TestGaps:
    def test_a_gap_of_oxygen_names_its_consortium_and_why(self, model) -> None:
        found = gaps.gap(model, coverage(model).at(EMPTY))
        first = found.fillers[0]
        assert (first.label, first.kind) == ("Dissolved oxygen consortium", "consortium")
        grounds = {g.concept: [s.predicate for s in g.path] for g in first.grounds}
        od1 = "http://vocab.nerc.ac.uk/collection/OD1/current/DOXY/"
        assert grounds == {OXYGEN: [], od1: ["skos:exactMatch"]}

    def test_a_centre_is_named_for_the_products_whose_records_name_it(self, model) -> None:
        place = (SEA_LEVEL, f"{BASE}region/black-sea", MULTI_YEAR, SATELLITE)
        found = gaps.gap(model, coverage(model).at(place))
        aviso = next(f for f in found.fillers if f.agent == f"{BASE}centre/aviso")
        assert {ground.relation for ground in aviso.grounds} >= {"holds", "publishes"}
        for ground in aviso.grounds:
            for product in map(model.products.__getitem__, ground.products):
                assert ground.variable in product.serves
                stated = {
                    "holds": str(product.data_centre),
                    "publishes": str(product.publisher),
                    "produces": " ".join(product.producers),
                }
                assert "aviso" in stated[ground.relation].lower()
            assert ground.products

    def test_one_catalogue_lacks_what_the_other_has(self, model) -> None:
        cell = coverage(model).at((SEA_LEVEL, f"{BASE}region/black-sea", MULTI_YEAR, SATELLITE))
        assert cell.state == "cmems"
        found = gaps.gap(model, cell)
        assert [m.catalogue for m in found.missing] == ["odatis"]
        nearest = found.missing[0].nearest[0]
        assert nearest.catalogue == "odatis"
        assert [(lack.axis, lack.has, lack.covers) for lack in nearest.lacks] == [
            ("region", (GLOBAL,), True)
        ]

    def test_holdings_of_the_same_property_at_the_surface_count_too(self, model) -> None:
        found = gaps.fillers(model, BELOW)
        variables = {ground.variable for filler in found for ground in filler.grounds}
        assert variables == {BELOW, f"{EXV}EXV017/"}

    def test_what_nothing_measures_is_said_so(self, model) -> None:
        sound = value_named(model, "variable", "Ocean sound")
        found = gaps.gap(model, coverage(model).at((sound, *EMPTY[1:])))
        assert not found.measured
        assert [m.nearest for m in found.missing] == [(), ()]
        assert found.fillers == ()

    def test_a_satellite_that_sees_the_future_is_told_from_a_gap_elsewhere(self, model) -> None:
        forecast = f"{BASE}time-scale/forecast"
        found = gaps.gap(model, coverage(model).at((OXYGEN, ARCTIC, forecast, SATELLITE)))
        assert not found.occurs
        assert gaps.gap(model, coverage(model).at(EMPTY)).occurs

    def test_what_both_have_or_no_record_states_is_no_gap(self, model) -> None:
        both = coverage(model).select(state="both")[0]
        assert gaps.gap(model, both) is None
        assert gaps.gap(model, Cell(OXYGEN, UNKNOWN, MULTI_YEAR, SATELLITE)) is None


class TestNames:
    @pytest.mark.parametrize(
        "q", ["Oxygen", "oxygen", "EXV028", "SDN:EXV::EXV028", OXYGEN, OXYGEN.rstrip("/")]
    )
    def test_a_value_is_found_under_all_its_names(self, model, q) -> None:
        assert value_named(model, "variable", q) == OXYGEN

    @pytest.mark.parametrize("q", ["Océan Arctique", "arctic", "ARCTIC OCEAN", ARCTIC])
    def test_in_any_language_too(self, model, q) -> None:
        assert value_named(model, "region", q) == ARCTIC

    def test_what_is_not_stated_can_be_asked_for(self, model) -> None:
        assert value_named(model, "region", "not stated") == UNKNOWN

    def test_an_unknown_name_is_refused_with_the_nearest(self, model) -> None:
        with pytest.raises(UnknownTermError, match=r"no essential variable.*nearest: .*Oxygen"):
            value_named(model, "variable", "oxgen")


# ------------------------------------------------------------------ HTTP


class TestTable:
    def test_json_has_every_cell_with_its_products_and_query(self, web, model) -> None:
        answer = web.get("/coverage").json()
        cells = coverage(model).cells
        assert answer["total"] == len(answer["cells"]) == len(cells)
        assert answer["snapshot"] == model.snapshot.id
        for sent, cell in zip(answer["cells"], cells, strict=True):
            assert tuple(sent[axis] for axis in AXES) == cell.place
            assert sent["odatis"] == list(cell.odatis)
            assert sent["cmems"] == list(cell.cmems)
            assert sent["state"] == cell.state
            assert sent["query"] == "coverage-cell"

    def test_a_cell_is_derived_again_by_the_endpoint(self, web) -> None:
        for cell in web.get("/coverage", params={"variable": "oxygen", "state": "both"}).json()[
            "cells"
        ]:
            answer = web.get("/sparql", params={"query": cell["sparql"]}).json()
            found = {b["product"]["value"] for b in answer["results"]["bindings"]}
            assert found == {
                *cell["odatis"],
                *cell["cmems"],
                *cell["may_odatis"],
                *cell["may_cmems"],
            }

    def test_csv_has_the_same_cells(self, web, model) -> None:
        answer = web.get("/coverage", params={"region": "arctic"}, headers={"Accept": "text/csv"})
        lines = list(csv.DictReader(io.StringIO(answer.text)))
        cells = coverage(model).select(region=ARCTIC)
        assert [line["cmems"].split() for line in lines] == [list(cell.cmems) for cell in cells]
        assert {line["region_label"] for line in lines} == {"Arctic Ocean"}

    def test_turtle_is_a_data_cube_with_an_observation_a_cell(self, web, model) -> None:
        answer = web.get("/coverage", headers={"Accept": "text/turtle"})
        graph = Store()
        graph.extend(parse(answer.content, format=RdfFormat.TURTLE))
        observations = {
            q.subject for q in graph.quads_for_pattern(None, RDF.type, QB.Observation, None)
        }
        assert len(observations) == len(coverage(model).cells)
        components = list(graph.quads_for_pattern(None, QB.dimension, None, None))
        assert {q.object for q in components} == {
            OKG.countedVariable,
            OKG.countedRegion,
            OKG.countedTimeScale,
            OKG.countedKind,
        }
        for me in sorted(observations, key=str)[::100]:
            [number] = graph.quads_for_pattern(me, OKG.productsInCmems, None, None)
            behind = [q.object.value for q in graph.quads_for_pattern(me, OKG.counts, None, None)]
            assert sum("/cmems/" in iri for iri in behind) == int(number.object.value)
            # The IRI of an observation is answered as it is.
            own = web.get(me.value.removeprefix(BASE), headers={"Accept": "text/turtle"})
            assert me.value in own.text

    def test_empty_cells_come_in_pages_with_who_could_fill_them(self, web) -> None:
        params = {"variable": "oxygen", "state": "empty", "limit": 40}
        first = web.get("/coverage", params=params).json()
        second = web.get("/coverage", params=params | {"offset": 40}).json()
        assert first["total"] == second["total"] > 80
        assert len(first["cells"]) == len(second["cells"]) == 40
        places = [tuple(c[a] for a in AXES) for c in first["cells"] + second["cells"]]
        assert len(set(places)) == 80
        for cell in first["cells"]:
            assert cell["gap"]["fillers"][0]["label"] == "Dissolved oxygen consortium"
            assert [m["catalogue"] for m in cell["gap"]["missing"]] == list(CATALOGUES)
            assert all(len(m["nearest"]) == 1 for m in cell["gap"]["missing"])

    def test_markdown_has_the_matrix(self, web) -> None:
        answer = web.get("/coverage", params={"form": "markdown"})
        assert answer.headers["content-type"].startswith("text/markdown")
        line = next(row for row in answer.text.splitlines() if row.startswith("| Oxygen |"))
        assert re.fullmatch(r"\| Oxygen( \| (·|\?|[\d–]+ / [\d–]+))+ \|", line)

    def test_a_client_that_has_the_answer_is_told_so(self, web) -> None:
        first = web.get("/coverage", params={"variable": "oxygen"})
        tag = first.headers["etag"]
        again = web.get(
            "/coverage", params={"variable": "oxygen"}, headers={"If-None-Match": f'"x", {tag}'}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        other = {"If-None-Match": tag, "Accept": "text/csv"}
        assert web.get("/coverage", params={"variable": "oxygen"}, headers=other).status_code == 200

    @pytest.mark.parametrize(
        ("params", "status", "words"),
        [
            ({"variable": "oxgen"}, 404, "nearest: Oxygen"),
            ({"region": "atlantis"}, 404, "no region has that name"),
            ({"regoin": "arctic"}, 422, "regoin"),
            ({"state": "full"}, 422, "state"),
            ({"state": "empty", "limit": 5000}, 422, "at most 1000"),
            ({"form": "xls"}, 422, "no form xls"),
            ({"release": "20010101"}, 404, "20010101"),
        ],
    )
    def test_what_cannot_be_answered_is_a_problem_that_says_why(
        self, web, params, status, words
    ) -> None:
        answer = web.get("/coverage", params=params)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["detail"]

    def test_the_page_is_a_matrix_of_links_marked_by_more_than_colour(self, web, model) -> None:
        page = web.get("/coverage", headers={"Accept": "text/html"}).text
        count = summed(
            coverage(model).select(variable=OXYGEN, region=ARCTIC), lambda cell: cell.region
        )[ARCTIC]
        text = f"Oxygen, Arctic Ocean: {count.odatis} of ODATIS, {count.cmems} of Copernicus Marine"
        link = re.search(
            rf'<a class="cell (\w+)" href="([^"]+)" title="{text}[^"]*">(.*?)</a>', page
        )
        assert link
        assert link[1] == count.state
        assert f"{count.odatis} / {count.cmems}" in link[3]
        assert coverage_table.MARKS[count.state] in link[3]
        followed = web.get(link[2].replace("&amp;", "&"), headers={"Accept": "text/html"})
        assert followed.status_code == 200
        assert "/coverage/cell?" in followed.text

    def test_the_page_of_gaps_names_who_and_what(self, web) -> None:
        params = {"variable": "oxygen", "state": "empty"}
        page = web.get("/coverage", params=params, headers={"Accept": "text/html"}).text
        assert "Dissolved oxygen consortium" in page
        assert "wanted Global ocean" in page


# The empty cell above, by its names.
PLACE = {
    "variable": "oxygen",
    "region": "arctic",
    "time_scale": "multi-year",
    "kind": "satellite",
}


class TestCell:
    def test_an_empty_cell_says_who_could_fill_it_and_what_is_near(self, web) -> None:
        answer = web.get("/coverage/cell", params=PLACE).json()
        assert answer["state"] == "empty"
        assert answer["gap"]["fillers"][0]["label"] == "Dissolved oxygen consortium"
        near = {m["catalogue"]: m["nearest"] for m in answer["gap"]["missing"]}
        for catalogue in CATALOGUES:
            [lack] = near[catalogue][0]["lacks"]
            assert (lack["axis"], lack["wanted"]) == ("kind", SATELLITE)
            assert lack["has"][0] in answer["labels"]

    def test_a_cell_has_its_products_with_their_titles(self, web, model) -> None:
        answer = web.get("/coverage/cell", params=PLACE | {"kind": "in situ observation"}).json()
        cell = coverage(model).at((OXYGEN, ARCTIC, MULTI_YEAR, IN_SITU))
        assert answer["state"] == cell.state == "both"
        assert answer["gap"] is None
        sure = [p for p in answer["products"] if p["sure"]]
        assert [p["iri"] for p in sure] == [*cell.odatis, *cell.cmems]
        assert all(p["title"] == model.products[p["iri"]].title for p in sure)

    def test_its_page_shows_the_same(self, web) -> None:
        page = web.get("/coverage/cell", params=PLACE, headers={"Accept": "text/html"}).text
        assert "Neither catalogue has a product here" in page
        assert "Dissolved oxygen consortium" in page
        assert "Kind: In situ observation; wanted Satellite observation" in page

    def test_it_has_an_address_of_its_own_and_a_tag(self, web) -> None:
        answer = web.get("/coverage/cell", params=PLACE)
        assert answer.headers["link"] == f'<{answer.json()["iri"]}>; rel="canonical"'
        pinned = web.get(answer.json()["iri"].removeprefix(BASE))
        assert pinned.json() == answer.json()
        known = {"If-None-Match": answer.headers["etag"]}
        assert web.get("/coverage/cell", params=PLACE, headers=known).status_code == 304

    def test_all_four_values_are_needed(self, web) -> None:
        answer = web.get("/coverage/cell", params={"variable": "oxygen"})
        assert answer.status_code == 422
        assert "time_scale" in answer.json()["detail"]


# ------------------------------------------------------------------ command line


@pytest.fixture(scope="module")
def data(starter: Snapshot) -> Path:
    return starter.folder.parents[1]


class TestCommand:
    def test_prints_a_matrix_and_the_gaps(self, data) -> None:
        done = oceankg("coverage", "--variable", "oxygen", data=data)
        assert done.returncode == 0
        assert re.search(r"Arctic Ocean .* 3 / 2", done.stdout)
        gap = oceankg(
            "coverage", "--variable", "oxygen", "--state", "empty", "--limit", "1", data=data
        )
        assert "could fill it: Dissolved oxygen consortium" in gap.stdout
        assert re.search(r"nearest in odatis: .* \(differs in: ", gap.stdout)

    def test_prints_data(self, data, model) -> None:
        done = oceankg("coverage", "--region", "arctic", "--form", "json", data=data)
        cells = coverage(model).select(region=ARCTIC)
        assert json.loads(done.stdout)["total"] == len(cells)
        table = oceankg("coverage", "--region", "arctic", "--form", "csv", data=data).stdout
        assert len(list(csv.DictReader(io.StringIO(table)))) == len(cells)
        cube = oceankg("coverage", "--region", "arctic", "--form", "turtle", data=data).stdout
        assert cube.count("a qb:Observation") == len(cells)

    def test_an_unknown_name_fails_with_the_nearest(self, data) -> None:
        done = oceankg("coverage", "--region", "artic", data=data)
        assert done.returncode == 1
        assert "nearest: Arctic Ocean" in done.stderr
