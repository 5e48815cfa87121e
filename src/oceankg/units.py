"""Units as CF (UDUNITS), UCUM and P06 write them, made comparable.

UDUNITS does the reading and the arithmetic; `units.toml` holds the spellings of ocean data files
that it does not know, or takes for something else ("C" is no coulomb there).
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import cf_units

from oceankg.resources import text_of

Fit = Literal["same", "convertible", "different", "unknown"]

_MOST = 100
# A note in UCUM's braces, or in brackets at the end: "degrees (clockwise from true north)".
_NOTE = re.compile(r"\{[^{}]*\}|\([a-z ]+\)$")
_AMOUNT = r"\b(?:[a-z]*mol(?:es?)?|[a-z]*gram(?:me)?s?|[munpk]?g|[mu]?l)"
# UDUNITS is not made for several threads at once.
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was understood: as written, and its dimension in SI base units.

    `dimension` is UDUNITS's own form without any factor, such as ``m.s-1``; "1" when there is
    none; "time since" for a calendar.
    """

    text: str
    dimension: str


@lru_cache(maxsize=5_000)
def parse(text: str) -> Unit | None:
    """A unit from how it is written, or None when it cannot be read."""
    read = _read(text)
    return None if read is None else Unit(text, _dimension(read))


@lru_cache(maxsize=5_000)
def compare(stated: str, expected: str) -> Fit:
    """How a stated unit fits an expected one: the same, convertible, of another dimension."""
    one, other = _read(stated), _read(expected)
    if one is None or other is None:
        known = stated.strip() and stated.strip().casefold() == expected.strip().casefold()
        return "same" if known else "unknown"
    with _LOCK:
        if one == other:
            return "same"
        return "convertible" if one.is_convertible(other) else "different"


@lru_cache(maxsize=5_000)
def conversion(stated: str, expected: str) -> tuple[float, float] | None:
    """The factor and offset that turn a stated unit into an expected one; None when none do."""
    one, other = _read(stated), _read(expected)
    if one is None or other is None or compare(stated, expected) not in ("same", "convertible"):
        return None
    with _LOCK:
        offset, at_one = (float(one.convert(value, other)) for value in (0.0, 1.0))
    return at_one - offset, offset


def fits_any(stated: str, expected: Iterable[str]) -> Fit:
    """The best fit of a stated unit among several expected ones."""
    order: tuple[Fit, ...] = ("same", "convertible", "different", "unknown")
    found = {compare(stated, unit) for unit in expected}
    return next((fit for fit in order if fit in found), "unknown")


def is_time(text: str) -> bool:
    """Whether a unit counts the time since a date."""
    unit = parse(text)
    return unit is not None and unit.dimension == "time since"


@lru_cache(maxsize=5_000)
def _read(text: str) -> Any:  # noqa: ANN401  (cf_units is untyped)
    plain = " ".join(text.split())
    # A logarithm has a reference, not a dimension.
    if not plain or len(plain) > _MOST or not plain.isprintable() or "re " in plain:
        return None
    for spelling in _spellings(plain):
        try:
            with _LOCK, cf_units.suppress_errors():
                unit = cf_units.Unit(spelling)
        except ValueError:
            continue
        if not (unit.is_unknown() or unit.is_no_unit()):
            return unit
    return None


def _spellings(plain: str) -> Iterable[str]:
    words = _table()["words"]
    if plain.casefold() in words:
        yield words[plain.casefold()]
        return
    bare = _NOTE.sub("", plain).strip() or "1"
    for part, meant in _table()["parts"].items():
        # A word after a stroke is a whole one: "/mon" is no part of "/month".
        end = r"(?![a-z])" if part.startswith("/") else ""
        bare = re.sub(re.escape(part) + end, meant, bare)
    bare = f"1{bare}" if bare.startswith("/") else bare
    without = _without_qualifiers(bare)
    if without != bare:
        yield without
    yield bare
    yield bare.lower()


def _without_qualifiers(text: str) -> str:
    """A unit without the names of what is measured, where they follow an amount."""
    names = "|".join(map(re.escape, sorted(_table()["qualifiers"]["words"], key=len, reverse=True)))
    return re.sub(rf"({_AMOUNT})[ _-](?:{names})(?![\w^])", r"\1", text, flags=re.IGNORECASE)


def _dimension(unit: Any) -> str:  # noqa: ANN401  (cf_units is untyped)
    if unit.is_time_reference():
        return "time since"
    with _LOCK:
        definition = str(unit.definition).split(" @ ")[0]
    first, _, rest = definition.partition(" ")
    return (rest if first[:1].isdigit() or first[:1] == "-" else definition) or "1"


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: dict[str, Mapping[str, str]] = tomllib.loads(text_of("units.toml"))
    return table
