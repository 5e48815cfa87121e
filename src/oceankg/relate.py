"""Relating: what the records of one catalogue are to the products of the service, and why.

`catalogued` reads the facts of all catalogues from triples, `gather_evidence` finds what speaks for
a pair or a product, `relate` weighs it by the rules of `relations` and lets decisions win, and
`triples` writes the result, stated both ways. All of them are pure.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

import shapely
from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import fuzz, process
from shapely import affinity

from oceankg import ids, sssom
from oceankg.namespaces import (
    BASE,
    BIBO,
    DCAT,
    DCT,
    FOAF,
    OKG,
    PROV,
    RDF,
    RDFS,
    SKOS,
    SSSOM,
    XSD,
)
from oceankg.rdf import text_of
from oceankg.relations import DECISION, DECISIVE, PERHAPS, RELATED, SUPPORTING, Kind, rules
from oceankg.text import fold, words

_CENTRE = f"{BASE}centre/"
_AGENTS = (f"{BASE}organisation/", _CENTRE)
# The number of a Copernicus Marine product, kept when it is renamed, and its theme before it.
_NUMBERED = re.compile(r"^([A-Z]+)_\S*_(\d{3}_\d{3})(?:_[a-z])?$")
_COUNTRY = re.compile(r"\(([^()]*)\)\s*$")
_LINKS = (DCAT.landingPage, DCT.source, DCT.references, FOAF.page)
# How ODATIS names its data centres: by what they hold, in situ or satellite data.
_HOLDS = {"cds is ": "in-situ", "cds sat ": "satellite"}
_DECLARED = tuple(NamedNode(k.predicate) for k in rules().kinds.values() if k.predicate)
_WANTED = frozenset(
    {
        *(DCT.identifier, DCT.title, DCT.type, DCT.creator, DCT.relation, SKOS.altLabel),
        *(BIBO.doi, DCAT.keyword, DCAT.bbox, DCAT.startDate, DCAT.endDate, FOAF.name),
        *(OKG.ongoing, OKG.titleIsDescription, OKG.servesEssentialVariable),
        *_LINKS,
        *_DECLARED,
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of what speaks for a pair, or, where `record` is "", of a product alone.

    `source` is the catalogue or mapping that states it; `doubt` says why it should not be believed.
    """

    kind: str
    record: str
    product: str
    value: str
    source: str
    role: str = ""
    about: str = ""
    doubt: str = ""

    @property
    def iri(self) -> str:
        """The evidence's own IRI."""
        return _own("evidence", self.kind, self.record, self.product, self.value, self.role)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a record is to a product: "record, role, product", and what that rests on."""

    record: str
    product: str
    role: str
    confidence: float
    evidence: tuple[Evidence, ...]
    author: str = ""
    reviewer: str = ""
    comment: str = ""
    denied: bool = False

    @property
    def redirects(self) -> bool:
        """Whether who asks for the record may be led to the product."""
        return not self.denied and rules().redirects(self.role, self.confidence)

    def inverse(self) -> Relation:
        """The same, told of the product."""
        role = rules().roles[self.role].inverse
        return replace(self, record=self.product, product=self.record, role=role)

    @property
    def iri(self) -> str:
        """The relationship's own IRI."""
        return _own("relationship", self.record, self.role, self.product)


@dataclass(frozen=True, slots=True)
class Related:
    """All relations, what is known of products alone, and decisions that reach nothing."""

    relations: tuple[Relation, ...] = ()
    of_products: tuple[Evidence, ...] = ()
    complaints: tuple[str, ...] = ()


def _own(kind: str, *parts: str) -> str:
    return f"{BASE}{kind}/{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


# ------------------------------------------------------------------ the facts


