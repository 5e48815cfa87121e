"""Copernicus Marine: products and datasets from an answer of ``copernicusmarine describe``.

The toolbox of the service writes its catalogue as JSON: products, their datasets, the versions of
these, their parts, the services of a part and its variables. Of the versions of a dataset the
toolbox puts first the one that it serves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import isodate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import FOAF, OKG
from oceankg.sources.catalogue import Gathering
from oceankg.sources.catalogue_cmems import NAME, TITLE, Check, take
from oceankg.sources.datasets_cmems import Name, Variable, Version, ranks, take_version
from oceankg.sources.facts import AGAIN
from oceankg.sources.stac_cmems import take_document, take_sources

# What the toolbox writes where a dataset has no version, or no part.
_DEFAULT: Final = "default"
_MILLISECONDS: Final = "milliseconds since 1970-01-01"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Coordinate(_Said):
    id: str = Field(alias="coordinate_id")
    unit: str | None = Field(None, alias="coordinate_unit")
    least: float | None = Field(None, alias="minimum_value")
    most: float | None = Field(None, alias="maximum_value")
    step: float | None = None
    values: list[float] | None = None

    def ends(self) -> tuple[float, float] | None:
        """Least and most, as said or of the values."""
        values = self.values or [v for v in (self.least, self.most) if v is not None]
        if len(values) < 2 or not all(map(math.isfinite, values)):
            return None
        return min(values), max(values)


class _Variable(_Said):
    short_name: Name
    standard_name: str | None = None
    units: str | None = None
    bbox: list[float] | None = None
    coordinates: list[_Coordinate] = []


class _Service(_Said):
    service_name: str
    uri: str
    variables: list[_Variable] = []


class _Part(_Said):
    name: str = _DEFAULT
    released_date: str | None = None
    retired_date: str | None = None
    services: list[_Service] = []


class _Version(_Said):
    label: Name
    parts: list[_Part] = []


class _Dataset(_Said):
    dataset_id: Name
    dataset_name: str | None = None
    versions: list[_Version] = []


class _Product(_Said):
    product_id: Name
    title: str | None = None
    doi: str | None = Field(None, alias="digital_object_identifier")
    sources: list[str] | None = None
    processing_level: str | None = None
    production_center: str | None = None
    keywords: list[str] | None = None
    quality: str | None = Field(None, alias="quality_information_document")
    manual: str | None = Field(None, alias="product_user_manual")
    overview: str | None = Field(None, alias="synthesis_quality_overview")
    datasets: list[_Dataset] = []


class _Answer(_Said):
    products: list[_Product] = Field(min_length=1)


def read_describe(recording: Recording) -> Facts:
    """All products of an answer with their datasets.

    Raises SourceError naming the place when the bytes are no such answer, or a value has another
    type than the toolbox gives it.
    """
    try:
        answer = _Answer.model_validate_json(recording.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "whole file"
        raise SourceError(first["msg"], file=recording.name, place=place, remedy=AGAIN) from error
    gathering = Gathering(NAME, TITLE)
    for product in answer.products:
        _take_product(gathering, recording.name, product)
    return gathering.facts()


def is_describe(content: bytes) -> bool:
    """Whether a file looks like an answer of the toolbox: a JSON object that begins as one does."""
    head = content[:65536].lstrip()
    return head.startswith(b"{") and b'"products"' in head[:200]


def _take_product(gathering: Gathering, file: str, said: _Product) -> None:
    collection = {
        "title": said.title,
        "keywords": said.keywords,
        "sci:doi": said.doi,
        "processing:level": said.processing_level,
        "providers": [{"name": said.production_center, "roles": ["producer"]}]
        if said.production_center
        else [],
    }
    product = take(gathering, Check(file, said.product_id, collection))
    take_sources(product, said.sources or ())
    for property_, url in (
        (OKG.qualityDocument, said.quality),
        (FOAF.page, said.manual),
        (FOAF.page, said.overview),
    ):
        if url:
            take_document(product, property_, url)
    for dataset in said.datasets:
        _take_dataset(gathering, said.product_id, dataset)


def _take_dataset(gathering: Gathering, product: str, said: _Dataset) -> None:
    found = [
        _version(product, said, version, part)
        for version in said.versions
        for part in version.parts
    ]
    if found:
        for version, rank in zip(found, ranks(found, found[0].label), strict=True):
            take_version(gathering, version, rank)


def _version(product: str, dataset: _Dataset, version: _Version, part: _Part) -> Version:
    variables = {v.short_name: v for service in part.services for v in service.variables}
    axes = {axis.id: axis for v in _variables(part) for axis in v.coordinates}
    start, end = _period(axes.get("time"))
    name = dataset.dataset_name or ""
    return Version(
        product=product,
        dataset=dataset.dataset_id,
        label="" if version.label == _DEFAULT else version.label,
        part="" if part.name == _DEFAULT else part.name,
        title="" if name == dataset.dataset_id else " ".join(name.split()),
        issued=part.released_date or "",
        retired=part.retired_date or "",
        box=next((tuple(v.bbox) for v in _variables(part) if v.bbox), None),
        start=start,
        end=end,
        step=_step(axes.get("time")),
        depths=_depths(axes),
        degrees=tuple(_degrees(axes)),
        variables=tuple(
            Variable(name, v.standard_name or "", v.units or "") for name, v in variables.items()
        ),
        links=tuple((service.service_name, service.uri) for service in part.services),
    )


def _variables(part: _Part) -> Iterable[_Variable]:
    return (variable for service in part.services for variable in service.variables)


def _is_time(axis: _Coordinate | None) -> bool:
    return axis is not None and (axis.unit or "").startswith(_MILLISECONDS)


def _period(time: _Coordinate | None) -> tuple[str | None, str | None]:
    ends = time.ends() if time is not None and _is_time(time) else None
    if ends is None:
        return None, None
    try:
        first, last = ((_EPOCH + timedelta(milliseconds=end)).isoformat() for end in ends)
    except OverflowError:
        return None, None
    return first, last


def _step(time: _Coordinate | None) -> str | None:
    if time is None or not _is_time(time) or not time.step or not 0 < time.step < 1e13:
        return None
    return str(isodate.duration_isoformat(timedelta(milliseconds=time.step)))


def _depths(axes: Mapping[str, _Coordinate]) -> tuple[float, float] | None:
    for name, sign in (("depth", 1), ("elevation", -1)):
        axis = axes.get(name)
        ends = axis.ends() if axis is not None and axis.unit == "m" else None
        if ends is not None:
            return min(sign * end for end in ends), max(sign * end for end in ends)
    return None


def _degrees(axes: Mapping[str, _Coordinate]) -> Iterator[float]:
    for name in ("latitude", "longitude"):
        axis = axes.get(name)
        if axis is not None and axis.step and (axis.unit or "").startswith("degrees"):
            yield axis.step
