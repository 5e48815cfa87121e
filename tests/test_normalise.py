"""What each record states in its own way is put in one way, with the part on which it rests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from oceankg.gather import Part
from oceankg.namespaces import BASE, DCAT, DCT, OKG, RDF, RDFS, SKOS
from oceankg.normalise import RULES, UNKNOWN, Record, normalise
from oceankg.rdf import text_of
from oceankg.read import load, seconds
from oceankg.sources import all_sources
from oceankg.store import Snapshot

ODATIS, CMEMS = f"{BASE}catalogue/odatis", f"{BASE}catalogue/cmems"
PRODUCT = f"{BASE}product/odatis/x"


def record(catalogue: str = ODATIS, /, **facts: str) -> Record:
    """A record from values by the last part of their property's name."""
    properties = {
        "title": DCT.title,
        "identifier": DCT.identifier,
        "short_name": SKOS.altLabel,
        "kind": DCT.type,
        "place": RDFS.label,
        "box": DCAT.bbox,
        "start": DCAT.startDate,
        "end": DCAT.endDate,
        "step": OKG.timeStep,
        "resolution": OKG.spatialResolution,
        "licence": DCT.rights,
        "latency": OKG.latency,
        "time_scale": OKG.timeScale,
    }
    return Record(PRODUCT, catalogue, {properties[k].value: (v,) for k, v in facts.items()})


def found(one: Record, property_: NamedNode) -> set[str]:
    """The values that the rules find for a property, without the base of our own concepts."""
    every = (f for rule in RULES for f in rule(one) if f.property == property_)
    return {f.value.value.removeprefix(BASE) for f in every}


@pytest.mark.parametrize(
    ("identifier", "kind", "time_scales", "regions"),
    [
        (
            "ARCTIC_ANALYSISFORECAST_PHY_002_001",
            {"kind/analysis", "kind/forecast"},
            {"time-scale/near-real-time", "time-scale/forecast"},
            {"region/arctic"},
        ),
        (
            "SST_MED_PHY_L3S_NRT_010_012",
            {"kind/satellite"},
            {"time-scale/near-real-time"},
            {"region/mediterranean"},
        ),
        (
            "MULTIOBS_GLO_PHY_UV_3D_MYNRT_015_003",
            set(),
            {"time-scale/multi-year", "time-scale/near-real-time"},
            {"region/global"},
        ),
        (
            "OMI_CLIMATE_SL_EUROPE_area_averaged_anomalies",
            {"kind/indicator"},
            set(),
            {"area/europe"},
        ),
    ],
)
def test_the_parts_of_a_copernicus_marine_identifier_speak_where_the_record_is_silent(
    identifier: str, kind: set[str], time_scales: set[str], regions: set[str]
) -> None:
    one = record(CMEMS, identifier=identifier)
    assert found(one, DCT.type) == kind
    assert found(one, OKG.timeScale) == time_scales
    assert found(one, DCT.spatial) == regions


def test_an_odatis_identifier_is_not_read_by_the_nomenclature_of_another_catalogue() -> None:
    assert found(record(identifier="MED_NRT_OMI"), DCT.spatial) == set()


def test_a_model_of_many_years_is_a_reanalysis_unless_its_title_says_hindcast() -> None:
    stated = {"kind": f"{BASE}kind/model", "identifier": "IBI_MULTIYEAR_WAV_005_006"}
    assert found(record(CMEMS, **stated), DCT.type) == {"kind/reanalysis"}
    hindcast = record(CMEMS, **stated, title="Atlantic - Iberian Ocean Wave Hindcast")
    assert found(hindcast, DCT.type) == {"kind/hindcast"}


def test_what_was_measured_in_place_is_no_reanalysis_though_its_title_names_one() -> None:
    one = record(title="CORA, Coriolis Ocean Dataset for Reanalysis", kind=f"{BASE}kind/in-situ")
    assert found(one, DCT.type) == set()


