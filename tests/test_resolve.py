"""Any name of a variable, with what else is known of it, leads to what it means, and why."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import CF, EXV, P02
from oceankg import clues, queries
from oceankg.evidence import STEPS, Served
from oceankg.read import load
from oceankg.resolve import SCORES, Resolution, Resolver, Term
from oceankg.store import Snapshot

P01 = "http://vocab.nerc.ac.uk/collection/P01/current/"


@pytest.fixture(scope="module")
def resolver(starter: Snapshot) -> Resolver:
    return Resolver(load(starter))


def ask(resolver: Resolver, q: str, **known: object) -> Resolution:
    return resolver.resolve_many([Term(q, **known)])[0]  # type: ignore[arg-type]


def variable(resolver: Resolver, q: str, **known: object) -> str | None:
    served = ask(resolver, q, **known).essential_variable
    return served.label if served else None


# ------------------------------------------------------------------ one thing, many spellings


@pytest.mark.parametrize(
    "spelling",
    [
        f"{P02}TEMP/",
        f"{P02}TEMP",
        "https://vocab.nerc.ac.uk/collection/P02/current/TEMP",
        "<http://vocab.nerc.ac.uk/collection/P02/current/TEMP/>",
        "http://vocab.nerc.ac.uk/collection/P02/current/TEMP/2/",
        "SDN:P02::TEMP",
        "urn:SDN:P02::TEMP",
        "sdn:p02:23:TEMP",
        "P02:TEMP",
        " P02:TEMP ",
    ],
)
def test_every_spelling_of_an_identifier_is_one_concept(resolver: Resolver, spelling: str) -> None:
    best = ask(resolver, spelling).candidates[0]
    assert (best.iri, best.matched_field, best.score) == (f"{P02}TEMP/", "identifier", 1.0)


@pytest.mark.parametrize(
    ("q", "label"),
    [
        ("sea_surface_temperature", "Sea-surface temperature"),
        ("Température de la mer", "Subsurface temperature"),
        ("OXYGÈNE DISSOUS", "Oxygen"),
        ("PSAL", "Subsurface salinity"),
        ("psal", "Subsurface salinity"),
        ("SST", "Sea-surface temperature"),
        ("significant wave height", "Sea state"),
        ("hauteur significative des vagues", "Sea state"),
        ("niveau de la mer", "Sea level"),
    ],
)
def test_names_and_labels_lead_to_an_essential_variable(
    resolver: Resolver, q: str, label: str
) -> None:
    assert variable(resolver, q) == label


# ------------------------------------------------------------------ what else is known


def test_the_standard_name_speaks_for_a_name_that_says_nothing(resolver: Resolver) -> None:
    found = ask(resolver, "var12", standard_name="sea_surface_wave_significant_height", units="m")
    assert found.candidates[0].matched_in == "standard_name"
    assert found.essential_variable
    assert found.essential_variable.label == "Sea state"


def test_the_long_name_tells_air_from_water(resolver: Resolver) -> None:
    assert variable(resolver, "TEMP", units="degC") == "Subsurface temperature"
    assert variable(resolver, "TEMP", units="degC", long_name="air temperature") == (
        "Surface temperature"
    )


def test_what_speaks_against_a_candidate_is_said(resolver: Resolver) -> None:
    found = ask(resolver, "TEMP", long_name="air temperature")
    water = next(c for c in found.candidates if c.iri == f"{P02}TEMP/")
    assert water.against == ("medium: air, not water",)


def test_a_unit_of_another_dimension_speaks_against(resolver: Resolver) -> None:
    found = ask(resolver, "PSAL", units="m s-1")
    assert found.essential_variable is None
    assert "m s-1" in found.reason
    assert all(c.against for c in found.candidates)


@pytest.mark.parametrize(
    "known",
    [
        {"q": "x", "standard_name": "sea_water_temperature", "units": "m"},
        {"q": "PSAL", "units": "m"},
        {"q": "TEMP (m)"},
    ],
)
def test_a_unit_of_something_else_below_the_variable_does_not_fit(
    resolver: Resolver, known: dict[str, str]
) -> None:
    found = resolver.resolve_many([Term(**known)])[0]  # type: ignore[arg-type]
    assert found.essential_variable is None
    assert found.candidates[0].against


@pytest.mark.parametrize(
    ("q", "unit"),
    [("DOXY", "ml/l"), ("DOXY", "umol/kg"), ("DOXY", "mg/l"), ("nitrate", "mmol m-3")],
)
def test_an_amount_is_stated_by_mass_and_by_volume(resolver: Resolver, q: str, unit: str) -> None:
    assert ask(resolver, q, units=unit).essential_variable


@pytest.mark.parametrize("q", ["\ufeffTEMP", "TEMP\u200b", "\u202eTEMP\u202c"])
def test_letters_that_are_not_seen_do_not_count(resolver: Resolver, q: str) -> None:
    found = ask(resolver, q)
    assert (found.q, found.candidates[0].iri) == (q, f"{P02}TEMP/")


@pytest.mark.parametrize("q", ["N", "p", "x"])
def test_a_letter_is_not_found_by_words(resolver: Resolver, q: str) -> None:
    assert all(c.matched_field != "words" for c in ask(resolver, q).candidates)


@pytest.mark.parametrize("unit", ["psu", "1e-3", "1", "PSS-78", "a unit nobody knows"])
def test_a_unit_that_fits_or_is_unknown_does_not_speak_against(
    resolver: Resolver, unit: str
) -> None:
    assert variable(resolver, "PSAL", units=unit) == "Subsurface salinity"


def test_the_depth_tells_the_surface_from_below(resolver: Resolver) -> None:
    name = "sea_water_temperature"
    assert variable(resolver, name) == "Subsurface temperature"
    assert variable(resolver, name, depth=1000.0) == "Subsurface temperature"
    assert variable(resolver, name, depth=0.0) == "Sea-surface temperature"


def test_the_step_to_the_surface_is_a_mapping_like_any_other(resolver: Resolver) -> None:
    served = ask(resolver, "sea_water_temperature", depth=0.0).essential_variable
    assert served
    last = served.path[-1]
    assert (last.subject, last.predicate, last.object) == (
        f"{EXV}EXV018/",
        "skos:relatedMatch",
        f"{EXV}EXV017/",
    )
    assert last.source == "exv-layers"


def test_an_identifier_stated_beside_the_name_decides(resolver: Resolver) -> None:
    found = ask(resolver, "param_4", identifiers=("SDN:P02::DOXY",))
    assert found.candidates[0].matched_in == "identifiers"
    assert found.essential_variable
    assert found.essential_variable.label == "Oxygen"


def test_a_name_of_both_layers_is_that_of_the_water_column_and_not_sure(resolver: Resolver) -> None:
    found = ask(resolver, "OD1:SEATEMP")
    assert found.essential_variable
    assert found.essential_variable.label == "Subsurface temperature"
    assert not found.essential_variable.sure
    assert "may serve" in found.reason


# ------------------------------------------------------------------ what is no variable


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"q": "TEMP_QC", "long_name": "quality flag of sea temperature"}, "quality flag"),
        ({"q": "x", "standard_name": "sea_water_temperature status_flag"}, "quality flag"),
        ({"q": "PSAL_ADJUSTED_ERROR", "units": "psu"}, "error estimate"),
        ({"q": "analysis_error", "long_name": "estimated error of the SST"}, "error estimate"),
        ({"q": "x", "standard_name": "sea_surface_height standard_error"}, "error estimate"),
        ({"q": "n_obs", "long_name": "number of observations of salinity"}, "count"),
        ({"q": "JULD", "units": "days since 1950-01-01"}, "time"),
        ({"q": "lat", "units": "degrees_north"}, "coordinate"),
        ({"q": "DEPH", "long_name": "Depth", "units": "m"}, "coordinate"),
        ({"q": "Temperature_equi", "units": "degC"}, "instrument setting"),
        ({"q": "battery_voltage", "units": "V"}, "instrument setting"),
        ({"q": "PLATFORM_NUMBER"}, "identifier"),
    ],
)
def test_what_is_no_variable_says_what_it_is(
    resolver: Resolver, known: dict[str, str], kind: str
) -> None:
    found = resolver.resolve_many([Term(**known)])[0]  # type: ignore[arg-type]
    assert found.none == kind
    assert found.essential_variable is None
    assert found.reason


@pytest.mark.parametrize(
    "q", ["sea level", "Ocean sound", "mixed layer depth", "significant wave height"]
)
def test_words_of_coordinates_within_a_variable_do_not_make_it_one(
    resolver: Resolver, q: str
) -> None:
    assert ask(resolver, q).none is None


# ------------------------------------------------------------------ ranking and successors


def test_exact_matches_come_before_folded_ones_and_those_before_words(resolver: Resolver) -> None:
    for q in ("Sea level", "DOXY", "nitrate", "sea surf temp"):
        scores = [c.score for c in ask(resolver, q).candidates]
        assert scores == sorted(scores, reverse=True)
    assert ask(resolver, "Oxygen").candidates[0].score >= SCORES["prefLabel"]
    assert ask(resolver, "sea surf temp").candidates[0].matched_field == "words"


def test_an_alias_with_two_targets_answers_with_both(resolver: Resolver) -> None:
    name = "sea_surface_height_above_mean_sea_level_assuming_no_tide"
    aliases = [c for c in resolver.model.concepts.values() if c.iri.startswith(CF) and c.deprecated]
    both = next(c for c in aliases if len(c.replaced_by) == 2)
    found = ask(resolver, both.notations[0])
    assert name not in resolver.model.concepts
    assert found.candidates[0].deprecated
    successors = {c.iri for c in found.candidates if c.matched_field == "successor"}
    assert successors == set(both.replaced_by)


def test_what_nothing_is_named_has_no_candidate_and_says_so(resolver: Resolver) -> None:
    found = ask(resolver, "xyzzy plugh")
    assert (found.candidates, found.essential_variable) == ((), None)
    assert "no concept" in found.reason


# ------------------------------------------------------------------ why, walked in SPARQL


def walked(resolver: Resolver, served: Served) -> list[tuple[str, ...]]:
    answer = resolver.model.snapshot.open().query(
        served.sparql or "", use_default_graph_as_union=True
    )
    found = [tuple(str(row[n].value) for n in ("position", "subject", "object")) for row in answer]
    return sorted(set(found), key=lambda row: int(row[0]))


def all_served(resolver: Resolver) -> Iterator[Served]:
    for q in ("TEMP", "PSAL", "sst", "SDN:P01::TEMPPR01", "Oxygen", "chl", "VHM0", "R03:DOXY"):
        for candidate in ask(resolver, q).candidates:
            yield from candidate.essential_variables
    shallow = ask(resolver, "sea_water_practical_salinity", depth=0.0).essential_variable
    assert shallow
    yield shallow


def test_every_step_of_a_why_is_found_by_the_query_that_the_answer_names(
    resolver: Resolver,
) -> None:
    paths = 0
    for served in all_served(resolver):
        if not served.path:
            assert served.query is served.sparql is None
            continue
        paths += 1
        assert served.query == STEPS
        assert (served.sparql or "").startswith(queries.get(STEPS).body)
        steps = [(str(n), s.subject, s.object) for n, s in enumerate(served.path, 1)]
        assert walked(resolver, served) == steps
    assert paths > 20


def test_the_query_of_an_answer_runs_as_it_is_over_http(server: str) -> None:
    found = httpx.get(f"{server}/resolve", params={"q": "SDN:P01::TEMPPR01"}, timeout=30).json()
    served = found["essential_variable"]
    answer = httpx.post(
        f"{server}/sparql",
        content=served["sparql"],
        headers={"Content-Type": "application/sparql-query", "Accept": "application/json"},
        timeout=30,
    ).json()
    rows = answer["results"]["bindings"]
    assert [row["subject"]["value"] for row in rows] == [s["subject"] for s in served["path"]]
    assert rows[-1]["author"]["value"] == served["path"][-1]["asserted_by"]


def test_the_context_goes_over_http_in_both_ways(server: str) -> None:
    known = {"q": "TEMP", "units": "K", "long_name": "air temperature"}
    one = httpx.get(f"{server}/resolve", params=known, timeout=30).json()
    many = httpx.post(f"{server}/resolve", json={"queries": [known, {"q": "lat"}]}, timeout=30)
    assert one["essential_variable"]["label"] == "Surface temperature"
    assert many.json()["results"][0] == one
    assert many.json()["results"][1]["none"] == "coordinate"


# ------------------------------------------------------------------ laws


@given(
    q=st.text(max_size=60),
    long_name=st.none() | st.text(max_size=60),
    unit=st.none() | st.text(max_size=20),
    depth=st.none() | st.floats(allow_nan=True),
)
def test_any_description_has_an_answer(
    resolver: Resolver, q: str, long_name: str | None, unit: str | None, depth: float | None
) -> None:
    found = ask(resolver, q, long_name=long_name, units=unit, depth=depth)
    assert found.q == q
    if found.none:
        assert found.essential_variable is None
    if found.essential_variable is None:
        assert found.reason


@given(st.data())
def test_an_iri_of_the_graph_always_finds_its_own_concept_first(
    resolver: Resolver, data: st.DataObject
) -> None:
    iri = data.draw(st.sampled_from(sorted(resolver.model.concepts)))
    best = ask(resolver, iri).candidates[0]
    assert (best.iri, best.score) == (iri, 1.0)


def test_what_is_remembered_is_bounded(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oceankg.resolve._MOST_KNOWN", 3)
    monkeypatch.setattr("oceankg.resolve._MOST_SERVING", 3)
    for language in ("en", "fr", "aa", "bb", "cc"):
        assert variable(resolver, "DOXY", language=language) is not None
    assert len(resolver._known) <= 3
    assert len(resolver._serving) <= 3


def test_a_text_without_end_is_read_at_its_beginning_only() -> None:
    start = "sea surface temperature " * 20
    assert clues.words(start + "salinity") == clues.words(start)
    assert clues.medium(start + "air") == clues.medium(start)
