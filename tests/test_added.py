"""Value added: what a product has that no product of the other catalogue is known to have."""

from __future__ import annotations

import csv
import random
from collections import Counter
from io import StringIO

import httpx
import pytest

from oceankg.compare import added
from oceankg.compare.added import OTHER, Added, Offers, added_map, value_added
from oceankg.compare.attributes import (
    BY_NAME,
    COMPARED,
    Offer,
    delay_days,
    is_better,
    profile,
    profiles,
    years,
)
from oceankg.errors import UnknownTermError
from oceankg.read import UNKNOWN, Product, ReadModel, load
from oceankg.resolve import Resolver
from oceankg.store import Snapshot


@pytest.fixture(scope="module")
def model(starter: Snapshot) -> ReadModel:
    return load(starter)


def of(model: ReadModel, identifier: str) -> dict[str, Added]:
    """What a product adds, by the label of the variable."""
    found = added.of_product(model, identifier).products[0]
    return {one.label: one for one in found.variables}


def others(model: ReadModel, product: Product, variable: str) -> list[Product]:
    against = OTHER[product.catalogue]
    return [p for p in model.products.values() if p.catalogue == against and variable in p.serves]


# ------------------------------------------------------------------ what is found


def test_a_satellite_flux_of_the_globe_is_what_the_service_has_from_regional_models_only(model):
    flux = of(model, "TSATFLUX")["Ocean surface heat flux"]
    assert {(a.attribute, a.value) for a in flux.advantages} >= {
        ("kind", "Satellite observation"),
        ("region", "Global ocean"),
    }
    assert [model.name(cell.kind) for cell in flux.empty] == ["Satellite observation"]
    assert flux.neighbours == 0 < flux.others


def test_a_variable_that_the_other_catalogue_lacks_is_said(model):
    catches = of(model, "10.17882/53389")
    assert catches["Fish abundance and distribution"].is_alone
    assert catches["Fish abundance and distribution"].incomparable == ()
    offers = Offers.of(model)
    names = {c: {model.name(v) for v in offers.only(c)} for c in OTHER}
    assert "Fish abundance and distribution" in names["odatis"]
    assert "River discharge" in names["cmems"]
    assert not names["odatis"] & names["cmems"]


def test_both_directions_are_in_the_map(model):
    assert {one.catalogue for one in added_map(model).values()} == set(OTHER)
    assert added_map(model).keys() == {p.iri for p in model.products.values() if p.serves}


# ------------------------------------------------------------------ laws


def test_an_advantage_is_better_than_all_that_any_other_product_states(model):
    checked = Counter()
    for iri, one in added_map(model).items():
        product = model.products[iri]
        for part in one.variables:
            against = [profiles(model)[p.iri] for p in others(model, product, part.variable)]
            assert part.others == len(against)
            for a in part.advantages:
                attribute = BY_NAME[a.attribute]
                stating = [p for p in against if p.states(attribute)]
                assert a.stated == len(stating) > 0
                if attribute.measure is None:
                    assert all(a.value not in p.held(a.attribute) for p in stating)
                else:
                    mine = profiles(model)[iri].measures[a.attribute]
                    measures = {p.product: p.measures[a.attribute] for p in stating}
                    assert all(is_better(a.attribute, mine, m) for m in measures.values())
                    assert not any(
                        is_better(a.attribute, m, measures[a.holder]) for m in measures.values()
                    )
                checked[attribute.measure is None] += 1
    assert checked[True] > 50
    assert checked[False] > 50


def test_what_is_better_than_all_is_better_than_the_neighbours_that_state_it(model):
    for iri, one in added_map(model).items():
        regions = {r for r in model.products[iri].cells.regions if r != UNKNOWN}
        for part in one.variables:
            assert (part.nearby is None) == (not regions)
            if part.nearby is None:
                continue
            assert part.neighbours <= part.others
            near = Offers.of(model).near(one.against, part.variable, regions)
            close = {(a.attribute, a.value) for a in part.nearby}
            assert close >= {
                (a.attribute, a.value) for a in part.advantages if a.attribute in near.stated
            }


def test_each_attribute_is_compared_or_it_is_said_why_not(model):
    for iri, one in added_map(model).items():
        for part in one.variables:
            if part.is_alone:
                continue
            unstated = {i.attribute: i.unstated for i in part.incomparable}
            against = [
                profiles(model)[p.iri] for p in others(model, model.products[iri], part.variable)
            ]
            for attribute in COMPARED:
                own = profiles(model)[iri].states(attribute)
                theirs = any(p.states(attribute) for p in against)
                expected = {
                    (True, True): None, (True, False): "others",
                    (False, True): "product", (False, False): "both",
                }[own, theirs]  # fmt: skip
                assert unstated.get(attribute.name) == expected
            assert not unstated.keys() & {a.attribute for a in part.advantages}