@dataclass(frozen=True, slots=True)
class Record:
    """What relating asks of one record or product; texts as stated, IRIs in full.

    `datasets` holds the IRI and DOIs of each dataset of a product.
    """

    iri: str
    catalogue: str
    identifier: str
    title: str = ""
    described: bool = False
    dois: tuple[str, ...] = ()
    datasets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kinds: frozenset[str] = frozenset()
    producers: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    serves: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()
    box: str = ""
    start: str = ""
    end: str = ""

    @property
    def source(self) -> str:
        """The catalogue that states it."""
        return f"{BASE}catalogue/{self.catalogue}"

    @property
    def names(self) -> tuple[str, ...]:
        """How others may refer to it: its IRI, its DOIs as IRIs, and those of its datasets."""
        of_all = ((self.iri, self.dois), *self.datasets)
        return tuple(n for iri, dois in of_all for n in (iri, *(ids.DOI + doi for doi in dois)))


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The products of the service, the records of all other catalogues, and the data centres.

    `centres` holds the IRI of a centre by each of its folded names, `holds` the kinds of data that
    its names say it holds.
    """

    records: Mapping[str, Record]
    products: Mapping[str, Record]
    centres: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def both(self) -> Iterator[Record]:
        """Every record and product."""
        yield from self.records.values()
        yield from self.products.values()


_Values = Mapping[NamedNode, Sequence[str]]


def catalogued(triples: Iterable[Triple]) -> Catalogues:
    """The catalogues, from the triples of all sources, our own terms and what was derived."""
    triples = tuple(triples)
    catalogue = {o: s.rsplit("/", 1)[-1] for s, o in _pairs(triples, DCAT.dataset)}
    series = sorted(set(_pairs(triples, DCAT.inSeries)))
    nodes = {f"{iri}/{part}" for iri in catalogue for part in ("period", "extent")}
    values = _values(triples, {*catalogue, *nodes, *(dataset for dataset, _ in series)})
    datasets: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for dataset, product in series:
        datasets[product].append((dataset, _dois(values.get(dataset, {}))))
    made = [
        replace(_record(iri, name, values), datasets=tuple(datasets[iri]))
        for iri, name in sorted(catalogue.items())
    ]
    centres = {
        fold(name): iri
        for iri, own in sorted(values.items())
        if iri.startswith(_CENTRE)
        for name in sorted(own.get(SKOS.altLabel, ()))
    }
    holds: dict[str, set[str]] = defaultdict(set)
    for name, iri in centres.items():
        holds[iri] |= {kind for start, kind in _HOLDS.items() if name.startswith(start)}
    return Catalogues(
        {r.iri: r for r in made if r.catalogue != rules().service},
        {r.iri: r for r in made if r.catalogue == rules().service},
        centres,
        {iri: frozenset(kinds) for iri, kinds in holds.items()},
    )


def _pairs(triples: Iterable[Triple], predicate: NamedNode) -> Iterator[tuple[str, str]]:
    """Subject and object of each triple with a predicate."""
    for triple in triples:
        if triple.predicate == predicate:
            yield text_of(triple.subject), text_of(triple.object)


def _values(triples: Iterable[Triple], nodes: set[str]) -> Mapping[str, _Values]:
    """What is wanted of these nodes and of all agents, by subject and predicate."""
    found: dict[str, dict[NamedNode, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if triple.predicate in _WANTED:
            subject = text_of(triple.subject)
            if subject in nodes or subject.startswith(_AGENTS):
                found[subject][triple.predicate].append(text_of(triple.object))
    return found


def _dois(own: _Values) -> tuple[str, ...]:
    return tuple(sorted({doi.lower() for doi in own.get(BIBO.doi, ())}))


def _record(iri: str, catalogue: str, values: Mapping[str, _Values]) -> Record:
    own, period = values.get(iri, {}), values.get(f"{iri}/period", {})
    extent = values.get(f"{iri}/extent", {})

    def one(of: _Values, property_: NamedNode) -> str:
        return min(of.get(property_, ()), default="")

    def many(property_: NamedNode) -> tuple[str, ...]:
        return tuple(sorted(set(own.get(property_, ()))))

    agents = (min(values.get(a, {}).get(FOAF.name, [a])) for a in many(DCT.creator))
    ongoing = "true" in (one(own, OKG.ongoing), one(period, OKG.ongoing))
    return Record(
        iri,
        catalogue,
        one(own, DCT.identifier),
        one(own, DCT.title),
        described=one(own, OKG.titleIsDescription) == "true",
        dois=_dois(own),
        kinds=frozenset(k.rsplit("/", 1)[-1] for k in many(DCT.type)),
        producers=tuple(agents),
        keywords=many(DCAT.keyword),
        serves=frozenset(many(OKG.servesEssentialVariable)),
        named=many(DCT.relation),
        links=tuple(link for property_ in _LINKS for link in many(property_)),
        declared=tuple((p.value, o) for p in _DECLARED for o in many(p)),
        box=one(extent, DCAT.bbox),
        start=one(period, DCAT.startDate),
        end="ongoing" if ongoing else one(period, DCAT.endDate),
    )


# ------------------------------------------------------------------ what speaks for a pair


def gather_evidence(catalogues: Catalogues) -> tuple[Evidence, ...]:
    """Every piece of evidence, each once; those of a product alone have no `record`."""
    found: list[Evidence] = []
    for gather in (_shared_dois, _declared, _named, _linked, _titles):
        found += gather(catalogues)
    pairs = dict.fromkeys((e.record, e.product) for e in found)
    for record, product in pairs:
        found += _agreements(catalogues.records[record], catalogues.products[product])
    found += _centre_keywords(catalogues)
    found += _national_producers(catalogues)
    return tuple(dict.fromkeys(found))


def _piece(kind: str, one: Record, other: Record, value: str, role: str = "") -> Evidence:
    """Evidence that `one` states of `other`, either of them the product; `role` is that of one."""
    if one.catalogue != rules().service:
        return Evidence(kind, one.iri, other.iri, value, one.source, role)
    inverse = rules().roles[role].inverse if role else ""
    return Evidence(kind, other.iri, one.iri, value, one.source, inverse)


def _shared_dois(catalogues: Catalogues) -> Iterator[Evidence]:
    by_doi: dict[str, list[tuple[Record, str]]] = defaultdict(list)
    whole, part = rules().kinds["shared-doi"].role, rules().kinds["declared-part"].role
    for product in catalogues.products.values():
        for doi in product.dois:
            by_doi[doi].append((product, whole))
        # What carries the DOI of one dataset is that dataset, a part of the product.
        for doi in {doi for _, dois in product.datasets for doi in dois} - set(product.dois):
            by_doi[doi].append((product, part))
    for record in catalogues.records.values():
        for doi in record.dois:
            for product, role in by_doi[doi]:
                yield _piece("shared-doi", record, product, doi, role)


def _others(catalogues: Catalogues) -> Iterator[tuple[Record, Callable[[str], list[Record]]]]:
    """Each record with a look-up of what is on the other side, by the name it is referred to."""
    for own, across in (
        (catalogues.records, catalogues.products),
        (catalogues.products, catalogues.records),
    ):
        known: dict[str, list[Record]] = defaultdict(list)
        for other in across.values():
            for name in other.names:
                known[name].append(other)
        for record in own.values():
            yield record, lambda name, known=known: known.get(name, [])  # type: ignore[misc]


def _declared(catalogues: Catalogues) -> Iterator[Evidence]:
    kinds = {kind.predicate: kind for kind in rules().kinds.values() if kind.predicate}
    for record, known in _others(catalogues):
        for predicate, name in record.declared:
            kind: Kind = kinds[predicate]
            for other in known(name):
                yield _piece(kind.name, record, other, name, kind.role)


def _named(catalogues: Catalogues) -> Iterator[Evidence]:
    numbered: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for product in catalogues.products.values():
        if match := _NUMBERED.match(product.identifier):
            numbered[match[1], match[2]].append(product)
    gone = ids.product(rules().service, "")
    for record, known in _others(catalogues):
        for name in record.named:
            for other in known(name):
                yield _piece("names-product", record, other, unquote(name.rsplit("/", 1)[-1]))
            former = name.removeprefix(gone)
            if name not in catalogues.products and (match := _NUMBERED.match(former)):
                for product in numbered[match[1], match[2]]:
                    if record.catalogue != product.catalogue:
                        yield _piece("former-name", record, product, former)


def _linked(catalogues: Catalogues) -> Iterator[Evidence]:
    names = sorted({record.catalogue for record in catalogues.both()})
    for record, known in _others(catalogues):
        for link in record.links:
            held = dict.fromkeys(_names_within(link, names))
            for other in dict.fromkeys(o for name in held for o in known(name)):
                yield _piece("link-identifier", record, other, link)


def _names_within(link: str, catalogues: Sequence[str]) -> Iterator[str]:
    """The names that an address may hold: a DOI, or an identifier as a part of its path."""
    if doi := ids.doi(link):
        yield ids.DOI + doi
    for part in filter(None, re.split(r"[/?#=&]", link)):
        for catalogue in catalogues:
            yield ids.product(catalogue, unquote(part))
            yield ids.dataset(catalogue, unquote(part))


def _titles(catalogues: Catalogues) -> Iterator[Evidence]:
    """The closest titles, of those that share a word which few titles have."""
    agreement = rules().agreement
    # A title that was borrowed from the product, or made up by a reader, proves nothing.
    products = {i: fold(p.title) for i, p in catalogues.products.items() if not p.described}
    having: dict[str, set[str]] = defaultdict(set)
    for iri, title in products.items():
        for word in set(words(title)):
            having[word].add(iri)
    for record in catalogues.records.values():
        if record.described:
            continue
        near = (having.get(word, set()) for word in set(words(record.title)))
        near_iris = set().union(*(n for n in near if len(n) <= agreement.common_word))
        closest = process.extract(
            fold(record.title),
            {iri: products[iri] for iri in sorted(near_iris)},
            scorer=fuzz.token_set_ratio,
            score_cutoff=agreement.title,
            limit=agreement.titles_kept,
        )
        for _, score, iri in closest:
            value = f"{score:.0f} of 100"
            yield _piece("title-agreement", record, catalogues.products[iri], value)


def _agreements(record: Record, product: Record) -> Iterator[Evidence]:
    """What else two records have in common that already have something."""
    shared = _producer_names(record) & _producer_names(product)
    if shared:
        yield _piece("producer-agreement", record, product, ", ".join(sorted(shared)))
    if variables := sorted(record.serves & product.serves):
        yield _piece("parameter-agreement", record, product, " ".join(variables))
    overlap = box_overlap(record.box, product.box)
    if overlap is not None and overlap >= rules().agreement.extent:
        yield _piece("extent-agreement", record, product, f"{overlap:.2f}")
    same = (record.start[:4], record.end[:4])
    if all(same) and same == (product.start[:4], product.end[:4]):
        yield _piece("period-agreement", record, product, f"{record.start} to {record.end}")


def _producer_names(record: Record) -> set[str]:
    # What stands in parentheses is a country in one catalogue, and a list of partners in the other.
    found = {w for name in record.producers for w in words(name) if len(w) > 2}
    countries = {w for n in record.producers for m in _COUNTRY.findall(n) for w in words(m)}
    if record.catalogue == rules().service:
        found -= countries
    return found - rules().agreement.unnamed


def box_overlap(one: str, other: str) -> float | None:
    """Intersection over union of two boxes in WKT, in square degrees; None where one is unknown.

    Longitudes past 180 are the same places as those 360 degrees to the west.
    """
    if not one or not other:
        return None
    first, second = _on_globe(one), _on_globe(other)
    union = first.union(second).area
    return float(first.intersection(second).area / union) if union else None


def _on_globe(wkt: str) -> shapely.Geometry:
    shape = shapely.from_wkt(wkt)
    west = shape.intersection(shapely.box(-180, -90, 180, 90))
    for turn in (-360, 360):
        moved = affinity.translate(shape, xoff=turn)
        west = west.union(moved.intersection(shapely.box(-180, -90, 180, 90)))
    return west


def _centre_keywords(catalogues: Catalogues) -> Iterator[Evidence]:
    for product in catalogues.products.values():
        for keyword in product.keywords:
            if centre := catalogues.centres.get(fold(keyword)):
                doubt = _contradiction(product.kinds, catalogues.holds.get(centre, frozenset()))
                yield Evidence(
                    *("centre-keyword", "", product.iri, keyword, product.source),
                    about=centre,
                    doubt=doubt,
                )


def _contradiction(kinds: frozenset[str], held: frozenset[str]) -> str:
    """Why a centre that holds other kinds of data was hardly meant; "" where nothing says so."""
    if not kinds or not held or kinds & held:
        return ""
    return (
        f"the product is of kind {', '.join(sorted(kinds))}, "
        f"the data centre holds {', '.join(sorted(held))} data: probably a wrong keyword"
    )


def _national_producers(catalogues: Catalogues) -> Iterator[Evidence]:
    for product in catalogues.products.values():
        for name in product.producers:
            if rules().country in _COUNTRY.findall(name) or name in rules().national:
                yield Evidence("national-producer", "", product.iri, name, product.source)


# ------------------------------------------------------------------ weighing


def relate(catalogues: Catalogues, decisions: Iterable[sssom.MappingSet] = ()) -> Related:
    """All relations of records to products: as the evidence has it, unless somebody decided."""
    evidence = gather_evidence(catalogues)
    pairs: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for piece in evidence:
        if piece.record:
            pairs[piece.record, piece.product].append(piece)
    decided, complaints = _decided(catalogues, decisions)
    found: list[Relation] = []
    for pair in sorted(pairs.keys() | decided.keys()):
        of_pair = tuple(pairs.get(pair, ()))
        found += decided_relations(pair, decided[pair], of_pair) if pair in decided else ()
        found += weighed(*pair, of_pair) if pair not in decided else ()
    alone = tuple(piece for piece in evidence if not piece.record)
    return Related(tuple(found), alone, complaints)


def weighed(record: str, product: str, evidence: tuple[Evidence, ...]) -> Iterator[Relation]:
    """What evidence alone makes of a pair: a relation in each role that decisive evidence names.

    Without any, the pair is `related` by what supports it, else `perhaps-related`.
    """
    kinds = rules().kinds
    sound = [e for e in evidence if not e.doubt]
    decisive = [e for e in sound if kinds[e.kind].strength == DECISIVE]
    aside = [e.kind for e in sound if kinds[e.kind].strength != DECISIVE]
    roles: dict[str, list[str]] = defaultdict(list)
    for piece in decisive:
        roles[piece.role].append(piece.kind)
    if not roles:
        supported = any(kinds[k].strength == SUPPORTING for k in aside)
        roles[RELATED if supported else PERHAPS] = []
    for role, named in sorted(roles.items()):
        confidence = rules().confidence([*named, *aside])
        of_role = tuple(e for e in evidence if e not in decisive or e.role == role)
        yield Relation(record, product, role, confidence, of_role)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it bears on a pair: the role of the record, and the mapping that says so."""

    role: str
    mapping: sssom.Mapping


