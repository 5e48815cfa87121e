"""Why something serves an essential variable: each statement of the way, and how to check it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pyoxigraph import NamedNode

from oceankg import queries
from oceankg.climb import Path, Statement
from oceankg.namespaces import PREFIXES
from oceankg.read import ReadModel

STEPS = "steps-of-a-path"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement on the way to an essential variable, with its provenance."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    source: str
    mapping: str | None
    asserted_by: str | None
    justification: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Served:
    """An essential variable that something serves, and the way there.

    `query` names the published query that finds every step of `path` again, and `sparql` is its
    text for just these steps, ready to be sent; both are None where there is no step to go.
    """

    iri: str
    label: str
    sure: bool
    path: tuple[Step, ...]
    query: str | None = None
    sparql: str | None = None


def served_by(model: ReadModel, concept: str, language: str = "en") -> tuple[Served, ...]:
    """The essential variables that a concept serves, each with its path explained."""
    return tuple(_served(model, path, language) for path in model.paths(concept))


def at_the_surface(model: ReadModel, concept: str, language: str = "en") -> tuple[Served, ...]:
    """The essential variables that a concept serves where it is measured at the surface.

    For each below the surface that has a counterpart at the surface, that one, by one step more.
    """
    found = []
    for path in model.paths(concept):
        if step := model.counterparts.get(path.end):
            longer = replace(path, end=step.object, steps=(*path.steps, step))
            found.append(_served(model, longer, language))
    return tuple(found)


def _served(model: ReadModel, path: Path, language: str) -> Served:
    return Served(
        path.end,
        label(model, path.end, language),
        path.sure,
        explain(model, path),
        STEPS if path.steps else None,
        walk(path.steps) if path.steps else None,
    )


def label(model: ReadModel, iri: str, language: str = "en") -> str:
    """The label of a concept in a language; the IRI of what is no concept."""
    concept = model.concepts.get(iri)
    return concept.label(language) if concept else iri


def explain(model: ReadModel, path: Path) -> tuple[Step, ...]:
    """The statements of a path with who asserted each and on what ground."""
    steps = []
    for statement in path.steps:
        mapping = model.mappings.get(statement.mapping or "")
        steps.append(
            Step(
                statement.subject,
                model.name(statement.subject),
                curie(statement.predicate),
                statement.object,
                model.name(statement.object),
                mapping.mapping_set if mapping else statement.graph.rsplit("/", 1)[-1],
                statement.mapping,
                mapping.author if mapping else None,
                curie(mapping.justification) if mapping else None,
                statement.confidence,
            )
        )
    return tuple(steps)


def walk(steps: Sequence[Statement]) -> str:
    """The published query for just these steps, in their order."""
    names = "?position ?subject ?predicate ?object ?assertedIn"
    rows = (f"{number} {terms(*_terms(step))}" for number, step in enumerate(steps, 1))
    return with_values(STEPS, names, rows)


def with_values(query: str, variables: str, rows: Iterable[str]) -> str:
    """A published query with a block of values at its end, ready to be sent.

    Each of the rows is the terms of the variables, as `terms` writes them.
    """
    lines = "".join(f"  ({row})\n" for row in rows)
    return f"{queries.get(query).body}VALUES ({variables}) {{\n{lines}}}\n"


def terms(*iris: str) -> str:
    """IRIs as terms of SPARQL, written by the library that will read them: nothing is spliced."""
    return " ".join(map(_term, iris))


# The values of the axes of the coverage come again and again.
@lru_cache(maxsize=10_000)
def _term(iri: str) -> str:
    return str(NamedNode(iri))


def _terms(step: Statement) -> tuple[str, str, str, str]:
    return step.subject, step.predicate, step.object, step.graph


def curie(iri: str) -> str:
    """A predicate in short form, e.g. ``skos:broadMatch``."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
