"""The read model: one snapshot's concepts, products and links, ready to be asked.

Filled once when a snapshot is opened, by the named queries of ``queries/read``; afterwards it is
never changed, so any number of threads may ask it.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from threading import RLock
from typing import Any, TypeVar
from urllib.parse import unquote

import isodate
from pyoxigraph import NamedNode, Store

from oceankg import ids, queries
from oceankg.climb import EXV, ClimbGraph, Path, Statement, climb_graph
from oceankg.ids import scheme_of
from oceankg.namespaces import (
    ADMS,
    BASE,
    BIBO,
    DCAT,
    DCT,
    FOAF,
    OKG,
    OWL,
    RDFS,
    SCHEMA,
    SKOS,
)
from oceankg.store import Snapshot

# Where the coverage counts a product whose record states nothing.
UNKNOWN = BASE + "unknown"
Kept = TypeVar("Kept")
LANGUAGES = ("en", "fr", "")


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: labels by language ("" where none is stated), codes, successors.

    `hidden` are words to look for, never shown (skos:hiddenLabel).
    `units` are those that its authority names for it, as UDUNITS, UCUM or P06 write them.
    `alternative_languages` has the language of each of the `alternatives`.
    """

    iri: str
    scheme: str
    labels: Mapping[str, str] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    notations: tuple[str, ...] = ()
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    alternative_languages: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Its notations; of a concept that NVS mints also the last part of its IRI."""
        if not self.iri.startswith(ids.NVS):
            return self.notations
        own = unquote(self.iri.rstrip("/").rsplit("/", 1)[-1])
        return self.notations if own in self.notations else (*self.notations, own)

    def label(self, language: str = "en") -> str:
        """The label in a language, or in the next best; the IRI when there is none."""
        for choice in (language, *LANGUAGES):
            if choice in self.labels:
                return self.labels[choice]
        return next(iter(self.labels.values()), self.iri)


@dataclass(frozen=True, slots=True)
class MappingInfo:
    """Who asserted a mapping, on what ground, how surely."""

    iri: str
    justification: str
    confidence: float | None
    author: str
    mapping_set: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to a record of the other catalogue, and what it rests on."""

    other: str
    role: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Access:
    """An address at which data are had; "" where title, format or protocol is not stated."""

    url: str
    title: str = ""
    format: str = ""
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of a product: newest version, steps as ISO durations, how fine, where it is had.

    `status` is the last part of its adms:status, None where it is not stated.
    """

    iri: str
    id: str
    title: str
    version: str | None = None
    steps: tuple[str, ...] = ()
    resolution_metres: float | None = None
    resolution_degrees: float | None = None
    start: str | None = None
    end: str | None = None
    status: str | None = None
    reports: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """The part of its record on which a normalised value of a product rests."""

    property: str
    value: str
    basis: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the coverage counts a product: concepts, `UNKNOWN` where none is stated."""

    regions: tuple[str, ...] = (UNKNOWN,)
    time_scales: tuple[str, ...] = (UNKNOWN,)
    kinds: tuple[str, ...] = (UNKNOWN,)


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its catalogue states it, and as normalised; None and () mean not stated.

    Times are ISO 8601 at the precision stated; `bbox` is WKT in longitude and latitude degrees.
    `regions` are those of the facets, `places` the record's own words.
    `steps` are ISO 8601 durations, the shortest first; `time_step` and `resolution` are as worded;
    the resolutions are the finest; depths are in metres below the sea surface; `update` is a code
    of the EU list of frequencies; `documents` are titles, such as that of a handbook. `bases` tells
    on what each value rests that the record does not state in so many words.
    """

    iri: str
    id: str
    catalogue: str
    title: str
    title_is_description: bool = False
    kinds: tuple[str, ...] = ()
    level: str | None = None
    time_scales: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    ongoing: bool = False
    time_step: str | None = None
    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    bbox: str | None = None
    resolution: str | None = None
    doi: str | None = None
    licence: str | None = None
    producers: tuple[str, ...] = ()
    publisher: str | None = None
    data_centre: str | None = None
    landing_page: str | None = None
    sources: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    may_serve: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    steps: tuple[str, ...] = ()
    resolution_metres: float | None = None
    resolution_degrees: float | None = None
    vertical: tuple[str, ...] = ()
    shallowest: float | None = None
    deepest: float | None = None
    units: tuple[str, ...] = ()
    update: str | None = None
    latency: str | None = None
    open_licence: bool | None = None
    stage: str | None = None
    version: str | None = None
    formats: tuple[str, ...] = ()
    quality_documents: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    cells: Cells = field(default_factory=Cells)
    bases: tuple[Basis, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """Who is behind: a centre, consortium, project or service, by `kind`."""

    iri: str
    kind: str
    label: str
    alternatives: tuple[str, ...] = ()
    edmo: str | None = None
    founded: str | None = None
    purpose: str | None = None
    funder: str | None = None
    homepage: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation, project or service by all names that it goes by.

    `label` is None where only a record of a catalogue names it; `edmo` is its code.
    """

    iri: str
    label: str | None
    names: tuple[str, ...] = ()
    edmo: str | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """A stated tie: of a product to a party, of a party to another or to a concept."""

    start: str
    property: str
    end: str


