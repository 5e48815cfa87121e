"""OGC API Records: pages of records in GeoJSON, as GeoNetwork, pycsw and pygeoapi send them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources.loose import box, load, objects, string, strings
from oceankg.sources.metadata import (
    Keyword,
    Link,
    Page,
    Record,
    UnreadableError,
    Words,
    heads,
    language_code,
)
from oceankg.sources.telling import read_page

Json = Mapping[str, Any]

# Where an answer says at which hour it was given.
HOUR: Final = re.compile(rb'"timeStamp"\s*:\s*"[^"]*"')

# The relations of links that lead to the data, and those that lead to a page about them.
_DATA = frozenset({"enclosure", "item", "items", "data", "service", "download"})
_ABOUT = frozenset({"about", "describedby", "canonical", "alternate", "landingpage", "related"})
_ROLES: Final[Mapping[str, str]] = {"processor": "", "producer": "originator"}


def read_records(recording: Recording) -> Facts:
    """The records of a page as products, and those that are none with the reason.

    Raises SourceError when it is no collection of features.
    """
    return read_page(recording, _records(_load(recording)))


def page(recording: Recording) -> Page:
    """What a harvest needs of a page: its records, how many there are in all, what follows."""
    content = _load(recording)
    following = next(
        (
            link["href"]
            for link in objects(content.get("links"))
            if link.get("rel") == "next" and isinstance(link.get("href"), str)
        ),
        "",
    )
    total = content.get("numberMatched")
    return Page(
        heads(recording, _records(content)),
        len(content["features"]),
        total if isinstance(total, int) and not isinstance(total, bool) else None,
        urljoin(recording.options.get("asked", ""), following) if following else "",
    )


def _load(recording: Recording) -> dict[str, Any]:
    content = load(recording)
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise SourceError(
            "no collection of records: there is no list of features",
            file=recording.name,
            place="key features",
            remedy="Check that the address ends in /items and answers in GeoJSON.",
        )
    return content


def _records(content: Json) -> Iterator[Record | UnreadableError]:
    for feature in content["features"]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict):
            yield _record(feature, properties)
        else:
            yield UnreadableError("a feature without properties")


def _record(feature: Json, said: Json) -> Record:
    language = said.get("language")
    code = language.get("code") if isinstance(language, dict) else language
    own = language_code(string(code))
    identifiers = [string(i.get("value")) for i in objects(said.get("externalIds"))]
    identifiers += [
        f"{string(i.get('scheme')).rstrip('/')}/{string(i.get('value'))}"
        for i in objects(said.get("externalIds"))
        if "doi" in string(i.get("scheme")).casefold()
    ]
    start, end, ongoing = _period(feature, said)
    links = objects(feature.get("links")) + objects(said.get("associations"))
    return Record(
        identifier=string(feature.get("id")) or _number(feature.get("id")),
        titles=tuple(Words(text, own) for text in strings(said.get("title"))),
        kind=string(said.get("type")).casefold(),
        stamp=string(said.get("recordUpdated")) or string(said.get("updated")),
        names=(*identifiers, *(string(link.get("href")) for link in links)),
        keywords=tuple(_keywords(said)),
        box=box(feature.get("geometry")),
        start=start,
        end=end,
        ongoing=ongoing,
        step=string(_time(feature).get("resolution")),
        created=string(said.get("created")),
        published=string(said.get("published")),
        edition=string(said.get("version")),
        rights=tuple((t, t) for t in (*strings(said.get("license")), *strings(said.get("rights")))),
        organisations=tuple(_organisations(said)),
        links=tuple(_links(links, said)),
    )


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _time(feature: Json) -> Json:
    time = feature.get("time")
    return time if isinstance(time, dict) else {}


def _period(feature: Json, said: Json) -> tuple[str, str, bool]:
    """The start and the end, and whether the data go on: ``..`` is an open end."""
    extent = said.get("extent")
    temporal = extent.get("temporal") if isinstance(extent, dict) else None
    interval = _time(feature).get("interval") or (
        temporal.get("interval") if isinstance(temporal, dict) else None
    )
    if isinstance(interval, list) and interval and isinstance(interval[0], list):
        interval = interval[0]
    if not isinstance(interval, list) or len(interval) != 2:
        moment = string(_time(feature).get("date")) or string(_time(feature).get("timestamp"))
        return moment, moment, False
    start, end = (string(value) for value in interval)
    return ("" if start == ".." else start), ("" if end == ".." else end), end == ".."


def _keywords(said: Json) -> Iterator[Keyword]:
    for text in strings(said.get("keywords")):
        yield Keyword(text)
    for theme in objects(said.get("themes")):
        scheme = string(theme.get("scheme"))
        for concept in objects(theme.get("concepts")):
            text = string(concept.get("title")) or string(concept.get("id"))
            iri = string(concept.get("url"))
            yield Keyword(text, iri or string(concept.get("id")), scheme)
        for text in strings(theme.get("concepts")):
            yield Keyword(text, list=scheme)


def _organisations(said: Json) -> Iterator[tuple[str, str]]:
    """The organisations among the contacts; the name beside may be a person's."""
    for contact in objects(said.get("contacts")) + objects(said.get("providers")):
        for role in _roles(contact):
            if name := string(contact.get("organization")):
                yield _ROLES.get(role, role), name


def _roles(contact: Json) -> list[str]:
    named = [string(role.get("name")) for role in objects(contact.get("roles"))]
    return [*strings(contact.get("roles")), *strings(contact.get("role")), *named]


def _links(links: list[dict[str, Any]], said: Json) -> Iterator[Link]:
    formats = ", ".join(
        dict.fromkeys(
            [*strings(said.get("formats"))]
            + [string(f.get("name")) for f in objects(said.get("formats"))]
        )
    )
    for link in links:
        relation, url = string(link.get("rel")), string(link.get("href"))
        use = "information" if relation in _ABOUT else ""
        if url and (relation in _DATA or use):
            format_ = "" if use else (string(link.get("type")) or formats)
            protocol = string(link.get("protocol"))
            yield Link(url, string(link.get("title")), protocol, format_, use)
