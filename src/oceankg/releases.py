"""One release of a vocabulary from a file or a folder, its form told by what is in it.

A folder is the pages of one list, such as an event stream cut by years: the newest version of a
concept wins, whichever page it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Triple

from oceankg import rdf, sources
from oceankg.changes import Release, release
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources import feeds, nvs

_REMEDY = "Say what it is with --format; `oceankg changes --help` lists the readers."
_PARTIAL = (
    "an event stream may hold only a part of its list: "
    "what is said to be added or removed may only be missing in it"
)
# Each reader with the words that its files have, of which the first found decides.
_SIGNS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("cf-table", re.compile(rb"<standard_name_table\b")),
    ("sdn-list", re.compile(rb"<vocabulary\b[^>]*>\s*<element\b")),
    ("skos", re.compile(rb"<[\w:]*RDF\b")),
    ("nvs-jsonld", re.compile(rb'"@graph"')),
    ("nvs-csv", re.compile(rb"\A(?:\xef\xbb\xbf)?uri,prefLabel,")),
    ("nvs-dump", re.compile(rb"\A(?:\xef\xbb\xbf)?identifier,preflabel,", re.IGNORECASE)),
    ("ldes", re.compile(rb"\bisVersionOf\b")),
)
FORMATS: tuple[str, ...] = tuple(name for name, _ in _SIGNS)
_COLLECTION = re.compile(rb"vocab\.nerc\.ac\.uk/collection/([A-Z][A-Z0-9]{1,2})/")
# Tables that say of which list they are only in their rows.
_OF_COLLECTION = ("nvs-csv", "nvs-dump")


@dataclass(frozen=True, slots=True)
class Read:
    """A release, and the reader that its files are written for."""

    release: Release
    format: str

    @property
    def note(self) -> str:
        """What to bear in mind, or "": an event stream tells of changes, not of the whole list."""
        return _PARTIAL if self.format == "ldes" else ""


def read_release(path: Path, *, format_: str | None = None, collection: str | None = None) -> Read:
    """The release that a file, or a folder of pages, holds.

    `format_` names a reader where the content does not tell it; `collection` picks the list in a
    dump of several. Raises SourceError naming the file that cannot be read, and what to do.
    """
    recordings = [_recording(file, format_, collection) for file in _files(path)]
    forms = sorted({recording.format for recording in recordings})
    if len(forms) > 1:
        raise SourceError(
            f"files of several kinds: {', '.join(forms)}",
            file=str(path),
            remedy="Keep the files of one release in a folder of their own.",
        )
    laid = _laid([sources.read(recording) for recording in recordings], forms[0])
    found = release(laid)
    if not found.concepts:
        raise SourceError("no concept is in it", file=str(path), remedy=_REMEDY)
    return Read(found, forms[0])


def _laid(pages: Sequence[Facts], form: str) -> Iterable[Triple]:
    if form != "ldes":
        return [triple for page in pages for triple in page.triples]
    whole: tuple[Triple, ...] = ()
    for page in pages:
        whole = feeds.renewed(whole, page.triples, "whole")
    return whole


def _files(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    files = tuple(p for p in sorted(path.glob("[!.]*")) if p.is_file())
    if not files:
        raise SourceError("the folder is empty", file=str(path), remedy="Give a file, or pages.")
    return files


def _recording(file: Path, format_: str | None, collection: str | None) -> Recording:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", file=str(file), remedy="Check the path."
        ) from error
    form = _form(file, content, format_)
    options = {}
    if form in _OF_COLLECTION:
        options["collection"] = collection or _collection(file, content)
        if options["collection"] not in nvs.TITLES:
            raise SourceError(
                f"a table of the list {options['collection']} cannot be read",
                file=str(file),
                remedy=f"Lists that can: {', '.join(nvs.TITLES)}. Or give it as RDF.",
            )
    return Recording(str(file), content, form, options)


def _form(file: Path, content: bytes, format_: str | None) -> str:
    if format_ is not None:
        if format_ not in sources.READERS:
            raise SourceError(
                f"there is no reader {format_}",
                file=str(file),
                remedy=f"Readers: {', '.join(sources.READERS)}.",
            )
        return format_
    told = next((name for name, sign in _SIGNS if sign.search(content)), None)
    if told is None and file.suffix.lower() in rdf.FORMATS:
        return "skos"
    if told is None:
        raise SourceError("of no known kind", file=str(file), remedy=_REMEDY)
    return told


def _collection(file: Path, content: bytes) -> str:
    found = _COLLECTION.search(content)
    if found is None:
        raise SourceError("names no NVS list", file=str(file), remedy=_REMEDY)
    return found[1].decode()
