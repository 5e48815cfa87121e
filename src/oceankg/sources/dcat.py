"""DCAT: catalogues in RDF, as RDF/XML, Turtle or JSON-LD, also with records inside each other.

What a dataset says is asked by one query (`dcat-records`). Contact points are not asked for, nor
agents that do not say that they are an organisation: these may be persons.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import shapely
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store, Triple
from shapely.errors import ShapelyError

from oceankg import queries, rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCAT, RDF
from oceankg.rdf import text_of
from oceankg.sources.facts import AGAIN
from oceankg.sources.metadata import Keyword, Link, Record, Words, language_code
from oceankg.sources.telling import read_page

# A value of a row and what stands beside it; "" where nothing does.
_Row = tuple[str, str, str, str]
_Term = NamedNode | BlankNode | Literal | Triple | None

# The EU's list of frequencies to the codes of ISO 19115 that a `Record` has.
_RHYTHMS: Final[Mapping[str, str]] = {
    "CONT": "continual",
    "UPDATE_CONT": "continual",
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "BIWEEKLY": "fortnightly",
    "MONTHLY_2": "semimonthly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL_2": "biannually",
    "ANNUAL": "annually",
    "BIENNIAL": "biennially",
    "IRREG": "irregular",
    "NOT_PLANNED": "notPlanned",
}
_STATUS: Final[Mapping[str, str]] = {
    "completed": "completed",
    "underdevelopment": "underDevelopment",
    "develop": "underDevelopment",
    "deprecated": "deprecated",
    "withdrawn": "withdrawn",
}
_ENDINGS: Final = {"{": ".jsonld", "[": ".jsonld", "<": ".rdf"}


def read_records(recording: Recording) -> Facts:
    """The datasets of a catalogue as products, and those that are none with the reason.

    Raises SourceError when the bytes are no RDF, or no dataset is among them.
    """
    records = list(_records(_store(recording)))
    if not records:
        raise SourceError(
            "no dcat:Dataset is in it", file=recording.name, place="whole file", remedy=AGAIN
        )
    return read_page(recording, records)


def is_dcat(content: bytes, name: str) -> bool:
    """Whether a file is RDF that describes datasets."""
    if DCAT.iri.encode() not in content:
        return False
    try:
        triples = rdf.read(content, _named(content, name))
    except SourceError:
        return False
    return any(t.predicate == RDF.type and t.object == DCAT.Dataset for t in triples)


def _named(content: bytes, name: str) -> str:
    """A file name whose ending tells the syntax; the first sign does where the name is silent.

    An ending that is one of RDF's stands, but for ``.xml`` and ``.json``, which say little.
    """
    ending = "." + name.rsplit(".", 1)[-1].lower()
    if ending in rdf.FORMATS:
        return name
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1].decode("latin-1")
    told = _ENDINGS.get(first, ".ttl")
    return name + (".ttl" if content.lstrip()[:9].lower().startswith((b"<http", b"<urn")) else told)


def _store(recording: Recording) -> Store:
    store = Store()
    triples = rdf.read(recording.content, _named(recording.content, recording.name))
    store.extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def _records(store: Store) -> Iterator[Record]:
    found: dict[str, dict[str, list[_Row]]] = defaultdict(lambda: defaultdict(list))
    languages: dict[tuple[str, str], str] = {}
    rows = store.query(queries.get("dcat-records").text)
    assert isinstance(rows, QuerySolutions)  # noqa: S101  (it is a SELECT)
    for row in rows:
        dataset, field, value = row["dataset"], text_of(row["field"]), row["value"]
        key = dataset.value if isinstance(dataset, NamedNode) else str(dataset)
        found[key][field].append(
            (_text(value), _text(row["second"]), _text(row["third"]), _text(row["fourth"]))
        )
        if isinstance(value, Literal) and value.language:
            languages[(field, value.value)] = value.language
    for key, fields in found.items():
        yield _record(key, {f: list(dict.fromkeys(rows)) for f, rows in fields.items()}, languages)


def _text(term: _Term) -> str:
    """A term as text; a blank node says nothing."""
    return "" if term is None or isinstance(term, BlankNode | Triple) else term.value.strip()


def _record(
    key: str, fields: Mapping[str, list[_Row]], languages: Mapping[tuple[str, str], str]
) -> Record:
    def all_of(field: str) -> list[str]:
        return [value for value, *_ in fields.get(field, ()) if value]

    def first(field: str) -> str:
        return next(iter(all_of(field)), "")

    def words(field: str) -> tuple[Words, ...]:
        found = ((text, languages.get((field, text))) for text in all_of(field))
        return tuple(Words(text, language_code(tag) if tag else own) for text, tag in found)

    own = language_code(_last(first("language")))
    named = "" if key.startswith("_:") else key
    identifier = first("record") or first("identifier") or named
    box, fault = _box(all_of("geometry"))
    start, end = _period(fields.get("period", ()))
    return Record(
        identifier=identifier,
        titles=words("title"),
        alternatives=words("alternative"),
        stamp=max(all_of("stamp"), default=""),
        names=tuple(name for name in (*all_of("identifier"), named) if name),
        keywords=tuple(_keywords(fields)),
        box=box,
        start=start,
        end=end,
        grids=tuple((float(width), "m") for width in all_of("metres") if _is_number(width)),
        step=first("step"),
        rhythm=_RHYTHMS.get(_last(first("rhythm")), ""),
        created=_day(first("created")),
        published=_day(first("published")),
        revised=_day(first("revised")),
        edition=first("edition"),
        status=_STATUS.get(_last(first("status")).casefold(), ""),
        rights=tuple((text, text) for text in all_of("rights")),
        derived_from=tuple(all_of("source")),
        related=tuple(all_of("related")),
        organisations=tuple(
            (role, name) for role in ("publisher", "originator") for name in all_of(role)
        ),
        links=tuple(_links(fields)),
        faults=(("bbox", fault),) if fault else (),
    )


def _last(iri: str) -> str:
    """The last part of an IRI."""
    return iri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> str:
    """A date as it is, of a moment its day."""
    return text.split("T")[0]


def _keywords(fields: Mapping[str, list[_Row]]) -> Iterator[Keyword]:
    for text, *_ in fields.get("keyword", ()):
        yield Keyword(text)
    for text, iri, scheme, _ in fields.get("theme", ()):
        if text or iri:
            yield Keyword(text, iri, scheme)
    for text, *_ in fields.get("place", ()):
        yield Keyword(text, kind="place")


def _links(fields: Mapping[str, list[_Row]]) -> Iterator[Link]:
    for url, *_ in fields.get("landing", ()):
        if url:
            yield Link(url, use="landingpage")
    for url, title, format_, protocol in fields.get("way", ()):
        yield Link(url, title, protocol, _last(format_) if "://" in format_ else format_)


def _period(rows: Iterable[_Row]) -> tuple[str, str]:
    """The earliest start and the latest end; without an end in one of them, there is none."""
    rows = list(rows)
    starts = [start for start, *_ in rows if start]
    ends = [end for _, end, *_ in rows]
    return _day(min(starts, default="")), _day(max(ends)) if ends and all(ends) else ""


def _box(geometries: Iterable[str]) -> tuple[tuple[float, ...], str]:
    """West, south, east, north around all geometries in WKT or GeoJSON, and a fault or ""."""
    shapes, fault = [], ""
    for text in geometries:
        try:
            shapes.append(_shape(text))
        except (ShapelyError, ValueError, TypeError, KeyError) as error:
            fault = f"no geometry: {type(error).__name__}"
    bounds = shapely.total_bounds(shapes) if shapes else ()
    box = tuple(float(side) for side in bounds)
    if not box or box[0] == box[2] or box[1] == box[3]:
        return (), fault  # a point, or a line, is no extent
    return box, fault


def _shape(text: str) -> shapely.Geometry:
    if text.lstrip().startswith("{"):
        return shapely.from_geojson(json.dumps(json.loads(text)))
    # A system of coordinates may stand before the shape.
    return shapely.from_wkt(text.split(">", 1)[-1].strip() if text.startswith("<") else text)
