"""The attributes in which products are compared: what each is, how it reads, what would be better.

Every attribute is read from the normalised `Product`; an attribute that its record does not state
has no value, and is never better or worse than another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import shapely

from oceankg.namespaces import BIBO, DCAT, DCT, OKG
from oceankg.read import Product, ReadModel, seconds
from oceankg.text import fold

# A degree of latitude; of longitude it is the width at the equator.
KM_OF_DEGREE = 111.2

Better = Literal["", "less", "more"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name in answers, its label, the properties that state it.

    `values` gives the values of a product as text; `measure` a number by which two products can be
    put in order, and `better` says which end of that order is an advantage. Without a measure, a
    value that no other product has is one: one of its `classes` where wordings differ (else of its
    values), unless another product has the class `whole`, which contains all.
    """

    name: str
    label: str
    properties: tuple[str, ...]
    values: Callable[[Product], tuple[str, ...]]
    measure: Callable[[Product], float | None] | None = None
    better: Better = ""
    compared: bool = True
    classes: Callable[[Product], tuple[str, ...]] | None = None
    whole: str = ""


def width_km(product: Product) -> float | None:
    """The finest horizontal resolution in kilometres; degrees are taken as those of latitude."""
    metres, degrees = product.resolution_metres, product.resolution_degrees
    widths = [
        *([metres / 1000] if metres is not None else []),
        *([degrees * KM_OF_DEGREE] if degrees is not None else []),
    ]
    return min(widths, default=None)


def year(date: str | None, *, whole: bool = False) -> float | None:
    """A date of any precision as a year with its fraction, such as 1993.5.

    It is the first moment of the day, month or year stated, or the last one when `whole`.
    """
    if not date:
        return None
    stated = [*map(int, date.split("-"))]
    parts = [*stated, 1, 1][:3]
    first = parts[0] + (parts[1] - 1) / 12 + (parts[2] - 1) / 365.25
    return first + (1, 1 / 12, 1 / 365.25)[len(stated) - 1] if whole else first


def years(product: Product) -> float | None:
    """The length of the period stated, in years; None where an end is not stated.

    An ongoing series has no end to be measured to, unless its record names one. The last day,
    month or year stated counts whole.
    """
    start, end = year(product.start), year(product.end, whole=True)
    return None if start is None or end is None else round(end - start, 2)


def step_seconds(product: Product) -> float | None:
    """The shortest time step in seconds."""
    return seconds(product.steps[0]) if product.steps else None


# The codes of the EU list of frequencies by the days from one update to the next.
RHYTHM_DAYS: Mapping[str, float] = {
    "CONT": 0.0,
    "HOURLY": 1 / 24,
    "TRIHOURLY": 3 / 24,
    "DAILY_2": 0.5,
    "DAILY": 1,
    "WEEKLY": 7,
    "BIWEEKLY": 14,
    "MONTHLY": 30,
    "BIMONTHLY": 61,
    "QUARTERLY": 91,
    "ANNUAL_2": 182,
    "ANNUAL": 365,
}


def rhythm_days(product: Product) -> float | None:
    """The days from one update to the next; None where the rhythm is not stated or irregular."""
    return RHYTHM_DAYS.get(product.update or "")


_LATE = re.compile(r"\b(?:\d+(?:\.\d+)? ?(?:to|-) ?)?(\d+(?:\.\d+)?) ?(hour|day|week|month)s?\b")
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}


def delay_days(product: Product) -> float | None:
    """How late the data come at most, in days; None where it is not stated in figures.

    Some records state it beside the time step: ``daily update, 15 days delay``.
    """
    said = fold(delay_words(product) or "").replace("next day", "1 day")
    lengths = [float(number) * _DAYS[unit] for number, unit in _LATE.findall(said)]
    return max(lengths, default=None)


def delay_words(product: Product) -> str | None:
    """The words of a record that state its delay."""
    if product.latency:
        return product.latency
    parts = (product.time_step or "").split(",")
    return next((part.strip() for part in parts if "delay" in part), None)


# The family of a level: L3S is an L3, L2P an L2.
def _family(product: Product) -> tuple[str, ...]:
    return (product.level[:2],) if product.level else ()


# How far a product is on its way, so that operational is the most.
_STAGES = {"Research": 1.0, "Pre-operational": 2.0, "Operational": 3.0}


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _start(product: Product) -> float | None:
    return year(product.start)


def goes_on(product: Product) -> bool:
    """Whether the series has no last day: as stated, or because it is near real time or a forecast.

    The end that a catalogue states of these is that of the day on which it was written.
    """
    return product.ongoing or not {"Near real time", "Forecast"}.isdisjoint(product.time_scales)


def _end(product: Product) -> float | None:
    if product.ongoing or (product.end and goes_on(product)):
        return 9999.0
    return year(product.end, whole=True)


def _deepest(product: Product) -> float | None:
    return product.deepest if _depths(product) else None


