"""ERDDAP servers, as their answers are shaped; a server itself needs Java and is not at hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from helpers import Loopback, Reply, loopback
from oceankg import gather, ids
from oceankg.errors import FetchError, SourceError
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.model import Facts, Recording
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG, SCHEMA
from oceankg.sources import Place, Source
from oceankg.sources.erddap import datasets, read_info

SERVER = "https://erddap.example.org/erddap"
COLUMNS = ["Row Type", "Variable Name", "Attribute Name", "Data Type", "Value"]
GLOBAL = {
    "title": "Argo float measurements",
    "institution": "Ifremer",
    "creator_name": "Jane Doe",
    "creator_email": "jane.doe@example.org",
    "creator_type": "person",
    "publisher_name": "Coriolis",
    "publisher_type": "institution",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "doi": "10.12770/argo-floats",
    "keywords": "argo, profiles, sea_water_salinity",
    "time_coverage_start": "1997-07-28T20:26:20Z",
    "time_coverage_end": "2024-05-01T00:00:00Z",
    "time_coverage_resolution": "P1D",
    "geospatial_lon_min": -180.0,
    "geospatial_lat_min": -78.5,
    "geospatial_lon_max": 180.0,
    "geospatial_lat_max": 90.0,
    "geospatial_lat_resolution": 0.25,
    "geospatial_lon_resolution": 0.25,
    "geospatial_lat_units": "degrees_north",
    "geospatial_lon_units": "degrees_east",
    "geospatial_vertical_min": 5.0,
    "geospatial_vertical_max": 2000.0,
    "geospatial_vertical_units": "m",
    "geospatial_vertical_positive": "down",
    "infoUrl": "https://argo.ucsd.edu",
    "summary": "Nobody copies this sentence.",
}
VARIABLES = {
    "TEMP": {"standard_name": "sea_water_temperature", "units": "degree_Celsius"},
    "PSAL": {"standard_name": "sea_water_salinity", "units": "PSU"},
    "PSAL_QC": {"standard_name": "sea_water_salinity status_flag"},
    "platform_number": {"long_name": "Float"},
    "time": {"standard_name": "time", "units": "seconds since 1970-01-01T00:00:00Z"},
    "latitude": {"standard_name": "latitude", "units": "degrees_north"},
}


def info(
    attributes: Mapping[str, object] | None = None,
    variables: Mapping[str, Mapping[str, str]] = VARIABLES,
    dimensions: Iterable[str] = (),
) -> bytes:
    rows: list[list[str]] = []
    for name, value in (GLOBAL if attributes is None else attributes).items():
        type_ = "String" if isinstance(value, str) else "double"
        rows.append(["attribute", "NC_GLOBAL", name, type_, str(value)])
    rows += [["dimension", name, "", "double", "nValues=10, ..."] for name in dimensions]
    for name, attached in variables.items():
        kind = "attribute" if name in dimensions else "variable"
        if kind == "variable":
            rows.append(["variable", name, "", "float", ", ".join(dimensions)])
        rows += [["attribute", name, key, "String", value] for key, value in attached.items()]
    table = {"columnNames": COLUMNS, "columnTypes": ["String"] * 5, "rows": rows}
    return json.dumps({"table": table}).encode()


def index(*rows: tuple[str, str]) -> bytes:
    columns = ["datasetID", "accessible", "institution", "email"]
    filled = [[name, access, "Ifremer", f"{SERVER}/subscribe"] for name, access in rows]
    return json.dumps({"table": {"columnNames": columns, "rows": filled}}).encode()


def read(content: bytes, **options: str) -> Facts:
    told = {"dataset": "ArgoFloats", "server": SERVER} | options
    return read_info(Recording("index.json", content, "erddap-info", told))


def values(facts: Facts, about: str, predicate: NamedNode) -> set[str]:
    return {
        t.object.value
        for t in facts.triples
        if t.subject.value == about and t.predicate == predicate
    }


ME = ids.product("odatis", "ArgoFloats")


# ------------------------------------------------------------------ one dataset


def test_a_dataset_says_what_its_attributes_hold():
    facts = read(info())
    assert values(facts, ME, DCT.title) == {"Argo float measurements"}
    assert values(facts, ME, BIBO.doi) == {"10.12770/argo-floats"}
    assert values(facts, ME, DCT.license) == {"https://creativecommons.org/licenses/by/4.0/"}
    assert values(facts, ME, DCT.creator) == {f"{BASE}organisation/ifremer"}
    assert values(facts, ME, DCT.publisher) == {f"{BASE}organisation/coriolis"}
    assert values(facts, f"{ME}/period", DCAT.startDate) == {"1997-07-28"}
    assert values(facts, f"{ME}/period", DCAT.endDate) == {"2024-05-01"}
    assert values(facts, ME, DCAT.temporalResolution) == {"P1D"}
    assert values(facts, ME, OKG.spatialResolutionInDegrees) == {"0.25"}
    assert values(facts, ME, OKG.shallowest) == {"5"}
    assert values(facts, ME, OKG.deepest) == {"2000"}
    [box] = values(facts, f"{ME}/extent", DCAT.bbox)
    assert box == "POLYGON((-180 -78.5,180 -78.5,180 90,-180 90,-180 -78.5))"
    assert values(facts, ME, DCAT.landingPage) == {"https://argo.ucsd.edu"}
    assert values(facts, ME, DCT.source) == {f"{SERVER}/info/ArgoFloats/index.html"}


def test_its_variables_are_those_that_measure():
    facts = read(info())
    named = values(facts, ME, SCHEMA.variableMeasured)
    assert named == {f"{ME}/variable/{name}" for name in ("TEMP", "PSAL", "PSAL_QC")}
    assert values(facts, f"{ME}/variable/TEMP", OKG.standardName) == {"sea_water_temperature"}
    assert values(facts, f"{ME}/variable/TEMP", SCHEMA.unitText) == {"degree_Celsius"}
    # A flag has a modifier in its standard name, and is nothing that the product reports.
    words = {ids.word("odatis", w) for w in ("sea_water_temperature", "sea_water_salinity")}
    reported = values(facts, ME, OKG.reports)
    assert words <= reported
    assert not [r for r in reported if "status_flag" in r or "time" in r.rsplit("/", 1)[-1]]


@pytest.mark.parametrize(
    ("dimensions", "kind"), [((), "tabledap"), (("time", "latitude"), "griddap")]
)
def test_its_data_are_where_the_server_has_grids_or_tables(dimensions, kind):
    facts = read(info(dimensions=dimensions))
    ways = {t.object.value for t in facts.triples if t.predicate == DCAT.accessURL}
    assert ways == {f"{SERVER}/{kind}/ArgoFloats"}


def test_a_depth_whose_way_is_not_stated_is_left_out():
    unsaid = {k: v for k, v in GLOBAL.items() if k != "geospatial_vertical_positive"}
    facts = read(info(unsaid))
    assert values(facts, ME, OKG.deepest) == set()
    assert any("vertical extent" in item.item for item in facts.left_out)


def test_a_dataset_without_a_title_is_no_product():
    facts = read(info({"institution": "Ifremer"}))
    assert not [t for t in facts.triples if t.subject.value.startswith(ME)]
    assert [item.item for item in facts.left_out] == ["ArgoFloats"]


@given(st.sampled_from(sorted(k for k, v in GLOBAL.items() if isinstance(v, str))))
def test_nobodys_name_or_address_enters(attribute):
    attributes = GLOBAL | {attribute: f"{GLOBAL[attribute]} jane.doe@example.org"}
    facts = read(info(attributes))
    said = " ".join([*map(str, facts.triples), *map(str, facts.left_out)])
    assert "jane" not in said
    assert "Jane" not in said
    assert "Nobody copies" not in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"table": {}}',
        b'{"table": {"columnNames": ["a"], "rows": []}}',
    ],
)
def test_another_table_is_refused(content):
    with pytest.raises(SourceError):
        read(content)
    with pytest.raises(SourceError):
        datasets(Recording("i", content.replace(b"rows", b"lines"), "erddap-info"))


def test_a_table_that_is_cut_off_is_refused_wherever_it_ends():
    content = info()
    for end in range(1, len(content), len(content) // 40):
        with pytest.raises(SourceError):
            read(content[:end])


# ------------------------------------------------------------------ a server


@contextmanager
def server(replies: Mapping[str, list[Reply]]) -> Iterator[tuple[Loopback, Source]]:
    with loopback({f"/erddap{path}": reply for path, reply in replies.items()}) as running:
        place = Place(f"{running.url}/erddap", "erddap-info", {"before": "erddap:"}, by="erddap")
        yield running, Source("mine", "Mine", "", "", "", live=(place,))


def test_every_dataset_that_all_may_read_is_harvested_and_what_is_not_there_is_named(tmp_path):
    replies = {
        "/tabledap/allDatasets.json": [
            Reply(
                body=index(
                    ("allDatasets", "public"),
                    ("ArgoFloats", "public"),
                    ("Gone", "public"),
                    ("Broken", "public"),
                    ("Secret", "no"),
                )
            )
        ],
        "/info/ArgoFloats/index.json": [Reply(body=info())],
        "/info/Broken/index.json": [Reply(body=b'{"table": ')],
    }
    with server(replies) as (running, source), Client(attempts=1, timeout=10) as client:
        harvest = Harvest(tmp_path)
        harvest.fetch(source, client)
        part = gather.read_part(source, harvest.get("mine").recordings, "harvested")
        assert not [path for path, _ in running.requests if "Secret" in path]
    held = {t.object.value for t in part.triples if t.predicate == DCAT.dataset}
    assert held == {ids.product("odatis", "erddap:ArgoFloats")}
    named = {item.item.rsplit("/", 2)[-2]: item.reason for item in part.left_out}
    assert "404" in named["Gone"]
    assert "no JSON" in named["Broken"]


def test_a_break_costs_only_what_is_missing(tmp_path):
    replies = {
        "/tabledap/allDatasets.json": [Reply(body=index(("A", "public"), ("B", "public")))],
        "/info/A/index.json": [Reply(body=info())],
        "/info/B/index.json": [Reply(503), Reply(body=info())],
    }
    with server(replies) as (running, source), Client(attempts=1, timeout=10) as client:
        harvest = Harvest(tmp_path)
        with pytest.raises(FetchError, match="503"):
            harvest.fetch(source, client)
        harvest.fetch(source, client)
        asked = [path for path, _ in running.requests]
    assert asked.count("/erddap/info/A/index.json") == 1
    assert asked.count("/erddap/info/B/index.json") == 2


def test_a_server_without_datasets_is_no_source(tmp_path):
    replies = {"/tabledap/allDatasets.json": [Reply(body=index(("allDatasets", "public")))]}
    with (
        server(replies) as (_, source),
        Client(attempts=1, timeout=10) as client,
        pytest.raises(FetchError, match="no dataset"),
    ):
        Harvest(tmp_path).fetch(source, client)
