"""ERDDAP: the datasets of a server, each from its table of attributes (``info/ID/index.json``).

The global attributes are those of ACDD; a name beside is read only where it is said to be that of
an institution. Addresses of data are those under which the server itself serves the dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from oceankg import ids
from oceankg.errors import HeaderError, SourceError
from oceankg.headers import erddap_info
from oceankg.headers.contract import Header, Variable
from oceankg.model import Facts, Recording
from oceankg.sources import catalogue_odatis as odatis
from oceankg.sources import facts
from oceankg.sources.catalogue import Gathering, More, is_private
from oceankg.sources.loose import load
from oceankg.sources.metadata import Keyword, Link, Record, Vertical, Words, identity_of, known_as
from oceankg.sources.telling import tell

# The server's list of its datasets is a dataset too.
_LIST: Final = "allDatasets"
_MANY: Final = re.compile(r"\s*[,;]\s*")
_INSTITUTION: Final = "institution"


def datasets(recording: Recording) -> tuple[str, ...]:
    """The identifiers of all datasets of a server that all may read, from its list of datasets.

    Raises SourceError when it is no such table.
    """
    content = load(recording)
    try:
        table = content["table"]
        columns = list(table["columnNames"])
        name = columns.index("datasetID")
        access = columns.index("accessible") if "accessible" in columns else None
        rows = [
            row[name]
            for row in table["rows"]
            if access is None or row[access] in ("public", "graphsOnly", "yes", None)
        ]
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise SourceError(
            "no list of datasets of an ERDDAP",
            file=recording.name,
            place="table.columnNames",
            remedy="Check that the address is that of the server, up to /erddap.",
        ) from error
    return tuple(dict.fromkeys(r for r in rows if isinstance(r, str) and r and r != _LIST))


def read_info(recording: Recording) -> Facts:
    """A dataset as a product with its variables.

    Option `dataset` is its identifier, `server` the address of the server, `catalogue` whose
    product it is (that of ODATIS if unsaid). Raises SourceError when it is no such table.
    """
    try:
        header = erddap_info.read_json(recording.name, facts.text(recording))
    except HeaderError as error:
        raise SourceError(
            error.message, file=error.file, place=error.place or "whole file", remedy=error.remedy
        ) from error
    name = recording.options.get("catalogue", odatis.NAME)
    title = odatis.TITLE if name == odatis.NAME else recording.options.get("title", name)
    gathering = Gathering(name, title)
    record = known_as(recording, _record(recording, header))
    tell(gathering, record)
    product = More(gathering, ids.product(name, identity_of(record)), record.identifier)
    if any(triple.subject == product.iri for triple in gathering.triples):
        for variable in _measured(header):
            product.variable(
                variable.short_name,
                variable.text("standard_name") or "",
                variable.text("units") or "",
            )
    return gathering.facts()


def _record(recording: Recording, header: Header) -> Record:
    def said(*names: str) -> str:
        return next((text for name in names if (text := header.text(name))), "")

    server, dataset = (recording.options.get(key, "") for key in ("server", "dataset"))
    box = tuple(
        float(text)
        for side in ("lon_min", "lat_min", "lon_max", "lat_max")
        if _is_number(text := said(f"geospatial_{side}"))
    )
    return Record(
        identifier=dataset or said("id"),
        titles=tuple(Words(text, "en") for text in [said("title")] if text),
        stamp=said("date_metadata_modified", "date_modified"),
        names=tuple(
            filter(None, (said("doi", "identifier_product_doi"), said("id"), said("references")))
        ),
        keywords=tuple(_keywords(header)),
        box=box if len(box) == len("wsen") else (),
        start=said("time_coverage_start"),
        end=said("time_coverage_end"),
        vertical=_vertical(header),
        grids=tuple(_grids(header)),
        step=said("time_coverage_resolution"),
        level=said("processing_level"),
        created=said("date_created"),
        published=said("date_issued"),
        edition=said("product_version"),
        rights=((said("license"), said("license")),) if said("license") else (),
        organisations=tuple(_organisations(header)),
        links=tuple(_links(header, server, dataset)),
        stands_at=f"{server}/info/{quote(dataset, safe='')}/index.html" if server else "",
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _measured(header: Header) -> Iterator[Variable]:
    """The variables that are no axis, no flag and not the server's own."""
    axes = {"time", "latitude", "longitude", "depth", "altitude"}
    for variable in header.variables:
        name = variable.text("standard_name") or ""
        if variable.is_coordinate or variable.name in axes or name in axes:
            continue
        if not is_private(variable.name) and (name or variable.text("units")):
            yield variable


def _keywords(header: Header) -> Iterator[Keyword]:
    """The standard names of the variables, and the keywords of the whole with their list."""
    names = dict.fromkeys(v.text("standard_name") or "" for v in _measured(header))
    for name in names:
        # A modifier such as "status_flag" says what the variable is to the quantity.
        if name and " " not in name:
            yield Keyword(name, list="CF standard names")
    named = header.text("keywords_vocabulary") or "keywords of ERDDAP"
    for text in dict.fromkeys(_MANY.split(header.text("keywords") or "")):
        if text and text.replace(" ", "_") not in names:
            yield Keyword(text, list=named)


def _vertical(header: Header) -> Vertical | None:
    least, most = (header.text(f"geospatial_vertical_{end}") or "" for end in ("min", "max"))
    if not (_is_number(least) and _is_number(most)):
        return None
    down = (header.text("geospatial_vertical_positive") or "").casefold() == "down"
    unit = header.text("geospatial_vertical_units") or ""
    return Vertical(float(least), float(most), unit, "depth" if down else "")


def _grids(header: Header) -> Iterator[tuple[float, str]]:
    for side in ("lat", "lon"):
        width = header.text(f"geospatial_{side}_resolution") or ""
        unit = (header.text(f"geospatial_{side}_units") or "").casefold()
        if _is_number(width):
            yield float(width), "degrees" if unit.startswith("degree") else unit


def _organisations(header: Header) -> Iterator[tuple[str, str]]:
    """The institution, and creator and publisher where they are said to be institutions."""
    if name := header.text("institution"):
        yield "originator", name
    for role, iso in (("creator", "originator"), ("publisher", "publisher")):
        kind = (header.text(f"{role}_type") or "").casefold()
        field = "name" if kind == _INSTITUTION else "institution"
        if name := header.text(f"{role}_{field}"):
            yield iso, name


def _links(header: Header, server: str, dataset: str) -> Iterator[Link]:
    if url := header.text("infoUrl"):
        yield Link(url, use="landingpage")
    if server and dataset:
        kind = "griddap" if header.dimensions else "tabledap"
        yield Link(f"{server}/{kind}/{quote(dataset, safe='')}", f"ERDDAP {kind}", "OPeNDAP")