@pytest.mark.parametrize(
    ("facts", "scales"),
    [
        ({"title": "SMOS Near Real Time Level 2 swath wind speed"}, {"near-real-time"}),
        ({"title": "Mesoscale Eddy Trajectory Atlas META3.2 DT allsat"}, {"multi-year"}),
        ({"title": "x", "latency": "4 to 6 hours"}, {"near-real-time"}),
        ({"title": "x", "start": "1993", "end": "2023"}, {"multi-year"}),
        ({"title": "x", "start": "2019-02", "end": "2020-05"}, set()),
        ({"title": "x", "start": "1993"}, set()),
        ({"title": "PELGAS: spring survey"}, set()),
        ({"title": "x NRT", "time_scale": f"{BASE}time-scale/forecast"}, set()),
    ],
)
def test_the_time_scale_is_worded_or_counted_from_the_period(
    facts: dict[str, str], scales: set[str]
) -> None:
    assert found(record(**facts), OKG.timeScale) == {f"time-scale/{s}" for s in scales}


@pytest.mark.parametrize(
    ("facts", "regions"),
    [
        ({"place": "global except Mediterranean Sea"}, {"region/global"}),
        ({"place": "global, with Black Sea and Mediterranean Sea from CMEMS"}, {"region/global"}),
        ({"place": "north and south pole"}, {"region/arctic", "area/antarctic"}),
        ({"place": "off Roscoff, Western English Channel"}, {"region/north-west-shelf"}),
        ({"place": "Bay of Brest"}, {"region/north-west-shelf", "region/ibi"}),
        ({"place": "Poé lagoon, New Caledonia"}, {"area/pacific"}),
        ({"place": "23 coastal regions"}, set()),
        ({"title": "Baltic sea level"}, {"region/baltic"}),
        # The Gulf of Lion; a box across Gibraltar; the whole ocean without the poles.
        (
            {"box": "POLYGON((3 42,5 42,5 43.4,3 43.4,3 42))"},
            {"region/mediterranean", "region/ibi"},
        ),
        ({"box": "POLYGON((15 34,20 34,20 38,15 38,15 34))"}, {"region/mediterranean"}),
        ({"box": "POLYGON((-30 30,10 30,10 45,-30 45,-30 30))"}, set()),
        ({"box": "POLYGON((-180 -70,180 -70,180 75,-180 75,-180 -70))"}, {"region/global"}),
    ],
)
def test_the_region_is_worded_or_holds_the_box(facts: dict[str, str], regions: set[str]) -> None:
    assert found(record(**facts), DCT.spatial) == regions


@pytest.mark.parametrize(
    ("worded", "steps", "rhythm"),
    [
        ("daily", {"P1D"}, set()),
        ("weekly, monthly, daily", {"P7D", "P1M", "P1D"}, set()),
        ("3-hourly", {"PT3H"}, set()),
        ("fortnightly (phytobs.fr)", {"P14D"}, set()),
        ("20 minutes; nutrients 12 hours", {"PT20M", "PT12H"}, set()),
        ("2 s", {"PT2S"}, set()),
        ("six-hourly drifter velocity", {"PT6H"}, set()),
        ("daily update, 15 days delay", set(), {"DAILY"}),
        ("annual release", set(), {"ANNUAL"}),
        ("usually fourth quarter each year", set(), set()),
    ],
)
def test_steps_are_durations_and_a_rhythm_is_no_step(
    worded: str, steps: set[str], rhythm: set[str]
) -> None:
    one = record(step=worded)
    assert found(one, DCAT.temporalResolution) == steps
    assert {r.rsplit("/", 1)[-1] for r in found(one, DCT.accrualPeriodicity)} == rhythm


@pytest.mark.parametrize(
    ("worded", "metres", "degrees"),
    [
        ("0.25 degree", set(), {"0.25"}),
        ("1/60 degree (1 minute)", set(), {"0.016667"}),
        ("6 km along-track", {"6000"}, set()),
        ("20 km every 100 km", {"20000"}, set()),
        ("31.25 km polar stereographic", {"31250"}, set()),
        ("1200 m (catalogue filter)", {"1200"}, set()),
        ("MFWAM offshore", set(), set()),
    ],
)
def test_a_resolution_is_in_metres_or_in_degrees(
    worded: str, metres: set[str], degrees: set[str]
) -> None:
    one = record(resolution=worded)
    assert found(one, DCAT.spatialResolutionInMeters) == metres
    assert found(one, OKG.spatialResolutionInDegrees) == degrees