def test_a_cell_is_empty_where_no_other_product_stands_in_it_nor_covers_the_globe(model):
    known = 0
    for iri, one in added_map(model).items():
        for part in one.variables:
            for cell in part.empty:
                assert cell.is_known
                known += 1
                for p in others(model, model.products[iri], part.variable):
                    there = {cell.region, added.GLOBAL}.intersection(p.cells.regions)
                    inside = cell.time_scale in p.cells.time_scales and cell.kind in p.cells.kinds
                    assert not (there and inside)
    assert known


def test_a_record_that_states_nothing_is_neither_better_nor_worse(model):
    silent = Product(iri="x", id="x", catalogue="odatis", title="x", serves=())
    assert value_added(model, silent).variables == ()
    nothing = Offer.of([profile(silent, 2027.0)])
    assert not nothing.stated


def test_an_offer_is_the_same_in_any_order(model):
    every = list(profiles(model).values())
    whole = Offer.of(every)
    random.Random(4).shuffle(every)
    other = Offer.of(every)
    assert (other.products, other.stated, other.values) == (
        whole.products,
        whole.stated,
        whole.values,
    )
    assert {n: b.measure for n, b in other.best.items()} == {
        n: b.measure for n, b in whole.best.items()
    }


def test_the_figures_are_those_of_the_products(model):
    found = added.balances(model)
    for balance in found.variables:
        for catalogue in OTHER:
            serving = [
                p
                for p in model.products.values()
                if p.catalogue == catalogue and balance.variable in p.serves
            ]
            assert balance.products[catalogue] == len(serving)
            listed = added.of_variable(model, balance.variable, catalogue).products
            assert sum(one.variables[0].adds for one in listed) == balance.ahead[catalogue]


# ------------------------------------------------------------------ attributes


def product(**stated: object) -> Product:
    return Product(iri="x", id="x", catalogue="odatis", title="x", **stated)


@pytest.mark.parametrize(
    ("stated", "days"),
    [
        ({"latency": "20 days"}, 20),
        ({"latency": "4 to 6 hours"}, 0.25),
        ({"latency": "next day"}, 1),
        ({"latency": "near-real time"}, None),
        ({"time_step": "daily update, 15 days delay"}, 15),
        ({"time_step": "every 10 days"}, None),
        ({}, None),
    ],
)
def test_a_delay_is_read_where_it_is_stated_in_figures(stated, days):
    assert delay_days(product(**stated)) == days


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [("2010", "2019", 10), ("2000-01-01", "2000-12-31", 1), ("2010", None, None)],
)
def test_the_last_day_month_or_year_stated_counts_whole(start, end, length):
    assert years(product(start=start, end=end)) == (length and pytest.approx(length, abs=0.02))


def test_a_series_in_near_real_time_goes_on_whatever_day_its_record_was_written():
    assert BY_NAME["end"].measure(product(end="2026-10-19", time_scales=("Near real time",))) == (
        BY_NAME["end"].measure(product(ongoing=True))
    )
    assert BY_NAME["end"].measure(product(time_scales=("Near real time",))) is None


# ------------------------------------------------------------------ how it is asked


def test_a_name_that_is_no_product_or_leads_to_no_variable_is_refused(model):
    with pytest.raises(UnknownTermError, match="no product 'nothing'"):
        added.of_product(model, "nothing")
    with pytest.raises(UnknownTermError, match="serves no essential variable"):
        added.essential(Resolver(model), "bathymetry")


def test_the_map_is_asked_for_over_http(server, model):
    def get(**asked: str) -> httpx.Response:
        return httpx.get(f"{server}/value-added", params=asked, timeout=60)

    one = get(product="TSATFLUX").json()["products"][0]
    assert one["id"] == "TSATFLUX"
    assert {v["label"] for v in one["variables"]} >= {"Ocean surface heat flux"}
    rows = list(csv.DictReader(StringIO(get(variable="Oxygen", form="csv").text)))
    assert set(rows[0]) == set(added.COLUMNS)
    assert {r["variable_label"] for r in rows} == {"Oxygen"}
    assert {r["catalogue"] for r in rows} == {"odatis", "cmems"}
    only = get(variable="Oxygen", direction="cmems").json()["products"]
    assert {p["catalogue"] for p in only} == {"cmems"}
    figures = get().json()["variables"]
    assert len(figures) == len(added.balances(model).variables)
    for asked in ({}, {"product": "TSATFLUX"}, {"variable": "Oxygen"}):
        page = get(form="html", **asked)
        assert page.status_code == 200
        assert "<h1>" in page.text
        assert "Accept" in page.headers["vary"].split(", ")
    assert "none has it" in get(product="TSATFLUX", form="html").text
    assert get(product="nothing").status_code == 404
    assert get(product="DAC", variable="Oxygen").status_code == 422
    assert get(form="pdf").status_code == 422
