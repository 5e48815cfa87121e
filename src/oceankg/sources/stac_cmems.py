"""Copernicus Marine: its catalogue as the service publishes it, in STAC.

A client configuration names one or more catalogues; a catalogue links to a collection for each
product, and that to an item for each version of a dataset. Of each body are read titles, keywords,
codes, dates, extents, dimensions, variables and links. Contacts, descriptions, communities and
pictures are not carried over. `times` (past, present, future) is not read either: whether the past
makes a multi-year series is said by the keywords.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pyoxigraph import Literal, NamedNode

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import ADMS, DCAT, DCT, FOAF, OKG, XSD
from oceankg.sources import facts
from oceankg.sources.catalogue import Gathering, Product, facet, find_address, read_date
from oceankg.sources.catalogue_cmems import (
    AREAS,
    KINDS,
    NAME,
    REGIONS,
    TITLE,
    Check,
    take,
    take_level,
)
from oceankg.sources.datasets_cmems import (
    FILES,
    IN_PREPARATION,
    RANKS,
    TIME_CHUNKED,
    Name,
    Rank,
    Variable,
    Version,
    ranks,
    split,
    take_version,
)

# The assets of an item by what the toolbox of the service calls them; the others are thinned out
# or are pictures.
SERVICES: Final[Mapping[str, str]] = {
    "native": FILES,
    "timeChunked": TIME_CHUNKED,
    "geoChunked": "arco-time-series",
    "platformChunked": "arco-platform-series",
    "static": "static-arco",
    "omi": "omi-arco",
    "wmts": "wmts",
}
STEPS: Final[Mapping[str, str]] = {
    "hourly": "PT1H",
    "daily": "P1D",
    "weekly": "P7D",
    "monthly": "P1M",
    "yearly": "P1Y",
}
# How often a product is updated, in the codes of the EU's list of frequencies.
FREQUENCIES: Final[Mapping[str, str]] = {
    "hourly": "HOURLY",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "biannually": "ANNUAL_2",
    "yearly": "ANNUAL",
    "annually": "ANNUAL",
}
SOURCES: Final[Mapping[str, str]] = {
    "numerical models": KINDS["numerical-model"],
    "satellite observations": KINDS["satellite-observation"],
    "in-situ observations": KINDS["in-situ-observation"],
}
_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "atlantic: nw european shelf": ("region", REGIONS["north-west-shelf-seas"]),
    "atlantic: iberia-biscay-ireland": ("region", REGIONS["iberian-biscay-irish-seas"]),
    "atlantic: north": ("area", AREAS["atlantic-ocean"]),
    "atlantic: south": ("area", AREAS["atlantic-ocean"]),
    **{key.replace("-", " "): ("region", name) for key, name in REGIONS.items()},
    **{key.replace("-", " "): ("area", name) for key, name in AREAS.items()},
}
_COLOURS: Final = frozenset({"blue", "white", "green"})
_QUALITY = "Quality Information Document"
_UNITS = {"degree": "degrees", "degrees": "degrees", "kilometer": "km", "km": "km", "m": "m"}
_PLAIN_STEP = re.compile(r"^P[\dT]", re.ASCII)


# ------------------------------------------------------------------ the shapes that are read


class _Body(BaseModel):
    """Part of a body: values of the types that STAC prescribes, whatever else it holds."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Width(_Body):
    magnitude: float | None = None
    units: str | None = None


class _Cell(_Body):
    row: _Width | None = None
    column: _Width | None = None


class _ProductProperties(_Body):
    created: str | None = Field(None, alias="creationDate")
    modified: str | None = Field(None, alias="modifiedDate")
    formats: list[str] | None = None
    frequencies: dict[str, str | None] | None = Field(None, alias="updateFrequencies")
    cell: _Cell | None = Field(None, alias="geoResolution")
    steps: list[str] | None = Field(None, alias="tempResolutions")
    levels: int | None = Field(None, alias="vertLevels")
    areas: list[str] | None = None
    sources: list[str] | None = None
    colours: list[str] | None = Field(None, alias="colors")
    level: str | None = Field(None, alias="processingLevel")
    staging: bool | None = Field(None, alias="isStaging")
    updated: str | None = Field(None, alias="admp_updated")


class _Link(_Body):
    rel: str
    href: str
    title: str | None = None


class _Collection(_Body):
    id: Name
    links: list[_Link] = []
    properties: _ProductProperties = _ProductProperties()


class _Dimension(_Body):
    extent: list[float | str | None] | None = None
    step: float | str | None = None
    unit: str | None = None
    reference_system: int | str | dict[str, Any] | None = None


class _Variable(_Body):
    unit: str | None = None
    standard_name: str | None = Field(None, alias="standardName")


