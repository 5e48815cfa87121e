"""Records of ODATIS centres, Sextant and SEANOE, as read in public catalogues and pages.

Each line is a record with what was seen of it; keys that were not seen are absent. Not every
record is a product that stands: cruises, observing systems, old releases and near duplicates are
left out, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, LeftOut, Recording
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG, PROV, SCHEMA, SKOS, XSD
from oceankg.sources import catalogue, facts

NAME = "odatis"
TITLE = "ODATIS, Sextant and SEANOE"
Record = Mapping[str, Any]

# Which centre of ODATIS a spelling means; only these spellings say so.
CENTRES: Mapping[str, str] = {
    "CDS-SAT-AVISO": "aviso",
    "CDS-AVISO": "aviso",
    "CDS-SAT-Toulouse": "aviso",
    "CDS-CERSAT": "cersat",
    "CDS-SAT-CERSAT": "cersat",
    "CDS-SAT-Brest": "cersat",
    "CDS-IS-CORIOLIS": "coriolis",
    "CDS-IS-OMP": "omp",
    "CDS-IS-OASU": "bordeaux",
}

# Records that a reader of the record's own words would not take for a product that stands.
JUDGED: Mapping[str, str] = {
    "681f10b2-e755-48cd-9233-d0eb4787031f": "marked for deletion by its owner",
    "94cd8b08-bf24-4f59-8ce5-bc27c6bd9c17": "marked as a duplicate to delete by its owner",
    "4ec7499c-0d6b-4321-8ac0-8d062865da41": "older record of CATDS-PDC L3OS 3G (9c97fb5c)",
    "41b71566-7fb9-4acd-a8a5-9156e523335a": "describes a data centre, not a product",
    "1cb3d11e-2bc9-451a-8896-8dbbe418a565": "archived Copernicus Marine product, not of ODATIS",
    "10.24400/527896/a01-2021.001": "no longer maintained; META3.2 took its place",
    "10.24400/527896/a01-2021.002": "no longer maintained; META3.2 took its place",
    "META2.0 DT": "not recommended by its producer; META3.2 took its place",
    "MDT CNES-CLS18": "older release of the mean dynamic topography MDT_CNES-CLS22",
    "MDT_CNES-CLS09": "older release of the mean dynamic topography MDT_CNES-CLS22",
    "RioMed": "older release of the Mediterranean mean dynamic topography",
    "MSS CNES CLS 2015": "older release of the mean sea surface MSS_CNES_CLS2022",
    "MSS_CNES_CLS11": "older release of the mean sea surface MSS_CNES_CLS2022",
    "FES2012": "older release of the tide model FES2022",
    "FES2004": "older release of the tide model FES2022",
    "FES99": "older release of the tide model FES2022",
    "FES2014b elevations": "older release of the tide model FES2022",
    "354c918a-0219-4b8a-971f-044c090bac26": "version 3; version 4 (47195680) supersedes it",
    "3ef6a5a66e9947d39b356251909dc12b": "superseded, says the record",
    "4a6fd09f-6266-41e1-8da6-056c0828a1ba": "no longer available, says the record",
    "75ccd428-74b5-45db-879e-37ab98fa28a1": "no longer available, says the record",
    "GHRSST archive (Ifremer GDAC)": "a mirror of an archive, not a product",
    "SSMI PSI": "near duplicate of IFREMER-ARCTIC-PSI_C-OBS",
    "PSI/AMSR drift": "parent page of 04315e23, which stands",
    "PSI-Drift merged": "near duplicate of IFREMER-ARCTIC-PSI_D-OBS",
    "gosud:fresh-2014": "older release of SSS-FRESH 2001-2014",
    "shom:LOTS_BATHY": "older record of 10.17183/LEVES_BATHY",
}

_KINDS = (
    ("model", ("model",)),
    ("satellite", ("satellite",)),
    (
        "in-situ",
        ("in situ", "ship", "mooring", "float", "glider", "coastal station", "profile"),
    ),
)
_LICENCES: Mapping[str, str] = {
    "cc by 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "etalab open licence v2.0 (april 2017)": "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
    "open licence etalab v2.0 (april 2017)": "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
}
_METRES = {"m": 1, "km": 1000}
_CMEMS_ID = re.compile(r"\b[A-Z]{2,}(?:-?[A-Z]+)*_[A-Z0-9_-]+_\d{3}_\d{3}\b")
_REMEDY = "Mend the record or take it out of the file."
_LISTS = ("parameters", "keywords", "variables", "cf_standard_names", "gcmd", "od1")


def read_records(recording: Recording) -> Facts:
    """Records as JSON lines: those that stand as products, the others left out with the reason."""
    records = list(_records(recording))
    triples: list[Triple] = list(catalogue.catalogue(NAME, TITLE))
    left_out = []
    for place, record in records:
        if reason := reason_to_leave_out(record):
            left_out.append(LeftOut(record["id"], reason))
        else:
            triples += _product(recording, place, record)
    found = facts.whole(recording, triples, lambda t: t.predicate == DCT.title)
    return Facts(found.triples, tuple(left_out))


def _records(recording: Recording) -> Iterator[tuple[str, Record]]:
    seen: dict[str, str] = {}
    for number, line in enumerate(facts.text(recording).splitlines(), 1):
        place = f"line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise SourceError(
                error.msg,
                file=recording.name,
                place=f"{place}, column {error.colno}",
                remedy=_REMEDY,
            ) from error
        if fault := _fault(record, seen):
            raise SourceError(fault, file=recording.name, place=place, remedy=_REMEDY)
        seen[record["id"]] = place
        yield place, record


def _fault(record: object, seen: Mapping[str, str]) -> str:
    """What is wrong with the form of a record, or nothing."""
    if not isinstance(record, dict):
        return "a record is an object"
    for key in ("id", "title"):
        if not isinstance(record.get(key), str) or not record[key].strip():
            return f"a record has a text as its {key}"
    for key in _LISTS:
        values = record.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            return f"{key} is a list of texts"
    if record["id"] in seen:
        return f"the id {record['id']} stands already on {seen[record['id']]}"
    return ""


def reason_to_leave_out(record: Record) -> str:
    """Why a record does not stand as a product, or nothing when it does."""
    if record["id"] in JUDGED:
        return JUDGED[record["id"]]
    kind = record.get("record_type")
    if kind in ("cruise", "observing system"):
        return f"describes a {kind}, not a product"
    note = str(record.get("note", ""))
    unseen = record.get("title_seen") is False and record.get("id_is_local_label")
    if unseen or "title and uuid not seen" in note or "uuid and exact title not seen" in note:
        return "neither its own title nor its own identifier was seen"
    return ""


def _identifier(record: Record) -> str:
    """The identifier; a SEANOE record's is its DOI, so that its two spellings are one."""
    doi = _doi(record)
    return doi if doi and record["id"].startswith("seanoe:") else record["id"]


