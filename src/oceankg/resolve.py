"""Resolve: any IRI, code, name or label, with what else is known, to what it means, and why.

Exact identifiers come first, then codes, then labels, then labels that stand inside the words;
among equals the vocabularies closer to the essential variables come first. What else is known of
a variable (its unit, long name, standard name, depth, platform) finds candidates too, and speaks
for or against each. What is no variable (a flag, a coordinate, a count …) names none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from oceankg import clues, evidence, ids, units
from oceankg.climb import NAME, WORD
from oceankg.evidence import Served, served_by
from oceankg.read import Concept, ReadModel
from oceankg.search import Query, Search
from oceankg.text import fold, visible_only
from oceankg.wordindex import WordIndex

WORDS, SUCCESSOR = "words", "successor"
# How well each field speaks for a candidate: an identifier is certain, a synonym less so.
SCORES: Mapping[str, float] = {
    "identifier": 1.0,
    "notation": 0.99,
    "folded notation": 0.88,
    "prefLabel": 0.95,
    "altLabel": 0.9,
    "folded prefLabel": 0.85,
    "folded altLabel": 0.8,
    "hiddenLabel": 0.78,
    "folded hiddenLabel": 0.76,
    WORDS: 0.7,
}
_HEAD = re.compile(r"(.*\S)\s*[\[(]([^\])]{1,40})[\])]")
# How far each thing that is known of a variable is trusted.
_TRUST: Mapping[str, float] = {
    "identifiers": 1.0,
    "standard_name": 0.98,
    "long_name": 0.9,
    "q": 0.88,
}
_WORD_FACTOR, _NAME_FACTOR = 0.8, 0.85
_BESIDE = 0.7
_AGAINST_FACTOR = 0.6
_AGREES = 0.02
_WEAKER = 0.12
# The share of concepts whose unit counts for their essential variable.
_FEW, _COMMON = 10, {False: 0.02, True: 0.2}
# What is remembered is asked for by strangers.
_MOST_KNOWN, _MOST_SERVING = 100_000, 100_000
_CONCEPTS = ("concept", "essential variable")
# The lists whose labels are looked for inside a text: lists of variables, without P01, whose
# labels are sentences.
_OF_VARIABLES = frozenset(
    {"EXV", "standard_name", "OD1", "A05", "P02", "P07", "R03", "P09", "carbon", "name"}
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a term may mean.

    `matched_in` says which part of the question found it, `against` what there speaks against it.
    """

    iri: str
    label: str
    scheme: str
    notation: str | None
    deprecated: bool
    replaced_by: tuple[str, ...]
    matched_in: str
    matched_field: str
    matched_text: str
    score: float
    essential_variables: tuple[Served, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a term means: candidates, the best first, and the essential variable it serves.

    That is the one of the best candidate that surely serves any; where a name may be that of a
    variable at the surface or below, the one below, as not sure. `reason` says why there is no
    sure essential variable, or no candidate; `none` names the role of what is no variable: quality
    flag, error estimate, count, time, coordinate, instrument setting, identifier.
    """

    q: str
    candidates: tuple[Candidate, ...] = ()
    essential_variable: Served | None = None
    reason: str = ""
    none: str | None = None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A question: the term, and what is known besides.

    `identifiers` are stated beside the name, such as an ``sdn_parameter_urn``; `depth` is in
    metres; `platform` says what carries the instrument; `vocabulary` keeps to one list.
    """

    q: str
    units: str | None = None
    long_name: str | None = None
    standard_name: str | None = None
    identifiers: tuple[str, ...] = ()
    vocabulary: str | None = None
    depth: float | None = None
    platform: str | None = None
    language: str = "en"

    @property
    def description(self) -> str:
        """All that is said in words."""
        return " ".join(filter(None, (self.q, self.standard_name, self.long_name)))

    @property
    def is_bare(self) -> bool:
        """Whether nothing but the term is known."""
        known = (self.units, self.long_name, self.standard_name, self.platform)
        return not any(known) and not self.identifiers and self.depth is None


@dataclass(frozen=True, slots=True)
class _Hit:
    """A concept, the part of the question that found it, the field and how surely."""

    iri: str
    part: str
    field: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Hints:
    """Whether it is at the surface, and the essential variables that come first."""

    surface: bool = False
    preferred: frozenset[str] = frozenset()


# A concept, the field that has a text, and the text as it is there.
_Named = tuple[str, str, str]


@dataclass
class Resolver:
    """The look-up tables over one read model; `search` proposes what else may be meant."""

    model: ReadModel
    search: Search | None = None
    _exact: dict[str, list[_Named]] = field(default_factory=lambda: defaultdict(list))
    _folded: dict[str, list[_Named]] = field(default_factory=lambda: defaultdict(list))
    _labels: list[tuple[str, str]] = field(default_factory=list)
    _known: dict[tuple[Term, int], Resolution] = field(default_factory=dict)
    _serving: dict[tuple[str, str], tuple[Served, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for concept in self.model.concepts.values():
            for name, text in _texts(concept):
                folded = fold(text)
                self._exact[text].append((concept.iri, name, text))
                self._folded[folded].append((concept.iri, f"folded {name}", text))
                self._labels.append((folded, text))
        self._labels.sort()

    @cached_property
    def _words(self) -> WordIndex:
        return WordIndex(
            (concept.iri, text, name == "hiddenLabel")
            for concept in self.model.concepts.values()
            if ids.vocabulary_of(concept.iri) in _OF_VARIABLES and not concept.deprecated
            for name, text in _texts(concept)
            if name != "notation" or concept.iri.startswith(NAME)
        )

    @cached_property
    def _dimensions(self) -> Mapping[str, frozenset[str]]:
        """The dimensions of the units of all concepts that serve an essential variable."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for concept in self.model.concepts.values():
            read = {unit.dimension for text in concept.units if (unit := units.parse(text))}
            for path in self.model.paths(concept.iri) if read else ():
                found[path.end].update(read)
        # Few concepts do not show all the units that are in use, and rare ones are of what leads
        # to the variable by the way, such as a depth of the mixed layer.
        return {
            iri: frozenset(
                d for d, n in of.items() if n >= of.total() * _COMMON[clues.is_one_quantity(iri)]
            )
            for iri, of in found.items()
            if of.total() >= _FEW
        }

    def resolve_many(self, terms: Sequence[Term], limit: int = 10) -> tuple[Resolution, ...]:
        """Resolve a list of terms, each to at most `limit` candidates."""
        return tuple(self._remembered(term, limit) for term in terms)

    def _remembered(self, term: Term, limit: int) -> Resolution:
        known = self._known.get((term, limit))
        if known is None:
            known = self._resolve(term, limit)
            self._remember(term, limit, known)
        return known

    def _remember(self, term: Term, limit: int, found: Resolution) -> None:
        """Keep the answer to a plain name of the graph: there are not many, and they come again."""
        if term.is_bare and found.candidates and _is_named(found.candidates[0]):
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[term, limit] = found

    def _resolve(self, term: Term, limit: int) -> Resolution:
        asked, term = term.q, self._with_unit(replace(term, q=visible_only(term.q)))
        found = self._candidates(term, limit)
        role = self._role(term, found)
        if role is not None:
            return Resolution(asked, found[:limit], reason=role.reason, none=role.kind)
        near = () if found and _is_named(found[0]) else self._near(asked, found)
        if not found:
            return Resolution(asked, reason=_no_hit(term), suggestions=near)
        served = self._chosen(found, term)
        reason = "" if served and served.sure else _why_none(found)
        return Resolution(asked, found[:limit], served, reason, suggestions=near)

    def _with_unit(self, term: Term) -> Term:
        """A column head such as ``Temperature [degC]`` taken apart, where no concept has it."""
        head = _HEAD.fullmatch(term.q.strip())
        if head is None or term.units or term.q in self._exact or units.parse(head[2]) is None:
            return term
        return replace(term, q=head[1], units=head[2])

    # -------------------------------------------------------------- roles

    def _role(self, term: Term, found: Sequence[Candidate]) -> clues.Role | None:
        best = found[0] if found else None
        if best and term.is_bare and best.score >= SCORES["folded altLabel"]:
            if best.essential_variables:
                return None
            return clues.role_of(term.q) or clues.role_of_label(best.label)
        said = (term.long_name or "", term.standard_name or "", term.units or "")
        role = clues.role_of(term.q, *self._without_unknown(said))
        if role is None and best and not best.essential_variables:
            return clues.role_of_label(best.label)
        return role

    def _without_unknown(self, said: tuple[str, str, str]) -> tuple[str, str, str]:
        """The same, without a standard name that CF does not know: it is only words."""
        long_name, standard_name, unit = said
        name = standard_name.split(" ", 1)[0]
        if not standard_name or ids.cf_name(name) in self.model.concepts:
            return said
        role = clues.role_of("", "", standard_name)
        return (long_name or name, standard_name if role else "", unit)

    # -------------------------------------------------------------- candidates

    def _candidates(self, term: Term, limit: int) -> tuple[Candidate, ...]:
        ranked = sorted(self._weighed(term), key=self._rank)
        # Some more than asked for, because what speaks against them changes the order.
        most = limit if term.is_bare else max(limit, 20)
        some = [self._candidate(hit, term) for hit in ranked[:most]]
        some.sort(key=lambda c: -c.score)
        return self._with_successors(some, term)

    def _weighed(self, term: Term) -> Iterable[_Hit]:
        best: dict[str, _Hit] = {}
        for hit in self._hits(term):
            if term.vocabulary and not _in_vocabulary(hit.iri, term.vocabulary):
                continue
            known = best.get(hit.iri)
            if known is None or hit.score > known.score:
                best[hit.iri] = hit
            elif hit.part != known.part:
                best[hit.iri] = replace(known, score=min(known.score + _AGREES, 1.0))
        return best.values()

    def _hits(self, term: Term) -> Iterator[_Hit]:
        if term.is_bare:
            direct = tuple(self._direct(term.q.strip(), "q", 1.0))
            yield from direct or self._by_words(term.q, "q", 1.0)
            return
        for part, text in _parts(term):
            trust = _TRUST[part]
            yield from self._direct(text.strip(), part, trust)
        for part in ("long_name", "standard_name"):
            if text := getattr(term, part):
                yield from self._by_words(text, part, _TRUST[part])
        # A long name says more than the words within a name.
        trust = _TRUST["q"] * (_BESIDE if term.long_name else 1.0)
        yield from self._by_words(term.q, "q", trust)

    def _direct(self, text: str, part: str, trust: float) -> Iterator[_Hit]:
        for iri, name, found in self._named(text):
            score = _score(iri, name) * (1.0 if name == "identifier" else trust)
            yield _Hit(iri, part, name, found, round(score, 3))

    def _named(self, text: str) -> Iterator[_Named]:
        if (iri := ids.canonical(text)) is not None:
            for spelling in (iri, _other_slash(iri)):
                if spelling in self.model.concepts:
                    yield spelling, "identifier", spelling
        yield from self._exact.get(text, ())
        for concept, name, found in self._folded.get(fold(text), ()):
            if name != "folded notation":
                yield concept, name, found
            elif text.casefold() == found.casefold():
                # A code in another case is still the code, but of a label nothing is left out.
                yield concept, name, found

    def _by_words(self, text: str, part: str, trust: float) -> Iterator[_Hit]:
        in_air = "air" in clues.medium(text)
        for hit in self._words.inside(text)[:20]:
            of_air = clues.medium_of(hit.iri) == "air" and not hit.decisive
            if of_air and not in_air and not clues.medium(hit.label):
                # "Surface temperature" is that of the air only to those who know the list.
                continue
            score = round(SCORES[WORDS] * hit.share * trust, 3)
            yield _Hit(hit.iri, part, WORDS, hit.label, score)

    def _rank(self, hit: _Hit) -> tuple[float, bool, int, str]:
        return (
            -hit.score,
            self.model.concepts[hit.iri].deprecated,
            ids.closeness(hit.iri),
            hit.iri,
        )

    def _candidate(self, hit: _Hit, term: Term) -> Candidate:
        concept = self.model.concepts[hit.iri]
        served = self._served(hit.iri, term.language)
        sure = term.is_bare and hit.field != WORDS
        against = () if sure else self._against(hit, concept, served, term)
        factor = _AGAINST_FACTOR if against else 1.0
        return Candidate(
            iri=hit.iri,
            label=concept.label(term.language),
            scheme=self.model.name(concept.scheme),
            notation=concept.notations[0] if concept.notations else None,
            deprecated=concept.deprecated,
            replaced_by=concept.replaced_by,
            matched_in=hit.part,
            matched_field=hit.field,
            matched_text=hit.text,
            score=round(hit.score * factor, 3),
            essential_variables=served,
            against=against,
        )

    def _with_successors(
        self, candidates: Sequence[Candidate], term: Term
    ) -> tuple[Candidate, ...]:
        """The same, and after each that is deprecated those that replace it."""
        known = {c.iri for c in candidates}
        found: list[Candidate] = []
        for candidate in candidates:
            found.append(candidate)
            for iri in candidate.replaced_by:
                if iri in self.model.concepts and iri not in known:
                    known.add(iri)
                    hit = _Hit(iri, candidate.matched_in, SUCCESSOR, candidate.iri, candidate.score)
                    found.append(self._candidate(hit, term))
        return tuple(found)

    def _served(self, iri: str, language: str) -> tuple[Served, ...]:
        known = self._serving.get((iri, language))
        if known is None:
            if len(self._serving) >= _MOST_SERVING:
                self._serving.clear()
            known = self._serving[iri, language] = served_by(self.model, iri, language)
        return known

    # -------------------------------------------------------------- the essential variable

    def _chosen(self, candidates: Sequence[Candidate], term: Term) -> Served | None:
        """The essential variable of the best candidate that surely serves one.

        A candidate against which something speaks serves none. One that was found by weaker
        evidence than the best may only settle what the best leaves open.
        """
        candidates = _without_idle_words(candidates)
        least = candidates[0].score - _WEAKER
        strong = [c for c in candidates if c.score >= least]
        open_to = {s.iri for c in strong for s in c.essential_variables if not c.against}
        weak = [c for c in candidates if c.score < least]
        hints = self._hints(candidates, term)
        first = [s for c in strong for s in self._fitting(c, term, hints)]
        then = [s for c in weak for s in self._fitting(c, term, hints) if s.iri in open_to]
        if len({s.iri for s in first}) != 1 or len(open_to) > 1:
            # A name of several things means the one that the rest speaks of.
            said = {s.iri for s in then}
            first.sort(key=lambda s: s.iri not in said)
            first = then if first and said and first[0].iri not in said else first
        found = (*first, *then)
        return found[0] if found else self._of_both_layers(candidates[0], hints)

    def _hints(self, candidates: Sequence[Candidate], term: Term) -> _Hints:
        """What the words say of the layer and of what comes first, where anything turns on it."""
        served = [c.essential_variables for c in candidates if c.essential_variables]
        if all(len(s) == 1 and s[0].iri not in self.model.counterparts for s in served):
            return _Hints()
        preferred = clues.preferred(f"{term.description} {term.platform or ''}")
        return _Hints(_at_surface(term), preferred)

    def _fitting(self, candidate: Candidate, term: Term, hints: _Hints) -> Iterator[Served]:
        if candidate.against:
            return
        if hints.surface:
            shallow = evidence.at_the_surface(self.model, candidate.iri, term.language)
            yield from (s for s in shallow if s.sure)
        below = self.model.counterparts if hints.surface else ()
        for served in sorted(
            candidate.essential_variables, key=lambda s: s.iri not in hints.preferred
        ):
            if served.sure and served.iri not in below:
                yield served

    def _of_both_layers(self, best: Candidate, hints: _Hints) -> Served | None:
        """Of a variable at the surface and its counterpart below, the one that is meant.

        A name that may be either is that of the whole water column, unless it is at the surface.
        """
        if best.against:
            return None
        served = {s.iri: s for s in best.essential_variables}
        for below, step in self.model.counterparts.items():
            if set(served) == {below, step.object}:
                return served[step.object if hints.surface else below]
        return None

    # -------------------------------------------------------------- against

    def _against(
        self, hit: _Hit, concept: Concept, served: Sequence[Served], term: Term
    ) -> tuple[str, ...]:
        label = hit.text if hit.field == WORDS else concept.label("en")
        return (
            *clues.against(term.description, label, (concept.iri, *(s.iri for s in served))),
            *self._unit_against(concept, served, term),
        )

    def _unit_against(
        self, concept: Concept, served: Sequence[Served], term: Term
    ) -> Iterator[str]:
        if not term.units or (unit := units.parse(term.units)) is None:
            return
        if any(clues.has_open_units(s.iri) for s in served):
            return
        fit = units.fits_any(term.units, concept.units)
        if fit == "different":
            own = filter(None, map(units.parse, concept.units))
            if not any(clues.are_alike(unit.dimension, o.dimension) for o in own):
                yield f"unit: {term.units} does not convert to {concept.units[0]}"
        elif fit == "unknown":
            possible = {d for s in served for d in self._dimensions.get(s.iri, ())}
            if possible and unit.dimension not in possible:
                names = " or ".join(s.label for s in served)
                yield f"unit: {term.units} fits no unit of {names}"

    # -------------------------------------------------------------- suggestions

    def _near(self, q: str, found: Sequence[Candidate]) -> tuple[str, ...]:
        likely = [candidate.label for candidate in found]
        if self.search is not None:
            likely += [hit.label for hit in self.search.find(Query(q, types=_CONCEPTS)).hits]
        return tuple(dict.fromkeys((*self._starting_with(fold(q)), *likely)))[:10]

    def _starting_with(self, start: str, most: int = 10) -> Iterator[str]:
        at = bisect_left(self._labels, (start, ""))
        for folded, text in self._labels[at : at + most]:
            if start and folded.startswith(start):
                yield text


def _parts(term: Term) -> Iterator[tuple[str, str]]:
    for identifier in term.identifiers:
        yield "identifiers", identifier
    if term.standard_name:
        yield "standard_name", term.standard_name.split(" ", 1)[0]
    yield "q", term.q
    if term.long_name:
        yield "long_name", term.long_name


# ------------------------------------------------------------------ reasons


def _without_idle_words(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The same, without what says nothing where another part of the question does.

    That is a word of a catalogue which nobody has mapped, or a name of one letter.
    """
    useful = [
        c
        for c in candidates
        if c.essential_variables
        or not (c.iri.startswith(WORD) or len(c.matched_text) == 1)
        or c.matched_in != "q"
    ]
    return useful if any(c.essential_variables for c in useful) else candidates


def _is_named(candidate: Candidate) -> bool:
    """Whether it was found as named, not by words inside a text."""
    return candidate.matched_field != WORDS


def _at_surface(term: Term) -> bool:
    """Whether the words say so, or the depth where no word names a layer."""
    said = clues.layer(term.description)
    if said or term.depth is None:
        return said == {"surface"}
    return clues.layer_of_depth(term.depth) == "surface"


def _why_none(candidates: Sequence[Candidate]) -> str:
    if candidates[0].against:
        return f"what speaks against {candidates[0].label}: {'; '.join(candidates[0].against)}"
    possible = dict.fromkeys(s.label for c in candidates for s in c.essential_variables)
    if possible:
        return f"wider or less sure than an essential variable; it may serve: {', '.join(possible)}"
    return "no mapping leads from what has this name to an essential variable"


def _no_hit(term: Term) -> str:
    where = f" in {term.vocabulary}" if term.vocabulary else ""
    return f"no concept has this identifier, code or label{where}"


# ------------------------------------------------------------------ concepts and their lists


def _score(iri: str, name: str) -> float:
    """How well a hit speaks for a concept.

    A name from data files comes after the codes and labels of vocabularies, a catalogue's own
    word after all.
    """
    if name == "identifier":
        return SCORES[name]
    factor = _WORD_FACTOR if iri.startswith(WORD) else _NAME_FACTOR if iri.startswith(NAME) else 1.0
    return round(SCORES[name] * factor, 3)


def _texts(concept: Concept) -> Iterator[tuple[str, str]]:
    for code in concept.codes:
        yield "notation", code
    for label in concept.labels.values():
        yield "prefLabel", label
    for label in concept.alternatives:
        yield "altLabel", label
    for label in concept.hidden:
        yield "hiddenLabel", label


def _other_slash(iri: str) -> str:
    return iri[:-1] if iri.endswith("/") else iri + "/"


def _in_vocabulary(iri: str, vocabulary: str) -> bool:
    """Whether a concept stands in a list, given by its code or by how its IRIs begin."""
    name = {"cf": "standard_name"}.get(vocabulary.casefold(), vocabulary)
    start = ids.canonical(vocabulary) or vocabulary
    return name.casefold() == ids.vocabulary_of(iri).casefold() or (
        "://" in start and iri.startswith(start)
    )
