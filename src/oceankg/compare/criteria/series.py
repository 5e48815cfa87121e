"""Criteria about the series in time: length, regularity, whether it goes on, how late it is."""

from __future__ import annotations

from oceankg.compare.attributes import delay_days, delay_words, rhythm_days, step_seconds, year
from oceankg.compare.criteria.contract import (
    Case,
    Criterion,
    Evidence,
    Result,
    failed,
    limited,
    met,
    unknown,
)
from oceankg.namespaces import DCAT, DCT, OKG

_DAY = 86400.0


def length(case: Case) -> Result:
    """From the first day to the last one stated, or to today where it goes on."""
    product = case.product
    start = year(product.start)
    if product.start is None or start is None:
        return unknown("no start stated")
    if product.end is None and not product.ongoing:
        return unknown("no end stated", case.evidence(DCAT.startDate, product.start))
    evidence = [case.evidence(DCAT.startDate, product.start)]
    day, today = case.today
    end = year(product.end, whole=True)
    if end is None or product.ongoing:
        end = max(end or today, today)
        basis = f"ongoing, counted to {day}, the latest day of which any record speaks"
        evidence.append(Evidence("okg:ongoing", "true", basis, case.source))
    else:
        evidence.append(case.evidence(DCAT.endDate, product.end or ""))
    years = end - start
    is_long = years >= case.thresholds.minimum_years
    return limited(f"{years:.1f} years", is_long, *evidence)


def regularity(case: Case) -> Result:
    """A time step, no longer than the limit."""
    shortest = step_seconds(case.product)
    if shortest is None:
        if worded := case.product.time_step:
            return unknown(worded, case.evidence(OKG.timeStep, worded))
        return unknown()
    value = ", ".join(case.product.steps)
    is_close = shortest <= case.thresholds.most_step_days * _DAY
    return limited(value, is_close, case.evidence(DCAT.temporalResolution, value))


def update(case: Case) -> Result:
    """It goes on, or is updated often enough; a series that ended long ago is not."""
    product, limits = case.product, case.thresholds
    if product.ongoing:
        return met("ongoing", case.evidence(OKG.ongoing, "true"))
    if (days := rhythm_days(product)) is not None and product.update:
        evidence = case.evidence(DCT.accrualPeriodicity, product.update)
        return limited(product.update, days <= limits.most_update_days, evidence)
    if near := _near_real_time(case):
        return met("near real time", near)
    end, (day, today) = year(product.end, whole=True), case.today
    if end is None or product.end is None:
        return unknown()
    evidence = case.evidence(DCAT.endDate, product.end, f"stated, held against {day}")
    if today - end >= limits.most_idle_years:
        return failed(f"ended {product.end}", evidence)
    return unknown(f"up to {product.end}", evidence)


def delay(case: Case) -> Result:
    """Near real time, or a stated delay within the limit."""
    days, worded = delay_days(case.product), delay_words(case.product)
    if days is not None and worded:
        evidence = case.evidence(OKG.latency, worded)
        return limited(worded, days <= case.thresholds.most_delay_days, evidence)
    if near := _near_real_time(case):
        return met("near real time", near)
    return unknown()


def _near_real_time(case: Case) -> Evidence | None:
    for scale in ("Near real time", "Forecast"):
        if scale in case.product.time_scales:
            return case.evidence(OKG.timeScale, scale)
    return None


CRITERIA = (
    Criterion(
        "length",
        "Length of the series",
        "Does the series span `minimum_years`, from its start to its end, or to today where it "
        "goes on?",
        length,
    ),
    Criterion(
        "regularity",
        "Regularity of the series",
        "Is a time step stated, of `most_step_days` at most?",
        regularity,
    ),
    Criterion(
        "update",
        "Update rhythm",
        "Does it go on, is it near real time, or is it updated every `most_update_days`? Not when "
        "it ended `most_idle_years` ago.",
        update,
    ),
    Criterion(
        "delay",
        "Delay",
        "Is it near real time, or had within `most_delay_days`?",
        delay,
    ),
)
