"""Dublin Core and DataCite: the records of OAI-PMH, as SEANOE sends them.

Dublin Core does not tell a person from an organisation, so its creators and contributors are not
carried over; DataCite does, and its organisations are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from oceankg import ids
from oceankg.sources.catalogue import find_doi
from oceankg.sources.catalogue_odatis import language_of
from oceankg.sources.metadata import Keyword, Link, Record, Words, language_code
from oceankg.sources.xml import Node, every, find, local

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PART = re.compile(r"(\w+)\s*=\s*([^;]+)")
_SIDES = ("westlimit", "southlimit", "eastlimit", "northlimit")
# Names under which a record calls itself a set of data.
_DATA = frozenset({"dataset", "data set", "collection", "jeu de données", "jeux de données"})


def read_dublin_core(
    element: Node, said: Mapping[str, Sequence[str]], header: str, stamp: str
) -> Record:
    """What a record in Dublin Core says.

    `said` is its texts by the name of their element, as Sickle gives them; `header` and `stamp`
    are the identifier and the date in the header of OAI-PMH.
    """

    def texts(name: str) -> list[str]:
        return [text.strip() for text in said.get(name, ()) if text and text.strip()]

    box, period, places = _coverage([*texts("coverage"), *texts("spatial"), *texts("temporal")])
    identifiers = texts("identifier")
    plain = next((i for i in identifiers if not i.startswith(("http:", "https:", "doi:"))), "")
    formats = ", ".join(dict.fromkeys(texts("format")))
    unnamed = [("creator", "Dublin Core does not tell a person from an organisation")]
    return Record(
        identifier=next((i for i in identifiers if find_doi(i)), plain or header),
        titles=tuple(_titles(every(element, "title"))),
        alternatives=tuple(Words(text) for text in texts("alternative")),
        kind=_kind(texts("type")),
        stamp=stamp or max(texts("modified"), default=""),
        names=tuple(identifiers),
        keywords=(
            *(Keyword(text) for text in texts("subject")),
            *(Keyword(place, kind="place") for place in places),
        ),
        box=box,
        start=period[0],
        end=period[1],
        published=min(texts("issued") or texts("date"), default=""),
        rights=tuple((text, text) for text in (*texts("rights"), *texts("license"))),
        derived_from=tuple(texts("source")),
        related=tuple(texts("relation")),
        organisations=tuple(("publisher", name) for name in texts("publisher")),
        links=(
            *(Link(i, use="landingpage") for i in identifiers if i.startswith("http")),
            *(Link(url, format=formats, use="download") for url in texts("references")),
        ),
        faults=tuple(unnamed) if texts("creator") or texts("contributor") else (),
    )


def _titles(elements: Sequence[Node]) -> Iterator[Words]:
    for element in elements:
        if text := (element.text or "").strip():
            yield Words(text, language_code(element.get(_LANGUAGE, "")) or language_of(text))


def _kind(types: Sequence[str]) -> str:
    plain = [text.rsplit("/", 1)[-1].casefold() for text in types]
    return "" if not plain or _DATA & set(plain) else plain[0]


def _coverage(
    texts: Sequence[str],
) -> tuple[tuple[float, ...], tuple[str, str], list[str]]:
    """The box and the period that are written as DCMI wants it, and the other texts as places."""
    box: tuple[float, ...] = ()
    period, places = ("", ""), []
    for text in texts:
        parts = {name.casefold(): value.strip() for name, value in _PART.findall(text)}
        if set(_SIDES) <= parts.keys() and (sides := _numbers([parts[s] for s in _SIDES])):
            box = sides
        elif parts.keys() & {"start", "end"}:
            period = parts.get("start", ""), parts.get("end", "")
        elif not parts:
            places.append(text)
    return box, period, places


def _numbers(texts: Sequence[str]) -> tuple[float, ...]:
    try:
        return tuple(float(text) for text in texts)
    except ValueError:
        return ()


# ------------------------------------------------------------------ DataCite

_DATES: Final[Mapping[str, str]] = {"Created": "created", "Updated": "revised", "Issued": "issued"}
# The relations that are about the data; citations by articles are not.
_RELATED = frozenset(
    {
        *("IsPartOf", "HasPart", "IsNewVersionOf", "IsPreviousVersionOf", "IsVersionOf"),
        *("HasVersion", "IsIdenticalTo", "IsVariantFormOf", "IsSourceOf", "Obsoletes"),
    }
)
_BOX = (
    "westBoundLongitude",
    "southBoundLatitude",
    "eastBoundLongitude",
    "northBoundLatitude",
)


def read_datacite(element: Node, header: str, stamp: str) -> Record:
    """What a record in DataCite's schema says; `element` is its ``resource``."""
    identifier = _text(element, "identifier")
    dates = _dates(element)
    start, _, end = dates.get("Collected", dates.get("Coverage", "")).partition("/")
    general = find(element, "resourceType")
    kind = general.get("resourceTypeGeneral", "") if general is not None else ""
    titles = every(element, "titles/title")
    formats = ", ".join(dict.fromkeys(_texts(element, "formats/format")))
    return Record(
        identifier=ids.doi(identifier) or identifier or header,
        titles=tuple(_titles([t for t in titles if not t.get("titleType")])),
        alternatives=tuple(_titles([t for t in titles if t.get("titleType")])),
        kind=_kind([kind] if kind else []),
        stamp=stamp,
        names=(identifier, *_texts(element, "alternateIdentifiers/alternateIdentifier")),
        keywords=tuple(_subjects(element)),
        box=_geo_box(element),
        start=start.strip(),
        end=end.strip(),
        created=dates.get("Created", ""),
        revised=dates.get("Updated", ""),
        published=dates.get("Issued", "") or _text(element, "publicationYear"),
        edition=_text(element, "version"),
        rights=tuple(((r.text or "").strip(), r.get("rightsURI", "")) for r in _rights(element)),
        derived_from=tuple(_relations(element, frozenset({"IsDerivedFrom"}))),
        related=tuple(_relations(element, _RELATED)),
        organisations=tuple(_organisations(element)),
        links=tuple(Link(url, format=formats) for url in _texts(element, "sizes/url")),
    )


