"""Copernicus Marine: the datasets of its data store, their versions, and what their names state.

The recording is a table of the data store with a row for each version of a dataset and for each
part of one that is served apart (its coordinates, its bathymetry, a mean dynamic topography). What
an identifier states is read by the service's own nomenclature, as its article "How is defined the
nomenclature of Copernicus Marine data?" tells it
(https://help.marine.copernicus.eu/en/articles/6820094). An identifier outside the nomenclature
states nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pyoxigraph import Literal, NamedNode

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCAT, OKG
from oceankg.sources import facts
from oceankg.sources.catalogue import Dataset, Gathering, facet, read_level
from oceankg.sources.catalogue_cmems import NAME, TITLE

_COLUMNS = ("product_id", "dataset_id", "version", "timeChunked_url", "native_url")

# What the toolbox of the service calls the ways to the data.
FILES: Final = "original-files"
TIME_CHUNKED: Final = "arco-geo-series"

# A dataset, its version as year and month, and a part that is served apart.
_FULL = re.compile(r"^(?P<dataset>.+?)(?:_(?P<version>\d{6}))?(?:--ext--(?P<part>.+))?\Z", re.ASCII)

# Origin, model or observation with its kind, area, then what it holds and how it was made, and last
# the step of time with the statistic. Older names have a low line where a hyphen belongs.
_NAME = re.compile(
    r"""
    ^ [a-z0-9]+ [-_] (?:mod | (?:obs|sat) (?:[-_][a-z]+)?)
    _ [a-z]{2,3}
    _ (?P<middle> [^\s]+?)
    _ (?P<step> static | irr | P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?)
    (?:-(?P<statistic> [mi]))? \Z
    """,
    re.VERBOSE | re.ASCII,
)
_CELL = re.compile(r"^(\d+(?:\.\d+)?)(deg|km|m)\Z", re.ASCII)
_SHAPE = re.compile(r"^[23]D\Z")
_METRES = {"km": 1000.0, "m": 1.0}
# "myint" is the interim that carries a multi-year series on; "anfc" is analysis and forecast.
_SCALES: Mapping[str, tuple[str, ...]] = {
    "my": ("multi-year",),
    "myint": ("multi-year",),
    "mynrt": ("multi-year", "near-real-time"),
    "nrt": ("near-real-time",),
    "anfc": ("near-real-time", "forecast"),
}
_STATISTICS = {"m": "mean", "i": "instantaneous"}
_T = TypeVar("_T")
_WORDS = {"static": "static", "irr": "irregular"}


@dataclass(frozen=True, slots=True)
class Stated:
    """What an identifier states; None, or nothing, where it is silent.

    `step` is an ISO 8601 duration, `word` says what time is where it has no step (``static``,
    ``irregular``); `shape` is ``2D`` or ``3D``.
    """

    scales: tuple[str, ...] = ()
    level: str | None = None
    metres: float | None = None
    degrees: float | None = None
    shape: str | None = None
    step: str | None = None
    word: str | None = None
    statistic: str | None = None


SILENT: Final = Stated()


def read_identifier(identifier: str) -> Stated:
    """What a dataset's identifier states by the nomenclature.

    A quality that it names twice, in two ways, is not stated.
    """
    match = _NAME.match(identifier)
    if match is None:
        return SILENT
    parts = re.split("[-_]", match["middle"])
    cell = _one(m.groups() for part in parts if (m := _CELL.match(part)))
    number, unit = cell or ("0", "")
    step = match["step"]
    return Stated(
        scales=_one(_SCALES[part] for part in parts if part in _SCALES) or (),
        level=_one(level for part in parts if (level := read_level(part))),
        metres=float(number) * _METRES[unit] if unit in _METRES else None,
        degrees=float(number) if unit == "deg" else None,
        shape=_one(part for part in parts if _SHAPE.match(part)),
        step=None if step in _WORDS else step,
        word=_WORDS.get(step),
        statistic=_STATISTICS.get(match["statistic"]),
    )


def _one(values: Iterable[_T]) -> _T | None:
    """The only value, or None when there is none or more than one."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def split(full: str) -> tuple[str, str, str]:
    """Dataset, version and part of a full identifier; version and part may be "".

    ``a_202311--ext--coords`` is the part ``coords`` of version ``202311`` of ``a``.
    """
    match = _FULL.match(full)
    if match is None:
        return full, "", ""
    return match["dataset"], match["version"] or "", match["part"] or ""


