"""Records for the servers of the tests, written from the facts of the starter graph.

Each is given a person, an e-mail address, a telephone number and a password, as real ones are.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import jinja2

from oceankg import ids, rdf
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, FOAF, OKG, SKOS
from oceankg.resources import folder

PERSON, EMAIL, USER, PASSWORD = "Jeanne Barret", "jeanne.barret@example.org", "jbarret", "s3cr3t"
PLANTED = (PERSON, EMAIL, USER, PASSWORD, "55 01 23 45")
_HERE = Path(__file__).parent
_CENTRES = {"aviso": "CDS-SAT-AVISO", "cersat": "CDS-CERSAT", "coriolis": "cds-coriolis"}


@dataclass(frozen=True)
class Made:
    """What a record is to say; `words` and `concepts` are what it reports."""

    id: str
    title: str
    doi: str = ""
    words: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    box: tuple[float, ...] = ()
    start: str = ""
    end: str = ""
    centre: str = ""
    licence: str = ""
    producers: tuple[str, ...] = ()
    scope: str = "dataset"
    stamp: str = "2024-05-06T07:08:09Z"

    @property
    def iri(self) -> str:
        """The product in the graph."""
        seanoe = self.doi if self.doi.startswith("10.17882/") else ""
        return ids.product("odatis", seanoe or self.id)


@cache
def from_starter() -> tuple[Made, ...]:
    """A record for every product of ODATIS in the starter graph that reports something."""
    file = folder("starter") / "odatis.ttl"
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in rdf.read(file.read_bytes(), file.name):
        said[triple.subject.value][triple.predicate.value].append(triple.object.value)
    products = sorted(said[f"{BASE}catalogue/odatis"][DCAT.dataset.value])
    made = (_made(iri, said) for iri in products)
    return tuple(record for record in made if record.words or record.concepts)


def _made(iri: str, said: dict[str, dict[str, list[str]]]) -> Made:
    def one(about: str, predicate) -> str:
        return next(iter(said[about][predicate.value]), "")

    reports = sorted(said[iri][OKG.reports.value])
    names = {w: one(w, SKOS.prefLabel) for w in reports if w.startswith(f"{BASE}word/")}
    box = re.findall(r"-?\d+(?:\.\d+)?", one(f"{iri}/extent", DCAT.bbox))
    licence = one(iri, DCT.license)
    return Made(
        id=one(iri, DCT.identifier),
        title=one(iri, DCT.title),
        doi=one(iri, BIBO.doi),
        words=tuple(names.values()),
        concepts=tuple(r for r in reports if r not in names),
        box=tuple(float(box[i]) for i in (0, 1, 2, 5)) if box else (),
        start=one(f"{iri}/period", DCAT.startDate),
        end=one(f"{iri}/period", DCAT.endDate),
        centre=_CENTRES.get(one(iri, OKG.dataCentre).rsplit("/", 1)[-1], ""),
        licence=licence if "creativecommons" in licence else "",
        producers=tuple(one(a, FOAF.name) for a in said[iri][DCT.creator.value]),
    )


def iso19139(record: Made) -> bytes:
    """A record in ISO 19139."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    template = environment.get_template("iso19139.xml.jinja")
    planted = {"person": PERSON, "email": EMAIL, "user": USER, "password": PASSWORD}
    return template.render(record=record, number=zlib.crc32(record.id.encode()), **planted).encode()


def geojson(record: Made) -> bytes:
    """A record as OGC API Records has it."""
    west, south, east, north = record.box or (0, 0, 0, 0)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    said = {
        "externalId": record.id,
        "type": record.scope,
        "title": record.title,
        "description": f"Written by {PERSON}, who answers at {EMAIL}.",
        "language": {"code": "en"},
        "recordUpdated": record.stamp,
        "keywords": list(record.words),
        "themes": [{"scheme": "OD1", "concepts": [{"id": "c", "url": i} for i in record.concepts]}],
        "contacts": [
            {
                "name": PERSON,
                "organization": producer,
                "emails": [{"value": EMAIL}],
                "phones": [{"value": "+33 5 55 01 23 45"}],
                "roles": ["producer"],
            }
            for producer in record.producers
        ],
        "license": record.licence or "none",
        "externalIds": [{"scheme": "https://doi.org", "value": record.doi}] if record.doi else [],
    }
    feature = {
        "type": "Feature",
        "id": record.id,
        "geometry": {"type": "Polygon", "coordinates": [ring]} if record.box else None,
        "time": {"interval": [record.start or "..", record.end or ".."]},
        "properties": said,
        "links": [
            {
                "rel": "enclosure",
                "type": "application/x-netcdf",
                "href": f"https://{USER}:{PASSWORD}@data.example.org/{zlib.crc32(record.id.encode())}",
            }
        ],
    }
    return json.dumps(feature).encode()


def write(folder: Path, records: Iterable[Made], ending: str) -> Sequence[Made]:
    """Write records as files of a folder, in the form that the ending asks for."""
    written = list(records)
    render = {"xml": iso19139, "json": geojson}[ending]
    for number, record in enumerate(written):
        (folder / f"{number:04}.{ending}").write_bytes(render(record))
    return written


def newer(record: Made, **changes: object) -> Made:
    """The same record, changed a year later."""
    return replace(record, **({"stamp": "2025-05-06T07:08:09Z"} | changes))
