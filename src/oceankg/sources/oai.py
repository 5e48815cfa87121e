"""OAI-PMH: pages of records in Dublin Core, DataCite or ISO, read with Sickle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.sources import iso
from oceankg.sources.dublin_core import read_datacite, read_dublin_core
from oceankg.sources.facts import AGAIN
from oceankg.sources.metadata import (
    Page,
    Record,
    UnreadableError,
    WithdrawnError,
    heads,
)
from oceankg.sources.telling import read_page
from oceankg.sources.xml import Node, every, find, local, tree

_NOTHING: Final = "noRecordsMatch"
# The server has forgotten the token, or does not know it: the list is to be begun again.
FORGOTTEN: Final = "badResumptionToken"
BAD_ARGUMENT: Final = "badArgument"
# Where an answer says at which hour it was given, and the token that belongs to it.
HOUR: Final = re.compile(rb"<(?:\w+:)?(?:responseDate|resumptionToken)\b[^>]*>[^<]*<")


def read_records(recording: Recording) -> Facts:
    """The records of a page as products, and those that are none or withdrawn with the reason.

    Raises SourceError when it is no list of records, or when the server says what is wrong.
    """
    return read_page(recording, _records(_list(recording)))


def page(recording: Recording) -> Page:
    """What a harvest needs of a page; `following` is the token of the next one."""
    found = _list(recording)
    token = find(found, "resumptionToken")
    size = token.get("completeListSize", "") if token is not None else ""
    return Page(
        heads(recording, _records(found)),
        len(every(found, "record")),
        int(size) if size.isascii() and size.isdigit() else None,
        (token.text or "").strip() if token is not None else "",
    )


def error_code(recording: Recording) -> str:
    """The code of the error that a server answers with, or "" where it answers with none."""
    error = find(tree(recording, ("OAI-PMH",)), "error")
    return error.get("code", "") or "error" if error is not None else ""


def offered(recording: Recording) -> tuple[str, ...]:
    """The prefixes of the forms in which a server offers its records."""
    root = tree(recording, ("OAI-PMH",))
    found = every(root, "ListMetadataFormats/metadataFormat/metadataPrefix")
    return tuple((prefix.text or "").strip() for prefix in found)


def _list(recording: Recording) -> Node:
    root = tree(recording, ("OAI-PMH",))
    error = find(root, "error")
    found = find(root, "ListRecords")
    if error is not None or found is None:
        said = f"{error.get('code')}: {error.text}" if error is not None else "no list of records"
        raise SourceError(
            f"the server says: {said}", file=recording.name, place="root", remedy=AGAIN
        )
    return found


def _records(found: Node) -> Iterator[Record | UnreadableError]:
    for element in every(found, "record"):
        try:
            yield _record(element)
        except UnreadableError as error:
            yield error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            yield UnreadableError(f"Sickle cannot read it: {type(error).__name__}")


def _record(element: Node) -> Record:
    # Imported where there is a record to read, as OWSLib is.
    from sickle.models import Header
    from sickle.models import Record as Sickled

    head = Header(find(element, "header"))
    identifier, stamp = head.identifier or "", head.datestamp or ""
    if head.deleted:
        raise WithdrawnError(_known_as(identifier), stamp)
    content = next(iter(every(element, "metadata/*")), None)
    if content is None:
        raise UnreadableError(f"a record without metadata: {identifier}")
    name = local(content)
    if name in iso.ROOTS:
        return iso.read_record(content)
    if name in ("oai_datacite", "resource"):
        inner = content if name == "resource" else find(content, "payload/resource")
        if inner is None:
            raise UnreadableError(f"a record without a resource: {identifier}")
        return read_datacite(inner, _known_as(identifier), stamp)
    if name == "dc":
        return read_dublin_core(content, Sickled(element).metadata, _known_as(identifier), stamp)
    raise UnreadableError(f"a record in another schema: {name}")


def _known_as(identifier: str) -> str:
    """The identifier within ``oai:host:identifier``."""
    scheme, _, rest = identifier.partition(":")
    return rest.partition(":")[2] or identifier if scheme == "oai" else identifier
