"""What a change of a vocabulary touches in the graph: mappings, products, essential variables.

A mapping is touched when one of its ends is the concept; a product when it reports the concept,
or when the path of evidence from what it reports to an essential variable runs through it. Read
with a few queries from a snapshot's store, without its whole read model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import NamedNode, Store

from oceankg import ids
from oceankg.changes import (
    KINDS_OF_CHANGE,
    PREDICATES,
    Change,
    Concept,
    Difference,
    Link,
    Release,
    difference,
    release,
)
from oceankg.errors import SnapshotError, UnknownTermError
from oceankg.read import rows
from oceankg.store import Snapshot

# What to do about a mapping, from the change that asks most to the one that asks least.
_ACTIONS = ("replace", "choose", "withdraw", "review", "check", "none")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping as the snapshot holds it."""

    iri: str
    subject: str
    predicate: str
    object: str
    mapping_set: str
    justification: str
    confidence: float | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Reporting:
    """A product as far as an answer names it."""

    iri: str
    catalogue: str
    id: str
    title: str


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """An essential variable and its label."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class TouchedMapping:
    """A mapping with the changed concept at one end, and what to do about it.

    `action`: replace (by the one successor), choose (between several), withdraw (the successor
    is mapped so already), review (out of use without a successor), check (whether it still means
    the same), none.
    """

    mapping: Mapped
    action: str
    successors: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Impact:
    """A changed concept with everything that it touches.

    `products` report it or are led through it; `essential_variables` are those that they are
    led to by it.
    """

    concept: str
    label: str
    changes: tuple[str, ...]
    mappings: tuple[TouchedMapping, ...]
    products: tuple[Reporting, ...]
    essential_variables: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A path of evidence: what is reported, the essential variable, the concepts between."""

    start: str
    end: Named
    through: frozenset[str]


@dataclass(frozen=True)
class Holdings:
    """What a snapshot holds that a change of a concept may touch."""

    mappings: tuple[Mapped, ...] = ()
    products: Mapping[str, tuple[Reporting, ...]] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()

    @cached_property
    def mappings_of(self) -> Mapping[str, tuple[Mapped, ...]]:
        """The mappings that each concept is an end of."""
        found: dict[str, list[Mapped]] = defaultdict(list)
        for mapping in self.mappings:
            for end in dict.fromkeys((mapping.subject, mapping.object)):
                found[end].append(mapping)
        return {end: tuple(mappings) for end, mappings in found.items()}

    @cached_property
    def paths_through(self) -> Mapping[str, tuple[Path, ...]]:
        """The paths that run through each concept."""
        found: dict[str, list[Path]] = defaultdict(list)
        for path in self.paths:
            for concept in path.through:
                found[concept].append(path)
        return {concept: tuple(paths) for concept, paths in found.items()}

    @cached_property
    def said(self) -> frozenset[tuple[str, str]]:
        """The pairs of concepts that a mapping ties or denies."""
        return frozenset((m.subject, m.object) for m in self.mappings)


def holdings(store: Store) -> Holdings:
    """The mappings, reporting products and paths of evidence of a snapshot."""
    mappings = tuple(
        Mapped(
            row["mapping"],
            row["subject"],
            row["predicate"],
            row["object"],
            row["graph"].rsplit("/mappings-", 1)[-1],
            row["justification"],
            float(row["confidence"]) if row["confidence"] else None,
            bool(row["negated"]),
        )
        for row in rows(store, "mappings")
    )
    products: dict[str, set[Reporting]] = defaultdict(set)
    for row in rows(store, "reported"):
        catalogue = row["catalogue"].rsplit("/", 1)[-1]
        product = Reporting(row["product"], catalogue, row["identifier"], row["title"])
        products[row["reported"]].add(product)
    return Holdings(
        tuple(sorted(mappings, key=lambda m: (m.subject, m.predicate, m.object, m.iri))),
        {reported: tuple(sorted(p, key=_by_catalogue)) for reported, p in products.items()},
        tuple(_paths(store)),
    )


def _paths(store: Store) -> Iterator[Path]:
    ends: dict[str, tuple[str, Named]] = {}
    through: dict[str, set[str]] = defaultdict(set)
    for row in rows(store, "evidence"):
        ends[row["path"]] = row["start"], Named(row["end"], row["name"] or row["end"])
        through[row["path"]] |= {row["start"], row["end"], row["subject"], row["object"]} - {""}
    for path in sorted(ends):
        yield Path(*ends[path], frozenset(through[path]))


