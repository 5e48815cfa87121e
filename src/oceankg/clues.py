"""What the words of a description say: its role, and what speaks against a candidate.

`clues.toml` holds the words. A role other than "variable" (a flag, an error estimate, a count, a
coordinate …) is told from the name, the long name, the CF standard name and the unit.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from typing import Any, TypeVar

from oceankg import units
from oceankg.resources import text_of
from oceankg.text import fold

# A word within a word begins with a capital; "fCO2" is one word.
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_MINUS = re.compile(r"[ _]minus[ _]", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+")
_T = TypeVar("_T")
_MOST = 300
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Role:
    """Why something is no variable: the kind, such as "quality flag", and the reason."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Rule:
    role: Role
    always: bool
    units: frozenset[str]
    standard_names: frozenset[str]
    modifiers: frozenset[str]
    endings: tuple[str, ...]
    name: re.Pattern[str] | None
    text: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    head: frozenset[str]
    words: frozenset[str]


def role_of(name: str, long_name: str = "", standard_name: str = "", unit: str = "") -> Role | None:
    """The role of what is no variable, or None for what may be one."""
    plain, _, modifier = standard_name.strip().partition(" ")
    for rule in _rules():
        if modifier in rule.modifiers or _is_standard(rule, plain):
            return rule.role
    if unit and units.is_time(unit):
        return next(rule.role for rule in _rules() if rule.role.kind == "time")
    spaced, said = _spaced(name), fold(_bounded(long_name))
    for rule in _rules():
        if plain and not rule.always:
            continue
        if _tells(rule, spaced, said, unit):
            return rule.role
    return None


def role_of_label(label: str) -> Role | None:
    """The role that the label of a concept tells, or None."""
    said = fold(_bounded(label))
    for rule in _rules():
        if _is_standard(rule, label) or (_allows(rule, said) and _by_words(rule, said, "")):
            return rule.role
    return None


def _is_standard(rule: _Rule, name: str) -> bool:
    return bool(name) and (name in rule.standard_names or name.endswith(rule.endings))


def _tells(rule: _Rule, name: str, long_name: str, unit: str) -> bool:
    if not _allows(rule, f"{name} {long_name}"):
        return False
    if unit and unit.strip().casefold() in rule.units:
        return True
    return _by_pattern(rule, name, long_name) or _by_words(rule, name, long_name)


def _allows(rule: _Rule, text: str) -> bool:
    return rule.unless is None or not rule.unless.search(text)


def _by_pattern(rule: _Rule, name: str, long_name: str) -> bool:
    if rule.name and rule.name.search(name):
        return True
    return bool(rule.text and (rule.text.search(long_name) or rule.text.search(name)))


def _by_words(rule: _Rule, name: str, long_name: str) -> bool:
    """Whether the long name, or the name where there is none, is made of the rule's words."""
    said = [t for t in _TOKEN.findall(long_name or name) if t not in neutral()]
    said = said or _TOKEN.findall(long_name or name)
    heads = [t for t in said if t in rule.head]
    return bool(heads) and all(t in rule.head or t in rule.words or t.isdigit() for t in said)


# ------------------------------------------------------------------ words


