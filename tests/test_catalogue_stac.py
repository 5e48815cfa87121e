"""The catalogue of Copernicus Marine in STAC and as its toolbox describes it, on real bodies.

Some of the bodies were altered by the service's own tests: a title of the wrong type, links that
lead nowhere, versions in preparation or not yet released.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple

from helpers import Loopback, Reply, loopback
from oceankg import gather, ids, sources
from oceankg.build import build
from oceankg.check import check_file
from oceankg.compare import compare
from oceankg.errors import FetchError, SourceError
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.model import Facts, Recording
from oceankg.namespaces import (
    ADMS,
    BASE,
    BIBO,
    DCAT,
    DCT,
    OKG,
    PROV,
    SCHEMA,
)
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.sources import Place, Source
from oceankg.sources.catalogue_cmems import read_collections
from oceankg.sources.describe_cmems import read_describe
from oceankg.sources.stac_cmems import item_ranks, read_collection, read_item
from oceankg.store import Snapshot, Snapshots

GLO, NWS = "GLOBAL_ANALYSISFORECAST_PHY_001_024", "NWSHELF_MULTIYEAR_BGC_004_011"
CURRENTS = "cmems_mod_glo_phy-cur_anfc_0.083deg_P1D-m"
CHLOROPHYLL = "cmems_mod_nws_bgc-chl_my_7km-3D_P1D-m"
OTHER = f"{GLO}_OTHER"
# Where the service's own tests have each body, below the folder of a catalogue.
BODIES = {
    "catalog.stac.json": "MOCK_STAC_CATALOG",
    f"{GLO}/product.stac.json": "MOCK_PRODUCT_GLO",
    f"{OTHER}/product.stac.json": "MOCK_PRODUCT_GLO_OTHER",
    f"{NWS}/product.stac.json": "MOCK_PRODUCT_NWSHELF",
    "PRODUCT_W_ERRORS/product.stac.json": "MOCK_PRODUCT_W_ERRORS",
    f"{GLO}/{CURRENTS}_202211/dataset.stac.json": "MOCK_DATASET_GLO_PHY_CUR",
    f"{GLO}/{CURRENTS}_206011/dataset.stac.json": "MOCK_DATASET_GLO_PHY_CUR_NEW_VERSION",
    f"{OTHER}/{CURRENTS}_other_202211/dataset.stac.json": "MOCK_DATASET_GLO_PHY_CUR_OTHER",
    f"{GLO}/cmems_mod_glo_phy-so_anfc_0.083deg_P1D-m_202211/dataset.stac.json": (
        "MOCK_DATASET_GLO_PHY_SO"
    ),
    f"{GLO}/cmems_obs-oc_glo_bgc-plankton_my_l3-olci-300m_P1D_202211/dataset.stac.json": (
        "MOCK_DATASET_IN_PREP"
    ),
    f"{NWS}/{CHLOROPHYLL}_202012/dataset.stac.json": "MOCK_DATASET_NWSHELF_P1D_M_202012",
    f"{NWS}/cmems_mod_nws_bgc-chl_my_7km-3D_P1M-m_202012/dataset.stac.json": (
        "MOCK_DATASET_NWSHELF_P1M_M_202012"
    ),
    f"{NWS}/dataset_w_errors_202012/dataset.stac.json": "MOCK_DATASET_W_ERRORS",
}
Json = dict[str, object]


@cache
def body(shared: Path, name: str) -> bytes:
    return (shared / "cmems/stac/WAW3" / f"{name}.json").read_bytes()


def product_iri(identifier: str) -> str:
    return ids.product("cmems", identifier)


def dataset_iri(identifier: str) -> str:
    return ids.dataset("cmems", identifier)


def values(triples: Facts | tuple[Triple, ...], about: str, predicate: NamedNode) -> list[str]:
    found = triples.triples if isinstance(triples, Facts) else triples
    return [t.object.value for t in found if t.subject.value == about and t.predicate == predicate]


def products(triples: tuple[Triple, ...]) -> set[str]:
    return {t.object.value for t in triples if t.predicate == DCAT.dataset}


def product(content: bytes) -> Facts:
    return read_collection(Recording("product.json", content, "stac-collection"))


def item(content: bytes, **options: str) -> Facts:
    return read_item(Recording("item.json", content, "stac-item", options))


# ------------------------------------------------------------------ a static STAC


@contextmanager
def catalogue(
    *catalogues: Mapping[str, bytes], replies: Mapping[str, list[Reply]] | None = None
) -> Iterator[tuple[Loopback, Source]]:
    """A server with a client configuration and the catalogues that it names, and its source.

    `replies` are given before the bodies: path below the server to replies.
    """
    table: dict[str, list[Reply]] = {}
    with loopback(table) as server:
        for number, bodies in enumerate(catalogues):
            for path, content in bodies.items():
                headers = {"ETag": f'"{hash(content)}"', "Content-Type": "application/json"}
                table[f"/{number}/{path}"] = [Reply(body=content, headers=headers)]
        named = [{"stac": f"{server.url}/{n}/catalog.stac.json"} for n in range(len(catalogues))]
        table["/config"] = [Reply(body=json.dumps({"catalogues": named}).encode())]
        table |= replies or {}
        place = Place(f"{server.url}/config", "stac-collection", by="stac")
        yield server, Source("cmems", "CMEMS", "", "", "", live=(place,))


def real(shared: Path) -> dict[str, bytes]:
    return {path: body(shared, name) for path, name in BODIES.items()}


def fetched(tmp_path: Path, source: Source) -> gather.Part:
    """The source as harvested from its server."""
    harvest = Harvest(tmp_path)
    with Client(attempts=1, wait=0.01, timeout=10) as client:
        harvest.fetch(source, client)
    found = harvest.get(source.id)
    assert found is not None
    return gather.read_part(source, found.recordings, "harvested")


def test_a_catalogue_is_read_link_by_link_and_what_leads_nowhere_is_named(shared, tmp_path):
    with catalogue(real(shared)) as (server, source):
        part = fetched(tmp_path, source)
    assert products(part.triples) == {product_iri(p) for p in (GLO, NWS, OTHER)}
    series = {
        (t.subject.value, t.object.value) for t in part.triples if t.predicate == DCAT.inSeries
    }
    assert (dataset_iri(CURRENTS), product_iri(GLO)) in series
    assert (dataset_iri(CHLOROPHYLL), product_iri(NWS)) in series
    assert (dataset_iri(f"{CURRENTS}_other"), product_iri(OTHER)) in series
    reasons = {i.item.split("/0/")[-1]: i.reason for i in part.left_out}
    assert "status 404" in reasons["UNAVAILABLE_PRODUCT/product.stac.json"]
    assert "status 404" in reasons[f"{GLO}/unavailable_dataset_202012/dataset.stac.json"]
    assert reasons["PRODUCT_W_ERRORS/product.stac.json"] == "no text"
    assert "valid string" in reasons[f"{NWS}/dataset_w_errors_202012/dataset.stac.json"]
    # What a product links to that cannot be read is not asked for.
    assert not [path for path, _ in server.requests if "irrelevant_dataset" in path]
    # Bodies are asked for once.
    assert len({path for path, _ in server.requests}) == len(server.requests)


def test_the_version_served_is_the_newest_that_was_released(shared, tmp_path):
    with catalogue(real(shared)) as (_, source):
        part = fetched(tmp_path, source)
    me = dataset_iri(CURRENTS)
    assert values(part.triples, me, DCAT.version) == ["202211"]
    assert values(part.triples, me, DCAT.hasCurrentVersion) == [f"{me}/version/202211"]
    assert set(values(part.triples, me, DCAT.hasVersion)) == {
        f"{me}/version/{label}" for label in ("202211", "206011")
    }
    assert values(part.triples, f"{me}/version/206011", DCT.issued) == [
        "2060-04-23T04:23:46.808754Z"
    ]
    links = values(part.triples, me, DCAT.distribution)
    addresses = {a for link in links for a in values(part.triples, link, DCAT.accessURL)}
    assert addresses
    assert all("_202211" in address for address in addresses)


def test_a_dataset_in_preparation_says_so(shared, tmp_path):
    with catalogue(real(shared)) as (_, source):
        part = fetched(tmp_path, source)
    me = dataset_iri("cmems_obs-oc_glo_bgc-plankton_my_l3-olci-300m_P1D")
    assert values(part.triples, me, ADMS.status) == ["http://purl.org/adms/status/UnderDevelopment"]


def test_no_key_in_the_address_of_a_dead_link_is_noted(shared, tmp_path):
    bodies = real(shared)
    bodies["catalog.stac.json"] = linked(
        f"{GLO}/product.stac.json", "gone.json?token=hidden", of="MDS", rel="child"
    )
    with catalogue(bodies) as (_, source):
        part = fetched(tmp_path, source)
    [gone] = [item for item in part.left_out if "gone.json" in item.item]
    assert "hidden" not in str(gone)


def test_a_second_harvest_asks_only_for_what_changed(shared, tmp_path):
    bodies = real(shared)
    with catalogue(bodies) as (server, source), Client(attempts=1, timeout=10) as client:
        harvest = Harvest(tmp_path)
        assert harvest.fetch(source, client)
        before = len(server.requests)
        assert not harvest.fetch(source, client)
        again = server.requests[before:]
        conditional = [path for path, headers in again if "if-none-match" in headers]
        bad = ("PRODUCT_W_ERRORS", "dataset_w_errors")
        readable = [p for p in bodies if p != "catalog.stac.json"]
        assert len(conditional) >= len([p for p in readable if not p.startswith(bad)]) - 1


def test_a_broken_harvest_goes_on_with_what_is_missing(shared, tmp_path):
    path = f"/0/{GLO}/{CURRENTS}_202211/dataset.stac.json"
    whole = Reply(body=body(shared, BODIES[path.removeprefix("/0/")]))
    replies = {path: [Reply(503), whole]}
    with catalogue(real(shared), replies=replies) as (server, source):
        harvest = Harvest(tmp_path)
        with Client(attempts=1, wait=0.01, timeout=10) as client:
            with pytest.raises(FetchError, match="503"):
                harvest.fetch(source, client)
            assert harvest.get("cmems") is None
            before = [p for p, _ in server.requests]
            assert harvest.fetch(source, client)
        after = [p for p, _ in server.requests][len(before) :]
    # The products were there already; only items and what is gone are asked for again.
    assert path in after
    assert not [
        p
        for p in after
        if p.endswith("product.stac.json") and "UNAVAIL" not in p and "DUPLICATE" not in p
    ]
    assert dataset_iri(CURRENTS) in {
        t.subject.value
        for t in gather.read_part(source, harvest.get("cmems").recordings, "harvested").triples
    }


def test_a_body_that_is_cut_off_in_transit_is_not_taken(shared, tmp_path):
    path = f"/0/{GLO}/product.stac.json"
    content = body(shared, "MOCK_PRODUCT_GLO")
    replies = {path: [Reply(body=content[:900], length=len(content))]}
    with catalogue(real(shared), replies=replies) as (_, source), pytest.raises(FetchError):
        fetched(tmp_path, source)


def test_a_body_that_its_authority_cut_off_does_not_lose_its_siblings(shared, tmp_path):
    bodies = real(shared)
    path = f"{GLO}/{CURRENTS}_202211/dataset.stac.json"
    bodies[path] = bodies[path][:5000]
    with catalogue(bodies) as (_, source):
        part = fetched(tmp_path, source)
    assert [i.item for i in part.left_out if i.item.endswith(path)]
    me = dataset_iri(CURRENTS)
    assert values(part.triples, me, DCAT.version) == ["206011"]
    assert values(part.triples, dataset_iri(CHLOROPHYLL), DCAT.version) == ["202012"]


def test_where_nothing_can_be_read_the_last_good_harvest_stays(shared, tmp_path):
    with catalogue(real(shared)) as (_, source):
        fetched(tmp_path, source)
    broken = real(shared) | {path: b"{}" for path in BODIES if path.endswith("product.stac.json")}
    with catalogue(broken) as (_, source), pytest.raises(FetchError, match="no product"):
        fetched(tmp_path, source)
    assert Harvest(tmp_path).get("cmems") is not None


@pytest.mark.parametrize("config", [b"", b"[]", b'{"catalogues": [{}]}', b'{"catalogues": 3}'])
def test_a_configuration_that_is_none_is_refused(config, shared, tmp_path):
    replies = {"/config": [Reply(body=config)]}
    with (
        catalogue(real(shared), replies=replies) as (_, source),
        pytest.raises((FetchError, SourceError)),
    ):
        fetched(tmp_path, source)


@pytest.mark.parametrize("kind", ["SELF_CONTAINED", "ABSOLUTE_PUBLISHED"])
def test_a_catalogue_that_another_program_wrote_is_read(tmp_path, kind):
    """pystac writes STAC by the standard, with links that are relative or absolute."""
    whole = pystac.SpatialExtent([[-180.0, -80.0, 180.0, 90.0]])
    always = pystac.TemporalExtent([[datetime(1993, 1, 1, tzinfo=UTC), None]])
    root = pystac.Catalog("MDS", "All of it")
    one = pystac.Collection("P_001", "One", pystac.Extent(whole, always), title="A product")
    box = [-10.0, 40.0, 5.0, 50.0]
    one.add_item(
        pystac.Item(
            f"{CURRENTS}_202406",
            None,
            box,
            datetime(2024, 6, 1, tzinfo=UTC),
            {"title": "Currents", "cube:variables": {"uo": {"unit": "m s-1"}}},
        )
    )
    root.add_child(one)
    with loopback(
        {}, lambda path: Reply(body=(tmp_path / path.lstrip("/")).read_bytes())
    ) as server:
        root.normalize_hrefs(server.url)
        root.save(pystac.CatalogType[kind], str(tmp_path))
        place = Place(f"{server.url}/catalog.json", "stac-collection", by="stac")
        part = fetched(tmp_path, Source("cmems", "CMEMS", "", "", "", live=(place,)))
    assert products(part.triples) == {product_iri("P_001")}
    assert values(part.triples, dataset_iri(CURRENTS), DCT.title) == ["Currents"]
    assert values(part.triples, f"{product_iri('P_001')}/period", DCAT.startDate) == ["1993-01-01"]


# ------------------------------------------------------------------ several catalogues


def changed(content: bytes, updated: str, **changes: object) -> bytes:
    found = json.loads(content)
    found["properties"]["admp_updated"] = updated
    found |= changes
    return json.dumps(found).encode()


def linked(*paths: str, of: str, rel: str) -> bytes:
    links = [{"rel": rel, "href": path} for path in paths]
    return json.dumps({"id": of, "type": "Catalog", "links": links}).encode()


@pytest.mark.parametrize(
    ("updated", "title"), [("2030-01-01T00:00:00Z", "Newer"), ("2020-01-01T00:00:00Z", "")]
)
def test_a_later_catalogue_adds_what_the_first_lacks_and_the_newest_body_stands(
    shared, tmp_path, updated, title
):
    first, path = real(shared), f"{GLO}/product.stac.json"
    monthly = f"{CURRENTS.replace('P1D', 'P1M')}_202406"
    extra = json.loads(body(shared, "MOCK_DATASET_GLO_PHY_CUR")) | {"id": monthly}
    links = [{"rel": "item", "href": f"{monthly}/dataset.stac.json"}]
    second = {
        "catalog.stac.json": linked(path, of="MDS", rel="child"),
        path: changed(first[path], updated, title="Newer", links=links),
        f"{GLO}/{monthly}/dataset.stac.json": json.dumps(extra).encode(),
    }
    with catalogue(first, second) as (_, source):
        part = fetched(tmp_path, source)
    assert values(part.triples, product_iri(GLO), DCT.title) == [
        title or "Global Ocean Physics Analysis and Forecast"
    ]
    datasets = {t.subject.value for t in part.triples if t.predicate == DCAT.inSeries}
    assert {dataset_iri(CURRENTS), dataset_iri(CURRENTS.replace("P1D", "P1M"))} <= datasets
    assert product_iri(NWS) in products(part.triples)


def version(shared: Path, label: str, updated: str, **properties: object) -> Recording:
    found = json.loads(body(shared, "MOCK_DATASET_GLO_PHY_CUR"))
    found["id"] = f"{CURRENTS}_{label}"
    found["properties"] |= {"admp_updated": updated, **properties}
    return Recording(label, json.dumps(found).encode(), "stac-item")


def test_a_version_that_is_retired_or_not_ready_is_not_the_one_served(shared):
    now = "2026-01-01T00:00:00Z"
    plain = version(shared, "202105", now)
    retired = version(shared, "202211", now, admp_retired_date="2025-01-01T00:00:00Z")
    preparing = version(shared, "202406", now, admp_in_preparation=True)
    coming = version(shared, "202511", now, admp_released_date="2027-01-01T00:00:00Z")
    assert item_ranks([preparing, plain, retired, coming]) == ["other", "current", "other", "other"]
    leaving = version(shared, "202211", now, admp_retired_date="2027-01-01T00:00:00Z")
    assert item_ranks([plain, leaving]) == ["other", "current"]
    assert item_ranks([retired]) == ["only"]
    node = f"{dataset_iri(CURRENTS)}/version/202211"
    said = item(retired.content, rank="other")
    assert values(said, node, PROV.invalidatedAtTime) == ["2025-01-01T00:00:00Z"]
    assert values(said, node, ADMS.status) == ["http://purl.org/adms/status/Withdrawn"]
    assert values(item(leaving.content, rank="other"), node, ADMS.status) == []


# ------------------------------------------------------------------ what the bodies say


def test_a_product_says_what_it_is_like(shared):
    facts, me = product(body(shared, "MOCK_PRODUCT_GLO")), product_iri(GLO)

    def of(predicate: NamedNode) -> set[str]:
        return set(values(facts, me, predicate))

    assert of(DCT.title) == {"Global Ocean Physics Analysis and Forecast"}
    assert of(BIBO.doi) == {"10.48670/moi-00016"}
    assert of(DCT.creator) == {f"{BASE}organisation/mercator-oc%C3%A9an-international"}
    assert of(OKG.oceanColour) == {f"{BASE}ocean-colour/{c}" for c in ("white", "blue")}
    assert of(DCAT.temporalResolution) == {"PT1H", "P1D", "P1M"}
    assert of(OKG.spatialResolutionInDegrees) == {"0.083"}
    assert of(OKG.verticalLevels) == {"50"}
    assert of(OKG.processingLevel) == {"L4"}
    assert {f.rsplit("/", 1)[-1] for f in of(DCT.accrualPeriodicity)} == {"DAILY", "MONTHLY"}
    assert of(DCT.format) == {"NetCDF-3", "NetCDF-4"}
    assert of(DCAT.landingPage) == {f"https://data.marine.copernicus.eu/product/{GLO}"}
    assert of(OKG.qualityDocument) == {
        "https://catalogue.marine.copernicus.eu/documents/QUID/CMEMS-GLO-QUID-001-024.pdf"
    }
    assert of(OKG.timeScale) == {f"{BASE}time-scale/{s}" for s in ("near-real-time", "forecast")}
    assert of(DCT.type) == {f"{BASE}kind/model"}
    assert f"{BASE}region/global" in of(DCT.spatial)
    assert f"{BASE}word/cmems/sea-water-salinity" in of(OKG.reports)
    assert not facts.left_out


def test_a_product_in_staging_is_under_development(shared):
    found = json.loads(body(shared, "MOCK_PRODUCT_GLO"))
    found["properties"]["isStaging"] = True
    facts = product(json.dumps(found).encode())
    assert values(facts, product_iri(GLO), ADMS.status) == [
        "http://purl.org/adms/status/UnderDevelopment"
    ]


def test_what_is_outside_the_lists_is_said_as_stated_or_named_as_left_out(shared):
    found = json.loads(body(shared, "MOCK_PRODUCT_GLO"))
    found["properties"] |= {
        "tempResolutions": ["Multi-yearly"],
        "updateFrequencies": {"every full moon": None},
        "areas": ["Mare Tranquillitatis"],
        "colors": ["Red Ocean"],
        "geoResolution": {"row": {"magnitude": 2, "units": "fathom"}, "column": None},
    }
    facts = product(json.dumps(found).encode())
    assert values(facts, product_iri(GLO), OKG.timeStep) == ["Multi-yearly"]
    assert {i.item.split(", ")[1] for i in facts.left_out} == {
        "update frequency",
        "area",
        "colour",
        "resolution",
    }


def test_a_dataset_says_its_axes_and_its_variables(shared):
    facts, me = item(body(shared, "MOCK_DATASET_GLO_PHY_CUR")), dataset_iri(CURRENTS)
    assert values(facts, me, DCAT.inSeries) == [product_iri(GLO)]
    assert values(facts, me, OKG.shallowest) == ["0.494025"]
    assert values(facts, me, OKG.deepest) == ["5727.916992"]
    assert values(facts, me, DCAT.temporalResolution) == ["P1D"]
    assert values(facts, me, OKG.spatialResolutionInDegrees) == ["0.083333"]
    assert values(facts, f"{me}/period", DCAT.startDate) == ["2020-11-01"]
    assert values(facts, f"{me}/period", DCAT.endDate) == ["2024-05-02"]
    assert values(facts, f"{me}/variable/uo", OKG.standardName) == ["eastward_sea_water_velocity"]
    assert values(facts, f"{me}/variable/uo", SCHEMA.unitText) == ["m s-1"]
    assert f"{BASE}word/cmems/eastward-sea-water-velocity" in values(facts, me, OKG.reports)
    # The words are those by which the product's keywords are known.
    words = values(product(body(shared, "MOCK_PRODUCT_GLO")), product_iri(GLO), OKG.reports)
    assert set(values(facts, me, OKG.reports)) <= set(words)


def test_a_step_that_no_axis_states_is_that_of_the_identifier(shared):
    facts = item(body(shared, "MOCK_DATASET_NWSHELF_P1M_M_202012"))
    me = dataset_iri("cmems_mod_nws_bgc-chl_my_7km-3D_P1M-m")
    assert values(facts, me, DCAT.temporalResolution) == ["P1M"]
    # The grid is that of the axes, not the "7km" of the identifier.
    assert values(facts, me, DCAT.spatialResolutionInMeters) == []
    assert set(values(facts, me, OKG.spatialResolutionInDegrees)) == {"0.06667", "0.11111"}


def test_the_same_product_harvested_by_others_says_nothing_else(shared):
    path = shared / "cmems/cop_marine_collections_4.10.1.json"
    recorded = read_collections(Recording("collections.json", path.read_bytes(), ""))
    live = product(body(shared, "MOCK_PRODUCT_GLO"))
    me = product_iri(GLO)
    once = {DCT.title, DCT.identifier, BIBO.doi, OKG.processingLevel}
    for predicate in once:
        assert values(live, me, predicate) == values(recorded, me, predicate)
    assert set(values(recorded, me, OKG.reports)) & set(values(live, me, OKG.reports))


# ------------------------------------------------------------------ the toolbox


def test_the_toolbox_and_the_catalogue_say_the_same(shared):
    path = shared / "cmems/stac/describe_from_mock_2.5.0.json"
    described = set(read_describe(Recording("d.json", path.read_bytes(), "")).triples)
    published = {
        *product(body(shared, "MOCK_PRODUCT_GLO")).triples,
        *item(body(shared, "MOCK_DATASET_GLO_PHY_CUR"), rank="current", product=GLO).triples,
        *item(body(shared, "MOCK_DATASET_GLO_PHY_CUR_NEW_VERSION"), rank="other").triples,
        *item(body(shared, "MOCK_DATASET_GLO_PHY_SO"), rank="only", product=GLO).triples,
    }
    # All that the toolbox says of these; the catalogue says more of the product, and when it
    # changed.
    about = {t.subject for t in published} - {NamedNode(f"{BASE}catalogue/cmems")}
    assert {t for t in described if t.subject in about} <= published
    mine = {t for t in published if t.subject.value.startswith(dataset_iri(CURRENTS) + "/")}
    assert mine <= described
    silent = {t.predicate for t in published - described if "/dataset/" in t.subject.value}
    assert silent == {DCT.modified}


@pytest.mark.parametrize(
    "name",
    [
        "snapshot_test_describe_all_versions.json",
        "snapshot_test_only_released_dataset_by_default.json",
    ],
)
def test_older_answers_of_the_toolbox_are_read_too(shared, name):
    content = (shared / "cmems/stac" / name).read_bytes()
    facts = read_describe(Recording(name, content, ""))
    assert product_iri(GLO) in {
        t.object.value for t in facts.triples if t.predicate == DCAT.dataset
    }
    assert values(facts, dataset_iri(CURRENTS), DCAT.version) == ["202211"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "whole file"),
        (b'{"products": []}', "products"),
        (b'{"products": [{"title": "A"}]}', "products.0.product_id"),
        (b'{"products": [{"product_id": "A", "title": 3}]}', "products.0.title"),
        (b'{"products": [{"product_id": "A", "title": ""}]}', "product A, key title"),
    ],
)
def test_what_is_no_answer_of_the_toolbox_is_refused(content, place):
    with pytest.raises(SourceError, match=place):
        read_describe(Recording("d.json", content, ""))


def test_an_answer_that_is_cut_off_is_refused_wherever_it_ends(shared):
    content = (shared / "cmems/stac/describe_from_mock_2.5.0.json").read_bytes()
    for end in range(1, len(content) - 2, len(content) // 40):
        with pytest.raises(SourceError):
            read_describe(Recording("d.json", content[:end], ""))


def test_check_names_the_place_in_an_answer_of_the_toolbox(shared, tmp_path):
    content = (shared / "cmems/stac/describe_from_mock_2.5.0.json").read_bytes()
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(content)
    bad.write_bytes(content.replace(b'"units": "m s-1"', b'"units": 7', 1))
    assert check_file(good) is None
    assert "products.0.datasets.0.versions.0" in str(check_file(bad))


def test_a_user_brings_an_answer_of_the_toolbox_as_a_file(shared, tmp_path):
    harvest = Harvest(tmp_path)
    gather.add_file(harvest, shared / "cmems/stac/describe_from_mock_2.5.0.json")
    [name] = harvest.sources()
    [recording] = harvest.get(name).recordings
    assert recording.format == "cmems-describe"
    assert sources.read(recording).triples


# ------------------------------------------------------------------ nobody's name

SECRET = "jane.doe@example.org"


def planted(value: object, path: tuple[str | int, ...], secret: str) -> object:
    """A copy of a JSON value with a text added at a place."""
    if not path:
        return f"{value} {secret}" if isinstance(value, str) else value
    if isinstance(value, dict):
        return {k: planted(v, path[1:], secret) if k == path[0] else v for k, v in value.items()}
    if isinstance(value, list):
        return [planted(v, path[1:], secret) if i == path[0] else v for i, v in enumerate(value)]
    return value


def text_paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from text_paths(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value[:4]):
            yield from text_paths(part, (*path, index))


@given(st.data())
def test_an_email_address_never_enters_wherever_it_stands(shared, data):
    name, reader = data.draw(
        st.sampled_from(
            [
                ("MOCK_PRODUCT_GLO", read_collection),
                ("MOCK_PRODUCT_NWSHELF", read_collection),
                ("MOCK_DATASET_GLO_PHY_CUR", read_item),
            ]
        )
    )
    value = json.loads(body(shared, name))
    path = data.draw(st.sampled_from(sorted(text_paths(value), key=str)))
    content = json.dumps(planted(value, path, SECRET)).encode()
    try:
        facts = reader(Recording("x.json", content, ""))
        said = " ".join([*map(str, facts.triples), *map(str, facts.left_out)])
    except SourceError as error:
        said = str(error)
    assert "jane" not in said


def test_no_contact_and_no_key_in_an_address_enters(shared):
    facts = product(body(shared, "MOCK_PRODUCT_GLO"))
    said = " ".join(map(str, facts.triples))
    for name in ("Drillet", "contact@", "TOULOUSE", "custodian", "Education"):
        assert name not in said
    found = json.loads(body(shared, "MOCK_DATASET_GLO_PHY_CUR"))
    found["assets"]["native"]["href"] = "https://me:hidden@s3.example.org/a?X-Amz-Signature=hidden"
    said = " ".join(map(str, item(json.dumps(found).encode()).triples))
    assert "https://s3.example.org/a" in said
    assert "hidden" not in said


# ------------------------------------------------------------------ from the server to an answer


def titles_in(snapshot: Snapshot) -> set[str]:
    pattern = (NamedNode(product_iri(GLO)), DCT.title, None, None)
    return {q.object.value for q in snapshot.open().quads_for_pattern(*pattern)}


def test_a_product_harvested_live_is_the_one_of_the_starter(shared, tmp_path, starter):
    with catalogue(real(shared)) as (_, source):
        fetched(tmp_path, source)
    snapshot = build(Snapshots(tmp_path)).snapshot
    assert titles_in(snapshot) == titles_in(starter)
    found = compare(Resolver(load(snapshot)), "sea_water_salinity")
    rows = [row for row in found.catalogues["cmems"] if row.product.iri == product_iri(GLO)]
    assert len(rows) == 1
    assert rows[0].sure
    # The dataset is tied to the concept that its variable names.
    me = NamedNode(dataset_iri("cmems_mod_glo_phy-so_anfc_0.083deg_P1D-m"))
    measured = snapshot.open().quads_for_pattern(me, OKG.measures, None, None)
    assert ids.cf_name("sea_water_salinity") in {q.object.value for q in measured}
