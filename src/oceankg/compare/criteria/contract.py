"""What a criterion is: a question about one product, answered from what its record states.

What a record does not state is unknown, never met and never failed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pyoxigraph import NamedNode

from oceankg.compare.added import ValueAdded
from oceankg.evidence import curie
from oceankg.read import Product, ReadModel
from oceankg.resources import text_of as resource
from oceankg.text import fold

Outcome = Literal["met", "not met", "unknown"]
STATED = "stated in the record"
Days = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Thresholds(BaseModel):
    """Where a criterion draws its line; a recipe may set any of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    minimum_years: Annotated[Days, Field(description="years that a series spans")] = 10
    most_step_days: Annotated[Days, Field(description="days from one value to the next")] = 31
    most_update_days: Annotated[Days, Field(description="days from one update to the next")] = 366
    most_idle_years: Annotated[Days, Field(description="years since the end of the series")] = 2
    most_delay_days: Annotated[Days, Field(description="days from measuring to delivery")] = 30
    least_extent_degrees: Annotated[
        Days, Field(description="degrees of the smaller side of the box stated")
    ] = 3
    least_stated_share: Annotated[
        Days, Field(le=1, description="share of the other products that state an attribute")
    ] = 0.5
    most_research_tier: Annotated[Days, Field(le=3, description="research tier")] = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """On what an answer rests: the property and its value, how that was found, who states it.

    `property` is a CURIE, "" where it is no single property; `source` an address or an IRI.
    """

    property: str
    value: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one criterion: `value` in a few words, and the evidence."""

    outcome: Outcome
    value: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One product before the criteria, with all that they may ask.

    `today` is the latest day of which any record speaks, as a date and as a year with fraction.
    """

    product: Product
    model: ReadModel
    added: ValueAdded
    thresholds: Thresholds
    today: tuple[str, float]

    @property
    def source(self) -> str:
        """Where the record was read."""
        return next(iter(self.product.sources), self.product.landing_page or self.product.iri)

    def evidence(self, property_: NamedNode, value: str, basis: str = "") -> Evidence:
        """What the record states with a property, or on what part of it that value rests."""
        found = [b.basis for b in self.product.bases if b.property == property_.value]
        because = basis or "; ".join(dict.fromkeys(found)) or STATED
        return Evidence(curie(property_.value), value, because, self.source)

    def texts(self) -> Iterable[tuple[str, str]]:
        """The words of the record and the part that they are from; no reader's description."""
        product = self.product
        if not product.title_is_description:
            yield "title", product.title
        yield from (("producer", producer) for producer in product.producers)
        if product.publisher:
            yield "publisher", product.publisher
        if product.time_step:
            yield "time step", product.time_step
        yield from (("access", access.title) for access in product.access if access.title)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its name in recipes, its label, what it asks, and what answers it."""

    name: str
    label: str
    asks: str
    judge: Callable[[Case], Result]


def met(value: str, *evidence: Evidence) -> Result:
    """It is met, because of that."""
    return Result("met", value, evidence)


def failed(value: str, *evidence: Evidence) -> Result:
    """It is not met, because of that."""
    return Result("not met", value, evidence)


def unknown(value: str = "not stated", *evidence: Evidence) -> Result:
    """The record does not tell; what it does say may be shown."""
    return Result("unknown", value, evidence)


def limited(value: str, is_within: bool, *evidence: Evidence) -> Result:
    """Met when a value is within its limit, else not."""
    return Result("met" if is_within else "not met", value, evidence)


@cache
def words(group: str) -> re.Pattern[str]:
    """Any word of a group of ``words.toml``, for folded text."""
    table: Mapping[str, Sequence[str]] = tomllib.loads(resource("compare/criteria/words.toml"))
    return re.compile("|".join(table[group]))


def found(group: str, texts: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Each text in which a word of a group stands: the part of the record and that word."""
    for part, text in texts:
        if match := words(group).search(fold(text)):
            yield part, match[0]
