"""Redirects: where a record of one catalogue leads in the other, how surely, and why.

A record leads to the product that is the same; where there is none, to what it is derived from or
a source of, to the whole or the newer version. What is too weak to lead on is listed apart.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from io import StringIO
from urllib.parse import quote, unquote

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, rdf, sssom
from oceankg.errors import UnknownTermError
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG, RDF, SKOS, SSSOM, XSD
from oceankg.read import Product, ReadModel, rows
from oceankg.relations import DECISION, rules

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# On the way through servers that tidy paths, two slashes become one.
_ONE_SLASH = re.compile(r"^(https?):/(?=[^/])", re.IGNORECASE)
# By what a record may be asked for; the first of these that knows the text answers.
_NAMES = (DCT.identifier, BIBO.doi, SKOS.altLabel, DCAT.landingPage, DCT.source)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence: its kind, what was found, who states it, and why it may be wrong."""

    iri: str
    kind: str
    label: str
    value: str
    source: str
    about: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A record or product of the other catalogue: "this one, `role`, that one".

    `relationship` is the IRI of the statement; `url` the page of the other, None if none is known;
    `denied` means that somebody decided against it.
    """

    relationship: str
    iri: str
    id: str
    title: str
    catalogue: str
    url: str | None
    role: str
    label: str
    confidence: float
    redirects: bool
    denied: bool
    evidence: tuple[Piece, ...]
    author: str | None = None
    reviewer: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a record leads.

    `status` is 302 (the same product), 303 (another relation), 300 (several `targets`) or 404
    (none). `others` would lead on too, were there no same product; `weak` never do. `evidence` is
    what is known of the record alone, such as a keyword that names a data centre.
    """

    iri: str
    id: str
    title: str
    catalogue: str
    url: str | None
    status: int
    targets: tuple[Choice, ...]
    others: tuple[Choice, ...]
    weak: tuple[Choice, ...]
    evidence: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table for those who administer a catalogue; see `Choice`."""

    record: str
    record_iri: str
    record_url: str
    product: str
    product_iri: str
    product_url: str
    role: str
    confidence: float
    redirects: bool
    denied: bool
    evidence: str
    reviewer: str
    relationship: str


COLUMNS = tuple(f.name for f in fields(Row))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: of the records of one catalogue, in one role, from a confidence on.

    Without `catalogue`, the records of all but the service; `weak` adds what does not lead on.
    """

    catalogue: str | None = None
    role: str | None = None
    minimum: float = 0.0
    weak: bool = False


