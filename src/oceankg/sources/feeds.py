"""Feeds of changes: LDES pages of versions, Atom entries, and what they renew of a list.

A feed says what changed since some moment. Its facts are laid over those of the whole list: the
newest version of a concept wins, whichever file it stands in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording, Update
from oceankg.namespaces import DCAT, DCT, OWL, RDF, RDFS, SKOS, Namespace
from oceankg.sources import facts
from oceankg.sources.facts import AGAIN
from oceankg.sources.xml import root

TREE = Namespace("https://w3id.org/tree#")
LDES = Namespace("https://w3id.org/ldes#")
ATOM = "{http://www.w3.org/2005/Atom}"
_DELETED = {
    LDES.versionDeleteObject,
    NamedNode("https://www.w3.org/ns/activitystreams#Delete"),
}
_BEFORE = {TREE.LessThanRelation, TREE.LessThanOrEqualToRelation}
_NEVER = datetime.min.replace(tzinfo=UTC)

Properties = Mapping[NamedNode, Sequence[Triple]]


@dataclass(frozen=True, slots=True)
class Relation:
    """A link to another page; `until` is the moment before which all its members lie, if stated."""

    node: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an Atom feed: the addresses by which it names what changed, and when."""

    addresses: tuple[str, ...]
    updated: datetime | None


def moment(stamp: str) -> datetime | None:
    """A moment as one on the time line; where no zone is stated, as NVS does, it is UTC."""
    literal = facts.when(stamp)
    if literal is None:
        return None
    found = datetime.fromisoformat(literal.value)
    return found.replace(tzinfo=found.tzinfo or UTC)


# ------------------------------------------------------------------ LDES


def read_ldes(recording: Recording) -> Facts:
    """A page of an event stream of versions: of each concept its newest version in the page.

    A version states its labels itself, or (as NVS wrote until 2024) its concept states them. A
    version that says that its concept was deleted marks it as deprecated: others may refer to it.
    """
    about = _about(recording)
    newest: dict[str, tuple[tuple[datetime, int], NamedNode]] = {}
    for version, properties in about.items():
        for link in properties.get(DCT.isVersionOf, ()):
            if not isinstance(version, NamedNode) or not isinstance(link.object, NamedNode):
                continue
            me = facts.spelled(link.object.value)
            stated = (*_stamps(properties), *_stamps(about.get(link.object, {})))
            rank = (next(iter(stated), _NEVER), _number(version.value))
            if me not in newest or rank >= newest[me][0]:
                newest[me] = (rank, version)
    triples = [
        t for me, (_, version) in newest.items() for t in _version(NamedNode(me), version, about)
    ]
    if not newest and any(LDES.EventStream in _types(p) for p in about.values()):
        return Facts(())
    return facts.whole(recording, triples, _says_something)


def _about(recording: Recording) -> dict[object, dict[NamedNode, list[Triple]]]:
    found: dict[object, dict[NamedNode, list[Triple]]] = defaultdict(lambda: defaultdict(list))
    for triple in rdf.read(recording.content, recording.name):
        found[triple.subject][triple.predicate].append(triple)
    return found


def _types(properties: Properties) -> set[object]:
    return {t.object for t in properties.get(RDF.type, ())}


def _stamps(properties: Properties) -> Iterator[datetime]:
    for predicate in (DCT.modified, DCAT.modified):
        for triple in properties.get(predicate, ()):
            if (found := moment(rdf.text_of(triple.object))) is not None:
                yield found


def _number(version: str) -> int:
    last = version.rstrip("/").rsplit("/", 1)[-1]
    return int(last) if last.isascii() and last.isdigit() else 0


def _version(
    me: NamedNode, version: NamedNode, about: Mapping[object, Properties]
) -> Iterator[Triple]:
    properties: Properties = about[version]
    if SKOS.prefLabel not in properties:
        concept = properties[DCT.isVersionOf][0].object
        properties = {**about.get(concept, {}), RDF.type: properties.get(RDF.type, ())}
    said = [t for triples in properties.values() for t in triples]
    yield from facts.kept((Triple(me, t.predicate, t.object) for t in said), english=True)
    for stamp in (DCT.modified, DCAT.modified):
        for triple in properties.get(stamp, ()):
            yield from facts.modified(me, rdf.text_of(triple.object))
    if _types(about[version]) & _DELETED:
        yield facts.deprecated(me)
    if me.value.startswith(ids.NVS_COLLECTION) and SKOS.prefLabel in properties:
        yield Triple(me, RDF.type, SKOS.Concept)
        yield from facts.member(me, NamedNode(ids.scheme_of(me.value)))


