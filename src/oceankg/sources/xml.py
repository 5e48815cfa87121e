"""XML from elsewhere: parsed without entity attacks, or refused with its place.

`root` gives an element of the standard library. OWSLib and Sickle take elements of lxml; `tree`
gives those, after the same check.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree
from owslib.etree import etree

from oceankg.errors import SourceError
from oceankg.model import Recording
from oceankg.sources.facts import AGAIN

# An element of lxml, which has no types.
Node = Any


def root(recording: Recording, name: str) -> Element:
    """The root element of an XML recording, which must have that name."""
    found = _checked(recording)
    _check_name(recording, found.tag, (name,))
    return found


def tree(recording: Recording, names: Collection[str]) -> Node:
    """The root as an element of lxml, without comments; its local name must be one of `names`."""
    _check_name(recording, _checked(recording).tag.rpartition("}")[2], names)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(recording.content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise SourceError(
            error.msg or "not XML",
            file=recording.name,
            place=f"line {line}, column {column}",
            remedy=AGAIN,
        ) from error


def _checked(recording: Recording) -> Element:
    try:
        found: Element = ElementTree.fromstring(recording.content)
    except ParseError as error:
        line, column = error.position
        raise SourceError(
            error.msg,
            file=recording.name,
            place=f"line {line}, column {column}",
            remedy=AGAIN,
        ) from error
    except DefusedXmlException as error:
        raise SourceError(
            "the XML declares entities, which may hide an attack",
            file=recording.name,
            place="document type",
            remedy="Remove the DOCTYPE.",
        ) from error
    except (ValueError, LookupError) as error:
        raise SourceError(str(error), file=recording.name, place="line 1", remedy=AGAIN) from error
    return found


def _check_name(recording: Recording, name: str, names: Collection[str]) -> None:
    if name not in names:
        raise SourceError(
            f"the root is <{name}>, not <{'> or <'.join(names)}>",
            file=recording.name,
            place="line 1",
            remedy=AGAIN,
        )


def local(element: Node) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def every(element: Node, path: str) -> list[Node]:
    """The elements on a path of local names, in any namespace; ``*`` stands for any name."""
    if element is None:
        return []
    steps = "/".join(part if part == "*" else "{*}" + part for part in path.split("/"))
    return list(element.findall(steps))


def find(element: Node, path: str) -> Node:
    """The first element on a path of local names, or None."""
    return next(iter(every(element, path)), None)
