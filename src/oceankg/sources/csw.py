"""CSW 2.0.2 and 3.0: pages of ISO records that a catalogue service sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources import iso
from oceankg.sources.facts import AGAIN
from oceankg.sources.metadata import Page, Record, UnreadableError, heads
from oceankg.sources.telling import read_page
from oceankg.sources.xml import Node, find, local, tree

_ROOTS: Final = ("GetRecordsResponse", "ExceptionReport")
# Where an answer says at which hour it was given.
HOUR: Final = re.compile(rb'\b(?:timestamp|expires|elapsedTime)="[^"]*"')


def read_records(recording: Recording) -> Facts:
    """The records of a page as products, and those that are none with the reason.

    Raises SourceError when it is no answer to GetRecords, or when the server says what is wrong.
    """
    return read_page(recording, _records(_results(recording)))


def page(recording: Recording) -> Page:
    """What a harvest needs of a page: its records, how many match, where the next one starts.

    `following` is the position of the next record, "" where the server says that there is none.
    """
    results = _results(recording)
    stated = _number(results.get("nextRecord"))
    return Page(
        heads(recording, (iso.read_head(e) for e in results if local(e) in iso.ROOTS)),
        len(results),
        _number(results.get("numberOfRecordsMatched")),
        "" if stated == 0 else "?" if stated is None else str(stated),
    )


def _results(recording: Recording) -> Node:
    root = tree(recording, _ROOTS)
    if local(root) == "ExceptionReport":
        said = find(root, "Exception/ExceptionText")
        raise _fault(recording, f"the server says: {said.text if said is not None else 'no'}")
    results = find(root, "SearchResults")
    if results is None:
        raise _fault(recording, "an answer without results")
    return results


def _fault(recording: Recording, message: str) -> SourceError:
    return SourceError(message, file=recording.name, place="root", remedy=AGAIN)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _records(results: Node) -> Iterator[Record | UnreadableError]:
    for element in results:
        if local(element) not in iso.ROOTS:
            yield UnreadableError(f"a record in another schema: {local(element)}")
            continue
        try:
            yield iso.read_record(element)
        except UnreadableError as error:
            yield error
