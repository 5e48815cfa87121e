"""Differences: how a comparison, or all of them, changed from one snapshot to another, and why.

Each change names the cell that changed (a product in a catalogue, an attribute of it) and its
cause: the record states something else, a mapping or a link of a vocabulary came or went, or a rule
of normalising reads the record in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from oceankg.climb import Path, Statement
from oceankg.compare import CATALOGUES, Comparison, Row, compare_concept
from oceankg.compare.attributes import ATTRIBUTES, Attribute
from oceankg.evidence import curie
from oceankg.read import Product, ReadModel

Cause = Literal["record", "mapping", "vocabulary", "rule"]
PRODUCT, CERTAINTY = "product", "certainty"


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that changed: `before` and `after` as text, "" where there is nothing.

    `attribute` is ``product`` where the product itself came or went, ``certainty`` where it is now
    sure or not. `because` names what changed: the mappings with their sets, the links, the words
    that the record reports, or the part of it on which the value rests.
    """

    parameter: str
    catalogue: str
    product: str
    title: str
    attribute: str
    before: str
    after: str
    cause: Cause
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """The changes from one snapshot to another, in a stable order."""

    old: str
    new: str
    changes: tuple[Change, ...]


def differences(old: ReadModel, new: ReadModel, parameter: str) -> Differences:
    """How the comparison of one parameter changed."""
    before, after = compare_concept(old, parameter), compare_concept(new, parameter)
    return Differences(before.snapshot, after.snapshot, tuple(_changes(old, new, before, after)))


def all_differences(old: ReadModel, new: ReadModel) -> Differences:
    """How the comparison of every essential variable changed."""
    variables = sorted({v.iri for model in (old, new) for v in model.essential_variables})
    found = (differences(old, new, variable).changes for variable in variables)
    return Differences(old.snapshot.id, new.snapshot.id, tuple(chain.from_iterable(found)))


def _changes(
    old: ReadModel, new: ReadModel, before: Comparison, after: Comparison
) -> Iterator[Change]:
    for catalogue in CATALOGUES:
        was = {row.product.iri: row for row in before.catalogues[catalogue]}
        now = {row.product.iri: row for row in after.catalogues[catalogue]}
        for iri in sorted(was.keys() | now.keys()):
            yield from _of_row(old, new, after.parameter, was.get(iri), now.get(iri))


def _of_row(
    old: ReadModel, new: ReadModel, parameter: str, was: Row | None, now: Row | None
) -> Iterator[Change]:
    product = next(row.product for row in (now, was) if row is not None)
    place = (parameter, product.catalogue, product.iri, product.title)
    if was is None or now is None:
        before, after = (_certainty(row) for row in (was, now))
        yield Change(*place, PRODUCT, before, after, *_why_there(old, new, product.iri, parameter))
        return
    if was.sure != now.sure:
        cause = _why_linked(old, new, product.iri, parameter)
        yield Change(*place, CERTAINTY, _certainty(was), _certainty(now), *cause)
    for attribute in ATTRIBUTES:
        before, after = ("; ".join(attribute.values(row.product)) for row in (was, now))
        if before != after:
            cause = _why_valued(was.product, now.product, attribute)
            yield Change(*place, attribute.name, before, after, *cause)


def _certainty(row: Row | None) -> str:
    return "" if row is None else ("sure" if row.sure else "may")


# ------------------------------------------------------------------ causes


def _why_there(
    old: ReadModel, new: ReadModel, product: str, parameter: str
) -> tuple[Cause, tuple[str, ...]]:
    """Why a product came into a comparison, or left it."""
    if product not in old.products:
        return "record", ("the record is new in its catalogue",)
    if product not in new.products:
        return "record", ("the record is no longer in its catalogue",)
    return _why_linked(old, new, product, parameter)


def _why_linked(
    old: ReadModel, new: ReadModel, product: str, parameter: str
) -> tuple[Cause, tuple[str, ...]]:
    """What changed on the ways from what a product reports to the parameter."""
    was, now = (frozenset(model.products[product].reports) for model in (old, new))
    steps_was, steps_now = (
        _steps(_paths(model, reports, parameter)) for model, reports in ((old, was), (new, now))
    )
    gone, come = steps_was.keys() - steps_now.keys(), steps_now.keys() - steps_was.keys()
    # A way that both could have gone changed because of a link on it, not of the record.
    links = (
        *(
            f"- {_told(old, steps_was[key])}{_denial(old, new, key)}"
            for key in sorted(gone)
            if not _asserts(new, key)
        ),
        *(f"+ {_told(new, steps_now[key])}" for key in sorted(come) if not _asserts(old, key)),
    )
    if links:
        return ("mapping" if any("mapping" in link for link in links) else "vocabulary"), links
    if was != now:
        return "record", (
            *(f"- reports {old.name(word)}" for word in sorted(was - now)),
            *(f"+ reports {new.name(word)}" for word in sorted(now - was)),
        )
    return "rule", ("the ways to the parameter are chosen otherwise",)


Key = tuple[str, str, str]


def _paths(model: ReadModel, reports: Iterable[str], parameter: str) -> Iterator[Path]:
    for concept in reports:
        found = [path for path in model.paths(concept) if path.end == parameter]
        # Where none leads there any more, the ways that are gone instead tell why.
        yield from found or model.paths(concept)


def _steps(paths: Iterable[Path]) -> dict[Key, Statement]:
    return {(s.subject, s.predicate, s.object): s for path in paths for s in path.steps}


def _asserts(model: ReadModel, key: Key) -> bool:
    """Whether a snapshot holds a link, followed or not."""
    return key in model.once("asserted", _asserted)


def _asserted(model: ReadModel) -> frozenset[Key]:
    edges = (data["statement"] for _, _, data in model.climb.edges.edges(data=True))
    anchors = (s for every in model.climb.anchors.values() for s, _ in every)
    return frozenset((s.subject, s.predicate, s.object) for s in chain(edges, anchors))


def _denial(old: ReadModel, new: ReadModel, key: Key) -> str:
    """That a negative mapping, which was not there before, now denies a link."""
    pair = frozenset((key[0], key[2]))
    if pair not in new.denials or pair in old.denials:
        return ""
    mapping = new.mappings[new.denials[pair]]
    return f"; denied by mapping {mapping.iri} of {mapping.mapping_set}"


def _told(model: ReadModel, statement: Statement) -> str:
    said = f"{model.name(statement.subject)} {curie(statement.predicate)} "
    said += model.name(statement.object)
    mapping = model.mappings.get(statement.mapping or "")
    if mapping is None:
        return f"{said} (in {statement.graph.rsplit('/', 1)[-1]})"
    author = f", by {mapping.author}" if mapping.author else ""
    return f"{said} (mapping {mapping.iri} of {mapping.mapping_set}{author})"


def _why_valued(was: Product, now: Product, attribute: Attribute) -> tuple[Cause, tuple[str, ...]]:
    """Why an attribute of a product has another value."""
    before, after = (_bases(p, attribute) for p in (was, now))
    if before == after:
        return "record", ("the record states it",)
    grounds = tuple(
        [f"- {value}: {basis}" for value, basis in sorted(before.items() - after.items())]
        + [f"+ {value}: {basis}" for value, basis in sorted(after.items() - before.items())]
    )
    # The words on which a value rests are the record's; the same words read otherwise are a rule's.
    same_words = set(before.values()) & set(after.values())
    return ("rule" if same_words else "record"), grounds


def _bases(product: Product, attribute: Attribute) -> Mapping[str, str]:
    return {b.value: b.basis for b in product.bases if b.property in attribute.properties}
