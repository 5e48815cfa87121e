"""Crawling: catalogues in which a body links to the next, down to thousands of small ones.

What a link leads to may be gone, or not be what it should: it is noted as left out, and the rest
goes on. A server that fails ends the crawl, and the next attempt goes on with what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from urllib.parse import quote

from oceankg.errors import FetchError, MissingError, SourceError
from oceankg.sources import LEFT_OUT, Place, erddap, read, stac_cmems
from oceankg.sources.catalogue import masked
from oceankg.unfinished import Taken

# Few at a time, so that no server is pressed.
_AT_ONCE: Final = 4
_MOST_BODIES: Final = 50_000

# The body at a place; raises FetchError, MissingError where there is none.
Ask = Callable[[Place], Taken]


def crawl(place: Place, ask: Ask) -> list[Taken]:
    """Every body of the catalogue that begins at a place.

    Raises FetchError when the server fails, or when there is nothing at all that can be read.
    """
    return _WALKS[place.by](place, ask)


def _gently(ask: Ask, places: Sequence[Place]) -> list[Taken]:
    """The bodies at several places, a few at a time, in their order."""
    if len(places) > _MOST_BODIES:
        raise FetchError(f"{places[0].at}: one of more than {_MOST_BODIES} bodies")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(partial(_readable, ask), places))


def _readable(ask: Ask, place: Place) -> Taken:
    """A body that can be read, or in its place the note why there is none."""
    url = place.at
    try:
        taken = ask(place)
        read(taken.recording)
    except MissingError as error:
        return _noted(Taken(_name(url), LEFT_OUT, url=url), str(error))
    except SourceError as error:
        return _noted(taken, error.message)
    return replace(taken, name=_name(url))


def _noted(taken: Taken, reason: str) -> Taken:
    """A body that is left out, with the reason, and without a key that its address may hold."""
    told = {"item": masked(taken.url), "reason": masked(reason)}
    return replace(taken, format=LEFT_OUT, options=told)


def _name(url: str) -> str:
    """A file name of the last two parts of an address: the last alone is the same everywhere."""
    return "-".join(part for part in url.split("?")[0].split("/")[-2:] if part)


# ------------------------------------------------------------------ STAC


@dataclass
class _Product:
    """A product as the catalogues tell of it: the collection of each, and the items of all."""

    collections: list[Taken] = field(default_factory=list)
    items: list[Taken] = field(default_factory=list)


def _stac(place: Place, ask: Ask) -> list[Taken]:
    """Products and versions of datasets of all the catalogues that a configuration names.

    Of a product or an item that stands in several, the body that was changed last is taken, the
    first one where they are of one date.
    """
    first = ask(place)
    roots = stac_cmems.catalogues(first.recording) or (place.at,)
    left_out: list[Taken] = []
    products: dict[str, _Product] = {}
    for collection in _children(place, roots, ask):
        if collection.format == LEFT_OUT:
            left_out.append(collection)
            continue
        told = stac_cmems.told_of(collection.recording)
        products.setdefault(told.id, _Product()).collections.append(collection)
    if not products:
        raise FetchError(f"{place.at}: it leads to no product that can be read")
    _find_items(products, ask)
    kept = [taken for product in products.values() for taken in _chosen(product)]
    return [*kept, *left_out]


def _children(place: Place, roots: Iterable[str], ask: Ask) -> Iterator[Taken]:
    for root in roots:
        catalogue = ask(Place(root, place.format))
        urls = stac_cmems.links(catalogue.recording, root, "child")
        yield from _gently(ask, [Place(url, place.format) for url in dict.fromkeys(urls)])


def _find_items(products: Mapping[str, _Product], ask: Ask) -> None:
    """Ask for the items of all products at once, since most products have but a few."""
    wanted = [
        (product, Place(url, "stac-item", {"product": identifier}))
        for identifier, product in products.items()
        for collection in product.collections
        for url in dict.fromkeys(stac_cmems.links(collection.recording, collection.url, "item"))
    ]
    items = _gently(ask, [item for _, item in wanted])
    for (product, _), item in zip(wanted, items, strict=True):
        product.items.append(item)


def _chosen(product: _Product) -> Iterator[Taken]:
    """The newest collection and the newest item of each name, each told what it is."""
    yield _newest(product.collections)
    named: dict[str, list[Taken]] = {}
    for item in product.items:
        if item.format == LEFT_OUT:
            yield item
        else:
            named.setdefault(stac_cmems.told_of(item.recording).id, []).append(item)
    items = [_newest(same) for same in named.values()]
    ranks = stac_cmems.item_ranks([item.recording for item in items])
    for item, rank in zip(items, ranks, strict=True):
        yield replace(item, options={**item.options, "rank": rank})


def _newest(bodies: Sequence[Taken]) -> Taken:
    return max(bodies, key=lambda taken: stac_cmems.told_of(taken.recording).updated)


# ------------------------------------------------------------------ ERDDAP


def _erddap(place: Place, ask: Ask) -> list[Taken]:
    """The information on every dataset that the server's own list of datasets names."""
    server = place.at.rstrip("/")
    index = ask(Place(f"{server}/tabledap/allDatasets.json", place.format))
    datasets = erddap.datasets(index.recording)
    if not datasets:
        raise FetchError(f"{place.at}: it lists no dataset that all may read")
    return _gently(
        ask,
        [
            Place(
                f"{server}/info/{quote(dataset, safe='')}/index.json",
                place.format,
                {**place.options, "server": server, "dataset": dataset},
            )
            for dataset in datasets
        ],
    )


_WALKS: Final[Mapping[str, Callable[[Place, Ask], list[Taken]]]] = {
    "stac": _stac,
    "erddap": _erddap,
}
