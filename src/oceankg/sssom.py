"""Mapping sets in SSSOM/TSV: read strictly, each mapping a resource with its own IRI.

The row as it came is sssom-pydantic's; `Mapping` is the thing as meant, with full IRIs.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import dropwhile

import curies
import yaml
from pydantic import ValidationError
from pyoxigraph import Literal, NamedNode, Triple
from sssom_pydantic.io import ParseError, read_unprocessed_iterable
from sssom_pydantic.models import Record

from oceankg import ids
from oceankg.errors import MappingError
from oceankg.namespaces import (
    BASE,
    DCT,
    OWL,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SEMAPV,
    SKOS,
    SSSOM,
    XSD,
)

NO_TERM = SSSOM.iri + "NoTermFound"
LEXICAL = SEMAPV.iri + "LexicalMatching"
COMPOSITE = SEMAPV.iri + "CompositeMatching"
CURATED = SEMAPV.iri + "ManualMappingCuration"
# What a set may state of its subjects: how concepts match, or what one record is to another.
CONCEPTS = frozenset(
    SKOS[name].value
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)
RECORDS = frozenset(
    term.value
    for term in (
        *(PROV.alternateOf, PROV.wasDerivedFrom, DCT.isPartOf, DCT.hasPart),
        *(DCT.isReplacedBy, DCT.replaces, DCT.relation),
    )
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping: full IRIs, `confidence` from 0 to 1 or unknown, who asserted and reviewed it."""

    subject: str
    predicate: str
    object: str
    justification: str
    negated: bool = False
    confidence: float | None = None
    author: str = ""
    day: date | None = None
    comment: str = ""
    reviewer: str = ""

    @property
    def iri(self) -> str:
        """The mapping's own IRI: the same statement on the same ground is the same mapping."""
        parts = (self.subject, "!" * self.negated + self.predicate, self.object, self.justification)
        return f"{BASE}mapping/{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"

    @property
    def is_absence(self) -> bool:
        """Whether it records the decision that no term fits."""
        return self.object == NO_TERM


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A mapping set: its name here, its metadata, its mappings in the order of the file."""

    id: str
    title: str
    version: str
    licence: str
    mappings: tuple[Mapping, ...]

    @property
    def is_of_records(self) -> bool:
        """Whether it says what records are to each other, not how concepts match."""
        return any(m.predicate in RECORDS for m in self.mappings)


def read(content: bytes, name: str) -> MappingSet:
    """A mapping set from SSSOM/TSV with its metadata in the file's head.

    Raises MappingError naming file, row and remedy at the first fault.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(
            "the file is not UTF-8", file=name, place=f"byte {error.start}", remedy="Save as UTF-8."
        ) from error
    try:
        with read_unprocessed_iterable(StringIO(text)) as (rows, converter, head):
            lines = _lines(text, name)
            # The library numbers the rows from the line of column names, as if none was blank.
            mappings = tuple(_mappings(rows, lines, converter, name))
    except MappingError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, KeyError, StopIteration) as error:
        raise MappingError(
            f"the head of the file is not SSSOM metadata ({_first_line(error)})",
            file=name,
            place="head",
            remedy="Begin with '#' lines of YAML holding curie_map, mapping_set_id and license.",
        ) from error
    if not mappings:
        raise MappingError(
            "the file has metadata but no mapping", file=name, remedy="Add rows or remove the file."
        )
    return MappingSet(
        id=ids.slug(name.removesuffix(".sssom.tsv")),
        title=head.title or name,
        version=head.version or "",
        licence=str(head.license or ""),
        mappings=mappings,
    )


def _lines(text: str, name: str) -> tuple[int, ...]:
    """The line of the column names and of each row; MappingError unless every row is whole."""
    table = StringIO("".join(dropwhile(lambda line: line.startswith("#"), StringIO(text))))
    above = text.count("\n") - table.getvalue().count("\n")
    reader = csv.reader(table, delimiter="\t", strict=True)
    found: list[int] = []
    columns, last = 0, 0

    def fault(message: str) -> MappingError:
        place = f"line {above + last + 1}"
        return MappingError(message, file=name, place=place, remedy="Mend the row, or fetch again.")

    try:
        for row in reader:
            columns = columns or len(row)
            if not columns:
                raise fault("the names of the columns do not follow the head")
            if row and len(row) != columns:
                raise fault(f"the row has {len(row)} cells for {columns} columns")
            if row and reader.line_num > last + 1:
                raise fault("a quotation mark opens here and is not closed on the line")
            if row:
                found.append(above + reader.line_num)
            last = reader.line_num
    except csv.Error as error:
        raise fault(str(error)) from error
    if not text.endswith("\n"):
        last -= 1
        raise fault("the file does not end with a line break, so its last row may be cut off")
    return tuple(found)


def _mappings(
    rows: Iterable[tuple[int, Record | ParseError]],
    lines: tuple[int, ...],
    converter: curies.Converter,
    name: str,
) -> Iterator[Mapping]:
    """The mappings; MappingError where a set of concepts goes on with records, or conversely."""
    of_records: set[bool] = set()
    for number, row in rows:
        line = lines[number - lines[0] + 1]
        mapping = _mapping(line, row, converter, name)
        of_records.add(mapping.predicate in RECORDS)
        if len(of_records) > 1:
            raise MappingError(
                "the rows above are about concepts and this one about records, or conversely",
                file=name,
                place=f"line {line}, column predicate_id",
                remedy="Put mappings of concepts and relations of records in files of their own.",
            )
        yield mapping


