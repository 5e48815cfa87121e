"""OGC API Records: pages of records in GeoJSON, as GeoNetwork, pycsw and pygeoapi send them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources.facts import AGAIN
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
            for link in _objects(content.get("links"))
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
    try:
        content = json.loads(recording.content)
        json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"no JSON: {error}", file=recording.name, place="whole file", remedy=AGAIN
        ) from error
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


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [part.strip() for part in found if isinstance(part, str) and part.strip()]


def _string(value: object) -> str:
    return next(iter(_strings(value)), "")


def _record(feature: Json, said: Json) -> Record:
    language = said.get("language")
    code = language.get("code") if isinstance(language, dict) else language
    own = language_code(_string(code))
    identifiers = [_string(i.get("value")) for i in _objects(said.get("externalIds"))]
    identifiers += [
        f"{_string(i.get('scheme')).rstrip('/')}/{_string(i.get('value'))}"
        for i in _objects(said.get("externalIds"))
        if "doi" in _string(i.get("scheme")).casefold()
    ]
    start, end, ongoing = _period(feature, said)
    links = _objects(feature.get("links")) + _objects(said.get("associations"))
    return Record(
        identifier=_string(feature.get("id")) or _number(feature.get("id")),
        titles=tuple(Words(text, own) for text in _strings(said.get("title"))),
        kind=_string(said.get("type")).casefold(),
        stamp=_string(said.get("recordUpdated")) or _string(said.get("updated")),
        names=(*identifiers, *(_string(link.get("href")) for link in links)),
        keywords=tuple(_keywords(said)),
        box=_box(feature),
        start=start,
        end=end,
        ongoing=ongoing,
        step=_string(_time(feature).get("resolution")),
        created=_string(said.get("created")),
        published=_string(said.get("published")),
        edition=_string(said.get("version")),
        rights=tuple(
            (t, t) for t in (*_strings(said.get("license")), *_strings(said.get("rights")))
        ),
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
        moment = _string(_time(feature).get("date")) or _string(_time(feature).get("timestamp"))
        return moment, moment, False
    start, end = (_string(value) for value in interval)
    return ("" if start == ".." else start), ("" if end == ".." else end), end == ".."


def _keywords(said: Json) -> Iterator[Keyword]:
    for text in _strings(said.get("keywords")):
        yield Keyword(text)
    for theme in _objects(said.get("themes")):
        scheme = _string(theme.get("scheme"))
        for concept in _objects(theme.get("concepts")):
            text = _string(concept.get("title")) or _string(concept.get("id"))
            iri = _string(concept.get("url"))
            yield Keyword(text, iri or _string(concept.get("id")), scheme)
        for text in _strings(theme.get("concepts")):
            yield Keyword(text, list=scheme)


def _box(feature: Json) -> tuple[float, ...]:
    """The box around the geometry; a point has none."""
    geometry = feature.get("geometry")
    pairs = list(_positions(geometry.get("coordinates"), 0)) if isinstance(geometry, dict) else []
    if len({*pairs}) < 2:
        return ()
    xs, ys = zip(*pairs, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _positions(value: object, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list) or depth > 4:
        return
    numbers = [
        float(v)
        for v in value
        if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= 1e6
    ]
    if len(numbers) >= 2 and all(math.isfinite(n) for n in numbers):
        yield numbers[0], numbers[1]
    for part in value:
        yield from _positions(part, depth + 1)


def _organisations(said: Json) -> Iterator[tuple[str, str]]:
    """The organisations among the contacts; the name beside may be a person's."""
    for contact in _objects(said.get("contacts")) + _objects(said.get("providers")):
        for role in _roles(contact):
            if name := _string(contact.get("organization")):
                yield _ROLES.get(role, role), name


def _roles(contact: Json) -> list[str]:
    named = [_string(role.get("name")) for role in _objects(contact.get("roles"))]
    return [*_strings(contact.get("roles")), *_strings(contact.get("role")), *named]


def _links(links: list[dict[str, Any]], said: Json) -> Iterator[Link]:
    formats = ", ".join(
        dict.fromkeys(
            [*_strings(said.get("formats"))]
            + [_string(f.get("name")) for f in _objects(said.get("formats"))]
        )
    )
    for link in links:
        relation, url = _string(link.get("rel")), _string(link.get("href"))
        use = "information" if relation in _ABOUT else ""
        if url and (relation in _DATA or use):
            format_ = "" if use else (_string(link.get("type")) or formats)
            protocol = _string(link.get("protocol"))
            yield Link(url, _string(link.get("title")), protocol, format_, use)