def _by_catalogue(product: Reporting) -> tuple[str, str, str]:
    return product.catalogue, product.id, product.iri


# ------------------------------------------------------------------ what is touched


def touched(
    held: Holdings, changes: Difference, known: Mapping[str, Concept] | None = None
) -> tuple[Impact, ...]:
    """Everything that a difference touches, by concept; concepts that touch nothing are left out.

    `known` names the concepts of which only a link changed.
    """
    labels = {iri: concept.label for iri, concept in (known or {}).items()}
    found = (_impact(held, iri, what) for iri, what in _changed(changes, labels).items())
    return tuple(i for i in found if i.mappings or i.products)


@dataclass(frozen=True, slots=True)
class _What:
    """The changes of one concept by their kinds, its label and its successors."""

    label: str
    kinds: tuple[str, ...]
    successors: tuple[str, ...]


def _changed(changes: Difference, labels: dict[str, str]) -> dict[str, _What]:
    """The changed concepts, in the order of their IRIs."""
    kinds: dict[str, list[str]] = defaultdict(list)
    successors: dict[str, tuple[str, ...]] = {}
    for kind in KINDS_OF_CHANGE:
        for change in getattr(changes, kind):
            for concept in _concerned(change):
                if kind not in kinds[concept]:
                    kinds[concept].append(kind)
            if isinstance(change, Concept):
                labels[change.iri] = change.label
                successors[change.iri] = tuple(sorted(change.successors))
            elif isinstance(change, Change):
                labels[change.concept] = change.label
                if kind in ("deprecated", "successors"):
                    successors[change.concept] = change.after
    return {
        iri: _What(labels.get(iri, iri), tuple(kinds[iri]), successors.get(iri, ()))
        for iri in sorted(kinds)
    }


def _concerned(change: Concept | Change | Link) -> tuple[str, ...]:
    if isinstance(change, Link):
        return change.subject, change.object
    return (change.iri if isinstance(change, Concept) else change.concept,)


def _impact(held: Holdings, concept: str, what: _What) -> Impact:
    paths = held.paths_through.get(concept, ())
    starts = {concept, *(path.start for path in paths)}
    products = {p for start in starts for p in held.products.get(start, ())}
    mappings = (_touched(held, m, concept, what) for m in held.mappings_of.get(concept, ()))
    return Impact(
        concept,
        what.label,
        what.kinds,
        tuple(sorted(mappings, key=_by_action)),
        tuple(sorted(products, key=_by_catalogue)),
        tuple(sorted({path.end for path in paths})),
    )


def _by_action(touched_: TouchedMapping) -> tuple[int, str, str]:
    mapping = touched_.mapping
    return _ACTIONS.index(touched_.action), mapping.iri, mapping.object


def _touched(held: Holdings, mapping: Mapped, concept: str, what: _What) -> TouchedMapping:
    action, reason = _advice(held, mapping, concept, what)
    return TouchedMapping(mapping, action, what.successors, reason)


def _advice(held: Holdings, mapping: Mapped, concept: str, what: _What) -> tuple[str, str]:
    if {"deprecated", "successors", "removed"} & set(what.kinds):
        return _replaced(held, mapping, concept, what)
    if "added" in what.kinds:
        return "none", "the concept it speaks of is there now"
    if "reinstated" in what.kinds:
        return "check", "the concept is in use again"
    if "relabelled" in what.kinds:
        return "check", "the concept has another label: does it still mean the same?"
    if "units" in what.kinds:
        return "check", "the concept has another unit: is it still the same quantity?"
    if {"linked", "unlinked"} & set(what.kinds):
        return "check", "the concept is linked otherwise: does the mapping say more than the links?"
    return "none", "only codes or other labels changed"


def _replaced(held: Holdings, mapping: Mapped, concept: str, what: _What) -> tuple[str, str]:
    gone = "removed" if "removed" in what.kinds else "deprecated"
    if not what.successors:
        return "review", f"the concept is {gone} and no successor is named"
    if all(_end_moved(mapping, concept, s) in held.said for s in what.successors):
        return "withdraw", f"the concept is {gone}, and its successor is mapped already"
    if len(what.successors) > 1:
        return "choose", f"the concept is {gone} in favour of several"
    return "replace", f"the concept is {gone} in favour of another"