def _texts(element: Node, path: str) -> list[str]:
    return [text for e in every(element, path) if (text := (e.text or "").strip())]


def _text(element: Node, path: str) -> str:
    return next(iter(_texts(element, path)), "")


def _rights(element: Node) -> list[Node]:
    return [*every(element, "rightsList/rights"), *every(element, "rights")]


def _dates(element: Node) -> dict[str, str]:
    return {
        date.get("dateType", ""): (date.text or "").strip() for date in every(element, "dates/date")
    }


def _subjects(element: Node) -> Iterator[Keyword]:
    for subject in every(element, "subjects/subject"):
        named = f"{subject.get('subjectScheme', '')} {subject.get('schemeURI', '')}".strip()
        yield Keyword((subject.text or "").strip(), subject.get("valueURI", ""), named)
    for place in _texts(element, "geoLocations/geoLocation/geoLocationPlace"):
        yield Keyword(place, kind="place")


def _geo_box(element: Node) -> tuple[float, ...]:
    """The box around all boxes of a record: DataCite allows one for each place."""
    boxes = []
    for box in every(element, "geoLocations/geoLocation/geoLocationBox"):
        sides = _numbers([_text(box, side) for side in _BOX])
        if sides:
            boxes.append(sides)
    if not boxes:
        return ()
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _relations(element: Node, types: frozenset[str]) -> Iterator[str]:
    for related in every(element, "relatedIdentifiers/relatedIdentifier"):
        if related.get("relationType") in types:
            yield (related.text or "").strip()


def _organisations(element: Node) -> Iterator[tuple[str, str]]:
    """The names that the record calls those of organisations; any other may be a person's."""
    if name := _text(element, "publisher"):
        yield "publisher", name
    for path, role in (("creators/creator", "creator"), ("contributors/contributor", "")):
        for who in every(element, path):
            named = next((e for e in who if local(e) in ("creatorName", "contributorName")), None)
            if named is None or named.get("nameType") != "Organizational":
                continue
            hosts = who.get("contributorType") in ("HostingInstitution", "Distributor")
            yield role or ("distributor" if hosts else "contributor"), (named.text or "").strip()
