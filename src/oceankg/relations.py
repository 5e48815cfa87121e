"""What a record can be to one of the other catalogue, and what can speak for it.

The tables are data, in ``relations.toml``, each kind of evidence with the reason for its weight.
Both wings read them: what was related at build time is answered by the same rules.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from oceankg.namespaces import BASE, PREFIXES
from oceankg.resources import text_of

RELATED = "related"
PERHAPS = "perhaps-related"
DECISION = "decision"
DECISIVE = "decisive"
SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True)
class Role:
    """What a record is to the other: "record, role, other".

    `predicate` is the IRI that states the same, from the other to the record where `reversed`;
    `status` is that of an HTTP redirect, None where nobody is led on; `rel` a link relation.
    """

    name: str
    inverse: str
    predicate: str
    rel: str
    reversed: bool = False
    status: int | None = None

    @property
    def iri(self) -> str:
        """The role as a concept of the graph."""
        return f"{BASE}role/{self.name}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evidence: how strong it can be, how surely one piece speaks (0 to 1), and why.

    `role` is what it speaks for, "" where it does not say; `predicate` the IRI by which a record
    declares it, "" where it is found otherwise.
    """

    name: str
    strength: str
    weight: float
    reason: str
    role: str = ""
    predicate: str = ""

    @property
    def iri(self) -> str:
        """The kind as a concept of the graph."""
        return f"{BASE}evidence-kind/{self.name}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How agreement is measured; see ``relations.toml``."""

    title: float
    titles_kept: int
    common_word: int
    extent: float
    unnamed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The tables of ``relations.toml``."""

    redirect: float
    service: str
    pages: Mapping[str, str]
    strength: Mapping[str, float]
    roles: Mapping[str, Role]
    kinds: Mapping[str, Kind]
    agreement: Agreement
    country: str
    national: frozenset[str] = field(default_factory=frozenset)

    def confidence(self, kinds: Iterable[str]) -> float:
        """How surely evidence of these kinds speaks for a pair, 0 to 1, to a hundredth.

        The kinds are taken as independent, each counts once, and the strongest bounds the whole.
        """
        found = [self.kinds[name] for name in sorted(set(kinds))]
        most = max((self.strength[kind.strength] for kind in found), default=0.0)
        together = 1 - math.prod(1 - kind.weight for kind in found)
        return round(min(most, together), 2)

    def redirects(self, role: str, confidence: float) -> bool:
        """Whether a relation of that role and confidence leads on."""
        return self.roles[role].status is not None and confidence >= self.redirect

    def role_of(self, predicate: str, *, inverse: bool = False) -> str | None:
        """The role that a predicate states of its subject (or its object), None if none."""
        for role in self.roles.values():
            if role.predicate == predicate and not role.reversed:
                return role.inverse if inverse else role.name
        return None


@cache
def rules() -> Rules:
    """The rules, as they come with the package."""
    table = tomllib.loads(text_of("relations.toml"))
    roles = [Role(**_expanded(entry)) for entry in table["role"]]
    kinds = [Kind(**_expanded(entry)) for entry in table["kind"]]
    agreement = table["agreement"] | {"unnamed": frozenset(table["agreement"]["unnamed"])}
    return Rules(
        redirect=table["redirect"],
        service=table["service"],
        pages=table["pages"],
        strength=table["strength"],
        roles={role.name: role for role in roles},
        kinds={kind.name: kind for kind in kinds},
        agreement=Agreement(**agreement),
        country=table["national"]["country"],
        national=frozenset(table["national"]["producers"]),
    )


def _expanded(entry: Mapping[str, Any]) -> dict[str, Any]:
    prefix, _, name = entry.get("predicate", "").partition(":")
    return dict(entry) | ({"predicate": PREFIXES[prefix] + name} if prefix else {})