def _end_moved(mapping: Mapped, concept: str, successor: str) -> tuple[str, str]:
    """The ends of the mapping with the successor in the place of the concept."""
    subject = successor if mapping.subject == concept else mapping.subject
    object_ = successor if mapping.object == concept else mapping.object
    return subject, object_


# ------------------------------------------------------------------ between two snapshots


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One list in two releases: how it differs, and what that touches."""

    id: str
    title: str
    old_version: str
    new_version: str
    difference: Difference
    impacts: tuple[Impact, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Two states, and each list that differs between them."""

    old: str
    new: str
    vocabularies: tuple[Vocabulary, ...]


def between(old: Snapshot, new: Snapshot, vocabulary: str | None = None) -> Report:
    """The differences of the lists of two snapshots, or of one list; what is alike is left out.

    Mappings are those of the new snapshot, which can still be mended. Products are those of
    both: what a removed link led to is only in the old one. Raises UnknownTermError when neither
    has the list.
    """
    try:
        stores = old.open(), new.open()
        titles = {row["graph"]: row["title"] for s in stores for row in rows(s, "vocabularies")}
        found = [
            _Differing(graph.removeprefix(ids.graph("")), titles[graph], releases, changes)
            for graph in _chosen(titles, vocabulary)
            if (changes := difference(*(releases := _releases(stores, graph))))
        ]
        held = _both(*map(holdings, stores)) if found else Holdings()
    except OSError as error:
        # The reader of a snapshot that is pruned may miss a file that it had not opened yet.
        raise SnapshotError(f"a snapshot went away while it was read: {error}") from error
    return Report(old.id, new.id, tuple(_vocabulary(differing, held) for differing in found))


def _chosen(titles: Mapping[str, str], vocabulary: str | None) -> list[str]:
    """The graphs of all lists, or of the one that is named by its source or its NVS code."""
    if vocabulary is None:
        return sorted(titles)
    name = vocabulary.strip().lower()
    known = {graph.rsplit("/", 1)[-1]: graph for graph in sorted(titles)}
    for source in (name, f"nvs-{name}", *(s for s in known if s.startswith(f"{name}-"))):
        if source in known:
            return [known[source]]
    raise UnknownTermError(
        f"no snapshot of the two holds {vocabulary!r}; lists: {', '.join(known)}"
    )


def _both(old: Holdings, new: Holdings) -> Holdings:
    reported = sorted({*old.products, *new.products})
    products = {
        r: tuple(sorted({*old.products.get(r, ()), *new.products.get(r, ())}, key=_by_catalogue))
        for r in reported
    }
    return Holdings(new.mappings, products, tuple(dict.fromkeys((*new.paths, *old.paths))))


@dataclass(frozen=True, slots=True)
class _Differing:
    """A list that differs between its two releases."""

    id: str
    title: str
    releases: tuple[Release, Release]
    difference: Difference


def _vocabulary(differing: _Differing, held: Holdings, notes: tuple[str, ...] = ()) -> Vocabulary:
    """A list that differs, with what that touches of what a graph holds."""
    old, new = differing.releases
    changes = differing.difference
    impacts = touched(held, changes, {**old.concepts, **new.concepts})
    versions = old.version, new.version
    return Vocabulary(differing.id, differing.title, *versions, changes, impacts, notes)


def compared(
    id_: str,
    title: str,
    releases: tuple[Release, Release],
    held: Holdings,
    *,
    alike: bool = True,
    notes: tuple[str, ...] = (),
) -> Vocabulary:
    """Two releases of a list: their difference, and what it touches of what a graph holds."""
    changes = difference(*releases, alike=alike)
    return _vocabulary(_Differing(id_, title, releases, changes), held, notes)


def _releases(stores: tuple[Store, Store], graph: str) -> tuple[Release, Release]:
    old, new = (_release(store, NamedNode(graph)) for store in stores)
    return old, new


def _release(store: Store, graph: NamedNode) -> Release:
    return release(
        quad.triple
        for predicate in PREDICATES
        for quad in store.quads_for_pattern(None, predicate, None, graph)
    )
