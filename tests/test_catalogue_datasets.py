"""Datasets of Copernicus Marine: what their identifiers state, and the table of the data store."""

from __future__ import annotations

import re
from pathlib import Path

import isodate
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from oceankg import gather, harvest, ids, sources
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCAT, DCT, OKG, RDF
from oceankg.sources.datasets_cmems import SILENT, Stated, read_datasets, read_identifier, split

HEAD = "product_id,dataset_version_id,dataset_id,version,timeChunked_url,native_url\n"
CURRENTS = "cmems_mod_glo_phy-cur_anfc_0.083deg_P1D-m"


def table(*rows: str) -> Facts:
    content = (HEAD + "".join(f"{row}\n" for row in rows)).encode()
    return read_datasets(Recording("datasets.csv", content, "cmems-datasets"))


def values(facts: Facts, dataset: str, predicate: NamedNode) -> list[str]:
    me = ids.dataset("cmems", dataset)
    return [
        t.object.value for t in facts.triples if t.subject.value == me and t.predicate == predicate
    ]


# ------------------------------------------------------------------ what a name states


@pytest.mark.parametrize(
    ("identifier", "stated"),
    [
        (
            CURRENTS,
            Stated(("near-real-time", "forecast"), degrees=0.083, step="P1D", statistic="mean"),
        ),
        (
            "cmems_mod_nws_bgc-chl_my_7km-3D_P1D-m",
            Stated(("multi-year",), metres=7000, shape="3D", step="P1D", statistic="mean"),
        ),
        (
            "cmems_obs-oc_glo_bgc-plankton_my_l3-olci-300m_P1D",
            Stated(("multi-year",), "L3", metres=300, step="P1D"),
        ),
        (
            "cmems_obs-sl_glo_phy-ssh_nrt_s3a-l3-duacs_PT0.2S",
            Stated(("near-real-time",), "L3", step="PT0.2S"),
        ),
        (
            "cmems_obs_oc_bal_bgc_optics_nrt_l3-hr_P1D-m",
            Stated(("near-real-time",), "L3", step="P1D", statistic="mean"),
        ),
        (
            "cmems-obs-wave_glo_phy_spc-fwk_nrt_s1b_l3_PT15S-i",
            Stated(("near-real-time",), "L3", step="PT15S", statistic="instantaneous"),
        ),
        (
            "cmems_obs-mob_glo_phy_mynrt_0.125deg-climatology-uncertainty_P1M-m",
            Stated(("multi-year", "near-real-time"), degrees=0.125, step="P1M", statistic="mean"),
        ),
        ("cmems_mod_bal_phy_my_static", Stated(("multi-year",), word="static")),
        (
            "cmems_obs-ins_glo_phybgcwav_mynrt_na_irr",
            Stated(("multi-year", "near-real-time"), word="irregular"),
        ),
        ("c3s_obs-si_glo_phy_my_nh-l3_P1M", Stated(("multi-year",), "L3", step="P1M")),
        ("cmems_obs-sst_glo_phy_l3s_gir_P1D-m", Stated((), "L3S", step="P1D", statistic="mean")),
    ],
)
def test_an_identifier_states_what_the_nomenclature_says(identifier, stated):
    assert read_identifier(identifier) == stated


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "METOFFICE-GLO-SST-L4-NRT-OBS-SST-V2",
        "dataset-armor-3d-rep-weekly",
        "global_omi_ohc_trend",
        "med-cmcc-cur-rean-d",
        # Close to the nomenclature, but what is no duration is no step.
        "cmems_mod_glo_bgc_my_0.083deg-lmtl_PT1D-i",
        "cmems_obs-si_arc_physic_nrt_1km-grl_P1WT3D-m",
        "cmems_mod_glo_phy_my_0.083deg_P",
        f"{CURRENTS}\n",
    ],
)
def test_an_identifier_outside_the_nomenclature_states_nothing(identifier):
    assert read_identifier(identifier) == SILENT


