"""Fetching: a source's bytes from its authority, in the way that the authority serves them.

Whole bodies, rows and the pages of catalogues (`paging`) are taken anew as a whole; a feed gives
only what changed since the last time. Pages already fetched are kept on disk until the source is
whole, so a break costs only the page at which it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

from oceankg import queries, rdf
from oceankg.crawl import crawl
from oceankg.endpoint import PAGE, Endpoint, bound, rows
from oceankg.errors import FetchError
from oceankg.http import Client, Fetched
from oceankg.model import Recording, Update
from oceankg.paging import pages
from oceankg.sources import DATED, Place, Source, Way, facts, read
from oceankg.sources.feeds import Entry, atom, ldes_page, moment, newest
from oceankg.unfinished import State, Taken, Unfinished

_MOST_PAGES = 10_000
_PAGED = ("csw", "records", "oai", "geonetwork")
_CRAWLED = ("stac", "erddap")
_WHOLE = ("get", "sparql", *_PAGED, *_CRAWLED)
# How NVS is asked for one concept as JSON-LD.
_CONCEPT = "?_profile=nvs&_mediatype=application/ld+json"


def fetch(
    source: Source, client: Client, by: Way | None, state: State, unfinished: Unfinished
) -> State | None:
    """A source as it is now, or None when nothing changed.

    `by` chooses among the ways in which the source may be asked, the first one if it is None. A
    feed of changes is laid over what is there; where nothing is there, or where the feed says that
    the list as such changed, the whole list is fetched.
    """
    ways = {place.by: [p for p in source.live if p.by == place.by] for place in source.live}
    way = by or next(iter(ways))
    if way not in ways:
        raise FetchError(f"{source.id}: it cannot be asked by {way}, only by {', '.join(ways)}")
    base = next((w for w in ways if w in _WHOLE), None)
    if way in _WHOLE or (base and not state.taken):
        return _whole(ways[base if way not in _WHOLE and base else way], client, state, unfinished)
    try:
        return _news(ways[way], client, state, unfinished)
    except _AllOfIt:
        return _whole(ways[base or way], client, state, unfinished)


def _whole(
    places: Iterable[Place], client: Client, state: State, unfinished: Unfinished
) -> State | None:
    taken: list[Taken] = []
    for place in places:
        if place.by == "sparql":
            taken += table(place, Endpoint(place.at, client), unfinished)
        elif place.by in _PAGED:
            taken += pages(place, client, unfinished)
        elif place.by in _CRAWLED:
            taken += crawl(place, partial(_asked, client, state.by_key, unfinished))
        else:
            taken += bodies(place, client, state.by_key, unfinished)
    before = {key: _told(t) for key, t in state.by_key.items() if not t.update}
    if before == {t.key: _told(t) for t in taken}:
        return None
    return State(tuple(taken))


def _told(taken: Taken) -> tuple[object, ...]:
    """What of a file makes a difference to a reader."""
    hour = DATED.get(taken.format)
    content = hour.sub(b"", taken.content) if hour else taken.content
    return content, taken.format, dict(taken.options)


# ------------------------------------------------------------------ whole bodies


def bodies(
    place: Place, client: Client, known: Mapping[str, Taken], unfinished: Unfinished
) -> Iterator[Taken]:
    """The body at an address and the pages that follow it; a known one where nothing changed."""
    url, seen = place.at, set[str]()
    while url:
        _mark(url, seen)
        page = unfinished.get(url)
        if page is None:
            before = known.get(url)
            page = _body(place, url, client, before)
            if before is None or page.content is not before.content:
                unfinished.put(url, page)
        yield page
        url = page.following


def _body(
    place: Place, url: str, client: Client, before: Taken | None, update: Update = ""
) -> Taken:
    told = {"etag": before.etag, "last_modified": before.last_modified} if before else None
    answer = client.get(url, told)
    if answer.unchanged and before is not None:
        return replace(before, format=place.format, options=place.options)
    return Taken(
        name=file_name(answer.name + _ending(place.format, answer)),
        format=place.format,
        url=url,
        content=answer.content,
        options=place.options,
        update=update,
        etag=answer.etag,
        last_modified=answer.last_modified,
        following=answer.following,
    )


def _asked(
    client: Client, known: Mapping[str, Taken], unfinished: Unfinished, place: Place
) -> Taken:
    """One body of a crawl: as a break has left it, else fetched, and kept for the next attempt."""
    return unfinished.once(place.at, lambda: _body(place, place.at, client, known.get(place.at)))


def _mark(url: str, seen: set[str]) -> None:
    if url in seen:
        raise FetchError(f"{url}: its pages lead in a circle")
    if len(seen) >= _MOST_PAGES:
        raise FetchError(f"{url}: more than {_MOST_PAGES} pages")
    seen.add(url)


def file_name(text: str) -> str:
    """A text as a file's name that no folder takes amiss."""
    name = re.sub(r"[^\w.\-]+", "_", text, flags=re.ASCII).lstrip(".")[-100:]
    return f"_{name}" if name in ("", "origin.json") else name


def _ending(format_: str, answer: Fetched) -> str:
    """The ending that tells an RDF reader the syntax, when the address does not."""
    if format_ not in ("skos", "ldes") or Path(answer.name).suffix.lower() in rdf.FORMATS:
        return ""
    assumed = ".ttl" if format_ == "ldes" else ".rdf"
    return next((e for e, f in rdf.FORMATS.items() if f.media_type == answer.media_type), assumed)