class _ItemProperties(_Body):
    title: str | None = None
    start: str | None = Field(None, alias="start_datetime")
    end: str | None = Field(None, alias="end_datetime")
    dimensions: dict[str, _Dimension] = Field({}, alias="cube:dimensions")
    variables: dict[Name, _Variable] = Field({}, alias="cube:variables")
    in_preparation: bool | None = Field(None, alias="admp_in_preparation")
    updated: str | None = Field(None, alias="admp_updated")
    released: str | None = Field(None, alias="admp_released_date")
    retired: str | None = Field(None, alias="admp_retired_date")


class _Asset(_Body):
    href: str


class _Item(_Body):
    id: Name
    collection: Name | None = None
    bbox: list[float] | None = None
    properties: _ItemProperties
    assets: dict[str, _Asset] = {}


def _fault(recording: Recording, message: str, place: str) -> SourceError:
    return SourceError(message, file=recording.name, place=place, remedy=facts.AGAIN)


def _refused(recording: Recording, error: ValidationError) -> SourceError:
    """The first thing that is not as it must be, without the value, which may be anything."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "whole file"
    return _fault(recording, first["msg"], place)


# ------------------------------------------------------------------ products


def read_collection(recording: Recording) -> Facts:
    """A product, from its collection; SourceError when it is none or a value has another type."""
    try:
        collection = _Collection.model_validate_json(recording.content)
    except ValidationError as error:
        raise _refused(recording, error) from error
    gathering = Gathering(NAME, TITLE)
    body = json.loads(recording.content)
    product = take(gathering, Check(recording.name, collection.id, body))
    _take_properties(product, collection.properties)
    _take_facets(product, collection.properties)
    _take_links(product, collection.links)
    return gathering.facts()


def _take_properties(product: Product, properties: _ProductProperties) -> None:
    for property_, text in (
        (DCT.created, properties.created),
        (DCT.modified, properties.modified),
    ):
        if text and (day := read_date(text)):
            product.say(property_, day)
    for name in properties.formats or ():
        product.say(DCT.format, Literal(name))
    for name in properties.frequencies or ():
        if code := FREQUENCIES.get(name.casefold()):
            product.updated(code)
        else:
            product.leave("update frequency", f"not in the list of frequencies: {name!r}")
    for name in properties.steps or ():
        if step := STEPS.get(name.casefold()):
            product.step(step)
        else:
            product.say(OKG.timeStep, Literal(name))
    _take_cell(product, properties.cell or _Cell())
    if properties.levels is not None:
        product.say(OKG.verticalLevels, Literal(str(properties.levels), datatype=XSD.integer))
    if properties.staging:
        product.say(ADMS.status, IN_PREPARATION)


def _take_cell(product: Product, cell: _Cell) -> None:
    for width in (cell.row, cell.column):
        if width is None or width.magnitude is None:
            continue
        match _UNITS.get((width.units or "").casefold()):
            case "degrees":
                product.grid(degrees=width.magnitude)
            case "km":
                product.grid(metres=width.magnitude * 1000)
            case "m":
                product.grid(metres=width.magnitude)
            case _:
                product.leave("resolution", f"no unit of length: {width.units!r}")


def _take_facets(product: Product, properties: _ProductProperties) -> None:
    if properties.level:
        take_level(product, properties.level)
    take_sources(product, properties.sources or ())
    for name in properties.areas or ():
        if place := _PLACES.get(name.casefold()):
            product.say(DCT.spatial, facet(*place))
        else:
            product.leave("area", f"no region or area of the list: {name!r}")
    for name in properties.colours or ():
        colour = name.casefold().removesuffix(" ocean")
        if colour in _COLOURS:
            product.say(OKG.oceanColour, facet("ocean-colour", colour))
        else:
            product.leave("colour", f"neither blue, white nor green: {name!r}")


def take_sources(product: Product, names: Iterable[str]) -> None:
    """Say the kind of a product by what it is made from."""
    for name in names:
        if kind := SOURCES.get(name.casefold()):
            product.say(DCT.type, facet("kind", kind))


def take_document(product: Product, property_: NamedNode, url: str) -> None:
    """Say a page or a document, or note that it has no address."""
    if address := find_address(url):
        product.say(property_, address)
    else:
        product.leave("link", f"no http address: {url!r}")


def _take_links(product: Product, links: Iterable[_Link]) -> None:
    for link in links:
        match link.rel:
            case "license":
                take_document(product, DCT.license, link.href)
            case "alternative":
                take_document(product, DCAT.landingPage, link.href)
            case "describedby":
                quality = link.title == _QUALITY
                take_document(product, OKG.qualityDocument if quality else FOAF.page, link.href)


# ------------------------------------------------------------------ datasets


def read_item(recording: Recording) -> Facts:
    """A version of a dataset, from its item.

    The option `product` names the collection that links to it, `rank` what it is to its dataset
    (`datasets_cmems.Rank`). SourceError when it is no item or a value has another type.
    """
    item = _item(recording)
    product = recording.options.get("product") or item.collection
    if not product:
        raise _fault(recording, "an item of no collection", "collection")
    rank = next((r for r in RANKS if r == recording.options.get("rank", "only")), None)
    if rank is None:
        raise _fault(recording, f"no rank: {recording.options['rank']!r}", "options")
    gathering = Gathering(NAME, TITLE)
    take_version(gathering, _version(item, product), rank)
    return gathering.facts()


def _item(recording: Recording) -> _Item:
    try:
        return _Item.model_validate_json(recording.content)
    except ValidationError as error:
        raise _refused(recording, error) from error


def _version(item: _Item, product: str) -> Version:
    said = item.properties
    dataset, label, part = split(item.id)
    dimensions = said.dimensions
    return Version(
        product=product,
        dataset=dataset,
        label=label,
        part=part,
        title=" ".join((said.title or "").split()),
        issued=said.released or "",
        retired=said.retired or "",
        modified=said.updated or "",
        in_preparation=bool(said.in_preparation),
        box=tuple(item.bbox) if item.bbox else None,
        start=said.start,
        end=said.end,
        step=_step(dimensions.get("time")),
        depths=_depths(dimensions),
        degrees=tuple(_degrees(dimensions)),
        variables=tuple(
            Variable(name, v.standard_name or "", v.unit or "")
            for name, v in said.variables.items()
        ),
        links=tuple(
            (service, item.assets[key].href)
            for key, service in SERVICES.items()
            if key in item.assets
        ),
    )


def _step(time: _Dimension | None) -> str | None:
    step = time.step if time else None
    return step if isinstance(step, str) and _PLAIN_STEP.match(step) else None


def _depths(dimensions: Mapping[str, _Dimension]) -> tuple[float, float] | None:
    """Shallowest and deepest, from the heights above the surface or the depths below it."""
    for name, sign in (("elevation", -1), ("depth", 1)):
        axis = dimensions.get(name)
        if axis is None or axis.unit != "m":
            continue
        ends = [sign * end for end in axis.extent or () if isinstance(end, int | float)]
        if len(ends) == 2:
            return min(ends), max(ends)
    return None


def _degrees(dimensions: Mapping[str, _Dimension]) -> Iterator[float]:
    """The widths of a cell, where the axes are longitude and latitude."""
    for name in ("latitude", "longitude"):
        axis = dimensions.get(name)
        if axis is not None and isinstance(axis.step, int | float) and axis.step > 0:
            yield float(axis.step)


# ------------------------------------------------------------------ the way through the catalogue


def catalogues(recording: Recording) -> tuple[str, ...]:
    """The catalogues that a client configuration names; none when the body is no configuration."""
    try:
        body = json.loads(recording.content)
        return tuple(str(entry["stac"]) for entry in body.get("catalogues", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _fault(recording, f"no client configuration: {error}", "catalogues") from error


def links(recording: Recording, url: str, rel: str) -> tuple[str, ...]:
    """The addresses of a body's links of one kind (``child``, ``item``), made absolute."""
    try:
        body = _Collection.model_validate_json(recording.content)
        return tuple(urljoin(url, link.href) for link in body.links if link.rel == rel)
    except ValidationError as error:
        raise _refused(recording, error) from error
    except ValueError as error:
        raise _fault(recording, f"a link that is no address: {error}", "links") from error


