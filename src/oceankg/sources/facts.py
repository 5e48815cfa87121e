"""What the readers share: keeping facts, in the spelling that the graph uses."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from io import StringIO

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, LeftOut, Recording
from oceankg.namespaces import DCT, OWL, RDF, RDFS, SKOS, XSD, Namespace

AGAIN = "Fetch it again; the file is cut off or not what its name says."
# The lists whose concepts the graph speaks of; a link to another list leads nowhere here.
LISTS = ("A05", "EXV", "OD1", "P01", "P02", "P03", "P06", "P07", "P08", "P09", "R03")
_LINKED = (
    *map(ids.nvs_collection, LISTS),
    "https://gcos.wmo.int/",
    "https://goosocean.org/",
    "https://gcmd.earthdata.nasa.gov/",
    "https://vocab.ifremer.fr/",
    "https://doi.org/",
)
_LINKS = {
    SKOS.broader,
    SKOS.narrower,
    SKOS.related,
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.narrowMatch,
    SKOS.inScheme,
    SKOS.member,
    SKOS.hasTopConcept,
    OWL.sameAs,
    DCT.isReplacedBy,
    DCT.replaces,
    DCT.source,
}
_EMPTY_LABEL = Literal("", language="en")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_KINDS = {SKOS.Concept, SKOS.Collection, SKOS.ConceptScheme}
_ROW = ("subject", "predicate", "object")
_DC = Namespace("http://purl.org/dc/elements/1.1/")
_TEXTS = {
    SKOS.prefLabel: SKOS.prefLabel,
    SKOS.altLabel: SKOS.altLabel,
    SKOS.notation: SKOS.notation,
    DCT.title: DCT.title,
    _DC.title: DCT.title,
    OWL.versionInfo: OWL.versionInfo,
}


def text(recording: Recording) -> str:
    """The recording as text; SourceError when it is not UTF-8."""
    try:
        return recording.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            "not UTF-8", file=recording.name, place=f"byte {error.start}", remedy="Fetch it again."
        ) from error


def left_out(recording: Recording) -> Facts:
    """Nothing but the note why a thing is left out, in the options `item` and `reason`."""
    item, reason = (recording.options.get(key, "") for key in ("item", "reason"))
    return Facts((), (LeftOut(item or recording.name, reason or "not readable"),))


def concept(iri: str, label: str, *, collection: str | None = None) -> Iterator[Triple]:
    """A concept with its English label, its notation and its place in an NVS collection."""
    me = NamedNode(iri)
    yield Triple(me, RDF.type, SKOS.Concept)
    yield Triple(me, SKOS.prefLabel, Literal(" ".join(label.split()), language="en"))
    if collection is not None:
        code = iri.rstrip("/").rsplit("/", 1)[-1]
        yield Triple(me, SKOS.notation, Literal(f"SDN:{collection}::{code}"))
        yield from member(me, NamedNode(ids.nvs_collection(collection)))


def member(me: NamedNode, collection: NamedNode) -> Iterator[Triple]:
    """A concept's place in its collection, said from both ends."""
    yield Triple(collection, SKOS.member, me)
    yield Triple(me, RDFS.isDefinedBy, collection)


def collection(name: str, title: str, version: str = "") -> Iterator[Triple]:
    """An NVS collection."""
    me = NamedNode(ids.nvs_collection(name))
    yield Triple(me, RDF.type, SKOS.Collection)
    yield Triple(me, DCT.title, Literal(title, language="en"))
    if version:
        yield Triple(me, OWL.versionInfo, Literal(version))


def variable_list(name: str, title: str) -> Iterator[Triple]:
    """A list of names that variables have in data files."""
    me = NamedNode(ids.variable_name(name))
    yield Triple(me, RDF.type, SKOS.ConceptScheme)
    yield Triple(me, DCT.title, Literal(title, language="en"))


def variable_name(name_list: str, name: str, label: str) -> Iterator[Triple]:
    """A name of a variable in data files; the name itself is the notation."""
    iri = ids.variable_name(name_list, name)
    yield from concept(iri, label)
    yield Triple(NamedNode(iri), SKOS.notation, Literal(name))
    yield Triple(NamedNode(iri), SKOS.inScheme, NamedNode(ids.variable_name(name_list)))


def alternative(me: NamedNode, label: str, preferred: str) -> Iterator[Triple]:
    """A second label, when it is one."""
    label = " ".join(label.split())
    if label and label != preferred:
        yield Triple(me, SKOS.altLabel, Literal(label))


def deprecated(me: NamedNode) -> Triple:
    """That a concept is no longer to be used."""
    return Triple(me, OWL.deprecated, Literal(value=True))


def modified(me: NamedNode, stamp: str) -> Iterator[Triple]:
    """The date of the last change, when it can be read."""
    if (moment := when(stamp)) is not None:
        yield Triple(me, DCT.modified, moment)


def when(stamp: str) -> Literal | None:
    """A date or a moment as an XSD literal, or None when the text is neither."""
    stamp = stamp.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", stamp):
        kind = XSD.date
    else:
        stamp, kind = stamp.replace(" ", "T"), XSD.dateTime
        if not _MOMENT.fullmatch(stamp):
            return None
    try:
        datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return Literal(stamp, datatype=kind)