def _mapping(
    line: int, row: Record | ParseError, converter: curies.Converter, name: str
) -> Mapping:
    if isinstance(row, ParseError):
        raise MappingError(
            _why(row.exception), file=name, place=f"line {line}", remedy="Mend the row."
        )

    def expand(curie: str, column: str) -> str:
        place = f"line {line}, column {column}"
        iri = converter.expand(curie) if ":" in curie else None
        if iri is None:
            raise MappingError(
                f"{curie!r} has a prefix that is not declared",
                file=name,
                place=place,
                remedy="Add the prefix to curie_map.",
            )
        try:
            return NamedNode(iri).value
        except ValueError as error:
            raise MappingError(
                f"{curie!r} makes no valid IRI", file=name, place=place, remedy="Mend the row."
            ) from error

    predicate = expand(row.predicate_id, "predicate_id")
    if predicate not in CONCEPTS | RECORDS:
        families = ([_curie(p, PREFIXES) for p in sorted(f)] for f in (CONCEPTS, RECORDS))
        raise MappingError(
            f"{row.predicate_id!r} is no mapping predicate of SKOS, nor a relation of records",
            file=name,
            place=f"line {line}, column predicate_id",
            remedy="Use one of {} between concepts; of {} between records.".format(
                *map(", ".join, families)
            ),
        )
    return Mapping(
        subject=expand(row.subject_id, "subject_id"),
        predicate=predicate,
        object=expand(row.object_id, "object_id"),
        justification=expand(row.mapping_justification, "mapping_justification"),
        negated=row.predicate_modifier is not None,
        confidence=row.confidence,
        author="; ".join(row.author_label or row.author_id or ()),
        day=row.mapping_date,
        comment=row.comment or "",
        reviewer="; ".join(row.reviewer_label or row.reviewer_id or ()),
    )


def _why(error: Exception) -> str:
    """The first complaint about a row, with the column that it is about."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"column {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


_COLUMNS = (
    *("subject_id", "predicate_modifier", "predicate_id", "object_id", "mapping_justification"),
    *("confidence", "author_label", "reviewer_label", "comment"),
)


def write(mapping_set: MappingSet, prefixes: dict[str, str]) -> str:
    """A mapping set as SSSOM/TSV that `read` takes; `prefixes` are those of its subjects and ends.

    Raises KeyError for an IRI that begins with none of them, nor with a prefix of the graph.
    """
    known = PREFIXES | prefixes
    rows = [
        (
            *(_curie(m.subject, known), "Not" if m.negated else "", _curie(m.predicate, known)),
            *(_curie(m.object, known), _curie(m.justification, known)),
            *("" if m.confidence is None else f"{m.confidence:.4g}", m.author, m.reviewer),
            " ".join(m.comment.split()),
        )
        for m in mapping_set.mappings
    ]
    used = {cell.partition(":")[0] for row in rows for cell in row if ":" in cell} & known.keys()
    text = StringIO()
    text.write("# curie_map:\n")
    text.writelines(f"#   {prefix}: {known[prefix]}\n" for prefix in sorted(used))
    text.write(f"# mapping_set_id: {BASE}mappings/{mapping_set.id}\n")
    text.write(f"# mapping_set_title: {json.dumps(mapping_set.title)}\n")
    text.write(f"# license: {mapping_set.licence}\n")
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows((_COLUMNS, *rows))
    return text.getvalue()


def _curie(iri: str, prefixes: dict[str, str]) -> str:
    """An IRI with the prefix that says most of it."""
    fitting = [(len(start), name) for name, start in prefixes.items() if iri.startswith(start)]
    if not fitting:
        raise KeyError(iri)
    length, name = max(fitting)
    return f"{name}:{iri[length:]}"


def triples(mapping_set: MappingSet) -> Iterator[Triple]:
    """A mapping set as RDF: every mapping as a resource; positive ones also as plain triples."""
    set_iri = NamedNode(f"{BASE}mappings/{mapping_set.id}")
    yield Triple(set_iri, RDF.type, SSSOM.MappingSet)
    yield Triple(set_iri, DCT.title, Literal(mapping_set.title, language="en"))
    if mapping_set.licence:
        yield Triple(set_iri, DCT.license, NamedNode(mapping_set.licence))
    if mapping_set.version:
        yield Triple(set_iri, OWL.versionInfo, Literal(mapping_set.version))
    for mapping in mapping_set.mappings:
        yield Triple(set_iri, SSSOM.mappings, NamedNode(mapping.iri))
        yield from _triples(mapping)


def _triples(mapping: Mapping) -> Iterator[Triple]:
    me, s, p, o = map(NamedNode, (mapping.iri, mapping.subject, mapping.predicate, mapping.object))
    yield Triple(me, RDF.type, SSSOM.Mapping)
    yield Triple(me, OWL.annotatedSource, s)
    yield Triple(me, OWL.annotatedProperty, p)
    yield Triple(me, OWL.annotatedTarget, o)
    yield Triple(me, SSSOM.mapping_justification, NamedNode(mapping.justification))
    if mapping.confidence is not None:
        confidence = Literal(str(mapping.confidence), datatype=XSD.decimal)
        yield Triple(me, SSSOM.confidence, confidence)
    if mapping.author:
        yield Triple(me, SSSOM.author_label, Literal(mapping.author))
    if mapping.reviewer:
        yield Triple(me, SSSOM.reviewer_label, Literal(mapping.reviewer))
    if mapping.day:
        yield Triple(me, SSSOM.mapping_date, Literal(str(mapping.day), datatype=XSD.date))
    if mapping.comment:
        yield Triple(me, RDFS.comment, Literal(mapping.comment, language="en"))
    if mapping.negated:
        yield Triple(me, SSSOM.predicate_modifier, SSSOM.NegatedPredicate)
    elif not mapping.is_absence:
        yield Triple(s, p, o)