def _doi(record: Record) -> str | None:
    return ids.doi(str(record.get("doi", "")).split(" ", 1)[0])


def _product(recording: Recording, place: str, record: Record) -> Iterator[Triple]:
    identifier = _identifier(record)
    me = NamedNode(ids.product(NAME, identifier))
    yield from catalogue.product(NAME, me, identifier, record["title"], _language(record["title"]))
    note = str(record.get("note", ""))
    if record.get("title_seen") is False or "title is that of" in note or "title, par" in note:
        yield Triple(me, OKG.titleIsDescription, Literal(value=True))
    for key in ("short_name", "alternate_title", "identifier", "sextant_title"):
        if key in record:
            yield Triple(me, SKOS.altLabel, Literal(str(record[key])))
    if "confidence" in record:
        yield Triple(me, OKG.readingConfidence, Literal(record["confidence"]))
    yield from _reports(me, record)
    yield from _kind(me, record)
    yield from _access(me, record)
    yield from _people(me, record)
    yield from _time(me, record)
    yield from _space(recording, place, me, record)
    yield from _relations(me, record)


def _language(title: str) -> str:
    french = re.search(
        r"\b(de|du|des|la|les|et|pour|dans|de l'|côtes|façade|suivi)\b|Bathymétrie", title
    )
    return "fr" if french else "en"


def _reports(me: NamedNode, record: Record) -> Iterator[Triple]:
    words = [word for key in _LISTS for word in record.get(key, ())]
    words += record.get("odatis_variables", ())
    if "odatis_variable" in record:
        words.append(record["odatis_variable"])
    for word in words:
        if word.strip():
            yield from catalogue.reported_word(NAME, TITLE, me, word)
    for path in record.get("od1_uri", ()):
        concept = ids.nvs_concept("OD1", path.rstrip("/").rsplit("/", 1)[-1])
        yield Triple(me, OKG.reports, NamedNode(concept))


