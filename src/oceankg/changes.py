"""The differences between two releases of a vocabulary, told as facts.

A `Release` is what a list says at one time, in one spelling: read from its triples, whatever they
come from. `difference` is a pure function of two releases; `patched` lays it on the old
one, which gives the new one (but for the unit of a concept that went out of use).

Definitions are not held, so a change of a definition alone is not seen here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.namespaces import DCT, OKG, OWL, QUDT, RDF, SKOS

# What is compared, under the names that the answers use.
LABELS, ALTERNATIVES, NOTATIONS, UNITS = "labels", "alternatives", "notations", "units"
DEPRECATION, SUCCESSORS, LINKS = "deprecation", "successors", "links"

_TEXTS: Mapping[NamedNode, str] = {
    SKOS.prefLabel: LABELS,
    SKOS.altLabel: ALTERNATIVES,
    SKOS.hiddenLabel: ALTERNATIVES,
    SKOS.notation: NOTATIONS,
    OKG.canonicalUnit: UNITS,
    QUDT.ucumCode: UNITS,
}
_LINKS = {
    SKOS.broader,
    SKOS.related,
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.relatedMatch,
    OWL.sameAs,
}
# A link that is said from its other end is the same link.
_TURNED = {
    SKOS.narrower: SKOS.broader,
    SKOS.narrowMatch: SKOS.broadMatch,
    DCT.replaces: DCT.isReplacedBy,
}
_TYPE, _CONCEPT = RDF.type, SKOS.Concept
_LISTS = {SKOS.Collection, SKOS.ConceptScheme}
_DEPRECATED, _REPLACED_BY, _RELATED = OWL.deprecated, DCT.isReplacedBy, SKOS.related
_OF_LIST = (DCT.title, OWL.versionInfo)
# All that a release is read from; other triples say nothing to it.
PREDICATES: tuple[NamedNode, ...] = (
    *_TEXTS,
    *sorted(_LINKS, key=str),
    *_TURNED,
    *_OF_LIST,
    _TYPE,
    _DEPRECATED,
    _REPLACED_BY,
)
_UNIT_LIST = ids.nvs_collection("P06")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text and its language ("" where none is stated)."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A link between two concepts, in one direction: broader, never narrower."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a release says of a concept: its texts by what they are, and whether it is in use."""

    iri: str
    labels: frozenset[Text] = frozenset()
    alternatives: frozenset[Text] = frozenset()
    notations: frozenset[Text] = frozenset()
    units: frozenset[Text] = frozenset()
    deprecated: bool = False
    successors: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The English label, or else the first there is; the IRI when there is none."""
        ranked = sorted(self.labels, key=lambda t: (t.language != "en", t.language, t.text))
        return ranked[0].text if ranked else self.iri


@dataclass(frozen=True, slots=True)
class Release:
    """A list at one time; `stated` are the kinds of facts that it states at all."""

    concepts: Mapping[str, Concept] = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    title: str = ""
    version: str = ""
    stated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What one release says of a concept and the other does not.

    For texts these are the values that went and that came, in one language; for deprecation
    and succession, the successors before and after.
    """

    concept: str
    language: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    label: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed between two releases; each tuple in the order of the IRIs.

    `not_compared` names the kinds of facts that only one of the two states, when the two were
    written in different forms: what a form cannot say has not changed.
    """

    added: tuple[Concept, ...] = ()
    removed: tuple[Concept, ...] = ()
    deprecated: tuple[Change, ...] = ()
    reinstated: tuple[Change, ...] = ()
    successors: tuple[Change, ...] = ()
    relabelled: tuple[Change, ...] = ()
    alternatives: tuple[Change, ...] = ()
    notations: tuple[Change, ...] = ()
    units: tuple[Change, ...] = ()
    linked: tuple[Link, ...] = ()
    unlinked: tuple[Link, ...] = ()
    not_compared: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(self.counts().values())

    def counts(self) -> dict[str, int]:
        """How many changes of each kind there are."""
        return {kind: len(getattr(self, kind)) for kind in KINDS_OF_CHANGE}


KINDS_OF_CHANGE = (
    "added",
    "removed",
    "deprecated",
    "reinstated",
    "successors",
    "relabelled",
    "alternatives",
    "notations",
    "units",
    "linked",
    "unlinked",
)
# Each kind of text, and the field of a difference that tells of it.
_OF_TEXTS = {
    LABELS: "relabelled",
    ALTERNATIVES: "alternatives",
    NOTATIONS: "notations",
    UNITS: "units",
}


# ------------------------------------------------------------------ reading a release


class _Gathered:
    """The facts of a release while they are gathered, by concept."""

    def __init__(self) -> None:
        self.described: set[str] = set()
        self.texts: dict[str, dict[str, set[Text]]] = {k: defaultdict(set) for k in _OF_TEXTS}
        self.deprecated: set[str] = set()
        self.successors: dict[str, set[str]] = defaultdict(set)
        self.links: set[Link] = set()
        self.lists: dict[str, dict[NamedNode, str]] = defaultdict(dict)
        self.list_iris: set[str] = set()

    def add(self, triple: Triple) -> None:
        """Take what counts of a triple."""
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if not isinstance(subject, NamedNode):
            return
        if isinstance(value, Literal):
            self._literal(subject.value, predicate, value)
        elif isinstance(value, NamedNode):
            self._link(subject.value, predicate, value)

    def _literal(self, me: str, predicate: NamedNode, value: Literal) -> None:
        if predicate in _TEXTS:
            self.texts[_TEXTS[predicate]][me].add(Text(value.value, value.language or ""))
        elif predicate == _DEPRECATED and value.value == "true":
            self.deprecated.add(me)
        elif predicate in _OF_LIST:
            self.lists[me][predicate] = value.value

    def _link(self, me: str, predicate: NamedNode, value: NamedNode) -> None:
        other = value.value
        if predicate == _TYPE:
            if value == _CONCEPT:
                self.described.add(me)
            elif value in _LISTS:
                self.list_iris.add(me)
            return
        if predicate in _TURNED:
            me, predicate, other = other, _TURNED[predicate], me
        if predicate == _REPLACED_BY:
            self.successors[me].add(other)
        elif predicate == _RELATED and other.startswith(_UNIT_LIST):
            self.texts[UNITS][me].add(Text(other))
        elif predicate in _LINKS:
            self.links.add(Link(me, predicate.value, other))

    def release(self) -> Release:
        """The release that was gathered."""
        marked = self.deprecated | self.texts[LABELS].keys()
        concepts = (self.described | marked) - self.list_iris
        named = [v for i, v in sorted(self.lists.items()) if i in self.list_iris]
        return Release(
            {iri: self._concept(iri) for iri in sorted(concepts)},
            frozenset(self.links),
            next((v[_OF_LIST[0]] for v in named if _OF_LIST[0] in v), ""),
            next((v[_OF_LIST[1]] for v in named if _OF_LIST[1] in v), ""),
            frozenset(self._stated()),
        )

    def _concept(self, iri: str) -> Concept:
        texts = {kind: frozenset(by.get(iri, ())) for kind, by in self.texts.items()}
        # Some forms repeat the label as another one, and some do not.
        said = {label.text for label in texts[LABELS]}
        texts[ALTERNATIVES] = frozenset(t for t in texts[ALTERNATIVES] if t.text not in said)
        succession = frozenset(self.successors.get(iri, ()))
        return Concept(iri, **texts, deprecated=iri in self.deprecated, successors=succession)

    def _stated(self) -> Iterator[str]:
        yield from (kind for kind, by in self.texts.items() if by)
        if self.deprecated:
            yield DEPRECATION
        if self.successors:
            yield SUCCESSORS
        yield from {_link_kind(link) for link in self.links}


def _link_kind(link: Link) -> str:
    name = link.predicate.rsplit("#", 1)[-1]
    return f"{LINKS} by {name}"


def release(triples: Iterable[Triple], *, version: str = "") -> Release:
    """What a list says, from its triples; `version` where the list itself states none."""
    gathered = _Gathered()
    for triple in triples:
        gathered.add(triple)
    found = gathered.release()
    return found if found.version else replace(found, version=version)


# ------------------------------------------------------------------ the difference


def difference(old: Release, new: Release, *, alike: bool = True) -> Difference:
    """All that changed from one release to the other.

    Unless the two are written alike, only those kinds of facts are compared that both state:
    a list without codes in one format has not lost its codes.
    """
    dropped = frozenset() if alike else old.stated ^ new.stated
    both = sorted(old.concepts.keys() & new.concepts.keys())
    pairs = [(old.concepts[iri], new.concepts[iri]) for iri in both]
    texts = {
        changed: () if kind in dropped else tuple(chain(*(_texts(kind, *p) for p in pairs)))
        for kind, changed in _OF_TEXTS.items()
    }
    # A name that goes out of use loses its unit in some forms; that is not a change of unit.
    texts["units"] = tuple(
        change
        for change in texts["units"]
        if not _turned(old.concepts[change.concept], new.concepts[change.concept])
    )
    deprecation = [] if DEPRECATION in dropped else [p for p in pairs if _turned(*p)]
    succession = [] if {SUCCESSORS, DEPRECATION} & dropped else pairs
    return Difference(
        added=_only(new, old),
        removed=_only(old, new),
        deprecated=tuple(_succession(*p) for p in deprecation if p[1].deprecated),
        reinstated=tuple(_succession(*p) for p in deprecation if p[0].deprecated),
        successors=tuple(
            _succession(*p)
            for p in succession
            if not _turned(*p) and p[0].successors != p[1].successors
        ),
        **texts,
        linked=_links(new.links - old.links, dropped),
        unlinked=_links(old.links - new.links, dropped),
        not_compared=tuple(sorted(dropped)),
    )


def _only(one: Release, other: Release) -> tuple[Concept, ...]:
    return tuple(one.concepts[iri] for iri in sorted(one.concepts.keys() - other.concepts.keys()))


def _turned(old: Concept, new: Concept) -> bool:
    return old.deprecated != new.deprecated


def _succession(old: Concept, new: Concept) -> Change:
    before, after = (tuple(sorted(c.successors)) for c in (old, new))
    return Change(old.iri, "", before, after, new.label)


def _texts(kind: str, old: Concept, new: Concept) -> Iterator[Change]:
    """The texts of one kind that went and that came, language by language."""
    before: frozenset[Text] = getattr(old, kind)
    after: frozenset[Text] = getattr(new, kind)
    for language in sorted({t.language for t in before ^ after}):
        gone, come = (
            tuple(sorted(t.text for t in side if t.language == language))
            for side in (before - after, after - before)
        )
        yield Change(old.iri, language, gone, come, new.label)


def _links(links: Iterable[Link], dropped: frozenset[str]) -> tuple[Link, ...]:
    return tuple(sorted(link for link in links if _link_kind(link) not in dropped))


# ------------------------------------------------------------------ laying it on


def patched(old: Release, changes: Difference) -> Release:
    """The old release with a difference laid on it: its concepts and links are the new one's."""
    removed = {concept.iri for concept in changes.removed}
    concepts = {iri: c for iri, c in old.concepts.items() if iri not in removed}
    concepts |= {concept.iri: concept for concept in changes.added}
    for kind, name in _OF_TEXTS.items():
        _each(concepts, getattr(changes, name), _retext(kind))
    _each(concepts, changes.deprecated, lambda c, x: _succeed(c, x, deprecated=True))
    _each(concepts, changes.reinstated, lambda c, x: _succeed(c, x, deprecated=False))
    _each(concepts, changes.successors, lambda c, x: _succeed(c, x, deprecated=c.deprecated))
    links = old.links - set(changes.unlinked) | set(changes.linked)
    return replace(old, concepts=dict(sorted(concepts.items())), links=links)


def _each(
    concepts: dict[str, Concept],
    changes: Iterable[Change],
    step: Callable[[Concept, Change], Concept],
) -> None:
    for change in changes:
        concepts[change.concept] = step(concepts[change.concept], change)


def _retext(kind: str) -> Callable[[Concept, Change], Concept]:
    def step(concept: Concept, change: Change) -> Concept:
        gone, come = (
            {Text(text, change.language) for text in side} for side in (change.before, change.after)
        )
        return replace(concept, **{kind: getattr(concept, kind) - gone | come})

    return step


def _succeed(concept: Concept, change: Change, *, deprecated: bool) -> Concept:
    return replace(concept, deprecated=deprecated, successors=frozenset(change.after))
