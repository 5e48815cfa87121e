"""Candidates: the products of ODATIS that are not in CMEMS, each against the same criteria.

Nothing is left out and nothing is put in order but by a recipe, which is named. What is unknown
stays so, and the score says between what limits it would lie if all were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from oceankg.compare.added import added_map, value_added
from oceankg.compare.attributes import year
from oceankg.compare.criteria import CRITERIA
from oceankg.compare.criteria.contract import Case, Outcome, Result, Thresholds
from oceankg.compare.recipes import Recipe
from oceankg.errors import UnknownTermError
from oceankg.read import Product, ReadModel, Relation

CATALOGUE = "odatis"
# The role that says that a product of one catalogue is the very product of the other.
SAME = "is the same product as"
Standing = str
STANDINGS: tuple[Standing, ...] = ("meets", "open", "fails")
_WORST: Mapping[Outcome, int] = {"met": 0, "unknown": 1, "not met": 2}


@dataclass(frozen=True, slots=True)
class Part:
    """What one criterion adds to a score: its outcome, weight and points."""

    criterion: str
    outcome: Outcome
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 1: the share of the weights that is earned.

    `least` and `most` are what it could be if all that is unknown were known. `standing` tells of
    the criteria that a recipe demands: it ``meets`` all, some are ``open``, or it ``fails`` one.
    """

    value: float
    least: float
    most: float
    standing: Standing
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product with the answer of every criterion, by name; without a recipe it has no score."""

    product: str
    id: str
    title: str
    landing_page: str | None
    essential_variables: tuple[str, ...]
    results: Mapping[str, Result]
    score: Score | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A product that is no candidate, because the other catalogue has it, and how that is known."""

    product: str
    id: str
    title: str
    other: str
    role: str
    evidence: str


def candidates(model: ReadModel, recipe: Recipe | None = None) -> tuple[Candidate, ...]:
    """Every candidate: in the order of a recipe, or by title without one."""
    thresholds = recipe.thresholds if recipe else Thresholds()
    name = f"judged {thresholds.model_dump_json()}"
    found = model.once(name, lambda same_model: _all_judged(same_model, thresholds))
    if recipe is None:
        return found
    scored = sorted(
        (replace(c, score=score(c.results, recipe)) for c in found),
        key=lambda c: _place(c, recipe),
    )
    return tuple(replace(c, rank=rank) for rank, c in enumerate(scored, 1))


def _all_judged(model: ReadModel, thresholds: Thresholds) -> tuple[Candidate, ...]:
    day, known = today(model), added_map(model)
    found = (
        _judged(
            Case(product, model, known.get(iri) or value_added(model, product), thresholds, day)
        )
        for iri, product in model.products.items()
        if product.catalogue == CATALOGUE and same(product) is None
    )
    return tuple(sorted(found, key=_by_title))


def held(model: ReadModel) -> tuple[Held, ...]:
    """The products that are no candidates, because CMEMS has them."""
    found = (
        Held(p.iri, p.id, p.title, tie.other, tie.role, tie.evidence)
        for p in model.products.values()
        if p.catalogue == CATALOGUE and (tie := same(p)) is not None
    )
    return tuple(sorted(found, key=lambda h: h.id))


def same(product: Product) -> Relation | None:
    """The relation that says that the other catalogue has this very product."""
    return next((r for r in product.relations if r.role == SAME), None)


def today(model: ReadModel) -> tuple[str, float]:
    """The latest day of which any record speaks, not after the snapshot was made.

    A series that goes on is counted to that day, so that the same records always answer alike.
    """
    made = model.created
    ends = (p.end for p in model.products.values() if p.end and len(p.end) == len(made))
    day = max((end for end in ends if end <= made), default=made)
    return day, year(day) or 0.0


def _judged(case: Case) -> Candidate:
    product, name = case.product, case.model.name
    return Candidate(
        product.iri,
        product.id,
        product.title,
        product.landing_page,
        tuple(name(v) for v in product.serves),
        {c.name: c.judge(case) for c in CRITERIA.values()},
    )


# ------------------------------------------------------------------ the order


def score(results: Mapping[str, Result], recipe: Recipe) -> Score:
    """The score of a product by a recipe, with its parts."""
    parts = tuple(
        Part(name, (outcome := results[name].outcome), w, w * _share(outcome, recipe.unknown))
        for name, w in recipe.weights.items()
    )
    whole = sum(recipe.weights.values())
    sure = sum(p.weight for p in parts if p.outcome == "met")
    open_ = sum(p.weight for p in parts if p.outcome == "unknown")
    worst = max((_WORST[results[name].outcome] for name in recipe.must), default=0)
    return Score(
        value=round(sum(p.points for p in parts) / whole, 6),
        least=round(sure / whole, 6),
        most=round((sure + open_) / whole, 6),
        standing=STANDINGS[worst],
        parts=parts,
    )


def _share(outcome: Outcome, unknown: float) -> float:
    return {"met": 1.0, "unknown": unknown, "not met": 0.0}[outcome]