@dataclass(frozen=True)
class ReadModel:
    """Everything of a snapshot that resolve and compare ask for.

    `parties` and `ties` are what the network of who is behind what is made of.
    `created` is the day on which the snapshot was built. `counterparts` holds, by the essential
    variable below the surface, the statement that names the one of the same property at the
    surface; `denials`, by two concepts, the mapping that denies every link between them.
    """

    snapshot: Snapshot
    concepts: Mapping[str, Concept]
    products: Mapping[str, Product]
    names: Mapping[str, str]
    mappings: Mapping[str, MappingInfo]
    agents: tuple[Agent, ...]
    climb: ClimbGraph
    counterparts: Mapping[str, Statement] = field(default_factory=dict)
    denials: Mapping[frozenset[str], str] = field(default_factory=dict)
    created: str = ""
    parties: Mapping[str, Party] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    _kept: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    _lock: RLock = field(default_factory=RLock, init=False, compare=False, repr=False)

    def once(self, name: str, compute: Callable[[ReadModel], Kept]) -> Kept:
        """What is computed of this model, and kept with it under a name, since it never changes."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = compute(self)
            found: Kept = self._kept[name]
            return found

    @cached_property
    def essential_variables(self) -> tuple[Concept, ...]:
        """The essential variables of EXV, by label."""
        found = (c for c in self.concepts.values() if c.iri.startswith(EXV))
        return tuple(sorted(found, key=lambda c: c.label().casefold()))

    @cached_property
    def reporters(self) -> Mapping[str, tuple[str, ...]]:
        """The products that report a concept or word, by its IRI."""
        found: dict[str, list[str]] = defaultdict(list)
        for product in self.products.values():
            for concept in product.reports:
                found[concept].append(product.iri)
        return {concept: tuple(sorted(products)) for concept, products in found.items()}

    @cached_property
    def reported_paths(self) -> Mapping[str, tuple[Path, ...]]:
        """The paths to essential variables of every concept or word that a product reports."""
        return {concept: self.paths(concept) for concept in self.reporters}

    def name(self, iri: str) -> str:
        """A readable name of anything; the IRI itself when none is known."""
        if iri in self.concepts:
            return self.concepts[iri].label()
        if iri in self.products:
            return self.products[iri].title
        return self.names.get(iri, iri)

    def paths(self, concept: str) -> tuple[Path, ...]:
        """The paths from a concept to the essential variables that it serves."""
        return self.climb.paths(concept)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic garbage collector, which costs a third of the time and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@collector_paused()
def load(snapshot: Snapshot) -> ReadModel:
    """Open a snapshot and fill the read model from it."""
    store = snapshot.open()
    mappings = tuple(rows(store, "mappings"))
    names = {row["thing"]: row["name"] for row in rows(store, "names")}
    concepts = _concepts(store)
    model = ReadModel(
        snapshot=snapshot,
        concepts=concepts,
        products=_products(store, concepts, names),
        names=names,
        mappings={
            row["mapping"]: MappingInfo(
                row["mapping"],
                row["justification"],
                float(row["confidence"]) if row["confidence"] else None,
                row["author"],
                row["graph"].rsplit("/mappings-", 1)[-1],
            )
            for row in mappings
        },
        agents=_agents(store),
        climb=_climb(store, mappings, (c for c in concepts if c.startswith(EXV))),
        counterparts=_counterparts(mappings),
        denials={
            frozenset((row["subject"], row["object"])): row["mapping"]
            for row in mappings
            if row["negated"]
        },
        created=str(snapshot.manifest()["created"])[:10],
        parties=_parties(store),
        ties=tuple(Tie(row["from"], row["property"], row["to"]) for row in rows(store, "ties")),
    )
    # It lives as long as the snapshot is served, and the collector would walk it at every pass.
    gc.freeze()
    return model


def rows(store: Store, query: str) -> Iterator[dict[str, str]]:
    """The rows of a named query as plain text; an unbound column is ""."""
    result: Any = store.query(queries.get(query).text, use_default_graph_as_union=True)
    columns = [v.value for v in result.variables]
    for solution in result:
        yield {c: "" if v is None else v.value for c, v in zip(columns, solution, strict=True)}


def _counterparts(mappings: Iterable[Mapping[str, str]]) -> dict[str, Statement]:
    return {
        row["subject"]: _statement(row)
        for row in mappings
        if row["predicate"] == SKOS.relatedMatch.value
        and not row["negated"]
        and row["subject"].startswith(EXV)
        and row["object"].startswith(EXV)
    }


def _statement(row: Mapping[str, str]) -> Statement:
    confidence = float(row["confidence"]) if row["confidence"] else None
    ends = (row["subject"], row["predicate"], row["object"])
    return Statement(*ends, row["graph"], row["mapping"], confidence)


def _climb(
    store: Store, mappings: Iterable[Mapping[str, str]], essential: Iterable[str]
) -> ClimbGraph:
    statements = [
        Statement(row["subject"], row["predicate"], row["object"], row["graph"])
        for row in rows(store, "followed-links")
    ]
    denied = []
    for row in mappings:
        if row["negated"]:
            denied.append((row["subject"], row["object"]))
        else:
            statements.append(_statement(row))
    return climb_graph(
        sorted(statements, key=lambda s: (s.mapping or "", s.graph, s.subject, s.object)),
        denied,
        essential,
    )


# ------------------------------------------------------------------ concepts


def _concepts(store: Store) -> dict[str, Concept]:
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    result: Any = store.query(queries.get("concepts").text, use_default_graph_as_union=True)
    for solution in result:
        value = solution["value"]
        found[solution["concept"].value][solution["property"].value].append(value)
    units: dict[str, set[str]] = defaultdict(set)
    for row in rows(store, "units"):
        units[row["concept"]].add(row["unit"])
    return {iri: _concept(iri, values, units.get(iri, ())) for iri, values in found.items()}


def _concept(iri: str, values: Mapping[str, list[Any]], units: Iterable[str]) -> Concept:
    def texts(property_: NamedNode) -> tuple[str, ...]:
        return tuple(sorted(v.value for v in values.get(property_.value, ())))

    schemes = texts(SKOS.inScheme)
    alternatives = sorted((v.value, v.language or "") for v in values.get(SKOS.altLabel.value, ()))
    return Concept(
        iri=iri,
        scheme=schemes[0] if schemes else scheme_of(iri),
        labels={
            v.language or "": v.value
            for v in sorted(values.get(SKOS.prefLabel.value, ()), key=lambda v: v.value)
        },
        alternatives=tuple(text for text, _ in alternatives),
        hidden=texts(SKOS.hiddenLabel),
        notations=texts(SKOS.notation),
        deprecated="true" in texts(OWL.deprecated),
        replaced_by=texts(DCT.isReplacedBy),
        units=tuple(sorted(units)),
        alternative_languages=tuple(language for _, language in alternatives),
    )


# ------------------------------------------------------------------ agents


def _agents(store: Store) -> tuple[Agent, ...]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(store, "agents"):
        found[row["agent"]][row["role"]].append(row["value"])
    agents = (_agent(iri, values) for iri, values in found.items())
    return tuple(sorted(agents, key=lambda a: (a.kind, a.label.casefold())))


def _agent(iri: str, values: Mapping[str, list[str]]) -> Agent:
    def one(role: str) -> str | None:
        return min(values.get(role, ()), default=None)

    return Agent(
        iri=iri,
        kind=iri.removeprefix(BASE).split("/", 1)[0],
        label=one("label") or iri,
        alternatives=tuple(sorted(set(values.get("alternative", ())))),
        edmo=one("edmo"),
        founded=one("founded"),
        purpose=one("purpose"),
        funder=one("funder"),
        homepage=one("homepage"),
    )


def _parties(store: Store) -> dict[str, Party]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(store, "parties"):
        found[row["party"]][row["role"]].append(row["value"])
    return {iri: _party(iri, values) for iri, values in sorted(found.items())}


def _party(iri: str, values: Mapping[str, list[str]]) -> Party:
    names = {n for role in ("label", "alternative", "name") for n in values.get(role, ())}
    return Party(
        iri=iri,
        label=min(values.get("label", ()), default=None),
        names=tuple(sorted(names)),
        edmo=min(values.get("code", ()), default=None),
    )


# ------------------------------------------------------------------ products


def _cells(own: _Values) -> Cells:
    counted = (OKG.countedRegion, OKG.countedTimeScale, OKG.countedKind)
    return Cells(*(own.many(property_) or (UNKNOWN,) for property_ in counted))


class _Values:
    """The values of one node by property."""

    def __init__(self) -> None:
        self._by: dict[str, list[str]] = defaultdict(list)

    def add(self, property_: str, value: str) -> None:
        if value not in self._by[property_]:
            self._by[property_].append(value)

    def prefer(self, property_: NamedNode, value: str) -> None:
        """Take one of several values for all."""
        self._by[property_.value] = [value]

    def many(self, property_: NamedNode) -> tuple[str, ...]:
        return tuple(sorted(self._by.get(property_.value, ())))

    def one(self, property_: NamedNode) -> str | None:
        return next(iter(self.many(property_)), None)

    def true(self, property_: NamedNode) -> bool:
        return self.one(property_) == "true"

    def least(self, property_: NamedNode) -> float | None:
        return min(map(float, self.many(property_)), default=None)

    def most(self, property_: NamedNode) -> float | None:
        return max(map(float, self.many(property_)), default=None)


def _products(
    store: Store, concepts: Mapping[str, Concept], names: Mapping[str, str]
) -> dict[str, Product]:
    values: dict[str, _Values] = defaultdict(_Values)
    catalogue: dict[str, str] = {}
    for row in rows(store, "products"):
        catalogue[row["product"]] = row["catalogue"].rsplit("/", 1)[-1]
        values[row["product"]].add(row["property"], row["value"])
    for row in rows(store, "english-titles"):
        values[row["product"]].prefer(DCT.title, row["title"])
    nodes: dict[str, _Values] = defaultdict(_Values)
    for row in rows(store, "places-and-periods"):
        nodes[row["node"]].add(row["property"], row["value"])
    relations: dict[str, list[Relation]] = defaultdict(list)
    surest_first = sorted(rows(store, "relations"), key=lambda r: r["other"])
    surest_first.sort(key=lambda r: float(r["confidence"]), reverse=True)
    for row in surest_first:
        role = concepts[row["role"]].label() if row["role"] in concepts else row["role"]
        relations[row["product"]].append(Relation(row["other"], role, row["evidence"]))
    access = _access(store)
    datasets = _datasets(store, nodes, access)
    bases = _bases(store)

    def named(iri: str) -> str:
        return concepts[iri].label() if iri in concepts else names.get(iri, iri)

    return {
        iri: replace(
            _product(iri, catalogue[iri], own, nodes, named, tuple(relations[iri])),
            access=access.get(iri, ()),
            datasets=datasets.get(iri, ()),
            bases=bases.get(iri, ()),
        )
        for iri, own in sorted(values.items())
    }


def _access(store: Store) -> dict[str, tuple[Access, ...]]:
    found: dict[str, list[Access]] = defaultdict(list)
    for row in rows(store, "access"):
        found[row["thing"]].append(Access(row["url"], row["title"], row["format"], row["protocol"]))
    return {thing: tuple(sorted(set(every), key=lambda a: a.url)) for thing, every in found.items()}


def _bases(store: Store) -> dict[str, tuple[Basis, ...]]:
    found: dict[str, list[Basis]] = defaultdict(list)
    for row in rows(store, "bases"):
        found[row["product"]].append(Basis(row["property"], row["value"], row["basis"]))
    return {
        product: tuple(sorted(every, key=lambda b: (b.property, b.value)))
        for product, every in found.items()
    }


def _datasets(
    store: Store, nodes: Mapping[str, _Values], access: Mapping[str, tuple[Access, ...]]
) -> dict[str, tuple[Dataset, ...]]:
    values: dict[str, _Values] = defaultdict(_Values)
    of: dict[str, str] = {}
    for row in rows(store, "datasets"):
        of[row["dataset"]] = row["product"]
        values[row["dataset"]].add(row["property"], row["value"])
    found: dict[str, list[Dataset]] = defaultdict(list)
    for iri, own in sorted(values.items()):
        found[of[iri]].append(_dataset(iri, own, nodes, access.get(iri, ())))
    return {product: tuple(every) for product, every in found.items()}


def _dataset(
    iri: str, own: _Values, nodes: Mapping[str, _Values], access: tuple[Access, ...]
) -> Dataset:
    period = nodes.get(f"{iri}/period", _Values())
    status = own.one(ADMS.status)
    return Dataset(
        iri=iri,
        id=own.one(DCT.identifier) or iri,
        title=own.one(DCT.title) or "",
        version=max(own.many(DCAT.version), default=None),
        steps=_shortest_first(own.many(DCAT.temporalResolution)),
        resolution_metres=own.least(DCAT.spatialResolutionInMeters),
        resolution_degrees=own.least(OKG.spatialResolutionInDegrees),
        start=period.one(DCAT.startDate),
        end=period.one(DCAT.endDate),
        status=status.rsplit("/", 1)[-1] if status else None,
        reports=own.many(OKG.reports),
        access=access,
    )


@cache
def seconds(duration: str) -> float:
    """The length of an ISO 8601 duration in seconds, a month taken as 30 days."""
    found = isodate.parse_duration(duration)
    if isinstance(found, isodate.Duration):
        days = float(found.years) * 365 + float(found.months) * 30
        return days * 86400 + float(found.tdelta.total_seconds())
    return float(found.total_seconds())


def _shortest_first(durations: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(durations), key=lambda d: (seconds(d), d)))


def _product(
    iri: str,
    catalogue: str,
    own: _Values,
    nodes: Mapping[str, _Values],
    named: Callable[[str], str],
    relations: tuple[Relation, ...],
) -> Product:
    period = nodes.get(f"{iri}/period", _Values())
    extent = nodes.get(f"{iri}/extent", _Values())
    publisher, centre = own.one(DCT.publisher), own.one(OKG.dataCentre)
    update, stage = own.one(DCT.accrualPeriodicity), own.one(OKG.stage)
    open_licences = own.many(OKG.openLicence)
    return Product(
        iri=iri,
        id=own.one(DCT.identifier) or iri,
        catalogue=catalogue,
        title=own.one(DCT.title) or "",
        title_is_description=own.true(OKG.titleIsDescription),
        kinds=tuple(named(k) for k in own.many(DCT.type)),
        level=own.one(OKG.processingLevel),
        time_scales=tuple(named(t) for t in own.many(OKG.timeScale)),
        start=period.one(DCAT.startDate),
        end=period.one(DCAT.endDate),
        ongoing=own.true(OKG.ongoing) or period.true(OKG.ongoing),
        time_step=own.one(OKG.timeStep),
        regions=tuple(named(r) for r in own.many(DCT.spatial) if not r.startswith(iri)),
        places=extent.many(RDFS.label),
        bbox=extent.one(DCAT.bbox),
        resolution=own.one(OKG.spatialResolution),
        doi=own.one(BIBO.doi),
        licence=own.one(DCT.license) or own.one(DCT.rights),
        producers=tuple(named(p) for p in own.many(DCT.creator)),
        publisher=named(publisher) if publisher else None,
        data_centre=named(centre) if centre else None,
        landing_page=own.one(DCAT.landingPage),
        sources=own.many(DCT.source),
        reports=own.many(OKG.reports),
        measures=own.many(OKG.measures),
        serves=own.many(OKG.servesEssentialVariable),
        may_serve=own.many(OKG.mayServeEssentialVariable),
        relations=relations,
        steps=_shortest_first(own.many(DCAT.temporalResolution)),
        resolution_metres=own.least(DCAT.spatialResolutionInMeters),
        resolution_degrees=own.least(OKG.spatialResolutionInDegrees),
        vertical=tuple(named(v) for v in own.many(OKG.verticalReach)),
        shallowest=own.least(OKG.shallowest),
        deepest=own.most(OKG.deepest),
        units=own.many(SCHEMA.unitText),
        update=update.rsplit("/", 1)[-1] if update else None,
        latency=own.one(OKG.latency),
        # One closed licence among several closes the product.
        open_licence=None if not open_licences else "false" not in open_licences,
        stage=named(stage) if stage else None,
        version=own.one(DCAT.version),
        formats=own.many(DCT.format),
        quality_documents=own.many(OKG.qualityDocument),
        documents=tuple(
            title
            for page in own.many(FOAF.page)
            for title in nodes.get(page, _Values()).many(DCT.title)
        ),
        cells=_cells(own),
    )
