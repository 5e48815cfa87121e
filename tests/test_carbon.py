"""The marine CO2 vocabulary, the names of variables, and where both lead."""

from __future__ import annotations

import csv
from functools import cache

import pytest
from pyoxigraph import Literal, NamedNode

from oceankg import ids, rdf, read, sssom
from oceankg.climb import EXV, WORD
from oceankg.namespaces import BASE, OKG, RDF, SKOS
from oceankg.resources import all_files, folder
from oceankg.sssom import NO_TERM

CARBON = f"{BASE}carbon/"
NAME = f"{BASE}name/"
INORGANIC_CARBON, GREENHOUSE, TRACERS = "EXV030", "EXV013", "EXV031"
SETS = all_files("mappings", "*.sssom.tsv")
SURE, MAY = True, False


@cache
def scheme():
    file = folder("ontologies") / "carbon.ttl"
    return rdf.read(file.read_bytes(), file.name)


def concepts():
    return sorted(
        t.subject.value for t in scheme() if t.predicate == RDF.type and t.object == SKOS.Concept
    )


def values(subject, predicate):
    me = NamedNode(subject)
    return [t.object for t in scheme() if t.subject == me and t.predicate == predicate]


@pytest.fixture(scope="module")
def model(starter):
    return read.load(starter)


def served(model, iri):
    return {path.end.removeprefix(EXV).strip("/"): path.sure for path in model.paths(iri)}


# ------------------------------------------------------------------ the scheme


@pytest.mark.parametrize("concept", concepts())
def test_a_concept_has_a_label_in_both_languages_one_notation_a_unit_and_its_parts(concept):
    labels = values(concept, SKOS.prefLabel)
    assert sorted(label.language for label in labels) == ["en", "fr"]
    assert len(values(concept, SKOS.notation)) == 1
    assert len(values(concept, OKG.canonicalUnit)) == 1
    iadopt = "https://w3id.org/iadopt/ont/"
    assert len(values(concept, NamedNode(f"{iadopt}hasProperty"))) == 1
    assert len(values(concept, NamedNode(f"{iadopt}hasObjectOfInterest"))) == 1


def test_no_two_concepts_share_a_notation_or_a_label():
    for predicate in (SKOS.notation, SKOS.prefLabel):
        found = [t.object for t in scheme() if t.predicate == predicate]
        assert len(found) == len(set(found))


def test_each_concept_is_a_top_concept_or_climbs_to_one_without_a_cycle():
    tops = {t.object.value for t in scheme() if t.predicate == SKOS.hasTopConcept}
    for concept in concepts():
        seen, at = [], concept
        while at not in tops:
            assert at not in seen
            seen.append(at)
            (broader,) = values(at, SKOS.broader)
            at = broader.value
        assert values(at, SKOS.topConceptOf) == [NamedNode(CARBON.rstrip("/"))]


def test_what_a_concept_is_made_of_is_described_in_both_languages():
    described = {t.subject for t in scheme()}
    parts = [t.object for t in scheme() if "iadopt" in t.predicate.value]
    assert parts
    assert set(parts) <= described


def test_each_unit_is_one_that_udunits_reads():
    cf_units = pytest.importorskip("cf_units")
    file = folder("ontologies") / "variable-names.ttl"
    names = rdf.read(file.read_bytes(), file.name)
    stated = {t.object.value for t in (*scheme(), *names) if t.predicate == OKG.canonicalUnit}
    for unit in stated:
        assert cf_units.Unit(unit).is_convertible(unit), unit


@pytest.mark.parametrize(
    ("concept", "unit"),
    [("pco2-water", "UATM"), ("dic-per-mass", "KGUM"), ("ph-total", "UUPH")],
)
def test_a_unit_is_tied_to_p06(concept, unit, model):
    assert values(f"{CARBON}{concept}", SKOS.related) == [NamedNode(ids.nvs_concept("P06", unit))]
    assert ids.nvs_concept("P06", unit) in model.concepts


# ------------------------------------------------------------------ where it leads


def expected(concept):
    name = concept.removeprefix(CARBON)
    if name in ("pco2", "fco2", "xco2"):
        return {INORGANIC_CARBON: MAY, GREENHOUSE: MAY}
    if "-air" in name:
        return {GREENHOUSE: SURE}
    return {TRACERS: SURE} if name == "d14c-dic" else {INORGANIC_CARBON: SURE}


