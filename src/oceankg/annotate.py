"""Annotate: what each variable of a header means, what its unit is worth, and what it lacks.

The role is told from structure first and from words then. Terms are those that the file states,
and those that follow surely from them; a proposal is made only where two things agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import networkx as nx

from oceankg import ids, units
from oceankg.climb import Statement
from oceankg.headers.contract import Header, Value, Variable, clean
from oceankg.namespaces import SKOS
from oceankg.read import Concept, ReadModel
from oceankg.resolve import Candidate, Resolution, Resolver, Term
from oceankg.roles import (
    ANCILLARY,
    COORDINATE,
    MEASURED,
    STANDARD_NAME_BY_UNITS,
    TIME,
    UNKNOWN,
    Role,
    Structure,
)

CF, P01, P02, P06, P07 = "CF", "P01", "P02", "P06", "P07"
_LISTS = (P01, P02, P07, CF)
_URN = re.compile(r"^SDN:\w+::\S+$")
_NOT_OF_THE_PARAMETER = re.compile(
    r"uom|unit|instrument|platform|sensor|device|method|flag|ancillary", re.IGNORECASE
)
_PARTS = {
    "q": "name",
    "long_name": "long_name",
    "standard_name": "standard_name",
    "identifiers": "identifier",
}
_PARAMETER, _UNIT, _STANDARD = "sdn_parameter_urn", "sdn_uom_urn", "standard_name"
_WANTED = (_STANDARD, _PARAMETER, _UNIT, "units", "long_name")
_WANTED_OF_FLAGS = ("flag_values", "flag_meanings")
_CANDIDATES = 3
# From here on what was found by a name is taken for what was meant, if its unit fits too.
_FOUND = 0.8
# A mapping less sure than this makes no term follow from another.
_SURE = 0.8
# An equal is as good as the thing itself, what is one step broader nearly so.
_EQUAL, _BROADER = 0.98, 0.95
# What is only close to it is told, and not proposed.
_CLOSE, PROPOSED = 0.8, 0.8
_STEP = 1000
_ARGO = ids.nvs_collection("R03")


@dataclass(frozen=True, slots=True)
class Known:
    """A term of a variable: its list, how it is known, and how surely."""

    vocabulary: str
    iri: str
    urn: str | None
    label: str
    how: str
    confidence: float


@dataclass(frozen=True, slots=True)
class UnitCheck:
    """A stated unit against that of a concept; factor and offset turn the one into the other."""

    stated: str | None
    expected: tuple[str, ...]
    concept: str | None
    fit: units.Fit
    factor: float | None = None
    offset: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An attribute that the variable lacks, with its value, why, and how surely."""

    attribute: str
    value: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class AnnotatedVariable:
    """One variable with what was found of it; `resolution` says why."""

    name: str
    type: str | None
    dimensions: tuple[str, ...] | None
    stated: Mapping[str, str]
    role: Role
    terms: tuple[Known, ...]
    units: UnitCheck
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    resolution: Resolution
    range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the file says of itself that holds for all its variables; depth in metres."""

    title: str | None = None
    depth: float | None = None
    platform: str | None = None
    is_argo: bool = False


@dataclass(frozen=True, slots=True)
class Annotated:
    """A header, annotated."""

    file: str
    format: str
    snapshot: str
    context: Context
    variables: tuple[AnnotatedVariable, ...]


def annotate(resolver: Resolver, header: Header, file: str = "") -> Annotated:
    """What each variable of a header means, and what it lacks."""
    worker = _Annotator(resolver, header)
    asked = [worker.term(variable) for variable in header.variables]
    answers = resolver.resolve_many(asked)
    return Annotated(
        clean(file),
        header.format,
        resolver.model.snapshot.id,
        worker.context,
        tuple(
            worker.annotated(variable, term, answer)
            for variable, term, answer in zip(header.variables, asked, answers, strict=True)
        ),
    )


@dataclass
class _Annotator:
    """The work on one header."""

    resolver: Resolver
    header: Header
    context: Context = field(init=False)
    structure: Structure = field(init=False)

    def __post_init__(self) -> None:
        self.context = context_of(self.header)
        self.structure = Structure(self.header)

    @property
    def model(self) -> ReadModel:
        return self.resolver.model

    @cached_property
    def p06(self) -> Mapping[str, Sequence[Concept]]:
        """The units of P06 by their dimension, and under "" all of them."""
        found: dict[str, list[Concept]] = defaultdict(list)
        start = ids.nvs_collection(P06)
        for concept in self.model.concepts.values():
            if concept.iri.startswith(start) and not concept.deprecated:
                read = (units.parse(text) for text in _written(concept))
                for dimension in {"", *(unit.dimension for unit in read if unit)}:
                    found[dimension].append(concept)
        return found

    def term(self, variable: Variable) -> Term:
        """The question to the resolver."""
        depth = _number(variable, "sensor_depth", "nominal_depth")
        return Term(
            variable.short_name,
            units=variable.text("units"),
            long_name=variable.text("long_name"),
            standard_name=variable.text(_STANDARD),
            identifiers=tuple(dict.fromkeys(self._identifiers(variable))),
            depth=self.context.depth if depth is None else depth,
            platform=self.context.platform,
        )

    def annotated(self, variable: Variable, term: Term, answer: Resolution) -> AnnotatedVariable:
        role = self._role(variable, answer)
        names_it = role.name in (MEASURED, UNKNOWN, COORDINATE, TIME)
        terms = tuple(self._terms(variable, term, answer, role)) if names_it else ()
        check = self._check(variable, terms, role)
        missing = _missing(variable, role, self.header.format)
        proposals = tuple(self._proposals(variable, terms, check, missing)) if names_it else ()
        if role.name != MEASURED:
            # What is no variable serves no essential one, whatever its name may bring to mind.
            none = answer.none or (None if role.name == UNKNOWN else role.name)
            reason = answer.reason if role.name == UNKNOWN else role.reason
            answer = replace(answer, essential_variable=None, reason=reason, none=none)
        return AnnotatedVariable(
            name=variable.name,
            type=variable.type,
            dimensions=variable.dimensions,
            stated=_stated(variable),
            role=role,
            terms=terms,
            units=check,
            missing=missing,
            problems=tuple(self._problems(variable, check)),
            proposals=proposals,
            resolution=replace(answer, candidates=answer.candidates[:_CANDIDATES]),
            range=_range(variable),
        )

    # -------------------------------------------------------------- role

    def _role(self, variable: Variable, answer: Resolution) -> Role:
        if role := self.structure.role(variable):
            return role
        if answer.none:
            return Role(answer.none, answer.reason)
        if role := self.structure.of_texts(variable):
            return role
        owner = self.structure.is_ancillary(variable)
        if owner and not self._standard_name(variable):
            return Role(ANCILLARY, f"the attribute ancillary_variables of {owner} names it")
        # A name that only a list of names has, or that is the code of a unit, may be anything.
        best = next((c for c in answer.candidates if list_of(c.iri) in _LISTS), None)
        if answer.essential_variable:
            best = answer.candidates[0]
        if best and (answer.essential_variable or best.score >= _FOUND):
            return Role(MEASURED, f"its {_PARTS[best.matched_in]} leads to {best.label}")
        return Role(UNKNOWN, answer.reason)

    # -------------------------------------------------------------- terms

    def _identifiers(self, variable: Variable) -> Iterator[str]:
        """What the attributes state that is an identifier of a concept in the graph."""
        names = sorted(variable.attributes, key=lambda name: name != _PARAMETER)
        for name in names:
            text = variable.text(name) or ""
            if _NOT_OF_THE_PARAMETER.search(name) or len(text) > 300 or " " in text:
                continue
            if (iri := ids.canonical(text)) and iri in self.model.concepts:
                yield text

    def _standard_name(self, variable: Variable) -> Concept | None:
        name = (variable.text(_STANDARD) or "").partition(" ")[0]
        return self.model.concepts.get(ids.cf_name(name)) if name else None

    def _terms(
        self, variable: Variable, term: Term, answer: Resolution, role: Role
    ) -> Iterator[Known]:
        found: dict[str, Known] = {}
        for known in self._found(variable, term, answer, role):
            best = found.get(known.vocabulary)
            if best is None or known.confidence > best.confidence:
                found[known.vocabulary] = known
        terms = sorted(found.values(), key=lambda k: (*_LISTS, P06).index(k.vocabulary))
        yield from terms
        if unit := self._unit_term(variable, terms):
            yield unit

    def _found(
        self, variable: Variable, term: Term, answer: Resolution, role: Role
    ) -> Iterator[Known]:
        for identifier in term.identifiers:
            if iri := ids.canonical(identifier):
                yield from self._and_what_follows(iri, "stated", 1.0)
        if concept := self._standard_name(variable):
            yield from self._and_what_follows(concept.iri, "stated as standard_name", 1.0)
        name = STANDARD_NAME_BY_UNITS.get((variable.text("units") or "").casefold())
        if role.name == TIME and units.is_time(variable.text("units") or ""):
            name = "time"
        if name:
            how = f"the unit {variable.text('units')} belongs to it"
            yield from self._and_what_follows(ids.cf_name(name), how, 0.99)
        if role.name == MEASURED:
            yield from self._by_name(term, answer)

    def _by_name(self, term: Term, answer: Resolution) -> Iterator[Known]:
        """What the resolver found, and what follows from it with a unit that fits."""
        for candidate in answer.candidates:
            if self._is_sure(candidate, answer, term):
                how = f"its {_PARTS[candidate.matched_in]} is a {candidate.matched_field} of it"
                for known in self._and_what_follows(candidate.iri, how, candidate.score):
                    if self._fit(term, known.iri) != "different":
                        yield known

    def _is_sure(self, candidate: Candidate, answer: Resolution, term: Term) -> bool:
        """Whether a candidate's own name, the unit and the essential variable all agree."""
        if candidate.against or candidate.deprecated or candidate.score < _FOUND:
            return False
        if candidate.iri.startswith(_ARGO) and not self.context.is_argo:
            # Its names are common, its terms are those of a profiling float.
            return False
        if not term.units or self._fit(term, candidate.iri) == "different":
            return False
        served = {s.iri for s in candidate.essential_variables if s.sure}
        best = answer.essential_variable
        return best is not None and best.iri in served

    def _fit(self, term: Term, iri: str) -> units.Fit:
        return units.fits_any(term.units or "", self.model.concepts[iri].units)

    @cached_property
    def _links(self) -> nx.DiGraph[str]:
        """The links by which one term surely follows from another; no close match is one."""
        edges = self.model.climb.edges

        def is_sure(one: str, other: str) -> bool:
            statement: Statement = edges[one][other]["statement"]
            doubtful = statement.confidence is not None and statement.confidence < _SURE
            return statement.predicate != SKOS.closeMatch.value and not doubtful

        view: nx.DiGraph[str] = nx.subgraph_view(edges, filter_edge=is_sure)
        return view

    def _and_what_follows(self, iri: str, how: str, confidence: float) -> Iterator[Known]:
        """A concept, its equals, and what is one step broader where that is one thing only."""
        concept = self.model.concepts.get(iri)
        if concept is None:
            return
        yield from self._known(concept, how, confidence)
        edges = self.model.climb.edges
        if iri in edges:
            yield from self._reached(self._links, concept, how, confidence)
            yield from self._reached(edges, concept, f"perhaps, {how}", confidence * _CLOSE)

    def _reached(
        self, links: nx.DiGraph[str], concept: Concept, how: str, confidence: float
    ) -> Iterator[Known]:
        # The stubs do not know that without a target the answer is by node.
        reached = nx.single_source_dijkstra_path_length(links, concept.iri, cutoff=_STEP + 9)
        nearest: dict[str, list[tuple[int, str]]] = {}
        for other, distance in reached.items():
            if distance > 0 and (vocabulary := list_of(other)):
                nearest.setdefault(vocabulary, []).append((int(distance) // _STEP, other))
        for ways in nearest.values():
            least = min(step for step, _ in ways)
            others = [other for step, other in ways if step == least]
            target = self.model.concepts.get(others[0])
            if len(others) == 1 and target is not None and not target.deprecated:
                factor = _BROADER if least else _EQUAL
                words = "broader than" if least else "equal to"
                follows = f"{words} {concept.label()} ({how})"
                yield from self._known(target, follows, round(confidence * factor, 3))

    def _known(self, concept: Concept, how: str, confidence: float) -> Iterator[Known]:
        if vocabulary := list_of(concept.iri):
            urn = next((n for n in concept.notations if _URN.match(n)), None)
            yield Known(vocabulary, concept.iri, urn, concept.label(), how, confidence)

    # -------------------------------------------------------------- units

    def _unit_term(self, variable: Variable, terms: Sequence[Known]) -> Known | None:
        concept = self.model.concepts.get(ids.canonical(variable.text(_UNIT) or "") or "")
        if concept and list_of(concept.iri) == P06:
            return next(self._known(concept, "stated", 1.0), None)
        text = variable.text("units")
        if text is None:
            return None
        # Many units have no dimension, and degrees are true or not: then that of the term is meant.
        of_terms = {unit for t in terms for unit in self.model.concepts[t.iri].units}
        named = [c for c in self.p06[""] if text in (*c.alternatives, *c.labels.values())]
        same = self._same_units(text)
        meant = [c for c in named or same if of_terms & set(c.alternatives)]
        ways = (
            (named, "the unit is written so", 0.99),
            (same, "the unit is the same", 0.95),
            (meant, "the unit of the term, and the same", 0.9),
        )
        for found, how, confidence in ways:
            if len(found) == 1:
                return next(self._known(found[0], f"{how}: {text}", confidence), None)
        return None

    def _same_units(self, text: str) -> list[Concept]:
        unit = units.parse(text)
        alike = self.p06.get(unit.dimension, ()) if unit else ()
        return [c for c in alike if any(units.compare(text, u) == "same" for u in _written(c))]

    def _check(self, variable: Variable, terms: tuple[Known, ...], role: Role) -> UnitCheck:
        stated = variable.text("units")
        if role.name == TIME and stated and units.is_time(stated):
            return UnitCheck(stated, (), None, "same")
        for known in sorted(terms, key=_authority):
            expected = self.model.concepts[known.iri].units
            if known.vocabulary == P06 or not expected:
                continue
            if stated is None:
                return UnitCheck(None, expected, known.iri, "unknown")
            fit = units.fits_any(stated, expected)
            factor, offset = _conversion(stated, expected)
            return UnitCheck(stated, expected, known.iri, fit, factor, offset)
        return UnitCheck(stated, (), None, "unknown")

    # -------------------------------------------------------------- faults and proposals

    def _problems(self, variable: Variable, check: UnitCheck) -> Iterator[str]:
        name = (variable.text(_STANDARD) or "").partition(" ")[0]
        if name:
            yield from self._fault(_STANDARD, name, ids.cf_name(name))
        for attribute in (_PARAMETER, _UNIT):
            if text := variable.text(attribute):
                yield from self._fault(attribute, text, ids.canonical(text))
        if check.fit == "different":
            expected = " or ".join(check.expected)
            yield f"units: {check.stated} cannot be converted to {expected}"
        elif check.stated and units.parse(check.stated) is None:
            yield f"units: {check.stated} is no unit that UDUNITS reads"

    def _fault(self, attribute: str, text: str, iri: str | None) -> Iterator[str]:
        concept = self.model.concepts.get(iri or "")
        if concept is None:
            yield f"{attribute}: {text} is not known"
        elif concept.deprecated:
            names = ", ".join(self.model.name(successor) for successor in concept.replaced_by)
            yield f"{attribute}: {text} is deprecated" + (f"; use {names}" if names else "")

    def _proposals(
        self,
        variable: Variable,
        terms: tuple[Known, ...],
        check: UnitCheck,
        missing: tuple[str, ...],
    ) -> Iterator[Proposal]:
        known = {t.vocabulary: t for t in terms if t.confidence >= PROPOSED}
        if check.fit == "different":
            # Either the unit or the term is wrong: nothing is sure.
            known = {}
        if _STANDARD in missing and (term := known.get(CF)):
            yield _proposal(_STANDARD, term.label, term)
        for attribute, name, vocabulary in (
            (_PARAMETER, "sdn_parameter_name", P01),
            (_UNIT, "sdn_uom_name", P06),
        ):
            term = known.get(vocabulary)
            if attribute in missing and term and term.urn:
                yield _proposal(attribute, term.urn, term)
                if variable.text(name) is None:
                    yield _proposal(name, term.label, term)
        if "long_name" in missing and (term := known.get(P01) or known.get(CF)):
            yield _proposal("long_name", term.label.replace("_", " "), term)


def _proposal(attribute: str, value: str, known: Known) -> Proposal:
    return Proposal(attribute, value, f"{known.label}: {known.how}", known.confidence)


def list_of(iri: str) -> str | None:
    """The list of those told apart here that an IRI stands in."""
    if iri.startswith(ids.CF_NAME):
        return CF
    lists = (P01, P02, P06, P07)
    return next((name for name in lists if iri.startswith(ids.nvs_collection(name))), None)


def context_of(header: Header) -> Context:
    """What the global attributes say of all variables."""
    names = ("platform", "platform_type", "source")
    platform = next((text for n in names if (text := header.text(n))), None)
    said = " ".join(header.text(n) or "" for n in ("Conventions", "title", "source", "references"))
    return Context(
        header.text("title"),
        _depth(header),
        platform[:200] if platform else None,
        "argo" in said.casefold(),
    )


def _depth(header: Header) -> float | None:
    """The one depth that stands for all data: the deepest near the surface, else the shallowest.

    A range from the surface down to the deep stands for none.
    """
    top, bottom = (_global_number(header, f"geospatial_vertical_{end}") for end in ("min", "max"))
    unit = (header.text("geospatial_vertical_units") or "m").casefold()
    if top is None or bottom is None or units.compare(unit, "m") != "same":
        return None
    if header.text("geospatial_vertical_positive") == "up":
        top, bottom = -bottom, -top
    if top < 0:
        return None
    return bottom if bottom <= _SHALLOW else top if top > _SHALLOW else None


_SHALLOW = 5.0


def _global_number(header: Header, name: str) -> float | None:
    return _as_number(header.attributes.get(name))


def _number(variable: Variable, *names: str) -> float | None:
    found = (_as_number(variable.attributes.get(name)) for name in names)
    return next((n for n in found if n is not None), None)


def _as_number(value: Value | None) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    plain = isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,9}(?:\.\d{0,9})?", value.strip())
    return float(str(value)) if plain else None


def _range(variable: Variable) -> tuple[float, float] | None:
    value = variable.attributes.get("actual_range")
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    low, high = value
    return None if isinstance(low, str) or isinstance(high, str) else (float(low), float(high))


def _stated(variable: Variable) -> dict[str, str]:
    found = {name: variable.text(name) for name in _WANTED}
    return {name: text for name, text in found.items() if text is not None}


def _missing(variable: Variable, role: Role, format_: str) -> tuple[str, ...]:
    if role.name in (MEASURED, UNKNOWN, COORDINATE, TIME):
        return tuple(name for name in _WANTED if variable.text(name) is None)
    if role.name == "quality flag" and format_ not in ("CSV", "ODV"):
        if "flag_masks" in variable.attributes:
            return ()
        return tuple(name for name in _WANTED_OF_FLAGS if variable.text(name) is None)
    return ()


def _written(concept: Concept) -> tuple[str, ...]:
    return (*concept.alternatives, *concept.units)


def _authority(known: Known) -> tuple[bool, int]:
    """Whose unit counts first: that of a stated P01 term, of CF, then of what was concluded."""
    return known.how != "stated", (CF, P07, P01, P02, P06).index(known.vocabulary)


def _conversion(stated: str, expected: tuple[str, ...]) -> tuple[float | None, float | None]:
    ways = (units.conversion(stated, unit) for unit in expected)
    return next((way for way in ways if way is not None), (None, None))