def test_a_quality_that_is_named_twice_is_not_stated():
    assert read_identifier("cmems_mod_glo_phy_my_1km-4km_P1D-m").metres is None
    assert read_identifier("cmems_mod_glo_phy_my_nrt_4km_P1D-m").scales == ()
    assert read_identifier("cmems_mod_glo_phy_my_4km-4km_P1D-m").metres == 4000


token = st.from_regex(r"[a-z]{1,3}[0-9]{0,2}", fullmatch=True).filter(
    lambda t: t not in {"my", "nrt", "mynrt", "myint", "anfc"} and not re.fullmatch(r"l\d", t)
)
step = st.sampled_from(["P1D", "P1M", "PT1H", "PT15M", "P1Y", "PT0.2S", "P7D"])


@given(
    st.sampled_from(["mod", "obs-oc", "obs-sst", "obs_oc"]),
    st.sampled_from(["glo", "arc", "bs"]),
    token,
    st.sampled_from(["my", "nrt", "mynrt", "myint", "anfc"]),
    st.lists(token, max_size=3),
    st.tuples(st.integers(1, 900), st.sampled_from(["m", "km", "deg"])),
    step,
    st.sampled_from([("", None), ("-m", "mean"), ("-i", "instantaneous")]),
)
def test_what_is_put_into_an_identifier_is_read_out_of_it(
    means, area, what, mode, more, cell, step, statistic
):
    size, unit = cell
    middle = "-".join([*more, f"{size}{unit}"])
    found = read_identifier(f"cmems_{means}_{area}_{what}_{mode}_{middle}_{step}{statistic[0]}")
    assert found.step == step
    assert found.statistic == statistic[1]
    assert found.degrees == (size if unit == "deg" else None)
    assert found.metres == {"m": size, "km": size * 1000, "deg": None}[unit]
    assert len(found.scales) == (2 if mode in ("mynrt", "anfc") else 1)


@given(st.text(max_size=60))
def test_any_text_states_nothing_or_a_duration(text):
    found = read_identifier(text)
    if found.step:
        isodate.parse_duration(found.step)
    assert found == SILENT or found.step or found.word


@given(
    st.from_regex(r"[a-z][a-z_.-]{0,20}[a-z]", fullmatch=True),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.sampled_from(["", "coords", "originalGrid"]),
)
def test_a_full_identifier_comes_apart(dataset, version, part):
    part_of = f"--ext--{part}" if part else ""
    assert split(f"{dataset}_{version}{part_of}") == (dataset, version, part)
    assert split(f"{dataset}{part_of}") == (dataset, "", part)


# ------------------------------------------------------------------ the table


def test_a_dataset_has_its_product_its_name_and_the_links_of_its_newest_version():
    facts = table(
        f"P,{CURRENTS}_202211,{CURRENTS},202211,https://x.org/old.zarr,https://x.org/old",
        f"P,{CURRENTS}_202406,{CURRENTS},202406,https://x.org/new.zarr,https://x.org/new",
    )
    me = ids.dataset("cmems", CURRENTS)
    assert values(facts, CURRENTS, DCAT.inSeries) == [ids.product("cmems", "P")]
    assert values(facts, CURRENTS, DCAT.version) == ["202406"]
    assert values(facts, CURRENTS, DCAT.hasCurrentVersion) == [f"{me}/version/202406"]
    assert set(values(facts, CURRENTS, DCAT.hasVersion)) == {
        f"{me}/version/{label}" for label in ("202211", "202406")
    }
    links = {t.object.value for t in facts.triples if t.predicate == DCAT.accessURL}
    assert links == {"https://x.org/new", "https://x.org/new.zarr"}
    assert values(facts, CURRENTS, OKG.titleIsDescription) == ["true"]