def _remembered(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """The same for the beginning of a text: what is remembered of strangers' texts is bounded."""
    known = lru_cache(maxsize=_REMEMBERED)(function)

    @wraps(function)
    def of_the_beginning(text: str) -> _T:
        return known(_bounded(text))

    return of_the_beginning


@_remembered
def words(text: str) -> tuple[str, ...]:
    """The words of a description, folded, abbreviations written out, neutral ones dropped."""
    # What is taken away from a variable does not change which it is.
    return tuple(w for w in _written_out(_MINUS.split(text)[0] or text) if w not in neutral())


def _written_out(text: str) -> Iterator[str]:
    short = _table()["abbreviations"]
    plain = " ".join(_TOKEN.findall(_spaced(text)))
    for phrase, meant in _table()["phrases"].items():
        if phrase in plain:
            plain = re.sub(rf"\b{phrase}\b", meant, plain)
    for token in plain.split():
        bare = token if token in short else token.rstrip("0123456789") or token
        yield from map(_singular, short[bare].split() if bare in short else (token,))


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _set(text: str) -> frozenset[str]:
    return frozenset(map(_singular, text.split()))


def _spaced(text: str) -> str:
    return fold(_CAMEL.sub(" ", _bounded(text)))


def _bounded(text: str) -> str:
    return text[:_MOST]


# ------------------------------------------------------------------ what speaks against


@_remembered
def medium(text: str) -> frozenset[str]:
    """What a description says it is measured in: air, water, ice, sediment, land."""
    said = set(words(text))
    found = {name for name, of in _table()["medium"].items() if _set(" ".join(of)) & said}
    if said & _set(_table()["gases"]):
        # Of a gas in water the air is often named too, with which it was in balance.
        return frozenset(found)
    # Sea ice is ice, air over the sea is air, and a river's water is the river's.
    return frozenset(found - {"water"} if len(found) > 1 else found)


@_remembered
def layer(text: str) -> frozenset[str]:
    """Where in the water a description says it is: surface, subsurface, both or nothing."""
    said = set(words(text))
    return frozenset(name for name, of in _table()["layer"].items() if set(of) & said)


def against(description: str, label: str, iris: Iterable[str] = ()) -> tuple[str, ...]:
    """What in a description speaks against a concept: another medium, another layer.

    `iris` are the concept and the essential variables that it serves: where its label names no
    medium, theirs is its own.
    """
    known = _table()["medium_of"]
    of = medium(label) or frozenset(known[iri] for iri in iris if iri in known)
    pairs = (
        ("medium", medium(description), of),
        ("layer", layer(description), layer(label)),
    )
    return tuple(
        f"{name}: {' and '.join(sorted(one))}, not {' and '.join(sorted(other))}"
        for name, one, other in pairs
        if one and other and not one & other
    )


@_remembered
def preferred(description: str) -> frozenset[str]:
    """The essential variables that come first because of a word of the description."""
    said = set(_TOKEN.findall(_spaced(description)))
    return frozenset(i for i, of in _table()["preferred"].items() if said & set(of.split()))


def layer_of_depth(depth: float) -> str:
    """The layer of a depth in metres."""
    return "surface" if depth <= _table()["surface_to"] else "subsurface"


@cache
def medium_of(iri: str) -> str | None:
    """The medium of an essential variable whose label does not say it."""
    found: str | None = _table()["medium_of"].get(iri)
    return found


@cache
def has_open_units(iri: str) -> bool:
    """Whether no unit speaks against an essential variable, because it has too many."""
    return _code(iri) in _table()["open_units"].split()


@cache
def is_one_quantity(iri: str) -> bool:
    """Whether an essential variable is one quantity, such as a temperature."""
    return _code(iri) in _table()["one_quantity"].split()


def _code(iri: str) -> str:
    return iri.rstrip("/").rsplit("/", 1)[-1]


@lru_cache(maxsize=1_000)
def are_alike(one: str, other: str) -> bool:
    """Whether a variable is stated in units of either of two dimensions."""
    return any(one in dimensions and other in dimensions for dimensions in _table()["alike"])


@cache
def neutral() -> frozenset[str]:
    """Words that say nothing about which variable it is."""
    return _set(_table()["neutral"])


@cache
def turning() -> frozenset[str]:
    """Words that make of a variable another one."""
    return _set(_table()["turning"]["words"])


@cache
def water_words() -> frozenset[str]:
    """Words for the water itself, which a label may have or lack."""
    return frozenset({*_table()["medium"]["water"], "column", "body"})


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_rule(entry) for entry in _table()["role"])


def _rule(entry: Mapping[str, Any]) -> _Rule:
    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(entry[key]) if key in entry else None

    return _Rule(
        Role(entry["kind"], entry["reason"]),
        entry.get("always", False),
        frozenset(entry.get("units", ())),
        frozenset(entry.get("standard_names", ())),
        frozenset(entry.get("modifiers", ())),
        tuple(entry.get("endings", ())) or ("\0",),
        pattern("name"),
        pattern("text"),
        pattern("unless"),
        frozenset(entry.get("head", "").split()),
        frozenset(entry.get("words", "").split()),
    )


@cache
def _table() -> Any:  # noqa: ANN401  (a table of tables)
    return tomllib.loads(text_of("clues.toml"))
