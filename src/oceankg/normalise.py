"""Normalising: what each record states in its own way, in one way, so that products compare.

A value that is found is one more triple of the property that states it, in a graph of its own,
with the part of the record on which it rests (`okg:basis`): its words, identifier, extent or
datasets. A record's own statement is never changed, and what no rule finds stays unknown. The
words are data, in ``normalise.toml``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import isodate
import shapely
from pyoxigraph import Literal, NamedNode, Triple

from oceankg.climb import EXV
from oceankg.gather import Part, ontology_triples
from oceankg.namespaces import (
    BASE,
    DCAT,
    DCT,
    OKG,
    RDF,
    RDFS,
    SKOS,
    XSD,
)
from oceankg.rdf import text_of
from oceankg.resources import text_of as resource
from oceankg.sources.catalogue import FREQUENCY, number
from oceankg.sssom import MappingSet
from oceankg.text import fold

UNKNOWN = NamedNode(BASE + "unknown")
GRAPH = "normalised"

# The property that holds the values of each scheme of facets.
_HOLDS: Mapping[str, NamedNode] = {
    "kind": DCT.type,
    "time-scale": OKG.timeScale,
    "region": DCT.spatial,
    "area": DCT.spatial,
    "vertical": OKG.verticalReach,
    "stage": OKG.stage,
}
_MODELS = frozenset(f"{BASE}kind/{name}" for name in ("forecast", "reanalysis", "hindcast"))
_SPECIFIC = _MODELS | {f"{BASE}kind/analysis"}
_INDICATOR, _MODEL, _SATELLITE = (f"{BASE}kind/{k}" for k in ("indicator", "model", "satellite"))
# A series counts as multi-year from this length on.
_MULTI_YEAR_DAYS = 2 * 365
# A box lies in a region when this part of it does, and is global when it spans so many degrees.
_INSIDE, _GLOBAL_WIDTH, _GLOBAL_HEIGHT = 0.9, 350, 120
_WIDTHS = re.compile(
    r"(?:(?P<over>1/\d+)|(?P<plain>\d+(?:\.\d+)?)(?:\s*(?:-|to)\s*\d+(?:\.\d+)?)?)\s*"
    r"(?P<unit>km|m|degrees?|deg|minutes?|min)\b"
)
_LEVEL = re.compile(r"\b(?:level[- ]?|l)([1-4][a-z]?)\b")
_LAPSE = re.compile(r"\b(\d+)[- ](seconds?|s|minutes?|min|hours?|days?|months?|years?)\b")
_UNITS = {"s": "PT{}S", "min": "PT{}M", "h": "PT{}H", "d": "P{}D", "mo": "P{}M", "y": "P{}Y"}


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a rule found for a record, and the part of the record on which it rests."""

    property: NamedNode
    value: NamedNode | Literal
    basis: str


@dataclass(frozen=True)
class Record:
    """One product as all sources state it: values by property, those of its nodes included.

    `layers` are the facets of the layers to which variables are bound that it surely serves, each
    with the variable.
    """

    iri: str
    catalogue: str
    facts: Mapping[str, tuple[str, ...]]
    datasets: tuple[Record, ...] = ()
    layers: tuple[tuple[str, str], ...] = ()

    def many(self, property_: NamedNode) -> tuple[str, ...]:
        """The values of a property, as text."""
        return self.facts.get(property_.value, ())

    def one(self, property_: NamedNode) -> str:
        """The first value of a property, or ""."""
        return next(iter(self.many(property_)), "")

    @property
    def names(self) -> Iterator[tuple[str, str]]:
        """What the record is called: the kind of name, and the name folded."""
        for kind, property_ in (
            ("title", DCT.title),
            ("short name", SKOS.altLabel),
            ("identifier", DCT.identifier),
        ):
            for text in self.many(property_):
                yield kind, fold(text.replace("_", " "))


Rule = Callable[[Record], Iterable[Found]]


@dataclass(frozen=True)
class _Rules:
    """The words of ``normalise.toml``, ready to be asked."""

    tokens: Mapping[str, tuple[str, ...]]
    words: tuple[tuple[str, re.Pattern[str]], ...]
    places: tuple[tuple[str, re.Pattern[str]], ...]
    steps: tuple[tuple[re.Pattern[str], str, str], ...]
    open: re.Pattern[str]
    closed: re.Pattern[str]
    regions: tuple[tuple[str, shapely.Geometry], ...] = field(default=())