@pytest.mark.parametrize(
    ("licence", "is_open"),
    [
        ("CC-BY", {"true"}),
        ("Etalab open licence v2.0 (April 2017)", {"true"}),
        ("Licence Ouverte", {"true"}),
        ("CC-BY-NC", {"false"}),
        ("CC-BY-NC-SA", {"false"}),
        ("restricted access", {"false"}),
        ("AVISO+ licence agreement", set()),
    ],
)
def test_a_licence_is_open_closed_or_unknown(licence: str, is_open: set[str]) -> None:
    assert found(record(licence=licence), OKG.openLicence) == is_open


def test_an_experimental_product_is_research_and_what_says_nothing_has_no_stage() -> None:
    experimental = record(title="SSALTO/DUACS experimental gridded sea level anomalies")
    assert found(experimental, OKG.stage) == {"stage/research"}
    assert found(record(title="Along-track sea level anomalies"), OKG.stage) == set()
    assert found(record(CMEMS, title="Sea level"), OKG.stage) == {"stage/operational"}


@given(
    title=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C",)), max_size=80),
    kind=st.sampled_from(("satellite", "in-situ", "model")),
    scale=st.sampled_from(("multi-year", "near-real-time", "forecast")),
)
def test_what_a_record_states_is_never_contradicted_nor_said_again(
    title: str, kind: str, scale: str
) -> None:
    stated = {DCT.type: f"{BASE}kind/{kind}", OKG.timeScale: f"{BASE}time-scale/{scale}"}
    triples = [
        Triple(NamedNode(ODATIS), DCAT.dataset, NamedNode(PRODUCT)),
        Triple(NamedNode(PRODUCT), DCT.title, Literal(title or "x")),
        *(Triple(NamedNode(PRODUCT), p, NamedNode(v)) for p, v in stated.items()),
    ]
    part = Part(next(iter(all_sources().values())), tuple(triples), "test")
    more = tuple(normalise([part], [], []))
    assert not set(more) & set(triples)
    assert not [t for t in more if t.subject.value == PRODUCT and t.predicate == OKG.timeScale]
    kinds = {text_of(t.object) for t in more if t.predicate == OKG.countedKind}
    assert stated[DCT.type] in kinds or kind == "model"
    for property_ in (OKG.countedRegion, OKG.countedTimeScale, OKG.countedKind):
        assert [t for t in more if t.predicate == property_]


def test_a_record_that_states_nothing_is_counted_as_unknown_and_nothing_is_found() -> None:
    part = Part(
        next(iter(all_sources().values())),
        (
            Triple(NamedNode(ODATIS), DCAT.dataset, NamedNode(PRODUCT)),
            Triple(NamedNode(PRODUCT), DCT.title, Literal("Data of the year")),
        ),
        "test",
    )
    more = tuple(normalise([part], [], []))
    assert {t.object for t in more} == {UNKNOWN}
    assert len(more) == 3


def test_each_value_that_is_found_names_the_part_of_the_record_on_which_it_rests(
    starter: Snapshot,
) -> None:
    model = load(starter)
    bases = [(p, b) for p in model.products.values() for b in p.bases]
    assert len(bases) > 1000
    for product, basis in bases:
        kind, _, words = basis.basis.partition(": ")
        assert words or kind in ("extent", "depths")
        if kind == "identifier":
            assert words.split(",")[0] in product.id.split("_") or words.casefold() in (
                product.id.casefold().replace("_", " ")
            )


def test_the_starter_is_counted_whole(starter: Snapshot) -> None:
    store = starter.open()
    counted = {q.subject for q in store.quads_for_pattern(None, OKG.countedRegion, None, None)}
    products = {q.object for q in store.quads_for_pattern(None, DCAT.dataset, None, None)}
    assert counted == products
    assert not [
        q
        for q in store.quads_for_pattern(None, RDF.type, RDF.Statement, None)
        if not list(store.quads_for_pattern(q.subject, RDF.object, None, None))
    ]


@pytest.mark.parametrize(("one", "other"), [("PT1H", "P1D"), ("P7D", "P1M"), ("P1M", "P1Y")])
def test_durations_are_put_in_order(one: str, other: str) -> None:
    assert seconds(one) < seconds(other)