@pytest.mark.parametrize("concept", concepts())
def test_every_concept_of_the_scheme_reaches_its_essential_variable(concept, model):
    assert served(model, concept) == expected(concept)


def test_what_the_scheme_serves_stands_in_the_graph(starter):
    quad = (NamedNode(f"{CARBON}ph-total"), OKG.servesEssentialVariable)
    found = starter.open().quads_for_pattern(*quad, None, None)
    assert [q.object.value for q in found] == [f"{EXV}EXV030/"]


@pytest.mark.parametrize(
    ("code", "variables"),
    [
        ("P01 PHMASSXX", {INORGANIC_CARBON}),
        ("P01 PCO2XXXX", {INORGANIC_CARBON}),
        ("P01 ACO2XXXX", {GREENHOUSE}),
        ("P01 FCO2WTAT", {GREENHOUSE}),
        ("P01 XCO2DRAT", {GREENHOUSE}),
        ("P01 D14CMIXX", {TRACERS}),
        ("P01 ALKYUCKG", set()),
        ("P01 ACO2IERR", set()),
        ("P01 TEMPHU01", {"EXV017"}),
        ("P01 PSALSZ01", {"EXV019"}),
        ("P01 HFREV001", {"EXV021"}),
        ("P01 HFRESD01", set()),
        ("P01 PHTLMP02", set()),
        ("P01 AN2OZZ01", {GREENHOUSE}),
        ("R03 PH_IN_SITU_TOTAL", {INORGANIC_CARBON}),
        ("R03 VRS_PH", set()),
        ("R03 TEMP", {"EXV018"}),
        ("R03 TEMP_CNDC", set()),
        ("R03 PRES", set()),
    ],
)
def test_a_code_reaches_what_it_means_and_a_signal_or_an_error_reaches_nothing(
    code, variables, model
):
    assert {v for v, sure in served(model, ids.nvs_concept(*code.split())).items() if sure} == (
        variables
    )


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("sea_surface_skin_temperature", {"EXV017"}),
        ("sea_water_conservative_temperature", {"EXV018"}),
        ("surface_partial_pressure_of_carbon_dioxide_in_air", {GREENHOUSE}),
        ("mole_fraction_of_nitrous_oxide_in_air", {GREENHOUSE}),
        ("sea_floor_depth_below_sea_surface", set()),
        ("land_binary_mask", set()),
        ("coriolis_parameter", set()),
        ("wave_frequency", set()),
        ("altimeter_range", set()),
        ("tendency_of_air_temperature", set()),
        ("tendency_of_sea_water_salinity_due_to_advection", set()),
        ("heat_flux_into_sea_water_due_to_iceberg_thermodynamics", set()),
        ("tropopause_air_temperature", {"EXV007"}),
        ("toa_outgoing_longwave_flux", {"EXV010"}),
        ("atmosphere_mass_content_of_water_vapor", {"EXV009"}),
    ],
)
def test_a_cf_name_reaches_what_it_means_and_no_more(name, variables, model):
    assert set(served(model, ids.cf_name(name))) == variables


def test_no_rate_of_change_of_cf_reaches_an_essential_variable_but_the_trend_of_the_sea_level(
    model,
):
    reached = [
        concept.label()
        for iri, concept in model.concepts.items()
        if iri.startswith(ids.CF_NAME)
        and not concept.deprecated
        and concept.label().startswith(("tendency_of_", "change_over_time_in_"))
        and served(model, iri)
    ]
    assert reached == ["tendency_of_sea_surface_height_above_mean_sea_level"]