Pair = tuple[str, str]


def _decided(
    catalogues: Catalogues, sets: Iterable[sssom.MappingSet]
) -> tuple[dict[Pair, list[Decision]], tuple[str, ...]]:
    """The decisions by pair, and the complaints about those that name nothing we hold."""
    found: dict[Pair, list[Decision]] = defaultdict(list)
    complaints = []
    for mapping_set in sets:
        for mapping in mapping_set.mappings:
            ends = (mapping.subject, mapping.object)
            forward = ends[0] in catalogues.records and ends[1] in catalogues.products
            backward = ends[1] in catalogues.records and ends[0] in catalogues.products
            role = rules().role_of(mapping.predicate, inverse=backward)
            if role is None or not (forward or backward):
                complaints.append(
                    f"relations {mapping_set.id}: {ends[0]} and {ends[1]} are not a record and a "
                    f"product of {rules().service} that the catalogues hold; the row is left aside"
                )
            else:
                found[ends if forward else ends[::-1]].append(Decision(role, mapping))
    return found, tuple(complaints)


def decided_relations(
    pair: Pair, decisions: Sequence[Decision], evidence: tuple[Evidence, ...]
) -> Iterator[Relation]:
    """What decisions make of a pair; the evidence is kept beside them, and a denial wins.

    `dcterms:relation` holds of all roles, so its denial denies each of them.
    """
    denied = {d.role for d in decisions if d.mapping.negated}
    for decision in dict.fromkeys(decisions):
        mapping, kind = decision.mapping, rules().kinds[DECISION]
        if not mapping.negated and denied & {decision.role, RELATED}:
            continue
        said = Evidence(DECISION, *pair, mapping.comment, mapping.iri, decision.role)
        confidence = kind.weight if mapping.confidence is None else mapping.confidence
        yield Relation(
            *pair,
            decision.role,
            0.0 if mapping.negated else confidence,
            (said, *evidence),
            author=mapping.author,
            reviewer=mapping.reviewer,
            comment=mapping.comment,
            denied=mapping.negated,
        )


