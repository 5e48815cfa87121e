"""Criteria about what is measured and where: essential variable, gap, coverage, level."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from oceankg.climb import WORD
from oceankg.compare.added import Added, label_of
from oceankg.compare.attributes import Advantage
from oceankg.compare.criteria.contract import (
    STATED,
    Case,
    Criterion,
    Evidence,
    Result,
    failed,
    found,
    limited,
    met,
    unknown,
)
from oceankg.namespaces import DCAT, DCT, OKG
from oceankg.read import UNKNOWN

_MODELS = frozenset({"Model", "Analysis", "Forecast", "Reanalysis", "Hindcast"})


def essential_variable(case: Case) -> Result:
    """It surely serves one; not, when all its words are understood and lead to none."""
    product, model = case.product, case.model
    if product.serves:
        return met(", ".join(model.name(v) for v in product.serves), *_paths(case))
    if product.may_serve:
        return unknown("perhaps " + ", ".join(model.name(v) for v in product.may_serve))
    if not product.reports:
        return unknown("no parameter stated")
    meant = {c: _is_understood(case, c) for c in product.reports}
    names = ", ".join(map(model.name, product.reports))
    evidence = Evidence("okg:reports", names, STATED, case.source)
    if all(meant.values()):
        return failed("none is an essential variable", evidence)
    return unknown("its words are not understood", evidence)


def _is_understood(case: Case, concept: str) -> bool:
    climb = case.model.climb
    return not concept.startswith(WORD) or concept in climb.edges or concept in climb.anchors


def _paths(case: Case) -> Iterator[Evidence]:
    model, seen = case.model, set()
    for concept in case.product.reports:
        for path in model.reported_paths.get(concept, ()):
            if path.sure and path.end not in seen:
                seen.add(path.end)
                basis = f"reports “{model.name(concept)}”, in {len(path.steps)} steps"
                yield Evidence("okg:servesEssentialVariable", model.name(path.end), basis, path.iri)


def gap(case: Case) -> Result:
    """What the other catalogue has not: the variable, a cell of its coverage, or a better value."""
    if not case.added.variables:
        return unknown("no essential variable to compare by")
    evidence = [e for added in case.added.variables for e in _gaps(case, added)]
    if evidence:
        return met("; ".join(dict.fromkeys(e.value for e in evidence)), *evidence)
    cells = case.product.cells
    missing = [
        name
        for name, values in (
            ("region", cells.regions),
            ("time scale", cells.time_scales),
            ("kind", cells.kinds),
        )
        if UNKNOWN in values
    ]
    if missing:
        return unknown(f"not stated: {', '.join(missing)}")
    against = "the other catalogue has each variable in each region, time scale and kind"
    return failed("", Evidence("", against, "compared product by product", case.product.iri))


def _gaps(case: Case, added: Added) -> Iterator[Evidence]:
    model = case.model
    if added.is_alone:
        value = f"{added.label}: no other product"
        yield Evidence("", value, "no product of the other serves it", added.variable)
        return
    for cell in added.empty:
        named = ", ".join(model.name(i) for i in (cell.region, cell.time_scale, cell.kind))
        basis = f"none of {added.others} products lies there, nor covers the globe"
        yield Evidence("", f"{added.label}: {named}", basis, added.variable)
    # What few others state cannot be said to be missing.
    for a in added.advantages:
        enough = a.stated >= case.thresholds.least_stated_share * a.others
        if enough and _makes_a_gap(a):
            best = f", where the best of the others is {a.best}" if a.best else ""
            basis = f"{a.stated} of {a.others} others state it{best}"
            value = f"{added.label}: {label_of(a.attribute)} {a.value}"
            yield Evidence("", value, basis, a.holder or added.variable)


def _makes_a_gap(advantage: Advantage) -> bool:
    """Whether an advantage is one of the data: no stage, and no level below those delivered.

    Nor is it the vertical reach, which is that of a whole product and not of each of its variables.
    """
    if advantage.attribute == "level":
        return advantage.value >= "L3"
    return advantage.attribute not in ("stage", "vertical")


def coverage(case: Case) -> Result:
    """It lies in a region of the service or an ocean, and the box stated is not a point."""
    product = case.product
    places = [region for region in product.cells.regions if region != UNKNOWN]
    if not places:
        return unknown(", ".join(product.regions) or "not stated")
    value = ", ".join(map(case.model.name, places))
    evidence = [case.evidence(DCT.spatial, value)]
    if product.bbox is None:
        return met(value, *evidence)
    west, south, east, north = shapely.from_wkt(product.bbox).bounds
    side = min(east - west, north - south)
    evidence.append(case.evidence(DCAT.bbox, product.bbox, STATED))
    is_wide = side >= case.thresholds.least_extent_degrees
    return limited(f"{value}, {side:.3g} degrees", is_wide, *evidence)


def level(case: Case) -> Result:
    """Level 3 or higher, or on a grid: a model is, and what calls itself gridded."""
    product = case.product
    if product.level:
        evidence = case.evidence(OKG.processingLevel, product.level)
        return limited(product.level, product.level >= "L3", evidence)
    if models := _MODELS.intersection(product.kinds):
        value = ", ".join(sorted(models))
        return met(value, case.evidence(DCT.type, value))
    for part, word in found("gridded", case.texts()):
        return met(word, Evidence("", word, f"{part}: {word}", case.source))
    return unknown()


CRITERIA = (
    Criterion(
        "gap",
        "Gap it would fill",
        "Does it have a variable, a cell of region, time scale and kind, or a value of an "
        "attribute that no product of the other catalogue has? An attribute counts where "
        "`least_stated_share` of the others state it, a level from 3 on.",
        gap,
    ),
    Criterion(
        "essential-variable",
        "Essential variable",
        "Does it surely serve an essential variable of GOOS or GCOS?",
        essential_variable,
    ),
    Criterion(
        "coverage",
        "Coverage",
        "Does it lie in a region of the service or in an ocean, and is its box, where stated, "
        "`least_extent_degrees` wide?",
        coverage,
    ),
    Criterion(
        "level",
        "Level",
        "Is it of level 3 or higher, or on a grid?",
        level,
    ),
)