def test_a_part_that_is_served_apart_is_a_way_to_its_dataset_and_no_dataset():
    facts = table(
        "P,a_static_202411--ext--coords,a_static_202411--ext--coords,,,https://x.org/c.nc",
        "P,a_static_202411--ext--bathy,a_static_202411--ext--bathy,,,https://x.org/b.nc",
        "P,a_static_202105--ext--bathy,a_static_202105--ext--bathy,,,https://x.org/old.nc",
    )
    datasets = {t.subject.value for t in facts.triples if t.predicate == DCAT.inSeries}
    assert datasets == {ids.dataset("cmems", "a_static")}
    assert values(facts, "a_static", DCAT.version) == ["202411"]
    titles = {t.object.value for t in facts.triples if t.predicate == DCT.title}
    assert {"original-files, coords", "original-files, bathy"} <= titles
    links = {t.object.value for t in facts.triples if t.predicate == DCAT.accessURL}
    assert links == {"https://x.org/c.nc", "https://x.org/b.nc"}


def test_a_dataset_in_two_products_stands_in_the_first_and_the_other_is_named():
    facts = table("P,a,a,202411,,https://x.org/p", "Q,a,a,202511,,https://x.org/q")
    assert values(facts, "a", DCAT.inSeries) == [ids.product("cmems", "P")]
    assert values(facts, "a", DCAT.version) == ["202411"]
    assert [item.reason for item in facts.left_out] == ["its row in Q: it stands in P too"]


def test_no_user_or_key_in_an_address_is_kept():
    facts = table("P,a,a,202411,https://me:secret@x.org/z.zarr?token=abc,ftp://me:secret@x.org/a")
    text = " ".join(str(t) for t in facts.triples)
    assert "secret" not in text
    assert "abc" not in text
    assert [item.item for item in facts.left_out] == ["a, access"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "line 0"),
        ("product_id\n", "line 1"),
        (HEAD, "whole file"),
        (HEAD + "P,a,a,202411,,https://x.org/a", "line 2"),
        (HEAD + "P,a,a,202411,\n", "line 2"),
        (HEAD + ",a,a,202411,,\n", "line 2"),
        (HEAD + "P,a,,202411,,\n", "line 2"),
    ],
)
def test_a_table_that_is_cut_off_or_another_one_is_refused(content, place):
    with pytest.raises(SourceError, match=place):
        read_datasets(Recording("datasets.csv", content.encode(), "cmems-datasets"))


# ------------------------------------------------------------------ on the real table


def real(shared: Path) -> gather.Part:
    source = sources.all_sources()["cmems"]
    return gather.read_part(source, harvest.from_folder(source, shared), "recorded")


def test_every_dataset_of_a_product_of_the_catalogue_is_held_and_every_other_named(shared):
    part = real(shared)
    rows = (shared / "cmems/cmems_catalog_data.csv").read_text("utf-8").splitlines()[1:]
    offered = {(split(row.split(",")[2])[0], row.split(",")[0]) for row in rows}
    held = {t.object.value for t in part.triples if t.predicate == DCAT.dataset}
    expected = {
        ids.dataset("cmems", one)
        for one, product in offered
        if ids.product("cmems", product) in held
    }
    found = {t.subject.value for t in part.triples if t.predicate == DCAT.inSeries}
    assert found == expected
    assert len(found) > 1350
    homeless = {product for _, product in offered if ids.product("cmems", product) not in held}
    named = {item.item.split(",")[0] for item in part.left_out if "datasets:" in item.item}
    assert named == homeless != set()
    # Nothing of them is left behind.
    assert not [
        t for t in part.triples for one in homeless if t.subject.value == ids.product("cmems", one)
    ]


def test_most_products_now_have_a_step_and_models_a_resolution(shared):
    part = real(shared)
    series = {t.subject: t.object for t in part.triples if t.predicate == DCAT.inSeries}
    grids = {DCAT.spatialResolutionInMeters, OKG.spatialResolutionInDegrees}
    stepped = {
        series.get(t.subject) for t in part.triples if t.predicate == DCAT.temporalResolution
    }
    gridded = {series.get(t.subject) for t in part.triples if t.predicate in grids}
    products = {t.object for t in part.triples if t.predicate == DCAT.dataset}
    assert len(stepped & products) > 150
    assert len(gridded & products) > 90
    assert all(
        t.object.value.startswith("https://") for t in part.triples if t.predicate == DCAT.accessURL
    )
    assert {s for s, p in series.items()} <= {
        t.subject for t in part.triples if t.predicate == RDF.type and t.object == DCAT.Dataset
    }