class Redirects:
    """All relations of records of one snapshot, ready to be asked; never changed."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        store = model.snapshot.open()
        self._pieces: dict[str, list[Piece]] = defaultdict(list)
        for row in rows(store, "pieces-of-evidence"):
            self._pieces[row["of"]].append(self._piece(row))
        self._choices: dict[str, list[Choice]] = defaultdict(list)
        for row in rows(store, "relationships"):
            self._choices[row["record"]].append(self._choice(row))
        for choices in self._choices.values():
            choices.sort(key=lambda c: (-c.confidence, c.role, c.id))
        self._known: dict[str, dict[str, set[str]]] = {p.value: defaultdict(set) for p in _NAMES}
        for row in rows(store, "names-of-products"):
            self._known[row["property"]][_key(row["name"])].add(row["product"])

    def _piece(self, row: Mapping[str, str]) -> Piece:
        return Piece(
            row["evidence"],
            row["kind"].rsplit("/", 1)[-1],
            self._model.name(row["kind"]),
            row["value"],
            row["source"],
            row["about"] or None,
            row["doubt"] or None,
        )

    def _choice(self, row: Mapping[str, str]) -> Choice:
        other = self._model.products[row["other"]]
        pieces = sorted(self._pieces[row["relation"]], key=_weight, reverse=True)
        return Choice(
            row["relation"],
            other.iri,
            other.id,
            other.title,
            other.catalogue,
            page_of(other),
            row["role"].rsplit("/", 1)[-1],
            self._model.name(row["role"]),
            float(row["confidence"]),
            redirects=row["redirects"] == "true",
            denied=bool(row["denied"]),
            evidence=tuple(pieces),
            author=row["author"] or None,
            reviewer=row["reviewer"] or None,
            comment=row["comment"] or None,
        )

    @property
    def catalogues(self) -> tuple[str, ...]:
        """The names of the catalogues."""
        return tuple(sorted({p.catalogue for p in self._model.products.values()}))

    def find(self, text: str) -> Product:
        """The record that a text names: by IRI, identifier, UUID, DOI, other name or address.

        Raises UnknownTermError when there is none, or several of which none is meant more.
        """
        spellings = tuple(_spellings(text))
        for spelling in spellings:
            if spelling in self._model.products:
                return self._model.products[spelling]
        for known in self._known.values():
            for spelling in spellings:
                if found := known.get(_key(spelling)):
                    return self._one(text, found)
        raise UnknownTermError(f"no record and no product here is called {text!r}")

    def _one(self, text: str, found: Iterable[str]) -> Product:
        products = [self._model.products[iri] for iri in sorted(found)]
        # One DOI may be that of a record and of its product: who asks has the record.
        records = [p for p in products if p.catalogue != rules().service] or products
        if len(records) > 1:
            named = ", ".join(p.id for p in records)
            raise UnknownTermError(f"{text!r} names several records; ask for one of: {named}")
        return records[0]

    def answer(self, text: str) -> Answer:
        """Where the record of that name leads; UnknownTermError when there is no such record."""
        record = self.find(text)
        choices = self._choices.get(record.iri, [])
        leading = [c for c in choices if c.redirects]
        same = [c for c in leading if rules().roles[c.role].status == 302]
        targets = same or leading
        status = {0: 404, 1: rules().roles[targets[0].role].status if targets else 0}
        return Answer(
            record.iri,
            record.id,
            record.title,
            record.catalogue,
            page_of(record),
            status.get(len(targets), 300) or 404,
            tuple(targets),
            tuple(c for c in leading if c not in targets),
            tuple(c for c in choices if not c.redirects),
            tuple(self._pieces.get(record.iri, ())),
        )

    def table(self, wanted: Filter) -> tuple[Row, ...]:
        """The rows that a filter lets through, by record, the surest first."""
        found = []
        for iri, choices in self._choices.items():
            record = self._model.products[iri]
            if record.catalogue == wanted.catalogue or (
                wanted.catalogue is None and record.catalogue != rules().service
            ):
                found += [_row(record, c) for c in choices if _passes(c, wanted)]
        return tuple(sorted(found, key=lambda r: (r.record, -r.confidence, r.role, r.product)))


def _key(name: str) -> str:
    """A name as it is looked up."""
    return ids.doi(name) or name.strip().rstrip("/").casefold()


def _spellings(text: str) -> Iterator[str]:
    """A text as its record may write it, the likeliest first; an address also by its parts."""
    plain = _ONE_SLASH.sub(r"\1://", text.strip().strip("<>"))
    yield plain
    if iri := ids.canonical(plain):
        yield iri
    yield from _UUID.findall(plain)
    if plain.casefold().startswith("http"):
        yield from (unquote(part) for part in re.split(r"[/?#=&]", plain)[3:] if part)


def _weight(piece: Piece) -> float:
    return rules().kinds[piece.kind].weight + (piece.kind == DECISION)


def _passes(choice: Choice, wanted: Filter) -> bool:
    return (
        (choice.redirects or wanted.weak)
        and choice.confidence >= wanted.minimum
        and wanted.role in (None, choice.role)
    )


def _row(record: Product, choice: Choice) -> Row:
    return Row(
        record=record.id,
        record_iri=record.iri,
        record_url=page_of(record) or "",
        product=choice.id,
        product_iri=choice.iri,
        product_url=choice.url or "",
        role=choice.role,
        confidence=choice.confidence,
        redirects=choice.redirects,
        denied=choice.denied,
        evidence="; ".join(f"{p.kind}: {p.value}" for p in choice.evidence),
        reviewer=choice.reviewer or "",
        relationship=choice.relationship,
    )


def page_of(product: Product) -> str | None:
    """The page of a record: as stated, else by its catalogue's pattern, its DOI, or where seen."""
    pattern = rules().pages.get(product.catalogue, "")
    offered = (
        product.landing_page,
        pattern.format(id=quote(product.id, safe="-_.~")),
        ids.DOI + product.doi if product.doi else None,
        *product.sources,
    )
    # Nobody is led to an address of another kind, whatever a record says.
    return next((url for url in offered if url and url.startswith(("http://", "https://"))), None)