# ------------------------------------------------------------------ rows


def table(place: Place, endpoint: Endpoint, unfinished: Unfinished) -> Iterator[Taken]:
    """The rows of a named query, page after page until one is empty.

    A server may put fewer rows on a page than it was asked for, so only an empty page is the end.
    After a break the last page is asked for again: when it is another one, the list has changed
    meanwhile, and all its pages are fetched anew.
    """
    query = queries.get(place.query)
    bindings = dict.fromkeys(query.parameters, place.about)

    def key(offset: int) -> str:
        return f"{place.at} {place.query} {place.about} {offset}"

    def ask(offset: int) -> Taken:
        content = endpoint.select(bound(query.text, bindings, PAGE, offset))
        name = file_name(f"{place.query}-{place.about.rstrip('/')}-{offset}.json")
        return Taken(name, place.format, key(offset), content)

    kept = tuple(_kept(unfinished, key))
    if kept and ask(kept[-1]).content != unfinished.once(key(kept[-1]), lambda: ask(0)).content:
        for offset in kept:
            unfinished.drop(key(offset))
    offset = 0
    for _ in range(_MOST_PAGES):
        page = unfinished.once(key(offset), partial(ask, offset))
        if not (count := rows(page.content)):
            break
        yield page
        offset += count
    if not offset:
        raise FetchError(f"{place.at}: it knows nothing of {place.about or place.query}")


def _kept(unfinished: Unfinished, key: Callable[[int], str]) -> Iterator[int]:
    """The offsets of the pages that a broken fetch has left."""
    offset = 0
    while (page := unfinished.get(key(offset))) is not None:
        yield offset
        if not (count := rows(page.content)):
            return
        offset += count


# ------------------------------------------------------------------ changes


def _news(
    places: Iterable[Place], client: Client, state: State, unfinished: Unfinished
) -> State | None:
    """What is there with the changes of feeds after it; None when nothing changed.

    Raises `_AllOfIt` when a feed says that a list as such changed.
    """
    files, seen = state.by_key, dict(state.seen)
    changed = False
    for place in places:
        since = moment(seen[place.at]) if place.at in seen else _newest(state.taken)
        walk = stream if place.by == "ldes" else changes
        news, until = walk(place, client, state.by_key, unfinished, since)
        for page in news:
            before = files.get(page.key)
            if before is None or before.content != page.content:
                changed = True
                files.pop(page.key, None)
                files[page.key] = page
        if until is not None:
            seen[place.at] = until.isoformat()
    return State(tuple(files.values()), seen) if changed else None


class _AllOfIt(Exception):  # noqa: N818  (a signal, never seen outside)
    """A feed says that a list as such changed."""


def _newest(taken: Iterable[Taken]) -> datetime | None:
    stamps = (newest(read(t.recording).triples) for t in taken)
    return max((s for s in stamps if s), default=None)


def stream(
    place: Place,
    client: Client,
    known: Mapping[str, Taken],
    unfinished: Unfinished,
    since: datetime | None,
) -> tuple[list[Taken], datetime | None]:
    """The pages of an event stream that may hold members newer than `since`, oldest first.

    A page is kept under the address that it gives itself: the newest page is always found at the
    same place, but it is another one once a new page is begun.
    """
    asked_at = {t.asked: t for t in known.values() if t.asked}
    todo, asked = [place.at], set[str]()
    pages: dict[str, Taken] = {}
    while todo:
        url = todo.pop(0)
        if url in asked or url in pages:
            continue
        _mark(url, asked)
        before = asked_at.get(url) or known.get(url)
        page = unfinished.once(url, partial(_body, place, url, client, before, "stated"))
        node, relations = ldes_page(page.recording)
        pages.setdefault(node or url, replace(page, url=node or url, asked=url))
        todo += [r.node for r in relations if not (since and r.until and r.until <= since)]
    found = list(pages.values())[::-1]
    return found, max(filter(None, (since, _newest(found))), default=None)


def changes(
    place: Place,
    client: Client,
    known: Mapping[str, Taken],  # noqa: ARG001  (the ways have one form)
    unfinished: Unfinished,
    since: datetime | None,
) -> tuple[list[Taken], datetime | None]:
    """The concepts of a list that an Atom feed says are newer than `since`, each fetched singly."""
    wanted: dict[str, None] = {}
    until = since
    for entry in _entries(place.at, client):
        named = [facts.spelled(address) for address in entry.addresses]
        about = [iri for iri in named if iri.startswith(place.about)]
        if about and not (since and entry.updated and entry.updated <= since):
            wanted |= dict.fromkeys(about)
            until = max(filter(None, (until, entry.updated)), default=None)
    if place.about in wanted:
        raise _AllOfIt
    taken = []
    for iri in wanted:
        url = iri + _CONCEPT
        taken.append(unfinished.once(url, partial(_body, place, url, client, None, "whole")))
    return taken, until


def _entries(url: str, client: Client) -> Iterator[Entry]:
    asked = set[str]()
    while url:
        _mark(url, asked)
        answer = client.get(url)
        found, following = atom(Recording(answer.name, answer.content, "atom"))
        yield from found
        url = urljoin(url, following) if following else ""