def kept(
    triples: Iterable[Triple],
    *,
    only: str = "",
    english: bool = False,
    inside: Container[str] = (),
) -> Iterator[Triple]:
    """The facts among triples as an authority sent them, in the graph's spelling.

    Definitions, notes and links to lists that the graph does not hold are passed over.
    `only` keeps subjects that begin so; `english` says that labels without a language are
    English; a link to what is `inside` the same file is kept, whatever list that is.
    """
    for triple in triples:
        if not isinstance(triple.subject, NamedNode) or not triple.subject.value.startswith(only):
            continue
        me = NamedNode(spelled(triple.subject.value))
        if (fact := _fact(me, triple, english=english, inside=inside)) is not None:
            yield fact


def _fact(me: NamedNode, triple: Triple, *, english: bool, inside: Container[str]) -> Triple | None:
    predicate, value = triple.predicate, triple.object
    if isinstance(value, NamedNode):
        if predicate == RDF.type and value in _KINDS:
            return Triple(me, RDF.type, value)
        linked = spelled(value.value)
        about = predicate in (SKOS.member, SKOS.inScheme, SKOS.hasTopConcept)
        held = linked.startswith(_LINKED) or linked in inside
        if predicate in _LINKS and (about or held):
            return Triple(me, predicate, NamedNode(linked))
        return None
    if not isinstance(value, Literal):
        return None
    if predicate in _TEXTS:
        return _text(me, _TEXTS[predicate], value, english=english)
    if predicate == OWL.deprecated and value.value.lower() == "true":
        return deprecated(me)
    if predicate == DCT.date and (moment := when(value.value)) is not None:
        return Triple(me, DCT.modified, moment)
    return None


def _text(me: NamedNode, predicate: NamedNode, value: Literal, *, english: bool) -> Triple | None:
    words = " ".join(value.value.split())
    if not words:
        return None
    language = value.language
    if language is None and english and predicate in (SKOS.prefLabel, DCT.title):
        language = "en"
    return Triple(me, predicate, Literal(words, language=language) if language else Literal(words))


def spelled(iri: str) -> str:
    """An IRI in the spelling of the graph: NVS with http and its last slash."""
    if "vocab.nerc.ac.uk/" in iri:
        return ids.canonical(iri) or iri
    return iri


def iri(recording: Recording, text: str, place: str) -> NamedNode:
    """The IRI that a text is, in the spelling of the graph; SourceError when it is none."""
    try:
        return NamedNode(spelled(text))
    except ValueError as error:
        raise SourceError(
            f"{text!r} is no IRI",
            file=recording.name,
            place=place,
            remedy="Fetch it again; if it stays so, ask the publisher for a valid IRI.",
        ) from error


def records(
    recording: Recording, content: str, *, delimiter: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """The records of a table, each with the line on which it ends.

    The last line must end too: without, a last column that is cut short is still a column.
    """
    table = csv.reader(StringIO(content, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in table:
            if record:
                yield table.line_num, record
    except csv.Error as error:
        raise _broken_table(recording, str(error), table.line_num) from error
    if not content.endswith(("\n", "\r")):
        raise _broken_table(recording, "the last line has no end", table.line_num)


def rows(
    recording: Recording, content: str, needed: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with a head; SourceError at the first one that lacks a column."""
    found = records(recording, content)
    _, head = next(found, (1, []))
    if not set(needed) <= set(head):
        raise _broken_table(recording, f"the columns {', '.join(needed)} are needed", 1)
    for line, record in found:
        if len(record) != len(head):
            message = f"a row of {len(record)} columns where the head has {len(head)}"
            raise _broken_table(recording, message, line)
        yield line, dict(zip(head, record, strict=True))


def solutions(recording: Recording) -> tuple[Triple, ...]:
    """The triples of a SPARQL answer in JSON that has the columns subject, predicate and object.

    Rows about a blank node or by something else than an IRI are passed over.
    """
    try:
        return tuple(_solutions(recording.content))
    except SyntaxError as error:
        fault = str(error)
    # Outside, so that no traceback keeps the parser: it may be dropped by its own thread only.
    place = re.search(r"line \d+( column \d+)?", fault)
    raise SourceError(fault, file=recording.name, place=place[0] if place else "head", remedy=AGAIN)


def _solutions(content: bytes) -> Iterator[Triple]:
    table = parse_query_results(content, format=QueryResultsFormat.JSON)
    columns = {v.value for v in table.variables} if isinstance(table, QuerySolutions) else set()
    if not isinstance(table, QuerySolutions) or not columns >= {*_ROW}:
        raise SyntaxError(f"the columns {', '.join(_ROW)} are needed")
    for row in table:
        me, predicate, value = (row[name] for name in _ROW)
        if isinstance(me, NamedNode) and isinstance(predicate, NamedNode) and value is not None:
            yield Triple(me, predicate, value)


def _broken_table(recording: Recording, message: str, line: int) -> SourceError:
    return SourceError(
        message,
        file=recording.name,
        place=f"line {line}",
        remedy="The file is cut off or another table: fetch it again.",
    )


def whole(
    recording: Recording, triples: Iterable[Triple], test: Callable[[Triple], bool] | None = None
) -> Facts:
    """Facts, unless there are none: a recording that says nothing is broken."""
    found = tuple(dict.fromkeys(triples))
    for triple in found:
        if triple.predicate == SKOS.prefLabel and triple.object == _EMPTY_LABEL:
            raise SourceError(
                "a concept without a label",
                file=recording.name,
                place=f"concept {triple.subject}",
                remedy="Fetch it again; if it stays so, tell the publisher.",
            )
    if not any(test(t) if test else t.predicate != RDF.type for t in found):
        raise SourceError(
            "nothing of what the format promises is in it",
            file=recording.name,
            place="whole file",
            remedy="Check that it is the file that its name says.",
        )
    return Facts(found)
