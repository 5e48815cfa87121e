"""The roll of the criteria by which a product is judged as a candidate for the other catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from oceankg.compare.criteria import ocean, record, series
from oceankg.compare.criteria.contract import Criterion

_ORDER = (
    "gap",
    "essential-variable",
    "open-licence",
    "doi",
    "length",
    "regularity",
    "update",
    "delay",
    "quality",
    "formats",
    "coverage",
    "level",
    "operator",
    "stage",
)
_ROLL = {c.name: c for module in (ocean, record, series) for c in module.CRITERIA}
CRITERIA: Mapping[str, Criterion] = {name: _ROLL[name] for name in _ORDER}
