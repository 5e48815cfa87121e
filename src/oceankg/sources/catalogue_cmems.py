"""Copernicus Marine: the products of its catalogue, from eodag's harvest of the STAC collections.

The recording is one JSON object: product identifier to its STAC collection. Of a collection are
read title, keywords, level, DOI, providers and extent; descriptions are not carried over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import Literal

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCAT, DCT, OKG
from oceankg.sources.catalogue import (
    Gathering,
    Product,
    Resource,
    facet,
    is_private,
    masked,
    read_level,
)
from oceankg.sources.titles import read_title

NAME: Final = "cmems"
TITLE: Final = "Copernicus Marine Service"

# The service's own keywords are hyphenated; these are facets, all others are words for what a
# product holds.
REGIONS: Final[Mapping[str, str]] = {
    "global-ocean": "global",
    "arctic-ocean": "arctic",
    "baltic-sea": "baltic",
    "north-west-shelf-seas": "north-west-shelf",
    "iberian-biscay-irish-seas": "ibi",
    "mediterranean-sea": "mediterranean",
    "black-sea": "black-sea",
}
# Areas that keywords name besides the service's seven regions.
AREAS: Final[Mapping[str, str]] = {"antarctic-ocean": "antarctic", "atlantic-ocean": "atlantic"}
TIME_SCALES: Final = frozenset({"multi-year", "near-real-time", "forecast"})
KINDS: Final[Mapping[str, str]] = {
    "satellite-observation": "satellite",
    "in-situ-observation": "in-situ",
    "numerical-model": "model",
}
# Uses and benefits, what stands where nothing was known, and "invariant": no scale of time.
DROPPED: Final = frozenset(
    {
        "",
        "none",
        "invariant",
        "coastal-marine-environment",
        "marine-resources",
        "marine-safety",
        "oceanographic-geographical-features",
        "weather-climate-and-seasonal-forecasting",
    }
)
LEVEL_START: Final = "level-"
DROPPED_START: Final = "target-application#"
# What a model assimilated, as the catalogue words it (`assimilatedData` of its STAC collections):
# such a product need not hold it, so these words alone do not say what it holds.
ASSIMILATED: Final = frozenset(
    {
        "in-situ-ts-profiles",
        "nutrients-(o2-n-p)",
        "satellite-chlorophyll",
        "sea-ice-concentration-and/or-thickness",
        "sea-level",
        "significant-wave-height-(swh)",
        "sst",
    }
)

UNKNOWN_BOX: Final = (0.0, 0.0, 0.0, 0.0)
UNKNOWN_DAY: Final = "1970-01-01"


def read_collections(recording: Recording) -> Facts:
    """All products of the harvest, with their words, facets, extents, DOIs and producers.

    Where the harvest holds nothing but an identifier, that stands in for the title and is marked
    so. Raises SourceError when the bytes are not one JSON object of collections, or a collection
    that says anything has no title or a value of the wrong type.
    """
    gathering = Gathering(NAME, TITLE)
    for identifier, collection in _load(recording).items():
        take(gathering, Check(recording.name, identifier, collection))
    return gathering.facts()


def _load(recording: Recording) -> dict[str, Any]:
    """The JSON object of the recording; the same key twice is an error, not the last one wins."""
    name, remedy = recording.name, "The file is cut off or not the harvest: fetch it again."
    try:
        content = json.loads(recording.content, object_pairs_hook=_unique)
        json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except _GivenTwiceError as error:
        place, remedy = f"product or key {error}", "Ask who harvested it which of the two is right."
        raise SourceError("given twice", file=name, place=place, remedy=remedy) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SourceError(error.msg, file=name, place=place, remedy=remedy) from error
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise SourceError("no UTF-8", file=name, place=place, remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(str(error), file=name, place="whole file", remedy=remedy) from error
    if not isinstance(content, dict) or not content:
        raise SourceError(
            "no object of collections by identifier", file=name, place="line 1", remedy=remedy
        )
    return content


class _GivenTwiceError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _GivenTwiceError(key)
        found[key] = value
    return found


class Check:
    """A collection whose values are looked at before they are believed."""

    def __init__(self, file: str, identifier: str, collection: object) -> None:
        self.file, self.identifier = file, identifier
        if not identifier.strip():
            raise self.error("a product without identifier", "")
        if is_private(identifier):
            raise self.error("an identifier that holds an e-mail address", "")
        if not isinstance(collection, dict):
            raise self.error("no collection", "")
        self.collection = collection

    def error(self, message: str, key: str) -> SourceError:
        place = f"product {masked(self.identifier)}" + (f", key {key}" if key else "")
        remedy = "Fetch the harvest again; if it stays so, report it to who harvests."
        return SourceError(message, file=self.file, place=place, remedy=remedy)

    def is_shell(self) -> bool:
        """Whether the title is null and whatever else there is, is a placeholder."""
        if "title" not in self.collection or self.collection["title"] is not None:
            return False
        own = {"", own_slug(self.identifier)}
        return not self.providers() and not self.text("sci:doi") and set(self.keywords()) <= own

    def text(self, key: str) -> str | None:
        value = self.collection.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error("no text", key)
        return value

    def title(self) -> str:
        title = self.text("title")
        if not title or not title.strip():
            raise self.error("a product without title", "title")
        return title

    def keywords(self) -> list[str]:
        value = self.collection.get("keywords") or []
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.error("no list of texts", "keywords")
        return value

    def providers(self) -> list[tuple[str, tuple[str, ...]]]:
        """Name and roles of each provider."""
        value = self.collection.get("providers") or []
        try:
            found = [(entry["name"], tuple(entry.get("roles") or ())) for entry in value]
        except (TypeError, KeyError, AttributeError) as error:
            raise self.error("no list of names with roles", "providers") from error
        if not all(isinstance(text, str) for name, roles in found for text in (name, *roles)):
            raise self.error("no list of names with roles", "providers")
        return found

    def box(self) -> tuple[float, ...] | None:
        """The overall box, the first of the extent; None when it is not stated."""
        value = self._first("spatial", "bbox")
        if value is None:
            return None
        if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in value):
            raise self.error("no list of numbers", "extent/spatial/bbox")
        return tuple(float(x) for x in value)

    def interval(self) -> tuple[str | None, str | None]:
        """Start and end, the first of the extent, each None when it is not stated."""
        value = self._first("temporal", "interval")
        if value is None:
            return None, None
        if len(value) != 2 or not all(x is None or isinstance(x, str) for x in value):
            raise self.error("no start and end", "extent/temporal/interval")
        return value[0], value[1]

    def _first(self, part: str, key: str) -> list[Any] | None:
        extent = self.collection.get("extent")
        if extent is None:
            return None
        try:
            value = extent[part][key][0]
        except (TypeError, KeyError, IndexError) as error:
            raise self.error("no list of lists", f"extent/{part}/{key}") from error
        if not isinstance(value, list):
            raise self.error("no list of lists", f"extent/{part}/{key}")
        return value


def own_slug(identifier: str) -> str:
    """The keyword that is a product's own identifier."""
    return identifier.lower().replace("_", "-")


