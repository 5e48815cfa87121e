"""What a title says of a product's variables, and how the catalogues' readers heed it."""

from __future__ import annotations

import json

import pytest

from oceankg import ids
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCAT, OKG
from oceankg.sources.catalogue_cmems import read_collections
from oceankg.sources.catalogue_odatis import read_records
from oceankg.sources.titles import read_title

VELOCITIES = ("eastward-sea-water-velocity", "northward-sea-water-velocity")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "Black Sea Surface Temperature trend map from Observations Reprocessing",
            ("sea surface temperature",),
        ),
        (
            "ODYSSEA North-East Atlantic SST L4 Daily Analysis, version 3",
            ("sea surface temperature",),
        ),
        (
            "Mediterranean Sea Significant Wave Height extreme from Reanalysis",
            ("significant wave height",),
        ),
        (
            "Iberia Biscay Ireland Strong Wave Incidence index from Reanalysis",
            ("waves",),
        ),
        (
            "Global Ocean Thermosteric Sea Level trend map from Reanalysis",
            ("thermosteric sea level",),
        ),
        ("Arctic Freshwater Content from Reanalysis", ("freshwater content",)),
        ("Arctic Ocean Sea Ice Reanalysis", ("sea ice",)),
        ("Baltic Sea Biogeochemistry Analysis and Forecast", ()),
        ("Marine Heatwave Index in the Barents Sea from Reanalysis", ()),
        ("Antarctic Circumpolar Current (ACC) fronts", ()),
    ],
)
def test_a_title_names_the_variable_where_no_other_field_does(title, words):
    assert read_title(title, ()) == words


@pytest.mark.parametrize(
    ("title", "parameter"),
    [
        ("WOC North Atlantic 2-D Merged SSH/SST currents", "2D ocean surface currents"),
        (
            "SSALTO/DUACS experimental gridded optimally merged velocities combining altimetry"
            " and SST",
            "velocities",
        ),
    ],
)
def test_where_a_record_names_its_variables_the_title_adds_none(title, parameter):
    assert read_title(title, (parameter,)) == (parameter,)


@pytest.mark.parametrize(
    ("title", "word", "narrowed"),
    [
        (
            "ESA SST CCI and C3S reprocessed sea surface temperature analyses",
            "sea-water-temperature",
            "sea surface temperature",
        ),
        (
            "CATDS-PDC L3OS 3G - Debiased gaussian average daily salinity field product"
            " from SMOS satellite",
            "Salinity",
            "sea surface salinity",
        ),
        (
            "Sea Surface Salinity from Research Vessels and VOS (NRT & DM)",
            "temperature",
            "sea surface temperature",
        ),
        ("SSS SMOS/SMAP L4 OI - LOPS-v2025", "sea-surface-density", "sea-surface-density"),
        ("CORA, Coriolis Ocean Dataset for Reanalysis", "temperature", "temperature"),
        ("Sea surface temperature and salinity profiles", "temperature", "temperature"),
    ],
)
def test_a_title_of_the_surface_narrows_words_that_leave_the_layer_open(title, word, narrowed):
    assert read_title(title, (word,)) == (narrowed,)


def test_a_title_of_surface_currents_adds_them_to_velocities_of_any_depth():
    title = "Global Ocean-Delayed Mode in-situ Observations of surface and sub-surface currents"
    assert read_title(title, VELOCITIES) == (*VELOCITIES, "surface currents")


def test_a_title_of_surface_currents_adds_none_to_what_is_no_velocity():
    assert read_title("Fronts of surface currents", ("front positions",)) == ("front positions",)


def test_an_empty_title_changes_nothing():
    assert read_title("", ("temperature",)) == ("temperature",)
    assert read_title("", ()) == ()


# ------------------------------------------------------------------ in the catalogues


def said(facts: Facts, predicate: object) -> list[str]:
    return [t.object.value for t in facts.triples if t.predicate == predicate]


def odatis(**record: object) -> Facts:
    return read_records(Recording("odatis.jsonl", json.dumps(record).encode(), ""))


def cmems(title: str | None, *keywords: str) -> Facts:
    content = json.dumps({"A": {"title": title, "keywords": keywords}}).encode()
    return read_collections(Recording("cmems.json", content, ""))


def test_what_a_model_assimilated_leaves_the_naming_to_the_title():
    facts = cmems("Arctic Ocean Sea Ice Reanalysis", "numerical-model", "in-situ-ts-profiles")
    words = ("in-situ-ts-profiles", "sea-ice")
    assert said(facts, OKG.reports) == [ids.word("cmems", word) for word in words]


def test_an_identifier_in_place_of_a_title_names_nothing():
    assert said(cmems(None), OKG.reports) == []


def test_a_title_in_our_words_names_nothing():
    facts = odatis(id="a", title="Sea level (title not seen)", title_seen=False)
    assert said(facts, OKG.reports) == []


def test_a_word_that_the_title_narrows_is_kept_as_it_stands():
    facts = odatis(id="a", title="Sea Surface Salinity from VOS", parameters=["salinity"])
    assert said(facts, OKG.reports) == [ids.word("odatis", "sea surface salinity")]
    assert said(facts, DCAT.keyword) == ["salinity"]
