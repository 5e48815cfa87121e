"""A metadata record in plain values, whatever standard it came in.

`iso`, `dublin_core` and `ogc_records` make a `Record` of what a server sent; `telling` says it as
facts. A `Record` has no room for a person, a telephone number or an abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from oceankg import ids
from oceankg.model import Recording
from oceankg.sources import catalogue_odatis as odatis
from oceankg.sources.catalogue import find_doi, is_private


@dataclass(frozen=True, slots=True)
class Words:
    """A text and its language as ISO 639-1, or None where it is not stated."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword, its own IRI, and what is said of the list from which it was taken.

    `list` is all that names the list (title, address, identifier); `kind` is the ISO type of the
    keyword (``theme``, ``place``, ``instrument``).
    """

    text: str
    iri: str = ""
    list: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a record gives, and what for: ``download``, ``information``, "" if unsaid."""

    url: str
    title: str = ""
    protocol: str = ""
    format: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class Vertical:
    """A vertical extent as stated: numbers, unit, and all that names its reference system."""

    least: float
    most: float
    unit: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What a record says, in plain values; "" and () where it does not say.

    `stamp` is the date of the record itself, not of the data. `grids` are widths with the unit as
    stated; `organisations` are pairs of the ISO role and the name; `rights` are pairs of a text and
    an address; `derived_from` and `related` are texts that may hold DOIs and product identifiers;
    `stands_at` is the address of the record itself.
    """

    identifier: str
    titles: tuple[Words, ...] = ()
    alternatives: tuple[Words, ...] = ()
    kind: str = ""
    stamp: str = ""
    names: tuple[str, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    box: tuple[float, ...] = ()
    start: str = ""
    end: str = ""
    ongoing: bool = False
    vertical: Vertical | None = None
    grids: tuple[tuple[float, str], ...] = ()
    step: str = ""
    rhythm: str = ""
    level: str = ""
    created: str = ""
    published: str = ""
    revised: str = ""
    edition: str = ""
    status: str = ""
    rights: tuple[tuple[str, str], ...] = ()
    derived_from: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    parent: str = ""
    organisations: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    stands_at: str = ""
    faults: tuple[tuple[str, str], ...] = ()


_LANGUAGES: Final[Mapping[str, str]] = {
    "fre": "fr",
    "fra": "fr",
    "eng": "en",
    "ger": "de",
    "deu": "de",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "dut": "nl",
    "nld": "nl",
    "gre": "el",
    "ell": "el",
    "cat": "ca",
}


class UnreadableError(Exception):
    """A record that is well-formed XML and yet no metadata record; says why."""


def language_code(text: str) -> str | None:
    """``fre``, ``fr-FR`` or ``FR`` as ``fr``; None when it is no language that is known here."""
    short = text.strip().casefold().replace("_", "-").split("-")[0].split(";")[0]
    if short in _LANGUAGES:
        return _LANGUAGES[short]
    return short if short in _LANGUAGES.values() else None


_DOI_SPELLING = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)(?=10\.)", re.IGNORECASE)


def identity_of(record: Record) -> str:
    """The identifier of the product: SEANOE's records are known by their DOI, others by their own.

    Sextant holds copies of SEANOE's records under a UUID: the DOI makes both the same product.
    """
    dois = [d for name in record.names if (d := find_doi(name))]
    seanoe = next((d for d in dois if d.startswith(odatis.SEANOE_DOI)), None)
    return seanoe or odatis.own_identifier(_DOI_SPELLING.sub("", record.identifier.strip()))


# ------------------------------------------------------------------ pages


class WithdrawnError(UnreadableError):
    """A record that its server has deleted; `stamp` says when."""

    def __init__(self, identifier: str, stamp: str) -> None:
        super().__init__(f"withdrawn by its server on {stamp[:10] or 'a date not stated'}")
        self.identifier, self.stamp = identifier, stamp


@dataclass(frozen=True, slots=True)
class Head:
    """Which product a record of a page is about, and the date of the record."""

    identifier: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a harvest needs of a page.

    The records that could be read, how many the server sent, how many it says there are in all
    (None if unsaid), and what leads to the next page ("" if nothing).
    """

    heads: tuple[Head, ...]
    count: int
    total: int | None
    following: str


def known_as(recording: Recording, record: Record) -> Record:
    """A record as the catalogue knows it: option `before` goes before its identifier."""
    names = tuple(name for name in record.names if not is_private(name))
    identifier = " ".join(record.identifier.split())
    before = "" if not identifier or ids.doi(identifier) else recording.options.get("before", "")
    return replace(record, identifier=before + identifier, names=names)


def heads(recording: Recording, records: Iterable[Record | UnreadableError]) -> tuple[Head, ...]:
    """The heads of the records of a page, the withdrawn ones among them."""
    found = []
    for record in records:
        if isinstance(record, WithdrawnError):
            gone = known_as(recording, Record(record.identifier))
            found.append(Head(identity_of(gone), record.stamp))
        elif isinstance(record, Record):
            found.append(Head(identity_of(known_as(recording, record)), record.stamp))
    return tuple(found)
