"""Every error that oceankg raises on purpose.

No foreign exception leaves a public function, but for the OSError of a disk that is full or
read-only, which no caller could mend by another name.

    OceankgError
    ├── SourceError        a recorded or fetched file is broken: names file, place and remedy
    ├── MappingError       an SSSOM mapping set is broken: names file, row and remedy
    ├── HeaderError        a file has no header that can be read: names file, place and remedy
    │   └── HeaderTooLargeError  it passes a limit on size, number, memory or time
    ├── RecipeError        an order of candidates cannot be read: names file, key and remedy
    ├── FetchError         an authority could not be reached or answered wrongly
    │   └── MissingError         it answered that there is nothing, or nothing for us
    ├── ShapesError        the graph breaks its SHACL shapes; carries the report
    ├── SnapshotError      no such snapshot, or one that is not whole
    ├── QueryError         a query that cannot be answered
    │   ├── QuerySyntaxError    it is no SPARQL query
    │   ├── QueryTimeoutError   it ran past the time limit and was ended
    │   ├── QueryBusyError      no worker came free in time; try again later
    │   └── QueryTooLargeError  it, or its answer, passed a limit on memory or size
    └── UnknownTermError   a name, code or IRI that the graph does not hold

Which HTTP status each becomes stands in one table, `oceankg.faces.problems`.
"""

from __future__ import annotations


class OceankgError(Exception):
    """The root of all errors of this package."""


class PlacedError(OceankgError):
    """An error at a place in a file, with what to do about it."""

    def __init__(self, message: str, *, file: str, place: str = "", remedy: str = "") -> None:
        self.message, self.file, self.place, self.remedy = message, file, place, remedy
        where = f"{file}, {place}" if place else file
        super().__init__(f"{where}: {message}" + (f" Remedy: {remedy}" if remedy else ""))


class SourceError(PlacedError):
    """A recorded or fetched file is broken."""


class MappingError(PlacedError):
    """An SSSOM mapping set is broken."""


class HeaderError(PlacedError):
    """A file has no header that can be read."""


class HeaderTooLargeError(HeaderError):
    """A file, or its header, passes a limit on size, number, memory or time."""


class RecipeError(PlacedError):
    """A recipe for the order of candidates is broken."""


class FetchError(OceankgError):
    """An authority could not be reached, or answered with something else than asked."""


class MissingError(FetchError):
    """An authority answered that there is nothing at an address, or nothing for us."""


class ShapesError(OceankgError):
    """The graph breaks its SHACL shapes."""

    def __init__(self, message: str, report: str) -> None:
        self.report = report
        super().__init__(message)


class SnapshotError(OceankgError):
    """There is no such snapshot, or it is not whole."""


class QueryError(OceankgError):
    """A query that cannot be answered."""


class QuerySyntaxError(QueryError):
    """The text is no SPARQL query."""


class QueryTimeoutError(QueryError):
    """The query ran past the time limit and was ended."""


class QueryBusyError(QueryError):
    """No worker came free in time."""


class QueryTooLargeError(QueryError):
    """The query, or its answer, passed a limit on memory or size."""


class UnknownTermError(OceankgError):
    """A name, code or IRI that the graph does not hold."""