def _says_something(triple: Triple) -> bool:
    return triple.predicate in (SKOS.prefLabel, OWL.deprecated)


def ldes_page(recording: Recording) -> tuple[str, tuple[Relation, ...]]:
    """The page's own IRI ("" when it states none), and its links to other pages."""
    about = _about(recording)
    nodes = [s for s, p in about.items() if TREE.relation in p or TREE.Node in _types(p)]
    named = [s.value for s in nodes if isinstance(s, NamedNode)]
    relations = [
        _relation(recording, about[link.object])
        for node in nodes
        for link in about[node].get(TREE.relation, ())
    ]
    return (named[0] if named else ""), tuple(relations)


def _relation(recording: Recording, properties: Properties) -> Relation:
    nodes = (t.object for t in properties.get(TREE.node, ()))
    targets = [node.value for node in nodes if isinstance(node, NamedNode)]
    if len(targets) != 1:
        raise SourceError(
            "a tree:relation names no page", file=recording.name, place="head", remedy=AGAIN
        )
    by_time = any(t.object in (DCT.modified, DCAT.modified) for t in properties.get(TREE.path, ()))
    if not by_time or not _types(properties) & _BEFORE:
        return Relation(targets[0])
    values = [moment(rdf.text_of(t.object)) for t in properties.get(TREE.value, ())]
    return Relation(targets[0], next((v for v in values if v), None))


# ------------------------------------------------------------------ Atom


def atom(recording: Recording) -> tuple[tuple[Entry, ...], str]:
    """The entries of an Atom feed, and the address of the page that follows ("" at the end)."""
    feed = root(recording, f"{ATOM}feed")
    entries = []
    for entry in feed.iterfind(f"{ATOM}entry"):
        links = [link.get("href", "") for link in entry.iterfind(f"{ATOM}link")]
        addresses = (*links, (entry.findtext(f"{ATOM}id") or "").strip())
        updated = moment((entry.findtext(f"{ATOM}updated") or "").strip())
        entries.append(Entry(tuple(filter(None, addresses)), updated))
    following = [link for link in feed.iterfind(f"{ATOM}link") if link.get("rel") == "next"]
    return tuple(entries), (following[0].get("href", "") if following else "")


# ------------------------------------------------------------------ laying one over the other


def newest(triples: Iterable[Triple]) -> datetime | None:
    """The moment of the last change that the facts of a list state, or None."""
    stamps = (
        moment(rdf.text_of(t.object)) for t in triples if t.predicate == DCT.modified and _member(t)
    )
    return max((s for s in stamps if s), default=None)


def _member(triple: Triple) -> bool:
    """Whether it is of a concept; a collection is stamped whenever it is published."""
    return not rdf.text_of(triple.subject).endswith("/current/")


def renewed(base: Iterable[Triple], news: Iterable[Triple], how: Update) -> tuple[Triple, ...]:
    """The facts of a list with what a feed says of some of its concepts laid over them.

    `stated` replaces the values that the news states, by property and language; `whole` all that
    was said of a concept. News older than what is known of a concept is passed over.
    """
    base, news = tuple(base), tuple(news)
    known, new = _modified(base), _modified(news)
    changed = {t.subject for t in news if _says_something(t)}
    old = {s for s in changed if s in known and known[s] > new.get(s, known[s])}
    taken = [t for t in news if t.subject not in old]
    stated = {_slot(t) for t in taken if t.subject in changed}
    gone = changed - old

    def stays(triple: Triple) -> bool:
        if how == "whole":
            down = triple.predicate == SKOS.broader and triple.object in gone
            return not down and (triple.subject not in gone or triple.predicate == RDFS.isDefinedBy)
        return _slot(triple) not in stated

    return tuple(dict.fromkeys([*filter(stays, base), *taken]))


def _modified(triples: Iterable[Triple]) -> dict[object, datetime]:
    found: dict[object, datetime] = {}
    for triple in triples:
        if triple.predicate == DCT.modified:
            stamp = moment(rdf.text_of(triple.object))
            if stamp is not None:
                found[triple.subject] = max(stamp, found.get(triple.subject, stamp))
    return found


def _slot(triple: Triple) -> tuple[object, ...]:
    """What a fact takes the place of: a literal of the same property and language; itself else."""
    value = triple.object
    if isinstance(value, Literal):
        return triple.subject, triple.predicate, value.language
    return triple.subject, triple.predicate, value