def _resolution(product: Product) -> tuple[str, ...]:
    worded = product.resolution
    if worded:
        return (worded,)
    metres, degrees = product.resolution_metres, product.resolution_degrees
    return (
        *([f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"] if metres else []),
        *([f"{degrees:g} degree"] if degrees else []),
    )


def _depths(product: Product) -> tuple[str, ...]:
    if product.shallowest is None or product.deepest is None:
        return ()
    return (f"{product.shallowest:g} to {product.deepest:g} m",)


def _extent(product: Product) -> tuple[str, ...]:
    if product.bbox is None:
        return ()
    west, south, east, north = shapely.from_wkt(product.bbox).bounds
    return (f"west {west:g}, south {south:g}, east {east:g}, north {north:g}",)


def _open(product: Product) -> tuple[str, ...]:
    known = product.open_licence
    return () if known is None else ("yes" if known else "no",)


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("kind", "Kind", (DCT.type.value,), lambda p: p.kinds),
    Attribute(
        "level",
        "Level",
        (OKG.processingLevel.value,),
        lambda p: _one(p.level),
        classes=_family,
    ),
    Attribute(
        "vertical",
        "Vertical reach",
        (OKG.verticalReach.value,),
        lambda p: p.vertical,
        whole="Water column",
    ),
    Attribute(
        "depths",
        "Depths",
        (OKG.shallowest.value, OKG.deepest.value),
        _depths,
        _deepest,
        "more",
    ),
    Attribute("time_scale", "Time scale", (OKG.timeScale.value,), lambda p: p.time_scales),
    Attribute("start", "Start", (DCAT.startDate.value,), lambda p: _one(p.start), _start, "less"),
    Attribute(
        "end",
        "End",
        (DCAT.endDate.value, OKG.ongoing.value),
        lambda p: ("ongoing",) if p.ongoing else _one(p.end),
        _end,
        "more",
    ),
    Attribute("length", "Length (years)", (), lambda p: _number(years(p)), years, "more"),
    Attribute(
        "step",
        "Time step",
        (DCAT.temporalResolution.value,),
        lambda p: p.steps or _one(p.time_step),
        step_seconds,
        "less",
    ),
    Attribute("region", "Region", (DCT.spatial.value,), lambda p: p.regions, whole="Global ocean"),
    Attribute("place", "Place, as worded", (), lambda p: p.places, compared=False),
    Attribute("extent", "Extent", (DCAT.bbox.value,), _extent, compared=False),
    Attribute(
        "resolution",
        "Horizontal resolution",
        (
            OKG.spatialResolution.value,
            DCAT.spatialResolutionInMeters.value,
            OKG.spatialResolutionInDegrees.value,
        ),
        _resolution,
        width_km,
        "less",
    ),
    Attribute("units", "Units", (), lambda p: p.units, compared=False),
    Attribute(
        "update",
        "Update rhythm",
        (DCT.accrualPeriodicity.value,),
        lambda p: _one(p.update),
        rhythm_days,
        "less",
    ),
    Attribute(
        "delay",
        "Delay",
        (OKG.latency.value,),
        lambda p: _one(delay_words(p)),
        delay_days,
        "less",
    ),
    Attribute("doi", "DOI", (BIBO.doi.value,), lambda p: _one(p.doi), compared=False),
    Attribute("licence", "Licence", (), lambda p: _one(p.licence), compared=False),
    Attribute("open", "Open licence", (OKG.openLicence.value,), _open, compared=False),
    Attribute("producer", "Producer", (DCT.creator.value,), lambda p: p.producers, compared=False),
    Attribute("centre", "Data centre", (), lambda p: _one(p.data_centre), compared=False),
    Attribute("publisher", "Publisher", (), lambda p: _one(p.publisher), compared=False),
    Attribute(
        "stage",
        "Stage",
        (OKG.stage.value,),
        lambda p: _one(p.stage),
        lambda p: _STAGES.get(p.stage or ""),
        "more",
    ),
    Attribute("version", "Version", (), lambda p: _one(p.version), compared=False),
    Attribute("formats", "Formats", (), lambda p: p.formats, compared=False),
    Attribute("access", "Access", (), lambda p: _addresses(p), compared=False),
)
BY_NAME: Mapping[str, Attribute] = {a.name: a for a in ATTRIBUTES}


def _number(value: float | None) -> tuple[str, ...]:
    return () if value is None else (f"{value:g}",)


def _addresses(product: Product) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*_one(product.landing_page), *(a.url for a in product.access)]))


@dataclass(frozen=True, slots=True)
class Profile:
    """A product in the attributes compared: its values, and its measures where it states them.

    `classes` stand for the values where these do not compare as worded; `product` is its IRI.
    """

    values: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, float]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    product: str = field(default="", compare=False)

    def states(self, attribute: Attribute) -> bool:
        """Whether it states an attribute so that it can be compared."""
        return attribute.name in (self.values if attribute.measure is None else self.measures)

    def held(self, name: str) -> tuple[str, ...]:
        """What it has of an attribute without measure, as it is compared."""
        return self.classes.get(name) or self.values.get(name, ())