@cache
def _rules() -> _Rules:
    table = tomllib.loads(resource("normalise.toml"))
    shapes = {
        text_of(t.subject): shapely.from_wkt(text_of(t.object))
        for t in ontology_triples()
        if t.predicate == DCAT.bbox
    }
    return _Rules(
        tokens={
            token: tuple(BASE + f for f in facets) for token, facets in table["tokens"].items()
        },
        words=_patterns(table["words"]),
        places=_patterns(table["places"]),
        steps=tuple((re.compile(k), *v) for k, v in table["steps"].items()),
        open=re.compile("|".join(table["licences"]["open"])),
        closed=re.compile("|".join(table["licences"]["closed"])),
        regions=tuple(sorted(shapes.items())),
    )


def _patterns(table: Mapping[str, Sequence[str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((BASE + facet, re.compile("|".join(any_))) for facet, any_ in table.items())


# ------------------------------------------------------------------ records


def records(
    parts: Iterable[Part], served: Iterable[tuple[str, tuple[str, str]]] = ()
) -> Iterator[Record]:
    """Every product of every catalogue, with its datasets.

    `served` pairs a product with a layer (see `Record`).
    """
    facts: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    catalogue_of: dict[str, str] = {}
    series: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        held = [t for t in part.triples if t.predicate in (DCAT.dataset, DCAT.inSeries)]
        if not held:
            continue
        for triple in part.triples:
            facts[text_of(triple.subject)][triple.predicate.value][text_of(triple.object)] = None
        catalogue_of |= {
            text_of(t.object): text_of(t.subject) for t in held if t.predicate == DCAT.dataset
        }
        for t in held:
            if t.predicate == DCAT.inSeries:
                series[text_of(t.object)].append(text_of(t.subject))
    layers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for product, facet in served:
        layers[product].add(facet)
    for iri, catalogue in sorted(catalogue_of.items()):
        datasets = tuple(_record(d, catalogue, facts) for d in sorted(set(series[iri])))
        own = _record(iri, catalogue, facts)
        yield replace(own, datasets=datasets, layers=tuple(sorted(layers[iri])))


def _record(iri: str, catalogue: str, facts: Mapping[str, Mapping[str, Iterable[str]]]) -> Record:
    own: dict[str, tuple[str, ...]] = {}
    for node in (iri, f"{iri}/period", f"{iri}/extent"):
        for property_, values in facts.get(node, {}).items():
            own[property_] = (*own.get(property_, ()), *values)
    return Record(iri, catalogue, own)


# ------------------------------------------------------------------ rules


def kinds(record: Record) -> Iterator[Found]:
    """What kind of product it is: by its identifier, then by its words."""
    stated = set(record.many(DCT.type))
    for found in (*_by_identifier(record, "kind"), *_by_words(record, "kind")):
        value = found.value.value
        # What was measured in place is none of a model, though its title speaks of reanalyses.
        if value in _MODELS and stated and _MODEL not in stated:
            continue
        # A special kind tells more of a model; a plain one is needed only where none is stated.
        if value in _SPECIFIC or value == _INDICATOR or not stated:
            yield found
    # The service names reanalyses and hindcasts alike; the title tells a hindcast.
    if (
        _MODEL in stated
        and "MULTIYEAR" in record.one(DCT.identifier).split("_")
        and not any("hindcast" in text for _, text in record.names)
    ):
        yield _facet("kind/reanalysis", "identifier: MULTIYEAR, of a model")


def time_scales(record: Record) -> Iterator[Found]:
    """Multi-year, near real time or forecast: by identifier, words, delay, or the length itself."""
    if record.many(OKG.timeScale):
        return
    found = [
        *_by_identifier(record, "time-scale"),
        *_by_words(record, "time-scale"),
        *_by_latency(record),
    ]
    yield from found
    many_years = _facet("time-scale/multi-year", "period: two years or longer")
    if _days(record) >= _MULTI_YEAR_DAYS and many_years.value not in {f.value for f in found}:
        yield many_years


def regions(record: Record) -> Iterator[Found]:
    """The regions of the Copernicus Marine Service, and wider areas, in which it lies."""
    if any(_is_region(value) for value in record.many(DCT.spatial)):
        return
    for rule in (_by_region_token, _by_label, _by_box, _by_place_in_title):
        if found := tuple(rule(record)):
            yield from found
            return


def verticals(record: Record) -> Iterator[Found]:
    """Surface, water column, sea floor: by depths, words, or the variables that it serves."""
    if any(float(depth) > 0 for depth in record.many(OKG.deepest)):
        yield _facet("vertical/water-column", "depths")
    if record.many(OKG.shallowest) and min(map(float, record.many(OKG.shallowest))) < 1:
        yield _facet("vertical/surface", "depths")
    yield from _by_words(record, "vertical")
    for dataset in record.datasets:
        if re.search(r"-3D\b|-3D_", dataset.one(DCT.identifier)):
            yield _facet("vertical/water-column", f"dataset: {dataset.one(DCT.identifier)}")
            break
    for facet, variable in record.layers:
        yield _facet(facet, f"variable: {variable}")
    # A satellite sees the surface of the sea and nothing below.
    if record.many(DCT.type) == (_SATELLITE,):
        yield _facet("vertical/surface", "kind: satellite")


def steps(record: Record) -> Iterator[Found]:
    """Time steps as ISO 8601 durations, and the rhythm of updates where the words speak of one."""
    worded = record.many(OKG.timeStep)
    for text in worded:
        yield from _steps_of(fold(text))
    if not record.many(DCT.accrualPeriodicity):
        for text in (*worded, *record.many(OKG.latency)):
            yield from _rhythm_of(fold(text))
    for duration, dataset in _of_datasets(record, DCAT.temporalResolution):
        yield Found(DCAT.temporalResolution, _duration(duration), f"dataset: {dataset}")


def grids(record: Record) -> Iterator[Found]:
    """Horizontal resolution in metres or degrees: by its wording, else by the datasets."""
    known = record.many(DCAT.spatialResolutionInMeters) or record.many(
        OKG.spatialResolutionInDegrees
    )
    for text in record.many(OKG.spatialResolution) if not known else ():
        yield from _widths_of(text)
    for property_ in (DCAT.spatialResolutionInMeters, OKG.spatialResolutionInDegrees):
        for value, dataset in _of_datasets(record, property_):
            yield Found(property_, number(float(value)), f"dataset: {dataset}")


def levels(record: Record) -> Iterator[Found]:
    """The processing level, by the words of a title or short name."""
    if record.many(OKG.processingLevel):
        return
    for kind, name in record.names:
        if match := _LEVEL.search(name):
            yield Found(OKG.processingLevel, Literal(f"L{match[1].upper()}"), f"{kind}: {match[0]}")
            return


def licences(record: Record) -> Iterator[Found]:
    """Whether the licence stated is open; nothing where its wording does not tell."""
    for text in (*record.many(DCT.license), *record.many(DCT.rights)):
        worded, basis = fold(text), f"licence: {text}"
        if _rules().closed.search(worded):
            yield Found(OKG.openLicence, Literal(value=False), basis)
        elif _rules().open.search(worded):
            yield Found(OKG.openLicence, Literal(value=True), basis)


def stages(record: Record) -> Iterator[Found]:
    """Research, pre-operational or operational: by its words, or by the catalogue it stands in."""
    if record.many(OKG.stage):
        return
    found = tuple(_by_words(record, "stage"))
    yield from found
    if not found and record.catalogue == f"{BASE}catalogue/cmems":
        yield _facet("stage/operational", "catalogue: the service's products in operation")


RULES: tuple[Rule, ...] = (
    kinds,
    time_scales,
    regions,
    verticals,
    steps,
    grids,
    levels,
    licences,
    stages,
)


def _facet(name: str, basis: str) -> Found:
    return Found(_HOLDS[name.split("/")[0]], NamedNode(BASE + name), basis)


def _scheme(facet: str) -> str:
    return facet.removeprefix(BASE).split("/")[0]


def _is_region(iri: str) -> bool:
    return iri.startswith((BASE + "region/", BASE + "area/"))


def _by_identifier(record: Record, *schemes: str) -> Iterator[Found]:
    """What the parts of a Copernicus Marine identifier say."""
    if record.catalogue != f"{BASE}catalogue/cmems":
        return
    for token in record.one(DCT.identifier).split("_"):
        for facet in _rules().tokens.get(token, ()):
            if (scheme := _scheme(facet)) in schemes:
                yield Found(_HOLDS[scheme], NamedNode(facet), f"identifier: {token}")


def _by_region_token(record: Record) -> Iterator[Found]:
    return _by_identifier(record, "region", "area")


def _by_words(record: Record, scheme: str) -> Iterator[Found]:
    for facet, pattern in _rules().words:
        if _scheme(facet) != scheme:
            continue
        for kind, name in record.names:
            if match := pattern.search(name):
                yield Found(_HOLDS[scheme], NamedNode(facet), f"{kind}: {match[0].strip()}")
                break


def _by_latency(record: Record) -> Iterator[Found]:
    for text in record.many(OKG.latency):
        if re.search(r"\b(hours?|next day|near[- ]real[- ]time)\b", fold(text)):
            yield _facet("time-scale/near-real-time", f"delay: {text}")


def _by_label(record: Record) -> Iterator[Found]:
    return _by_places("region", record.many(RDFS.label))


def _by_place_in_title(record: Record) -> Iterator[Found]:
    names = (*record.many(DCT.title), *record.many(SKOS.altLabel))
    return _by_places("title", (name.replace("_", " ") for name in names))


def _by_places(kind: str, texts: Iterable[str]) -> Iterator[Found]:
    for text in texts:
        named = re.sub(r"\b(except|excluding|hors)\b.*", "", fold(text))
        for facet, pattern in _rules().places:
            if match := pattern.search(named):
                found = Found(DCT.spatial, NamedNode(facet), f"{kind}: {match[0].strip()}")
                yield found
                if facet == f"{BASE}region/global" and named.startswith("global"):
                    break


def _by_box(record: Record) -> Iterator[Found]:
    """The regions in which the whole box lies, but for a tenth."""
    for wkt in record.many(DCAT.bbox):
        box = shapely.from_wkt(wkt)
        west, south, east, north = box.bounds
        if east - west >= _GLOBAL_WIDTH and north - south >= _GLOBAL_HEIGHT:
            yield _facet("region/global", "extent")
        for facet, shape in _rules().regions:
            if box.intersection(shape).area >= _INSIDE * box.area:
                yield Found(DCT.spatial, NamedNode(facet), "extent")


def _days(record: Record) -> float:
    """The length of the period in days, 0 where it is not known."""
    start, end = record.one(DCAT.startDate), record.one(DCAT.endDate)
    if not start or not end:
        return 0
    first, last = (isodate.parse_date(f"{text}-01-01"[:10]) for text in (start, end))
    return float((last - first).days)


def _steps_of(text: str) -> Iterator[Found]:
    basis = f"time step: {text}"
    for pattern, duration, _ in _rules().steps:
        if pattern.search(text) and not _is_rhythm(text):
            yield Found(DCAT.temporalResolution, _duration(duration), basis)
    for count, unit in _LAPSE.findall(text) if not _is_rhythm(text) else ():
        key = next(k for k in ("min", "mo", "s", "h", "d", "y") if unit.startswith(k))
        yield Found(DCAT.temporalResolution, _duration(_UNITS[key].format(count)), basis)


def _rhythm_of(text: str) -> Iterator[Found]:
    if not _is_rhythm(text):
        return
    for pattern, _, frequency in _rules().steps:
        if frequency and pattern.search(text):
            yield Found(
                DCT.accrualPeriodicity, NamedNode(FREQUENCY + frequency), f"time step: {text}"
            )


def _is_rhythm(text: str) -> bool:
    """Whether words for a step speak of how often it is updated or released."""
    return re.search(r"\b(update|release|delay|lags?|cruise|visited)", text) is not None


def _duration(text: str) -> Literal:
    return Literal(text, datatype=XSD.duration)


def _widths_of(text: str) -> Iterator[Found]:
    # What follows "every" is the distance between tracks.
    for match in _WIDTHS.finditer(text.split(" every ")[0]):
        over, plain, unit = match["over"], match["plain"], match["unit"]
        value = 1 / float(over.removeprefix("1/")) if over else float(plain)
        basis = f"resolution: {text}"
        if unit in ("km", "m"):
            metres = value * (1000 if unit == "km" else 1)
            yield Found(DCAT.spatialResolutionInMeters, number(metres), basis)
        else:
            degrees = value / (60 if unit.startswith("min") else 1)
            yield Found(OKG.spatialResolutionInDegrees, number(degrees), basis)
        return


def _of_datasets(record: Record, property_: NamedNode) -> Iterator[tuple[str, str]]:
    """Each value that a dataset states, with the first dataset that states it."""
    seen: set[str] = set(record.many(property_))
    for dataset in record.datasets:
        for value in dataset.many(property_):
            if value not in seen:
                seen.add(value)
                yield value, dataset.one(DCT.identifier)


# ------------------------------------------------------------------ triples


def normalise(
    parts: Iterable[Part], derived: Iterable[Triple], mapping_sets: Iterable[MappingSet]
) -> Iterator[Triple]:
    """What the rules find for every product, and the cells in which the coverage counts it.

    `derived` says which essential variables each product serves; the mapping sets say which of
    them is the other at the surface.
    """
    facet_of = dict(_layers(mapping_sets))
    served = (
        (text_of(t.subject), (facet_of[variable], variable))
        for t in derived
        if t.predicate == OKG.servesEssentialVariable
        and (variable := text_of(t.object)) in facet_of
    )
    for record in records(parts, served):
        found = _once(record, (found for rule in RULES for found in rule(record)))
        for one in found:
            yield from _triples(record.iri, one)
        yield from _counted(record, found)


def _layers(mapping_sets: Iterable[MappingSet]) -> Iterator[tuple[str, str]]:
    """The essential variables that are bound to a layer, each with its facet."""
    for mapping_set in mapping_sets:
        for m in mapping_set.mappings:
            related = m.predicate == SKOS.relatedMatch.value and not m.negated
            if related and m.subject.startswith(EXV) and m.object.startswith(EXV):
                yield m.subject, "vertical/water-column"
                yield m.object, "vertical/surface"


def _once(record: Record, found: Iterable[Found]) -> tuple[Found, ...]:
    """Each value once, with the first ground; what the record states itself is not found."""
    first: dict[tuple[str, str], Found] = {}
    for one in found:
        if one.value.value not in record.many(one.property):
            first.setdefault((one.property.value, one.value.value), one)
    return tuple(first.values())


def _triples(product: str, found: Found) -> Iterator[Triple]:
    subject = NamedNode(product)
    yield Triple(subject, found.property, found.value)
    parts = (product, found.property.value, found.value.value)
    me = NamedNode(f"{BASE}basis/{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}")
    yield Triple(me, RDF.type, RDF.Statement)
    yield Triple(me, RDF.subject, subject)
    yield Triple(me, RDF.predicate, found.property)
    yield Triple(me, RDF.object, found.value)
    yield Triple(me, OKG.basis, Literal(found.basis))


def _counted(record: Record, found: Sequence[Found]) -> Iterator[Triple]:
    subject = NamedNode(record.iri)
    for property_, values in (
        (OKG.countedRegion, sorted(v for v in _all(record, found, DCT.spatial) if _is_region(v))),
        (OKG.countedTimeScale, sorted(_all(record, found, OKG.timeScale))),
        (OKG.countedKind, _counted_kinds(_all(record, found, DCT.type))),
    ):
        for value in values or [UNKNOWN.value]:
            yield Triple(subject, property_, NamedNode(value))


def _all(record: Record, found: Iterable[Found], property_: NamedNode) -> set[str]:
    return {*record.many(property_), *(f.value.value for f in found if f.property == property_)}


def _counted_kinds(every: set[str]) -> list[str]:
    """The most special kinds: an indicator is nothing else, a reanalysis is no plain model."""
    if _INDICATOR in every:
        return [_INDICATOR]
    known = {kind for kind in every if _scheme(kind) == "kind"}
    return sorted(known - {_MODEL} if known & _SPECIFIC else known)