def _kind(me: NamedNode, record: Record) -> Iterator[Triple]:
    stated = str(record.get("kind", ""))
    if stated:
        yield Triple(me, SCHEMA.measurementTechnique, Literal(stated))
    for kind, words in _KINDS:
        if any(word in stated for word in words):
            yield Triple(me, DCT.type, NamedNode(f"{BASE}kind/{kind}"))
            break
    level = str(record.get("level", "")).replace("Level ", "L").strip()
    if re.fullmatch(r"L\d[A-Z]?", level):
        yield Triple(me, OKG.processingLevel, Literal(level))
    if "version" in record:
        yield Triple(me, DCAT.version, Literal(str(record["version"])))


def _access(me: NamedNode, record: Record) -> Iterator[Triple]:
    if doi := _doi(record):
        yield Triple(me, BIBO.doi, Literal(doi))
    if page := _url(record.get("landing_url")):
        yield Triple(me, DCAT.landingPage, NamedNode(page))
    sources = [record.get("source_url"), record.get("source"), *record.get("other_sources", ())]
    for source in sources:
        if url := _url(source):
            yield Triple(me, DCT.source, NamedNode(url))
    licence = str(record.get("licence", "")).strip()
    if licence.lower() in _LICENCES:
        yield Triple(me, DCT.license, NamedNode(_LICENCES[licence.lower()]))
    elif licence:
        yield Triple(me, DCT.rights, Literal(licence))


def _url(value: object) -> str | None:
    """A web address without user name and password, or None."""
    found = re.match(r"https?://[^\s<>\"{}|\\^`;]+", str(value or ""))
    if found is None:
        return None
    parts = urlsplit(found[0])
    return urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))


def _people(me: NamedNode, record: Record) -> Iterator[Triple]:
    roles = record.get("roles", {})
    producer = record.get("producer") or roles.get("originator")
    publisher = record.get("data_centre") or roles.get("distributor") or record.get("publisher")
    if producer:
        yield from catalogue.organisation(me, DCT.creator, producer)
    if publisher and not publisher.startswith("unstated"):
        yield from catalogue.organisation(me, DCT.publisher, publisher)
    for spelling in (record.get("odatis_centre"), record.get("cds"), record.get("data_centre")):
        name = str(spelling or "").split(" (")[0]
        if name in CENTRES:
            yield Triple(me, OKG.dataCentre, NamedNode(f"{BASE}centre/{CENTRES[name]}"))


def _time(me: NamedNode, record: Record) -> Iterator[Triple]:
    start, end = str(record.get("time_start") or record.get("begin") or ""), _end(record)
    start = start.split("T")[0]
    yield from catalogue.period(me, start, end.split("T")[0], ongoing=end.startswith("ongoing"))
    if "time_step" in record:
        yield Triple(me, OKG.timeStep, Literal(str(record["time_step"])))
    for key, predicate in (("published", DCT.issued), ("created", DCT.created)):
        if (found := catalogue.moment(str(record.get(key, "")))) is not None:
            yield Triple(me, predicate, found)


def _end(record: Record) -> str:
    return str(record.get("time_end") or "")


def _space(recording: Recording, place: str, me: NamedNode, record: Record) -> Iterator[Triple]:
    if "bbox" in record:
        try:
            west, south, east, north = map(float, record["bbox"])
        except (TypeError, ValueError) as error:
            raise SourceError(
                "bbox is four numbers: west, south, east, north",
                file=recording.name,
                place=place,
                remedy=_REMEDY,
            ) from error
        yield from catalogue.extent(me, (west, south, east, north))
    if "region" in record:
        yield from catalogue.place(me, record["region"])
    if "resolution" in record:
        stated = str(record["resolution"])
        yield Triple(me, OKG.spatialResolution, Literal(stated))
        if plain := re.fullmatch(r"(\d+(?:\.\d+)?) (m|km)", stated):
            metres = format(float(plain[1]) * _METRES[plain[2]], "g")
            value = Literal(metres, datatype=XSD.decimal)
            yield Triple(me, DCAT.spatialResolutionInMeters, value)


def _relations(me: NamedNode, record: Record) -> Iterator[Triple]:
    stated = record.get("relation_to_cmems", {})
    origins = list(record.get("derived_from", ()))
    if isinstance(stated, dict):
        origins += stated.get("derived_from_doi", ())
    for origin in origins:
        if doi := ids.doi(origin.split(" ", 1)[0]):
            yield Triple(me, PROV.wasDerivedFrom, NamedNode(ids.DOI + doi))
    # An identifier that the record names; what the tie is worth is judged where it is used.
    named = json.dumps([stated, record.get("cmems", "")])
    for product in sorted(set(_CMEMS_ID.findall(named))):
        yield Triple(me, DCT.relation, NamedNode(ids.product("cmems", product)))