@dataclass(frozen=True, slots=True)
class Told:
    """What decides between bodies that tell of one thing: when each was last changed."""

    id: str
    updated: str = ""


def told_of(recording: Recording) -> Told:
    """The identifier of a collection or an item, and when it was last changed."""
    try:
        body = _Collection.model_validate_json(recording.content)
    except ValidationError as error:
        raise _refused(recording, error) from error
    return Told(body.id, body.properties.updated or "")


def item_ranks(items: Sequence[Recording]) -> list[Rank]:
    """What each of the items of one product is to its dataset.

    Served is the newest version that at the time of its last change was released, and neither
    retired nor in preparation; where there is none such, the newest one.
    """
    groups: dict[str, list[tuple[int, Version]]] = defaultdict(list)
    for index, item in enumerate(items):
        version = _version(_item(item), "")
        groups[version.dataset].append((index, version))
    found: dict[int, Rank] = {}
    for group in groups.values():
        indices, versions = zip(*group, strict=True)
        served = max(versions, key=_claim).label
        found |= zip(indices, ranks(versions, served), strict=True)
    return [found[index] for index in range(len(items))]


def _claim(version: Version) -> tuple[bool, bool, bool, str]:
    now = version.modified
    return (
        not version.in_preparation,
        not (version.retired and version.retired <= now),
        not (version.issued and now and version.issued > now),
        version.label,
    )
