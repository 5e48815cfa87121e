"""The values that pass between the floors: frozen, plain, without behaviour of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import Triple


@dataclass(frozen=True, slots=True)
class Recording:
    """One file as its authority sent it, and how to read it.

    `format` names a reader in `oceankg.sources.READERS`; `options` are the reader's own.
    """

    name: str
    content: bytes
    format: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a source offered and the graph does not hold, and why."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording says: triples without blank nodes, and what was left out of it."""

    triples: tuple[Triple, ...]
    left_out: tuple[LeftOut, ...] = ()