def _place(candidate: Candidate, recipe: Recipe) -> tuple[object, ...]:
    """By standing, then score, then the recipe's tie-break; at last by title and IRI."""
    found = candidate.score
    if found is None:
        return ()
    met = sum(r.outcome == "met" for r in candidate.results.values())
    ties = {"least": -found.least, "most": -found.most, "met": -met, "title": _by_title(candidate)}
    standing = STANDINGS.index(found.standing)
    return (standing, -found.value, *(ties[t] for t in recipe.tie_break), *_by_title(candidate))


def _by_title(candidate: Candidate) -> tuple[str, str]:
    return (candidate.title.casefold(), candidate.product)


# ------------------------------------------------------------------ which of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which candidates are asked for: those of a variable, by IRI, and with these outcomes."""

    variable: str | None = None
    outcomes: tuple[tuple[str, Outcome], ...] = ()

    def takes(self, candidate: Candidate, model: ReadModel) -> bool:
        """Whether a candidate is asked for."""
        serves = model.products[candidate.product].serves
        return (self.variable is None or self.variable in serves) and all(
            candidate.results[name].outcome == outcome for name, outcome in self.outcomes
        )


def read_outcomes(texts: Iterable[str]) -> tuple[tuple[str, Outcome], ...]:
    """``length``, ``length:met``, ``length:unknown`` or ``length:not-met`` as name and outcome.

    Raises UnknownTermError naming what there is.
    """
    return tuple(map(_outcome, texts))


def _outcome(text: str) -> tuple[str, Outcome]:
    name, _, said = text.partition(":")
    outcomes: Mapping[str, Outcome] = {
        "": "met", "met": "met", "not-met": "not met", "not met": "not met", "unknown": "unknown",
    }  # fmt: skip
    if name not in CRITERIA:
        raise UnknownTermError(f"no criterion {name!r}; there are {', '.join(CRITERIA)}")
    if said not in outcomes:
        raise UnknownTermError(f"no outcome {said!r}; there are met, not-met and unknown")
    return name, outcomes[said]


def find(found: Iterable[Candidate], model: ReadModel, name: str) -> Candidate:
    """The candidate of an identifier or IRI; UnknownTermError, saying so when CMEMS has it."""
    for one in found:
        if name in (one.product, one.id):
            return one
    for there in held(model):
        if name in (there.product, there.id):
            other = model.name(there.other)
            raise UnknownTermError(f"{name} is no candidate: CMEMS has it: {there.role}, {other}")
    raise UnknownTermError(f"no candidate {name!r}: ODATIS has no product of that identifier")


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion, as it is asked."""

    name: str
    label: str
    asks: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Candidates, how they were judged and ordered, and what is none because CMEMS has it.

    `today` is the day to which series that go on are counted; `recipe` is None where nobody named
    one, and then the order is that of the titles.
    """

    snapshot: str
    today: str
    recipe: Recipe | None
    criteria: tuple[Question, ...]
    candidates: tuple[Candidate, ...]
    held: tuple[Held, ...]


def listing(model: ReadModel, recipe: Recipe | None, wanted: Wanted | None = None) -> Listing:
    """The candidates that are wanted, with all that the answer rests on."""
    found = candidates(model, recipe)
    return Listing(
        model.snapshot.id,
        today(model)[0],
        recipe,
        tuple(Question(c.name, c.label, c.asks) for c in CRITERIA.values()),
        tuple(c for c in found if wanted is None or wanted.takes(c, model)),
        held(model),
    )


# ------------------------------------------------------------------ as rows


def columns() -> tuple[str, ...]:
    """The columns of `rows`: of each criterion its outcome and its value."""
    pairs = (f"{name}{end}" for name in CRITERIA for end in ("", "_value"))
    head = ("rank", "score", "least", "most", "must", "product", "id", "title", "variables")
    return (*head, *pairs)


def rows(found: Iterable[Candidate]) -> Iterator[tuple[str, ...]]:
    """Candidates as rows of `columns`."""
    for one in found:
        s = one.score
        score_ = (f"{s.value:g}", f"{s.least:g}", f"{s.most:g}", s.standing) if s else ("",) * 4
        head = (one.product, one.id, one.title, "; ".join(one.essential_variables))
        pairs = (text for r in one.results.values() for text in (r.outcome, r.value))
        yield (str(one.rank or ""), *score_, *head, *pairs)


def markdown(found: Listing) -> str:
    """A listing as a table of outcomes, and the recipe that made its order."""
    lines = ["# Candidates", "", f"{order_of(found)} Snapshot {found.snapshot}.", ""]
    head = ("rank", "score", "could be", "product", *CRITERIA)
    lines += [_line(head), _line(["---"] * len(head))]
    for one in found.candidates:
        s = one.score
        could = f"{s.least:.2f} to {s.most:.2f}" if s else ""
        outcomes = (r.outcome for r in one.results.values())
        title = f"{one.title} ({one.id})"
        lines.append(
            _line((one.rank or "", f"{s.value:.2f}" if s else "", could, title, *outcomes))
        )
    return "\n".join(lines) + "\n"


def order_of(found: Listing) -> str:
    """By what the candidates stand in their order, in a sentence."""
    if found.recipe is None:
        return "In the order of their titles: no recipe was named."
    recipe = found.recipe
    must = f", demanding {', '.join(recipe.must)}" if recipe.must else ""
    return f"In the order of the recipe {recipe.name}, version {recipe.version}{must}."


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
