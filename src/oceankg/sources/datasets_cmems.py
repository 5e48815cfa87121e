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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar, get_args
from typing import Literal as OneOf
from urllib.parse import quote

from pydantic import AfterValidator
from pyoxigraph import Literal, NamedNode

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import ADMS, DCAT, DCT, OKG, PROV
from oceankg.sources import facts
from oceankg.sources.catalogue import (
    Dataset,
    Gathering,
    More,
    Resource,
    facet,
    is_private,
    read_level,
)
from oceankg.sources.catalogue_cmems import NAME, TITLE

_COLUMNS = ("product_id", "dataset_id", "version", "timeChunked_url", "native_url")

# What the toolbox of the service calls the ways to the data.
FILES: Final = "original-files"
TIME_CHUNKED: Final = "arco-geo-series"

IN_PREPARATION: Final = NamedNode("http://purl.org/adms/status/UnderDevelopment")
WITHDRAWN: Final = NamedNode("http://purl.org/adms/status/Withdrawn")

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


def harmless(name: str) -> str:
    """A name as it is; ValueError when it is empty or holds an e-mail address."""
    if not name.strip() or is_private(name):
        raise ValueError("a name that is empty or holds an e-mail address")
    return name


# A name in a body from which an IRI is made.
Name = Annotated[str, AfterValidator(harmless)]


def split(full: str) -> tuple[str, str, str]:
    """Dataset, version and part of a full identifier; version and part may be "".

    ``a_202311--ext--coords`` is the part ``coords`` of version ``202311`` of ``a``.
    """
    match = _FULL.match(full)
    if match is None:
        return full, "", ""
    return match["dataset"], match["version"] or "", match["part"] or ""


