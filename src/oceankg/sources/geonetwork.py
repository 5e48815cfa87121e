"""GeoNetwork 4: pages of its search answers, which are Elasticsearch's.

A hit holds a record as GeoNetwork has indexed it: a text in several languages is an object of
``default`` and ``langfre``, ``langeng``, ...; keywords stand by thesaurus (``allKeywords``, and
``th_…`` in older versions). Of the contacts only the organisation and its role are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources.loose import box, load, objects, string, strings
from oceankg.sources.metadata import (
    Keyword,
    Link,
    Page,
    Record,
    UnreadableError,
    Vertical,
    Words,
    heads,
    language_code,
)
from oceankg.sources.telling import read_page

Json = Mapping[str, Any]

# Elasticsearch gives no hit beyond this one.
WINDOW: Final = 10_000
# Where an answer says how long it took.
HOUR: Final = re.compile(rb'"took"\s*:\s*\d+')
_LANGUAGE = re.compile(r"^lang([a-z]{3})$", re.ASCII)
_DISTANCE = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(\S.*?)\s*$", re.ASCII)
# What the server need not send: names and addresses of people, sentences, pictures.
_UNWANTED: Final = (
    *("*.email", "*.individual", "*.phone", "*.address", "*.position", "*.logo"),
    *("userinfo", "recordOwner", "owner*", "resourceAbstract*", "overview", "indexingError*"),
)


def read_records(recording: Recording) -> Facts:
    """The records of a page as products, and those that are none with the reason.

    Raises SourceError when it is no answer of a search.
    """
    return read_page(recording, _records(_hits(recording)))


def page(recording: Recording) -> Page:
    """What a harvest needs of a page: its records, and how many there are in all."""
    content, hits = load(recording), _hits(recording)
    total = content["hits"].get("total")
    count = total.get("value") if isinstance(total, dict) else total
    known = isinstance(count, int) and not isinstance(count, bool)
    return Page(heads(recording, _records(hits)), len(hits), count if known else None, "")


def question(about: str, first: int, size: int) -> bytes:
    """The search for published records, `about` a query in Lucene's syntax, "" for all of them.

    They are asked for in the order of their identifiers, so that the pages fit together.
    """
    wanted: list[object] = [{"terms": {"isTemplate": ["n"]}}]
    if about:
        wanted.append({"query_string": {"query": about}})
    return json.dumps(
        {
            "from": first,
            "size": size,
            "track_total_hits": True,
            "sort": [{"uuid": "asc"}],
            "query": {"bool": {"filter": wanted}},
            "_source": {"excludes": _UNWANTED},
        }
    ).encode()


def _hits(recording: Recording) -> list[object]:
    content = load(recording)
    outer = content.get("hits") if isinstance(content, dict) else None
    hits = outer.get("hits") if isinstance(outer, dict) else None
    if not isinstance(hits, list):
        raise SourceError(
            "no answer of a search: there is no list of hits",
            file=recording.name,
            place="key hits.hits",
            remedy="Check that the address ends in /search/records/_search.",
        )
    return hits


def _records(hits: list[object]) -> Iterator[Record | UnreadableError]:
    for hit in hits:
        source = hit.get("_source") if isinstance(hit, dict) else None
        if isinstance(hit, dict) and isinstance(source, dict):
            yield _record(hit, source)
        else:
            yield UnreadableError("a hit without a source")


def _record(hit: Json, said: Json) -> Record:
    language = language_code(string(said.get("mainLanguage")))
    start, end, ongoing = _period(said)
    lineage = _default(said.get("lineageObject"))
    return Record(
        identifier=string(said.get("uuid"))
        or string(said.get("metadataIdentifier"))
        or string(hit.get("_id")),
        titles=tuple(_words(said.get("resourceTitleObject"), language)),
        alternatives=tuple(
            w for alt in objects(said.get("resourceAltTitleObject")) for w in _words(alt, language)
        ),
        kind="template" if string(said.get("isTemplate")) == "y" else _kind(said),
        stamp=string(said.get("dateStamp")) or string(said.get("changeDate")),
        names=(
            *(string(i.get("code")) for i in objects(said.get("resourceIdentifier"))),
            *(link.url for link in _links(said)),
        ),
        keywords=tuple(_keywords(said)),
        box=box(*objects(said.get("geom"))),
        start=start,
        end=end,
        ongoing=ongoing,
        vertical=_vertical(said),
        grids=tuple(_grids(said)),
        rhythm=_key(said.get("cl_maintenanceAndUpdateFrequency")),
        status=_key(said.get("cl_status")),
        created=_day(said.get("creationDateForResource")),
        published=_day(said.get("publicationDateForResource")),
        revised=_day(said.get("revisionDateForResource")),
        edition=string(said.get("resourceEdition")),
        rights=tuple(dict.fromkeys(_rights(said))),
        derived_from=(lineage,) if lineage else (),
        parent=string(said.get("parentUuid")),
        organisations=tuple(_organisations(said)),
        links=tuple(_links(said)),
    )


def _kind(said: Json) -> str:
    kinds = strings(said.get("resourceType"))
    return kinds[0].casefold() if kinds else ""


def _default(value: object) -> str:
    """The text of an object in its main language, or the value where it is a text itself."""
    for one in objects(value):
        return string(one.get("default"))
    return string(value)


def _words(value: object, language: str | None) -> Iterator[Words]:
    """A text in each of its languages; where none is told apart, in that of the record."""
    for one in objects(value):
        told = {
            code: string(text)
            for key, text in one.items()
            if (m := _LANGUAGE.match(key)) and (code := language_code(m[1])) and string(text)
        }
        for code, text in told.items():
            yield Words(text, code)
        if (text := string(one.get("default"))) and text not in told.values():
            yield Words(text, language)
    for text in strings(value):
        yield Words(text, language)


def _key(value: object) -> str:
    """The code of the first entry of a code list."""
    return next((string(one.get("key")) for one in objects(value)), "")


def _day(value: object) -> str:
    """The first date, without the midnight that the index adds to a day."""
    return string(value).removesuffix("T00:00:00.000Z")


def _keywords(said: Json) -> Iterator[Keyword]:
    """Every keyword with its thesaurus, and those that stand in none."""
    lists = said.get("allKeywords")
    found = set()
    for key, one in lists.items() if isinstance(lists, dict) else ():
        if isinstance(one, dict):
            named = " ".join((key, *(string(one.get(k)) for k in ("id", "title", "link"))))
            for keyword in _of_list(one.get("keywords"), named, string(one.get("theme"))):
                found.add(keyword.text)
                yield keyword
    for key, value in said.items():
        if key.startswith("th_") and not key.endswith("Number"):
            for keyword in _of_list(value, key, ""):
                if keyword.text not in found:
                    found.add(keyword.text)
                    yield keyword
    for keyword in _of_list(said.get("tag"), "", ""):
        if keyword.text not in found:
            yield keyword


def _of_list(value: object, named: str, kind: str) -> Iterator[Keyword]:
    for one in objects(value):
        if text := string(one.get("default")):
            yield Keyword(text, string(one.get("link")), named, kind)


def _period(said: Json) -> tuple[str, str, bool]:
    """The earliest start and the latest end; without an end in one of them, there is none."""
    ranges = objects(said.get("resourceTemporalExtentDateRange"))
    starts = [day for one in ranges if (day := _day(one.get("gte")))]
    ends = [_day(one.get("lte")) for one in ranges]
    details = objects(said.get("resourceTemporalExtentDetails"))
    ongoing = any(
        string(end.get("indeterminatePosition")) == "now"
        for one in details
        for end in objects(one.get("end"))
    )
    end = max(ends) if ends and all(ends) and not ongoing else ""
    return min(starts, default=""), end, ongoing


def _vertical(said: Json) -> Vertical | None:
    for one in objects(said.get("resourceVerticalRange")):
        least, most = one.get("gte"), one.get("lte")
        if isinstance(least, int | float) and isinstance(most, int | float):
            return Vertical(float(least), float(most), string(one.get("unit")))
    return None


def _grids(said: Json) -> Iterator[tuple[float, str]]:
    for text in strings(said.get("resolutionDistance")):
        if match := _DISTANCE.match(text):
            yield float(match[1].replace(",", ".")), match[2]


def _rights(said: Json) -> Iterator[tuple[str, str]]:
    for key in (
        "licenseObject",
        "MD_LegalConstraintsOtherConstraintsObject",
        "MD_LegalConstraintsUseLimitationObject",
        "MD_ConstraintsUseLimitationObject",
    ):
        for one in objects(said.get(key)):
            yield string(one.get("default")), string(one.get("link"))


def _organisations(said: Json) -> Iterator[tuple[str, str]]:
    """Role and organisation of those behind the data; the person beside is not looked at."""
    for contact in objects(said.get("contactForResource")):
        name = string(contact.get("organisation")) or _default(contact.get("organisationObject"))
        if name and (role := string(contact.get("role"))):
            yield role, name


def _links(said: Json) -> Iterator[Link]:
    formats = ", ".join(dict.fromkeys(strings(said.get("format"))))
    for one in objects(said.get("link")):
        url = string(one.get("url")) or _default(one.get("urlObject"))
        if url:
            yield Link(
                url,
                string(one.get("name")) or _default(one.get("nameObject")),
                string(one.get("protocol")),
                formats if string(one.get("function")) == "download" else "",
                string(one.get("function")),
            )
