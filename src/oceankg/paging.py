"""Paging: all the records of a catalogue server, page after page, or none.

A page is kept as it came. What is short of what the server says there is, or of two states of the
catalogue, never passes for the whole: the pages are fetched anew, or the harvest ends with an
error and goes on with the page that failed at the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode, urlsplit

from oceankg.errors import FetchError, SourceError
from oceankg.http import Client, Fetched
from oceankg.model import Recording
from oceankg.sources import Place, csw, geonetwork, oai, ogc_records
from oceankg.sources.metadata import Page
from oceankg.unfinished import Taken, Unfinished

MOST_PAGES: Final = 10_000
# How many records a page is asked to hold; servers may give fewer.
_PAGE: Final = "100"
_BEGINNINGS: Final = 3
_ISO_19139: Final = "http://www.isotc211.org/2005/gmd"


class _Moved(Exception):  # noqa: N818  (a signal, never seen outside)
    """The catalogue is another one than when the first page was fetched."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """How the pages of a protocol are asked for.

    `first` is the address of the first page, `read` what a page says, `onward` the address of the
    page after one, given how many records came before it and with it; "" when it is the last.
    `ask` fetches a page, `instead` is the address to ask where an answer is an error. `exact` says
    that the server's count is no estimate, `linked` that only a page itself can say which one
    comes next.
    """

    first: str
    read: Callable[[Recording], Page]
    onward: Callable[[str, Page, int], str]
    instead: Callable[[Recording, str], str] = lambda _, __: ""
    exact: bool = True
    linked: bool = False
    ask: Callable[[Client, str], Fetched] = lambda client, url: client.get(url)


def pages(place: Place, client: Client, unfinished: Unfinished) -> list[Taken]:
    """Every page of a catalogue, with the products named of which a newer record stands elsewhere.

    Raises FetchError when the server cannot be read to its end.
    """
    for _ in range(_BEGINNINGS):
        walk = _WALKS[place.by](place, client)
        asked: list[str] = []
        try:
            return _without_repeats(list(_walked(place, walk, client, unfinished, asked)))
        except _Moved:
            for url in asked:
                unfinished.drop(url)
    raise FetchError(f"{place.at}: it changes while it is read; try again later")


def _walked(
    place: Place, walk: _Walk, client: Client, unfinished: Unfinished, asked: list[str]
) -> Iterator[tuple[Taken, Page]]:
    url, seen, total = walk.first, 0, None
    while url:
        if url in asked:
            raise FetchError(f"{url}: its pages lead in a circle")
        if len(asked) >= MOST_PAGES:
            raise FetchError(f"{url}: more than {MOST_PAGES} pages")
        asked.append(url)
        kept = unfinished.get(url)
        taken = kept or _ask(place, walk, client, url, len(asked))
        page = _read(walk, taken, url)  # before it is kept: what is no page is asked for again
        if kept is None:
            unfinished.put(url, taken)
        total = page.total if total is None else total
        if walk.exact and page.total not in (None, total):
            raise _Moved
        seen += page.count
        following = walk.onward(url, page, seen)
        if page.count == 0 and following:
            raise FetchError(f"{url}: it holds no records, and yet is not the last page")
        missing = 0 if following or total is None or not walk.exact else total - seen
        if missing > 0 and (walk.linked or not seen):
            raise FetchError(f"{place.at}: it gives {seen} records of the {total} that it counts")
        yield _told_short(taken, missing), page
        url = following
    if not seen:
        raise FetchError(f"{place.at}: it has no records")


def _told_short(taken: Taken, missing: int) -> Taken:
    """The last page, told how many records the server counts and does not give."""
    if missing <= 0:
        return taken
    return replace(taken, options={**taken.options, "missing": str(missing)})


def _ask(place: Place, walk: _Walk, client: Client, url: str, number: int) -> Taken:
    """A page as it came."""
    answer = walk.ask(client, url)
    name = f"{_host(url)}-{place.by}-{number:04}"
    options = {**place.options, "asked": url} if place.by == "records" else place.options
    taken = Taken(name, place.format, url=url, content=answer.content, options=options)
    if other := walk.instead(taken.recording, url):
        taken = replace(taken, content=client.get(other).content)
    return taken


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "server").replace(":", "_")


def _read(walk: _Walk, taken: Taken, url: str) -> Page:
    try:
        return walk.read(taken.recording)
    except SourceError as error:
        raise FetchError(f"{url}: {error}") from error


def _without_repeats(walked: Sequence[tuple[Taken, Page]]) -> list[Taken]:
    """The pages, each told of which products another page has a newer record.

    Of records of one date that on the earlier page stands.
    """
    best: dict[str, tuple[str, int]] = {}
    for number, (_, page) in enumerate(walked):
        for head in page.heads:
            if head.identifier not in best or head.stamp > best[head.identifier][0]:
                best[head.identifier] = head.stamp, number
    told = []
    for number, (taken, page) in enumerate(walked):
        elsewhere = {h.identifier for h in page.heads if best[h.identifier][1] != number}
        options = {**taken.options, "repeated": "\n".join(sorted(elsewhere))}
        told.append(replace(taken, options=options if elsewhere else taken.options))
    return told


def _with(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    joint = "&" if urlsplit(url).query else "?"
    return url + joint + urlencode([(name, value) for name, value in parameters if value])


# ------------------------------------------------------------------ the protocols


def _csw(place: Place, _: Client) -> _Walk:
    """CSW by GET: a page begins at the position after the last record that was given."""
    version = place.options.get("version", "2.0.2")
    size = place.options.get("page", _PAGE)
    schema = place.options.get("schema", _ISO_19139)
    types = place.options.get("types", "csw:Record")
    filtered = [
        ("constraintLanguage", "CQL_TEXT"),
        ("constraint_language_version" if version == "2.0.2" else "", "1.1.0"),
        ("constraint", place.about),
    ]

    def at(position: int) -> str:
        asked = [
            ("service", "CSW"),
            ("version", version),
            ("request", "GetRecords"),
            ("resultType" if version == "2.0.2" else "", "results"),
            ("typeNames", types),
            ("elementSetName", "full"),
            ("outputFormat", "application/xml"),
            ("outputSchema", schema),
            ("startPosition", str(position)),
            ("maxRecords", size),
            *(filtered if place.about else ()),
        ]
        return _with(place.at, [(name, value) for name, value in asked if name])

    def onward(_: str, page: Page, seen: int) -> str:
        # A server that gives fewer records than asked may still count by what was asked.
        ended = not page.following or (page.total is not None and seen >= page.total)
        return "" if ended or (page.following == "?" and not page.count) else at(seen + 1)

    return _Walk(at(1), csw.page, onward)


def _records(place: Place, _: Client) -> _Walk:
    """OGC API Records: a page names the next one."""
    first = _with(place.at, [("f", place.options.get("f", "json")), ("limit", _size(place))])

    def onward(url: str, page: Page, _: int) -> str:
        if page.following and _host(page.following) != _host(place.at):
            raise FetchError(f"{url}: its next page is at another host: {page.following}")
        return page.following

    return _Walk(first, ogc_records.page, onward, linked=True)


def _size(place: Place) -> str:
    return place.options.get("page", _PAGE)


def _oai(place: Place, client: Client) -> _Walk:
    """OAI-PMH: a page holds the token for the next one; an old token leads back to the start."""
    prefix = _prefix(place, client)
    chosen = [("metadataPrefix", prefix), ("set", place.about)]
    first = _with(place.at, [("verb", "ListRecords"), *chosen])

    def onward(_: str, page: Page, __: int) -> str:
        if page.following in ("", "0"):  # pycsw: there is no record after the last
            return ""
        return _with(place.at, [("verb", "ListRecords"), ("resumptionToken", page.following)])

    def instead(recording: Recording, url: str) -> str:
        code = _error_code(recording)
        if code == oai.FORGOTTEN:
            raise _Moved
        # pycsw wants the prefix beside the token, against the protocol.
        again = code == oai.BAD_ARGUMENT and "resumptionToken=" in url
        return _with(url, chosen[:1]) if again else ""

    return _Walk(first, oai.page, onward, instead, exact=False)


def _prefix(place: Place, client: Client) -> str:
    """The first of the wanted forms that the server offers."""
    wanted = place.options.get("form", "oai_dc").split()
    if len(wanted) == 1:
        return wanted[0]
    url = _with(place.at, [("verb", "ListMetadataFormats")])
    try:
        offered = oai.offered(Recording(url, client.get(url).content, place.format))
    except SourceError as error:
        raise FetchError(f"{url}: {error}") from error
    found = next((prefix for prefix in wanted if prefix in offered), None)
    if found is None:
        raise FetchError(f"{url}: it offers {', '.join(offered)}, not {' or '.join(wanted)}")
    return found


def _error_code(recording: Recording) -> str:
    try:
        return oai.error_code(recording)
    except SourceError as error:
        raise FetchError(str(error)) from error


def _geonetwork(place: Place, _: Client) -> _Walk:
    """GeoNetwork: a page is a question with the number of its first hit, sent to one address.

    The number stands after a `#` in the address under which a page is kept.
    """
    size = int(_size(place))

    def at(first: int) -> str:
        return f"{place.at}#{first}"

    def ask(client: Client, url: str) -> Fetched:
        first = int(url.rpartition("#")[2])
        return client.post(place.at, geonetwork.question(place.about, first, size))

    def onward(_: str, page: Page, seen: int) -> str:
        if not page.count or (page.total is not None and seen >= page.total):
            return ""
        if seen + size > geonetwork.WINDOW:
            raise FetchError(
                f"{place.at}: more than {geonetwork.WINDOW} records; say which by `about`"
            )
        return at(seen)

    return _Walk(at(0), geonetwork.page, onward, ask=ask)


_WALKS: Final = {"csw": _csw, "records": _records, "oai": _oai, "geonetwork": _geonetwork}