# ------------------------------------------------------------------ the table in other forms


def as_csv(table: Sequence[Row], delimiter: str = ",") -> str:
    """The table with its names of columns, quoted as RFC 4180 says."""
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows((COLUMNS, *(_texts(row) for row in table)))
    return text.getvalue()


def _texts(row: Row) -> Iterator[str]:
    # As JSON writes them, so that every form has the same true, false and numbers.
    return (v if isinstance(v, str) else json.dumps(v) for v in astuple(row))


def as_markdown(table: Sequence[Row]) -> str:
    """The table without its addresses, in Markdown."""
    shown = ("record", "role", "product", "confidence", "evidence", "reviewer")
    lines = [shown, *(tuple(str(getattr(row, name)) for name in shown) for row in table)]
    head, *rest = ("| " + " | ".join(map(_cell, line)) + " |" for line in lines)
    return "\n".join((head, "|---" * len(shown) + "|", *rest)) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())


def as_sssom(table: Sequence[Row]) -> str:
    """The table as a mapping set, in the form in which decisions are brought in."""
    prefixes = {
        name: f"{BASE}product/{name}/"
        for row in table
        for name in (ids.vocabulary_of(row.record_iri), ids.vocabulary_of(row.product_iri))
    }
    mappings = tuple(_mapping(row) for row in table)
    licence = "https://creativecommons.org/licenses/by/4.0/"
    title = "Records and the products that they lead to"
    return sssom.write(sssom.MappingSet("redirects", title, "", licence, mappings), prefixes)


def _mapping(row: Row) -> sssom.Mapping:
    role = rules().roles[row.role]
    ends = (row.record_iri, row.product_iri)
    subject, object_ = ends[::-1] if role.reversed else ends
    decided = row.evidence.startswith(f"{DECISION}:")
    return sssom.Mapping(
        *(subject, role.predicate, object_),
        sssom.CURATED if decided else sssom.COMPOSITE,
        negated=row.denied,
        confidence=None if row.denied else row.confidence,
        author="oceankg",
        comment=row.evidence,
        reviewer=row.reviewer,
    )


def as_nginx(table: Sequence[Row], answer: Callable[[str], Answer]) -> str:
    """Lines for nginx: ``map $record $product { include THIS; }``; records with one target only."""
    lines = ["# map $record $product { default ''; include this file; }"]
    for iri in dict.fromkeys(row.record_iri for row in table):
        found = answer(iri)
        if len(found.targets) == 1 and (url := found.targets[0].url):
            lines.append(f"{_quoted(found.id)} {_quoted(url)};")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A dollar would be a variable, and cannot be escaped; no address needs one.
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "%24")
    return f'"{text}"'


def as_turtle(table: Sequence[Row]) -> bytes:
    """The relations of the table as Turtle, in the terms of the graph."""
    return rdf.write_turtle(t for row in table for t in _triples(row))


def _triples(row: Row) -> Iterator[Triple]:
    record, product = NamedNode(row.record_iri), NamedNode(row.product_iri)
    me = NamedNode(row.relationship)
    yield Triple(record, DCAT.qualifiedRelation, me)
    yield Triple(me, RDF.type, DCAT.Relationship)
    yield Triple(me, DCT.relation, product)
    yield Triple(me, DCAT.hadRole, NamedNode(rules().roles[row.role].iri))
    yield Triple(me, SSSOM.confidence, Literal(f"{row.confidence:.4g}", datatype=XSD.decimal))
    yield Triple(me, OKG.redirects, Literal(row.redirects))
    if row.product_url:
        yield Triple(product, DCAT.landingPage, NamedNode(row.product_url))
    if row.denied:
        yield Triple(me, SSSOM.predicate_modifier, SSSOM.NegatedPredicate)