# ------------------------------------------------------------------ as RDF


def triples(related: Related) -> Iterator[Triple]:
    """Every relation both ways, with its evidence; those that lead on also as plain triples."""
    for relation in related.relations:
        yield from _relationship(relation)
        yield from _relationship(relation.inverse())
        for piece in relation.evidence:
            yield from _evidence(piece)
        if relation.redirects:
            yield from _plain(relation)
            yield from _plain(relation.inverse())
    for piece in related.of_products:
        yield Triple(NamedNode(piece.product), OKG.evidence, NamedNode(piece.iri))
        yield from _evidence(piece)


def _relationship(relation: Relation) -> Iterator[Triple]:
    me, other = NamedNode(relation.iri), NamedNode(relation.product)
    yield Triple(NamedNode(relation.record), DCAT.qualifiedRelation, me)
    yield Triple(me, RDF.type, DCAT.Relationship)
    yield Triple(me, DCT.relation, other)
    yield Triple(me, DCAT.hadRole, NamedNode(rules().roles[relation.role].iri))
    yield Triple(me, SSSOM.confidence, _decimal(relation.confidence))
    yield Triple(me, OKG.redirects, Literal(relation.redirects))
    for piece in relation.evidence:
        yield Triple(me, OKG.evidence, NamedNode(piece.iri))
    if relation.author:
        yield Triple(me, SSSOM.author_label, Literal(relation.author))
    if relation.reviewer:
        yield Triple(me, SSSOM.reviewer_label, Literal(relation.reviewer))
    if relation.comment:
        yield Triple(me, RDFS.comment, Literal(relation.comment, language="en"))
    if relation.denied:
        yield Triple(me, SSSOM.predicate_modifier, SSSOM.NegatedPredicate)


def _plain(relation: Relation) -> Iterator[Triple]:
    role = rules().roles[relation.role]
    one, other = NamedNode(relation.record), NamedNode(relation.product)
    yield Triple(one, DCT.relation, other)
    if not role.reversed:
        yield Triple(one, NamedNode(role.predicate), other)


def _evidence(piece: Evidence) -> Iterator[Triple]:
    me = NamedNode(piece.iri)
    yield Triple(me, RDF.type, OKG.Evidence)
    yield Triple(me, DCT.type, NamedNode(rules().kinds[piece.kind].iri))
    yield Triple(me, PROV.wasDerivedFrom, NamedNode(piece.source))
    if piece.value:
        yield Triple(me, RDF.value, Literal(piece.value))
    if piece.about:
        yield Triple(me, DCT.relation, NamedNode(piece.about))
    if piece.doubt:
        yield Triple(me, OKG.doubt, Literal(piece.doubt, language="en"))


def _decimal(number: float) -> Literal:
    return Literal(f"{number:.4g}", datatype=XSD.decimal)


def counts(related: Related) -> Mapping[str, int]:
    """How many relations there are by role, for the report; denied ones apart."""
    return Counter("denied" if r.denied else r.role for r in related.relations)