# ------------------------------------------------------------------ one version


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a dataset: its name in the files, its CF standard name, its unit."""

    name: str
    standard_name: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version of a dataset, or of one part of it; "" or None if unknown.

    Dates are texts as they came, depths metres below the surface, degrees the widths of a cell,
    `step` an ISO 8601 duration, links pairs of service and address.
    """

    product: str
    dataset: str
    label: str = ""
    part: str = ""
    title: str = ""
    issued: str = ""
    retired: str = ""
    modified: str = ""
    in_preparation: bool = False
    box: tuple[float, ...] | None = None
    start: str | None = None
    end: str | None = None
    step: str | None = None
    depths: tuple[float, float] | None = None
    degrees: tuple[float, ...] = ()
    variables: tuple[Variable, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


# What a version is to its dataset: the only one, the one that is served, another one, or a part
# of the one that is served.
Rank = OneOf["only", "current", "other", "part"]
RANKS: Final[tuple[Rank, ...]] = get_args(Rank)


def take_version(gathering: Gathering, version: Version, rank: Rank) -> None:
    """Gather a version of a dataset: all that is known, or that it exists, or its links."""
    match rank:
        case "other":
            _say_node(_more(gathering, version), version)
        case "part":
            _say_links(_more(gathering, version), version)
        case "only" | "current":
            dataset = Dataset(
                gathering,
                version.product,
                version.dataset,
                version.title or version.dataset,
                "en" if version.title else None,
            )
            _say_dataset(dataset, version)
            _say_current(dataset, version, alone=rank == "only")


def _more(gathering: Gathering, version: Version) -> More:
    return More(gathering, ids.dataset(gathering.name, version.dataset), version.dataset)


def _say_dataset(dataset: Dataset, version: Version) -> None:
    if not version.title:
        dataset.say(OKG.titleIsDescription, Literal(value=True))
    _say_stated(dataset, read_identifier(version.dataset), version)
    for degrees in version.degrees:
        dataset.grid(degrees=degrees)
    if version.step:
        dataset.step(version.step)
    if version.depths:
        dataset.depths(*version.depths)
    if version.box:
        dataset.extent(version.box)
    dataset.period(version.start, version.end)
    for variable in version.variables:
        dataset.variable(variable.name, variable.standard_name, variable.unit)
        # The catalogue's own keywords are the standard names with hyphens: one word for both.
        dataset.report([variable.standard_name.replace("_", "-")])
    if version.modified and (moment := facts.when(version.modified)):
        dataset.say(DCT.modified, moment)
    _say_links(dataset, version)


def _say_stated(dataset: Dataset, stated: Stated, version: Version) -> None:
    """Say what the identifier states; grid and step only if the version itself says neither."""
    for scale in stated.scales:
        dataset.say(OKG.timeScale, facet("time-scale", scale))
    for property_, text in (
        (OKG.processingLevel, stated.level),
        (OKG.gridShape, stated.shape),
        (OKG.timeStep, stated.word),
        (OKG.timeStatistic, stated.statistic),
    ):
        if text:
            dataset.say(property_, Literal(text))
    if not version.degrees:
        dataset.grid(metres=stated.metres, degrees=stated.degrees)
    if stated.step and not version.step:
        dataset.step(stated.step)


def _say_links(dataset: Resource, version: Version) -> None:
    for service, url in version.links:
        title = f"{service}, {version.part}" if version.part else service
        zarr = "arco" in service.split("-")
        dataset.access(url, title=title, format_="Zarr" if zarr else "")


def _say_current(dataset: Dataset, version: Version, *, alone: bool) -> None:
    """Say the version that is served; an only one has a node if more is known than its label."""
    if status := _status(version):
        dataset.say(ADMS.status, status)
    if not version.label:
        return
    dataset.say(DCAT.version, Literal(version.label))
    if version.issued or version.retired or version.in_preparation or not alone:
        dataset.say(DCAT.hasCurrentVersion, _say_node(dataset, version))


def _say_node(dataset: Resource, version: Version) -> NamedNode:
    node = NamedNode(f"{dataset.iri.value}/version/{quote(version.label, safe='-_.~')}")
    dataset.say(DCAT.hasVersion, node)
    dataset.say(DCAT.version, Literal(version.label), node)
    for property_, text in (
        (DCT.issued, version.issued),
        (PROV.invalidatedAtTime, version.retired),
    ):
        if text and (moment := facts.when(text)):
            dataset.say(property_, moment, node)
        elif text:
            dataset.leave(f"version {version.label}", f"no date: {text!r}")
    if status := _status(version):
        dataset.say(ADMS.status, status, node)
    return node


def _status(version: Version) -> NamedNode | None:
    """In preparation, or withdrawn at the time of the record's own last change."""
    if version.in_preparation:
        return IN_PREPARATION
    return WITHDRAWN if version.retired and version.retired <= version.modified else None


# ------------------------------------------------------------------ the table


def read_datasets(recording: Recording) -> Facts:
    """Every dataset with its product, its versions and the links of the newest one.

    Its identifier stands in for its title, which the table has not, and is marked so. Raises
    SourceError naming the line when a row has no product or no dataset.
    """
    found: dict[str, list[Version]] = defaultdict(list)
    for line, row in facts.rows(recording, facts.text(recording), _COLUMNS):
        version = _version(recording, line, row)
        found[version.dataset].append(version)
    if not found:
        raise _fault(recording, "no datasets", "whole file")
    gathering = Gathering(NAME, TITLE)
    for dataset, versions in sorted(found.items()):
        for other in sorted({v.product for v in versions} - {versions[0].product}):
            gathering.leave(dataset, f"its row in {other}: it stands in {versions[0].product} too")
        versions = [v for v in versions if v.product == versions[0].product]
        newest = max(version.label for version in versions)
        for version, rank in zip(versions, ranks(versions, newest), strict=True):
            take_version(gathering, version, rank)
    return gathering.facts()


def _version(recording: Recording, line: int, row: Mapping[str, str]) -> Version:
    product = row["product_id"].strip()
    dataset, label, part = split(row["dataset_id"].strip())
    for column, name in (("product_id", product), ("dataset_id", dataset)):
        try:
            harmless(name)
        except ValueError as error:
            raise _fault(recording, str(error), f"line {line}, {column}") from error
    links = ((FILES, row["native_url"]), (TIME_CHUNKED, row["timeChunked_url"]))
    return Version(
        product=product,
        dataset=dataset,
        # Only a part has its version inside its identifier.
        label=row["version"].strip() or label,
        part=part,
        links=tuple((service, url) for service, url in links if url),
    )


def ranks(versions: Sequence[Version], served: str) -> list[Rank]:
    """What each of the versions of one dataset is to it, where `served` is the label served.

    A part without a version belongs to every version.
    """
    alone = len({v.label for v in versions} - {""}) < 2
    mine = [i for i, v in enumerate(versions) if v.label in ("", served)]
    main = min(mine, key=lambda i: (versions[i].label != served, versions[i].part))
    found: list[Rank] = ["part" if i in mine else "other" for i in range(len(versions))]
    found[main] = "only" if alone else "current"
    return found


def _fault(recording: Recording, message: str, place: str) -> SourceError:
    return SourceError(message, file=recording.name, place=place, remedy=facts.AGAIN)
