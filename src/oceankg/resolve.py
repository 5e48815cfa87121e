"""Resolve: any IRI, code, name or label to the concepts it may mean, and why.

Exact identifiers come first, then codes, then labels; among equals the vocabularies closer to
the essential variables come first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oceankg import ids
from oceankg.climb import WORD, Path
from oceankg.namespaces import PREFIXES
from oceankg.read import Concept, ReadModel
from oceankg.text import fold

# How well each field speaks for a candidate: an identifier is certain, a synonym less so.
SCORES: Mapping[str, float] = {
    "identifier": 1.0,
    "notation": 0.99,
    "prefLabel": 0.95,
    "altLabel": 0.9,
    "folded prefLabel": 0.85,
    "folded altLabel": 0.8,
}
_WORD_FACTOR = 0.8
_ORDER = ("EXV", "standard_name", "OD1", "A05", "P02", "P07", "R03", "P09", "P01", "P06")


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
    """An essential variable that something serves, and the way there."""

    iri: str
    label: str
    sure: bool
    path: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a term may mean."""

    iri: str
    label: str
    scheme: str
    notation: str | None
    deprecated: bool
    replaced_by: tuple[str, ...]
    matched_field: str
    matched_text: str
    score: float
    essential_variables: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a term means: candidates, the best first, and the essential variable it serves.

    That is the one of the best candidate that surely serves any. `reason` says
    why there is no essential variable, or no candidate.
    """

    q: str
    candidates: tuple[Candidate, ...] = ()
    essential_variable: Served | None = None
    reason: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A question: the term, and what is known besides."""

    q: str
    vocabulary: str | None = None
    language: str = "en"


@dataclass
class Resolver:
    """The look-up tables over one read model."""

    model: ReadModel
    _exact: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _folded: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _labels: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for concept in self.model.concepts.values():
            for name, text in _texts(concept):
                self._exact[text].append((concept.iri, name))
                self._folded[fold(text)].append((concept.iri, f"folded {name}"))
                self._labels.append((fold(text), text))
        self._labels.sort()

    def resolve_many(self, terms: Sequence[Term], limit: int = 10) -> tuple[Resolution, ...]:
        """Resolve a list of terms, each to at most `limit` candidates."""
        return tuple(self._resolve(term, limit) for term in terms)

    def _resolve(self, term: Term, limit: int) -> Resolution:
        hits = self._ranked(term)
        if not hits:
            near = tuple(dict.fromkeys(self._starting_with(fold(term.q))))
            return Resolution(term.q, reason=_no_hit(term), suggestions=near)
        candidates = tuple(self._candidate(iri, name, term) for iri, name in hits[:limit])
        served = next((s for c in candidates for s in c.essential_variables if s.sure), None)
        reason = "" if served else _why_none(candidates)
        return Resolution(term.q, candidates, served, reason)

    def _ranked(self, term: Term) -> list[tuple[str, str]]:
        best: dict[str, str] = {}
        for iri, name in self._hits(term.q.strip()):
            if term.vocabulary and not _in_vocabulary(iri, term.vocabulary):
                continue
            if SCORES[name] > SCORES.get(best.get(iri, ""), 0.0):
                best[iri] = name
        return sorted(best.items(), key=lambda hit: self._rank(*hit))

    def _hits(self, q: str) -> Iterator[tuple[str, str]]:
        if (iri := ids.canonical(q)) is not None:
            for spelling in (iri, _other_slash(iri)):
                if spelling in self.model.concepts:
                    yield spelling, "identifier"
        yield from self._exact.get(q, ())
        for concept, name in self._folded.get(fold(q), ()):
            if name != "folded notation":
                yield concept, name
            elif q.casefold() in map(str.casefold, _codes(self.model.concepts[concept])):
                # A code in another case is still the code.
                yield concept, "notation"

    def _rank(self, iri: str, name: str) -> tuple[float, bool, int, str]:
        return (-_score(iri, name), self.model.concepts[iri].deprecated, _closeness(iri), iri)

    def _candidate(self, iri: str, name: str, term: Term) -> Candidate:
        concept = self.model.concepts[iri]
        return Candidate(
            iri=iri,
            label=concept.label(term.language),
            scheme=self.model.name(concept.scheme),
            notation=concept.notations[0] if concept.notations else None,
            deprecated=concept.deprecated,
            replaced_by=concept.replaced_by,
            matched_field=name,
            matched_text=_matched_text(concept, name, term.q),
            score=_score(iri, name),
            essential_variables=served_by(self.model, iri, term.language),
        )

    def _starting_with(self, start: str, most: int = 10) -> Iterator[str]:
        at = bisect_left(self._labels, (start, ""))
        for folded, text in self._labels[at : at + most]:
            if start and folded.startswith(start):
                yield text


def _score(iri: str, name: str) -> float:
    """How well a hit speaks for a concept; a catalogue's own word comes after all vocabularies."""
    is_word = iri.startswith(WORD) and name != "identifier"
    return round(SCORES[name] * _WORD_FACTOR, 3) if is_word else SCORES[name]


def _codes(concept: Concept) -> Iterator[str]:
    yield from concept.notations
    if not concept.iri.startswith(WORD):
        yield concept.iri.rstrip("/").rsplit("/", 1)[-1]


def _texts(concept: Concept) -> Iterator[tuple[str, str]]:
    for code in _codes(concept):
        yield "notation", code
    for label in concept.labels.values():
        yield "prefLabel", label
    for label in concept.alternatives:
        yield "altLabel", label


def _matched_text(concept: Concept, name: str, q: str) -> str:
    if name == "identifier":
        return concept.iri
    kind = name.removeprefix("folded ")
    same = (t for k, t in _texts(concept) if k == kind and fold(t) == fold(q.strip()))
    return next(same, q)


def _other_slash(iri: str) -> str:
    return iri[:-1] if iri.endswith("/") else iri + "/"


def _in_vocabulary(iri: str, vocabulary: str) -> bool:
    """Whether a concept stands in a list, given by its code or by how its IRIs begin."""
    name = {"cf": "standard_name"}.get(vocabulary.casefold(), vocabulary)
    start = ids.canonical(vocabulary) or vocabulary
    return name.casefold() == _list_of(iri).casefold() or ("://" in start and iri.startswith(start))


def _list_of(iri: str) -> str:
    parts = iri.split("/")
    return parts[4] if "/collection/" in iri and len(parts) > 4 else parts[3]


def _closeness(iri: str) -> int:
    name = _list_of(iri)
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _no_hit(term: Term) -> str:
    where = f" in {term.vocabulary}" if term.vocabulary else ""
    return f"no concept has this identifier, code or label{where}"


def _why_none(candidates: Sequence[Candidate]) -> str:
    possible = dict.fromkeys(s.label for c in candidates for s in c.essential_variables)
    if possible:
        return f"wider or less sure than an essential variable; it may serve: {', '.join(possible)}"
    return "no mapping leads from what has this name to an essential variable"


def served_by(model: ReadModel, concept: str, language: str = "en") -> tuple[Served, ...]:
    """The essential variables that a concept serves, each with its path explained."""
    return tuple(
        Served(path.end, _label(model, path.end, language), path.sure, explain(model, path))
        for path in model.paths(concept)
    )


def _label(model: ReadModel, iri: str, language: str) -> str:
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


def curie(iri: str) -> str:
    """A predicate in short form, e.g. ``skos:broadMatch``."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