def take(gathering: Gathering, check: Check) -> Product:
    """Gather what a collection says of its product, and give the product.

    Raises SourceError when it says anything and has no title or a value of the wrong type.
    """
    # The catalogue is in English throughout.
    if check.is_shell():
        product = Product(gathering, check.identifier, check.identifier, None)
        product.say(OKG.titleIsDescription, Literal(value=True))
        product.leave("title", "the harvest holds its identifier only")
    else:
        product = Product(gathering, check.identifier, check.title(), "en")
    _take_keywords(product, check.keywords())
    _take_words(product, check.title() if not check.is_shell() else "", check.keywords())
    if doi := check.text("sci:doi"):
        product.doi(doi)
    if level := check.text("processing:level"):
        take_level(product, level)
    # The identifier itself says that a product is an Ocean Monitoring Indicator.
    if "OMI" in check.identifier.split("_"):
        product.say(DCT.type, facet("kind", "indicator"))
    _take_providers(product, check.providers())
    start, end = check.interval()
    if {(start or "")[:10], (end or "")[:10]} != {UNKNOWN_DAY}:
        product.period(start, end)
    box = check.box()
    if box != UNKNOWN_BOX:
        product.extent(box)
    return product


def _take_keywords(product: Product, keywords: Iterable[str]) -> None:
    for keyword in keywords:
        if keyword:
            product.say(DCAT.keyword, Literal(keyword))
        if keyword in REGIONS:
            product.say(DCT.spatial, facet("region", REGIONS[keyword]))
        elif keyword in AREAS:
            product.say(DCT.spatial, facet("area", AREAS[keyword]))
        elif keyword in TIME_SCALES:
            product.say(OKG.timeScale, facet("time-scale", keyword))
        elif keyword in KINDS:
            product.say(DCT.type, facet("kind", KINDS[keyword]))
        elif keyword.startswith(LEVEL_START):
            take_level(product, keyword)


def _take_words(product: Product, title: str, keywords: Iterable[str]) -> None:
    """Report the keywords that are no facet; the title is read in the catalogue's own spelling."""
    words = [word for word in keywords if _is_word(word, product.identifier)]
    product.report(word for word in words if word in ASSIMILATED)
    named = [word for word in words if word not in ASSIMILATED]
    product.report(word.replace(" ", "-") for word in read_title(title, named))


def _is_word(keyword: str, identifier: str) -> bool:
    facets = (REGIONS, AREAS, TIME_SCALES, KINDS, DROPPED)
    if keyword == own_slug(identifier) or any(keyword in facet for facet in facets):
        return False
    return not keyword.startswith((LEVEL_START, DROPPED_START))


def take_level(product: Resource, text: str) -> None:
    """Say the processing level that a text is, or note that it is none."""
    if level := read_level(text):
        product.say(OKG.processingLevel, Literal(level))
    else:
        product.leave("processing level", f"no level: {text!r}")


def _take_providers(product: Product, providers: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    for name, roles in providers:
        if "producer" in roles:
            # Several producers stand in one name: "CLS (France) - IFREMER (France)".
            for one in name.split(" - "):
                product.say(DCT.creator, product.catalogue.agent(one.strip()))
        elif "host" in roles:
            product.say(DCT.publisher, product.catalogue.agent(name))
