"""The Copernicus Marine catalogue: products with keywords, extents, DOIs and producers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG
from oceankg.sources import catalogue, facts

NAME = "cmems"
TITLE = "Copernicus Marine Service"

# Keywords that say where, when and how, each the service's own facet; they are no variables.
REGIONS: Mapping[str, str] = {
    "global-ocean": "region/global",
    "arctic-ocean": "region/arctic",
    "baltic-sea": "region/baltic",
    "north-west-shelf-seas": "region/north-west-shelf",
    "iberian-biscay-irish-seas": "region/ibi",
    "mediterranean-sea": "region/mediterranean",
    "black-sea": "region/black-sea",
    "antarctic-ocean": "area/antarctic",
    "atlantic-ocean": "area/atlantic",
}
TIME_SCALES = ("multi-year", "near-real-time", "forecast")
KINDS: Mapping[str, str] = {
    "satellite-observation": "satellite",
    "in-situ-observation": "in-situ",
    "numerical-model": "model",
}
# What the products are good for, and fillers: neither variable nor facet.
DROPPED = {
    "",
    "none",
    "coastal-marine-environment",
    "marine-resources",
    "marine-safety",
    "weather-climate-and-seasonal-forecasting",
    "oceanographic-geographical-features",
    "invariant",
}
_REMEDY = "Harvest the catalogue again."
_NOWHERE = (0, 0, 0, 0)
_NEVER = "1970-01-01"


def read_collections(recording: Recording) -> Facts:
    """Products as STAC collections by identifier: ``{id: {title, keywords, extent, …}}``.

    A bounding box of zeros and an interval of the epoch are placeholders, so they are dropped.
    Where the catalogue gives no title, the identifier stands in and is marked as no title.
    """
    content = _content(recording)
    triples: list[Triple] = list(catalogue.catalogue(NAME, TITLE))
    for identifier, product in content.items():
        triples += _product(recording, identifier, product)
    return facts.whole(recording, triples, lambda t: t.predicate == DCT.title)


def _content(recording: Recording) -> Mapping[str, Mapping[str, Any]]:
    try:
        content = json.loads(facts.text(recording))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SourceError(error.msg, file=recording.name, place=place, remedy=_REMEDY) from error
    if not isinstance(content, dict):
        raise SourceError(
            "not an object of products", file=recording.name, place="top level", remedy=_REMEDY
        )
    for identifier, product in content.items():
        wrong = _wrong(product)
        if wrong:
            raise SourceError(
                wrong, file=recording.name, place=f"product {identifier}", remedy=_REMEDY
            )
    return content


def _wrong(product: object) -> str:
    """What is wrong with the form of a product, or nothing."""
    if not isinstance(product, dict):
        return "not an object"
    keywords = product.get("keywords")
    if not isinstance(keywords, list) or not all(isinstance(k, str) for k in keywords):
        return "keywords is not a list of texts"
    if not isinstance(product.get("extent"), dict):
        return "extent is missing"
    return ""


def _title(product: Mapping[str, Any]) -> str | None:
    title = product.get("title")
    return title.strip() if isinstance(title, str) and title.strip() not in ("", "None") else None


def _product(recording: Recording, identifier: str, product: Mapping[str, Any]) -> Iterator[Triple]:
    me = NamedNode(ids.product(NAME, identifier))
    title = _title(product)
    yield from catalogue.product(NAME, me, identifier, title or identifier, "en" if title else None)
    if title is None:
        yield Triple(me, OKG.titleIsDescription, Literal(value=True))
    if found := ids.doi(str(product.get("sci:doi") or "")):
        yield Triple(me, BIBO.doi, Literal(found))
    level = str(product.get("processing:level") or "").removeprefix("Level ").strip()
    if level.isdigit():
        yield Triple(me, OKG.processingLevel, Literal(f"L{level}"))
    for provider in product.get("providers") or ():
        if "producer" in provider.get("roles", ()):
            yield from catalogue.organisation(me, DCT.creator, provider["name"])
    for keyword in product["keywords"]:
        if keyword:
            yield Triple(me, DCAT.keyword, Literal(keyword))
        yield from _keyword(me, identifier, keyword)
    if "_OMI_" in f"_{identifier}_":
        yield Triple(me, DCT.type, NamedNode(f"{BASE}kind/indicator"))
    yield from _extent(recording, me, identifier, product["extent"])


def _keyword(me: NamedNode, identifier: str, keyword: str) -> Iterator[Triple]:
    if keyword in REGIONS:
        yield Triple(me, DCT.spatial, NamedNode(BASE + REGIONS[keyword]))
    elif keyword in TIME_SCALES:
        yield Triple(me, OKG.timeScale, NamedNode(f"{BASE}time-scale/{keyword}"))
    elif keyword in KINDS:
        yield Triple(me, DCT.type, NamedNode(f"{BASE}kind/{KINDS[keyword]}"))
    elif keyword.startswith("level-") and keyword[6:].isdigit():
        yield Triple(me, OKG.processingLevel, Literal(f"L{keyword[6:]}"))
    elif not _is_filler(identifier, keyword):
        yield from catalogue.reported_word(NAME, TITLE, me, keyword)


def _is_filler(identifier: str, keyword: str) -> bool:
    own = identifier.lower().replace("_", "-")
    return keyword in DROPPED or keyword == own or keyword.startswith("target-application#")


def _extent(
    recording: Recording, me: NamedNode, identifier: str, extent: Mapping[str, Any]
) -> Iterator[Triple]:
    try:
        box: Sequence[float] = extent["spatial"]["bbox"][0]
        start, end = extent["temporal"]["interval"][0]
        west, south, east, north = box
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise SourceError(
            "extent has no bbox of four numbers or no interval",
            file=recording.name,
            place=f"product {identifier}",
            remedy=_REMEDY,
        ) from error
    if tuple(box) != _NOWHERE:
        yield from catalogue.extent(me, (west, south, east, north))
    if not (str(start).startswith(_NEVER) and str(end).startswith(_NEVER)):
        yield from catalogue.period(me, str(start or "")[:10], str(end or "")[:10])
