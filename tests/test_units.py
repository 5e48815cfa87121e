"""Units of CF, UCUM and P06 are understood, compared and converted."""

from __future__ import annotations

import csv
import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceankg import units

SOME = ["degC", "K", "m s-1", "umol/kg", "psu", "1e-3", "dbar", "mg m-3", "degree", "Pa", "W m-2"]


@pytest.mark.parametrize(
    ("stated", "expected", "fit"),
    [
        ("degC", "K", "convertible"),
        ("C", "K", "convertible"),
        ("Celsius", "degrees_C", "same"),
        ("Cel", "degC", "same"),
        ("PSU", "1", "same"),
        ("1e-3", "1", "convertible"),
        ("pH units", "1", "same"),
        ("m/s", "m s-1", "same"),
        ("cm**2", "m2", "convertible"),
        ("mg C m-3", "kg m-3", "convertible"),
        ("millimole_nitrogen meter-3", "mol m-3", "convertible"),
        ("uE/m^2/s", "mol m-2 s-1", "convertible"),
        ("degrees (clockwise from true north)", "degree", "same"),
        ("mm/month", "mm month-1", "same"),
        ("mm/mon", "mm month-1", "same"),
        ("rad/degree", "1", "convertible"),
        ("umol/kg", "mol m-3", "different"),
        ("m s-1", "Pa", "different"),
        ("days since 1950-01-01", "s", "different"),
        ("NTU", "ntu", "same"),
        ("furlongs of salt", "m", "unknown"),
        ("", "m", "unknown"),
    ],
)
def test_a_stated_unit_fits_an_expected_one_or_not(stated: str, expected: str, fit: str) -> None:
    assert units.compare(stated, expected) == fit


def test_the_best_fit_among_several_is_told() -> None:
    assert units.fits_any("umol/kg", ["mol m-3", "mol kg-1"]) == "convertible"
    assert units.fits_any("m", []) == "unknown"


def test_a_conversion_is_a_factor_and_an_offset() -> None:
    assert units.conversion("degC", "K") == pytest.approx((1.0, 273.15))
    assert units.conversion("mS/cm", "S m-1") == pytest.approx((0.1, 0.0))
    assert units.conversion("m", "s") is None


def test_a_calendar_is_told_from_a_duration() -> None:
    assert units.is_time("days since 1950-01-01T00:00:00Z")
    assert not units.is_time("days")


def test_every_canonical_unit_of_cf_is_understood(shared: Path) -> None:
    table = (shared / "cf" / "cf-standard-name-table-v93.xml").read_text("utf-8")
    stated = set(re.findall(r"<canonical_units>([^<]+)<", table))
    assert len(stated) > 100
    assert [unit for unit in stated if units.parse(unit) is None] == []


def test_most_units_of_p06_are_understood(shared: Path) -> None:
    with (shared / "nvs" / "BODCunits_20260101.csv").open(encoding="utf-8") as file:
        stated = [row["altLabel"] for row in csv.DictReader(file)]
    read = [unit for unit in stated if units.parse(unit) is not None]
    assert len(read) / len(stated) > 0.9


@given(st.text(max_size=200))
def test_any_text_is_a_unit_or_none(text: str) -> None:
    unit = units.parse(text)
    assert unit is None or (unit.text == text and unit.dimension)


@given(st.sampled_from(SOME), st.sampled_from(SOME))
def test_what_converts_converts_back(one: str, other: str) -> None:
    there, back = units.conversion(one, other), units.conversion(other, one)
    assert (there is None) == (back is None)
    if there and back:
        assert math.isclose(there[0] * back[0], 1.0)


def test_many_threads_may_ask_at_once() -> None:
    asked = [f"{n} m s-1" for n in range(1, 400)]
    with ThreadPoolExecutor(8) as pool:
        assert all(
            fit == "convertible"
            for fit in pool.map(units.compare, asked, ["m s-1"] * 399)
            if fit != "same"
        )