# ------------------------------------------------------------------ names of variables


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("cmip/thetao", {"EXV018": SURE}),
        ("cmip/tos", {"EXV017": SURE}),
        ("nemo/siconc", {"EXV027": SURE}),
        ("nemo/zos", {"EXV023": SURE}),
        ("altimetry/sla", {"EXV023": SURE}),
        ("ghrsst/analysed_sst", {"EXV017": SURE}),
        ("ndbc/wtmp", {"EXV017": SURE}),
        ("ndbc/atmp", {"EXV002": SURE}),
        ("glodap/G2talk", {INORGANIC_CARBON: SURE}),
        ("glodap/G2cfc11", {TRACERS: SURE}),
        ("exchange/CTDSAL", {"EXV020": SURE}),
        ("socat/temp", {"EXV017": SURE}),
        ("socat/fCO2_recommended", {INORGANIC_CARBON: SURE}),
        ("socat/xCO2_atm_dry_actual", {GREENHOUSE: SURE}),
        ("socat/Temperature_equi", {}),
        ("socat/wind_speed_rel", {}),
        ("cmems-insitu/PH25", {INORGANIC_CARBON: SURE}),
        ("common/t", {"EXV002": MAY, "EXV018": MAY}),
        ("common/u", {"EXV003": MAY, "EXV022": MAY}),
        ("common/lat", {}),
        ("common/depth", {}),
        ("oceansites/TEMP_QC", {}),
        ("glodap/G2tco2f", {}),
        ("altimetry/err_sla", {}),
    ],
)
def test_a_name_reaches_its_essential_variable_or_none(name, variables, model):
    assert served(model, NAME + name) == variables


def test_every_curated_name_is_decided_one_way_or_the_other(model):
    mappings = sssom.read((folder("mappings") / "names-cf.sssom.tsv").read_bytes(), "names")
    decided = {m.subject for m in mappings.mappings}
    absent = {m.subject for m in mappings.mappings if m.object == NO_TERM}
    file = folder("ontologies") / "variable-names.ttl"
    names = {
        t.subject.value
        for t in rdf.read(file.read_bytes(), file.name)
        if t.predicate == RDF.type and t.object == SKOS.Concept
    }
    assert names == decided
    assert [name for name in absent if model.paths(name)] == []


def test_a_name_with_two_meanings_is_sure_of_none():
    mappings = sssom.read((folder("mappings") / "names-cf.sssom.tsv").read_bytes(), "names")
    doubtful = [m for m in mappings.mappings if "water or air" in m.comment]
    assert doubtful
    assert all(m.confidence <= 0.5 for m in doubtful if m.object.startswith(ids.CF_NAME + "air"))


# ------------------------------------------------------------------ the mapping sets


def rows(file):
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize("file", SETS, ids=lambda f: f.name.removesuffix(".sssom.tsv"))
def test_the_ends_of_a_mapping_are_in_the_graph_under_the_label_that_it_gives(file, model):
    mappings = sssom.read(file.read_bytes(), file.name).mappings
    assert len(mappings) == len({m.iri for m in mappings})
    for mapping, row in zip(mappings, rows(file), strict=True):
        assert mapping.author
        assert mapping.day
        assert mapping.confidence is not None
        for end, label in ((mapping.subject, "subject_label"), (mapping.object, "object_label")):
            # A catalogue's word may be a region or a use, which is no concept here.
            if end != NO_TERM and not end.startswith(WORD):
                assert end in model.concepts, end
                concept = model.concepts[end]
                known = {*concept.labels.values(), *concept.alternatives}
                assert row[label].casefold() in {text.casefold() for text in known}, end


@pytest.mark.parametrize("file", SETS, ids=lambda f: f.name.removesuffix(".sssom.tsv"))
def test_no_set_asserts_what_it_denies(file):
    mappings = sssom.read(file.read_bytes(), file.name).mappings
    said = {(m.subject, m.object) for m in mappings if not m.negated and not m.is_absence}
    denied = {(m.subject, m.object) for m in mappings if m.negated}
    assert not said & denied


# ------------------------------------------------------------------ what people call a variable


@pytest.mark.parametrize(
    ("text", "language", "variables"),
    [
        ("oxygène", "fr", {"EXV028"}),
        ("température de surface", "fr", {"EXV017"}),
        ("niveau de la mer", "fr", {"EXV023"}),
        ("hauteur significative des vagues", "fr", {"EXV024"}),
        ("significant wave height", "en", {"EXV024"}),
        ("wind stress", "en", {"EXV025"}),
        ("nitrates", "fr", {"EXV029"}),
        ("carbone inorganique dissous", "fr", {INORGANIC_CARBON}),
    ],
)
def test_a_synonym_leads_to_its_essential_variable(text, language, variables, starter, model):
    found = starter.open().quads_for_pattern(
        None, SKOS.altLabel, Literal(text, language=language), None
    )
    reached = {v for quad in found for v in served(model, quad.subject.value)}
    assert reached == variables
