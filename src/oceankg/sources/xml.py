"""XML from elsewhere: parsed without entity attacks, or refused with its place."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

from oceankg.errors import SourceError
from oceankg.model import Recording
from oceankg.sources.facts import AGAIN


def root(recording: Recording, name: str) -> Element:
    """The root element of an XML recording, which must have that name."""
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
    if found.tag != name:
        raise SourceError(
            f"the root is <{found.tag}>, not <{name}>",
            file=recording.name,
            place="line 1",
            remedy=AGAIN,
        )
    return found
