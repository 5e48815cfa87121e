"""Reading RDF strictly, with the place of each fault, and writing it the same way every time."""

from __future__ import annotations

import re
import xml.sax
import xml.sax.handler
from collections.abc import Iterable
from io import BytesIO

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from oceankg.errors import SourceError
from oceankg.namespaces import PREFIXES

FORMATS: dict[str, RdfFormat] = {
    ".ttl": RdfFormat.TURTLE,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
}

_PREFIX_REMEDY = "Declare the prefix at the top of the file."
_IRI_REMEDY = "Ask the publisher for a valid IRI (no spaces, one '#'); the file is not loaded."
_CUT_REMEDY = "The file is cut off or not well-formed: fetch it again."


def read(content: bytes, name: str) -> tuple[Triple, ...]:
    """All triples of an RDF file; the format is told by the ending of `name`.

    Raises SourceError with the line where the file breaks. RDF/XML is first checked to be
    well-formed, because the RDF parser takes a file that is cut off for a whole one.
    """
    fmt = FORMATS.get("." + name.rsplit(".", 1)[-1].lower())
    if fmt is None:
        raise SourceError(
            "unknown kind of file", file=name, remedy=f"Name it with one of {' '.join(FORMATS)}."
        )
    if fmt == RdfFormat.RDF_XML:
        check_xml(content, name)
    try:
        return tuple(
            Triple(q.subject, q.predicate, q.object)
            for q in parse(content, format=fmt, rename_blank_nodes=True)
        )
    except (SyntaxError, ValueError) as error:
        raise _placed(error, content, name) from error


def check_xml(content: bytes, name: str) -> None:
    """Raise SourceError with line and column unless the bytes are one whole XML document."""
    parser = make_parser()
    parser.setContentHandler(xml.sax.handler.ContentHandler())
    try:
        parser.parse(BytesIO(content))
    except xml.sax.SAXParseException as error:
        place = f"line {error.getLineNumber()}, column {error.getColumnNumber()}"
        raise SourceError(error.getMessage(), file=name, place=place, remedy=_CUT_REMEDY) from error
    except DefusedXmlException as error:
        raise SourceError(
            "the XML declares entities, which may hide an attack",
            file=name,
            place="document type",
            remedy="Remove the DOCTYPE.",
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that the parser does not have
        raise SourceError(str(error), file=name, place="line 1", remedy=_CUT_REMEDY) from error


def _placed(error: Exception, content: bytes, name: str) -> SourceError:
    """The parser's complaint with the line at which it stands."""
    message = str(error)
    if found := re.search(r"line (\d+)", message):
        place = f"line {found[1]}"
    else:
        place = _line_of_quoted(message, content)
    remedy = _PREFIX_REMEDY if "prefix" in message else _IRI_REMEDY
    return SourceError(message, file=name, place=place, remedy=remedy)


def _line_of_quoted(message: str, content: bytes) -> str:
    """The line on which the text that the message quotes first stands."""
    quoted = re.search(r"'(.+?)': |prefix (\S+:)", message)
    at = content.find((quoted[1] or quoted[2]).encode()) if quoted else -1
    lines_before = content.count(b"\n", 0, max(at, 0))
    return f"line {lines_before + 1}" if at >= 0 else "whole file"


def write_turtle(triples: Iterable[Triple]) -> bytes:
    """Triples as Turtle, sorted, so that the same facts are the same bytes."""
    ordered = sorted(set(triples), key=_sort_key)
    return serialize(ordered, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""


def _sort_key(triple: Triple) -> tuple[str, str, str]:
    return str(triple.subject), str(triple.predicate), str(triple.object)


def text_of(term: NamedNode | Literal | BlankNode | Triple) -> str:
    """The plain text of a term: an IRI or a literal's value."""
    return str(term) if isinstance(term, Triple) else term.value
