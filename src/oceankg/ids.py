"""One and the same thing under its many spellings: IRI, URN, CURIE, with or without slash.

`canonical` gives the spelling that the authority itself uses, which is the one in the graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, unquote

from pyoxigraph import NamedNode

from oceankg.namespaces import BASE

NVS = "http://vocab.nerc.ac.uk/"
NVS_COLLECTION = NVS + "collection/"
CF_NAME = NVS + "standard_name/"
EDMO = "https://edmo.seadatanet.org/report/"
EDMERP = "https://edmerp.seadatanet.org/report/"
DOI = "https://doi.org/"

_URN = re.compile(r"^(?:urn:)?sdn:([a-z0-9]{2,3}):[^:]*:([^\s:/]+)$", re.IGNORECASE)
_NVS_CURIE = re.compile(r"^(?:nvs[:.])?([A-Z][A-Z0-9]{1,2})[:/]([A-Za-z0-9_+.\-]+)/?$")
_NVS_IRI = re.compile(
    r"^https?://vocab\.nerc\.ac\.uk/collection/([^/?#]+)(?:/current)?(?:/([^/?#]*))?/?(?:\d+/?)?"
    r"(?:[?#].*)?$"
)
_CF_IRI = re.compile(r"^https?://vocab\.nerc\.ac\.uk/standard_name/([^/]+)/?$")
_OLD_CF_IRI = re.compile(r"^https?://mmisw\.org/ont/cf/parameter/([^/]+)/?$")
_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)


def nvs_collection(collection: str) -> str:
    """The IRI of an NVS collection, e.g. ``P02``."""
    return f"{NVS_COLLECTION}{collection}/current/"


def nvs_concept(collection: str, code: str) -> str:
    """The IRI of an NVS concept, e.g. ``P02``, ``TEMP``."""
    return f"{NVS_COLLECTION}{collection}/current/{quote(code, safe='+')}/"


def cf_name(name: str) -> str:
    """The IRI of a CF standard name (NVS mints it)."""
    return f"{CF_NAME}{name}/"


def graph(source: str) -> str:
    """The IRI of the named graph that holds a source."""
    return f"{BASE}graph/{source}"


def slug(text: str) -> str:
    """Words as an IRI segment: one space is one hyphen, case folded, the rest percent-encoded."""
    return quote(" ".join(text.split()).casefold().replace(" ", "-"), safe="-_.~")


def word(catalogue: str, text: str) -> str:
    """The IRI of a word by which a catalogue describes its products."""
    return f"{BASE}word/{catalogue}/{slug(text)}"


def variable_name(name_list: str, name: str = "") -> str:
    """The IRI of a name of variables in data files, or of the list that it stands in."""
    return f"{BASE}name/{name_list}" + (f"/{quote(name, safe='-_.~')}" if name else "")


def product(catalogue: str, identifier: str) -> str:
    """The IRI of a product in a catalogue; its own identifier, percent-encoded, case kept."""
    return f"{BASE}product/{catalogue}/{quote(identifier, safe='-_.~')}"


def dataset(catalogue: str, identifier: str) -> str:
    """The IRI of a dataset of a product, named as products are."""
    return f"{BASE}dataset/{catalogue}/{quote(identifier, safe='-_.~')}"


def doi(text: str) -> str | None:
    """The DOI in a text as ``10.…/…`` in lower case, or None when the text is no DOI."""
    match = _DOI.match(text.strip())
    return match.group(1).lower() if match else None


def scheme_of(iri: str) -> str:
    """The list that an IRI stands in, by its form: all but the last segment."""
    return iri.rstrip("/").rsplit("/", 1)[0] + "/"


# Lists closer to the essential variables come first.
CLOSEST = (
    *("EXV", "standard_name", "carbon", "OD1", "A05", "P02", "P07", "R03", "P09", "name"),
    *("P01", "P35", "P06"),
)


def vocabulary_of(iri: str) -> str:
    """The short code of the list that something stands in: P01, standard_name, cmems, centre."""
    parts = [*iri.split("/"), "", "", "", ""]
    if iri.startswith(BASE):
        return parts[5] if parts[4] in ("word", "product") else parts[4]
    return parts[4] if parts[3] == "collection" else parts[3]


def closeness(iri: str) -> int:
    """The place of an IRI's list among those closest to the essential variables."""
    name = vocabulary_of(iri)
    return CLOSEST.index(name) if name in CLOSEST else len(CLOSEST)


def canonical(text: str) -> str | None:
    """The IRI that a spelling of an identifier stands for, or None when it is no identifier.

    Takes IRIs (http or https, with or without the last slash, with an NVS version), SDN URNs
    (``SDN:P01::PSALST01``), NVS CURIEs (``P02:TEMP``), DOIs and old CF IRIs. A bare code or a
    name is no identifier by itself: `oceankg.resolve` looks those up.
    """
    text = text.strip().strip("<>")
    if not text.isprintable():
        return None
    spellings: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_URN, lambda m: nvs_concept(m[1].upper(), m[2])),
        (_NVS_IRI, lambda m: nvs_concept(m[1], unquote(m[2])) if m[2] else nvs_collection(m[1])),
        (_CF_IRI, lambda m: cf_name(m[1])),
        (_OLD_CF_IRI, lambda m: cf_name(m[1])),
        (_NVS_CURIE, lambda m: nvs_concept(m[1], m[2])),
    )
    for pattern, build in spellings:
        if match := pattern.match(text):
            return _if_iri(build(match))
    if found := doi(text):
        return _if_iri(DOI + found)
    return _if_iri(text) if re.match(r"^https?://", text) else None


def _if_iri(text: str) -> str | None:
    with suppress(ValueError):
        return NamedNode(text).value
    return None