def profile(product: Product, latest: float) -> Profile:
    """A product in the attributes in which products are compared.

    An end after the year `latest` is shown as stated and not measured: no product reaches so far,
    so it is a fault of the record.
    """
    values = {a.name: found for a in ATTRIBUTES if a.compared and (found := a.values(product))}
    end = year(product.end)
    doubtful = ("end", "length") if end is not None and end > latest else ()
    measured = (
        (a.name, a.measure(product)) for a in ATTRIBUTES if a.measure and a.name not in doubtful
    )
    return Profile(
        values,
        {name: value for name, value in measured if value is not None},
        {a.name: found for a in ATTRIBUTES if a.classes and (found := a.classes(product))},
        product.iri,
    )


def profiles(model: ReadModel) -> Mapping[str, Profile]:
    """The profile of every product by its IRI, made once for a snapshot."""
    return model.once("profiles", _profiles)


def _profiles(model: ReadModel) -> dict[str, Profile]:
    # A forecast reaches beyond the day on which it was harvested, but not by years.
    latest = (year(model.created) or 9999.0) + 1
    return {iri: profile(product, latest) for iri, product in model.products.items()}


@dataclass(frozen=True, slots=True)
class Advantage:
    """What a product has that no product compared with it is known to have.

    `best` is the best value among the others and `holder` the IRI of a product that has it, ""
    where the attribute has no order. `stated` of `others` products state the attribute at all.
    """

    attribute: str
    value: str
    best: str
    holder: str
    stated: int
    others: int


@dataclass(frozen=True, slots=True)
class Incomparable:
    """An attribute of which nothing can be said, and who does not state it.

    `unstated` is ``product``, ``others`` or ``both``.
    """

    attribute: str
    unstated: Literal["product", "others", "both"]


@dataclass(frozen=True, slots=True)
class Best:
    """The best value of a measured attribute: as a number, as stated, and of which product."""

    measure: float
    value: str
    product: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a set of products offers, attribute by attribute, to hold a single one against.

    `products` is their number, `stated` how many of them state an attribute; `values` what they
    have of one without measure, `best` the best of one that has an order.
    """

    products: int
    stated: Mapping[str, int]
    values: Mapping[str, frozenset[str]]
    best: Mapping[str, Best]

    @classmethod
    def of(cls, every: Iterable[Profile]) -> Offer:
        """All values of the products, and the best of each attribute that has an order."""
        offered = tuple(every)
        stated: dict[str, int] = {}
        values: dict[str, frozenset[str]] = {}
        for name in _SETS:
            if stating := [one for one in offered if name in one.values]:
                stated[name] = len(stating)
                held = (one.held(name) for one in stating)
                values[name] = frozenset(chain.from_iterable(held))
        best: dict[str, Best] = {}
        for name, least in _LEAST_IS_BEST.items():
            if stating := [one for one in offered if name in one.measures]:
                stated[name] = len(stating)
                choose = min if least else max
                first = choose(stating, key=lambda one: one.measures[name])
                text = ", ".join(first.values[name])
                best[name] = Best(first.measures[name], text, first.product)
        return cls(len(offered), stated, values, best)


def advantages(one: Profile, others: Offer) -> tuple[Advantage, ...]:
    """What a product has that none of the others has, or has better; only what is stated counts.

    Where no other states an attribute, nothing can be said to be better.
    """
    found = []
    for name in one.values:
        if name in others.stated:
            counts = others.stated[name], others.products
            found += [Advantage(name, *better, *counts) for better in _better(name, one, others)]
    return tuple(found)


def _better(name: str, one: Profile, others: Offer) -> Iterable[tuple[str, str, str]]:
    """Each advantage in an attribute that others state: value, best of the others, its holder."""
    if name in _SETS:
        held, known = one.held(name), others.values[name]
        if known.issuperset(held) or BY_NAME[name].whole in known:
            return ()
        return [(value, "", "") for value in held if value not in known]
    best = others.best[name]
    if name in one.measures and is_better(name, one.measures[name], best.measure):
        return [(", ".join(one.values[name]), best.value, best.product)]
    return ()


def incomparable(one: Profile, others: Offer) -> Iterator[Incomparable]:
    """The attributes that the product, or all the others, do not state."""
    for attribute in COMPARED:
        theirs = attribute.name in others.stated
        if not one.states(attribute):
            yield Incomparable(attribute.name, "product" if theirs else "both")
        elif not theirs:
            yield Incomparable(attribute.name, "others")


def is_better(name: str, one: float, other: float) -> bool:
    """Whether one measure of an attribute is an advantage over another."""
    return one < other if _LEAST_IS_BEST[name] else one > other


COMPARED: tuple[Attribute, ...] = tuple(a for a in ATTRIBUTES if a.compared)
_SETS = tuple(a.name for a in COMPARED if a.measure is None)
_LEAST_IS_BEST = {a.name: a.better == "less" for a in COMPARED if a.measure}