def say_stated(dataset: Dataset, stated: Stated, *, grid: bool = True, step: bool = True) -> None:
    """Say what an identifier states; the grid and the step only if nothing says them better."""
    for scale in stated.scales:
        dataset.say(OKG.timeScale, facet("time-scale", scale))
    if stated.level:
        dataset.say(OKG.processingLevel, Literal(stated.level))
    if stated.shape:
        dataset.say(OKG.gridShape, Literal(stated.shape))
    if stated.word:
        dataset.say(OKG.timeStep, Literal(stated.word))
    if stated.statistic:
        dataset.say(OKG.timeStatistic, Literal(stated.statistic))
    if grid:
        dataset.grid(metres=stated.metres, degrees=stated.degrees)
    if step and stated.step:
        dataset.step(stated.step)


def say_version(dataset: Dataset, label: str) -> NamedNode:
    """Say that a dataset has a version, and give its node."""
    node = NamedNode(f"{dataset.iri.value}/version/{label}")
    dataset.say(DCAT.hasVersion, node)
    dataset.say(DCAT.version, Literal(label), node)
    return node


def say_current(dataset: Dataset, label: str) -> None:
    """Say which version of a dataset is the one served."""
    dataset.say(DCAT.version, Literal(label))
    dataset.say(DCAT.hasCurrentVersion, NamedNode(f"{dataset.iri.value}/version/{label}"))


# ------------------------------------------------------------------ the table


def read_datasets(recording: Recording) -> Facts:
    """Every dataset with its product, its versions and the links of the newest one.

    Its identifier stands in for its title, which the table has not, and is marked so. Raises
    SourceError naming the line when a row has no product or no dataset, or a dataset stands in two
    products.
    """
    found: dict[str, list[_Row]] = defaultdict(list)
    for line, row in facts.rows(recording, facts.text(recording), _COLUMNS):
        one = _Row.of(recording, line, row)
        found[one.dataset].append(one)
    if not found:
        raise _fault(recording, "no datasets", "whole file")
    gathering = Gathering(NAME, TITLE)
    for identifier, rows in sorted(found.items()):
        _take(gathering, identifier, rows)
    return gathering.facts()


@dataclass(frozen=True, slots=True)
class _Row:
    product: str
    dataset: str
    version: str
    part: str
    links: Mapping[str, str]

    @classmethod
    def of(cls, recording: Recording, line: int, row: Mapping[str, str]) -> _Row:
        product = row["product_id"].strip()
        dataset, version, part = split(row["dataset_id"].strip())
        if not product or not dataset:
            raise _fault(recording, "a row without product or dataset", f"line {line}")
        links = {FILES: row["native_url"], TIME_CHUNKED: row["timeChunked_url"]}
        # Only a part has its version inside its identifier.
        return cls(product, dataset, row["version"].strip() or version, part, links)


def _take(gathering: Gathering, identifier: str, rows: list[_Row]) -> None:
    dataset = Dataset(gathering, rows[0].product, identifier, identifier, None)
    dataset.say(OKG.titleIsDescription, Literal(value=True))
    for product in sorted({row.product for row in rows} - {rows[0].product}):
        dataset.leave("product", f"it stands in {rows[0].product} and in {product}")
    say_stated(dataset, read_identifier(identifier))
    newest = _take_versions(dataset, sorted({row.version for row in rows} - {""}))
    for row in rows:
        if row.version in ("", newest):
            _take_links(dataset, row)


def _take_versions(dataset: Dataset, versions: list[str]) -> str:
    """Say the versions, and give the newest; an only one needs no node of its own."""
    if len(versions) > 1:
        for label in versions:
            say_version(dataset, label)
        say_current(dataset, versions[-1])
    elif versions:
        dataset.say(DCAT.version, Literal(versions[0]))
    return versions[-1] if versions else ""


def _take_links(dataset: Dataset, row: _Row) -> None:
    for service, url in row.links.items():
        if url:
            title = f"{service}, {row.part}" if row.part else service
            dataset.access(url, title=title, format_="Zarr" if service == TIME_CHUNKED else "")


def _fault(recording: Recording, message: str, place: str) -> SourceError:
    return SourceError(message, file=recording.name, place=place, remedy=facts.AGAIN)
