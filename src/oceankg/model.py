"""The values that pass between the floors: frozen, plain, without behaviour of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pyoxigraph import Triple

# How a recording that tells of changes is laid over those before it; "" for one that tells all.
Update = Literal["", "stated", "whole"]


@dataclass(frozen=True, slots=True)
class Recording:
    """One file as its authority sent it, and how to read it.

    `format` names a reader in `oceankg.sources.READERS`; `options` are the reader's own; `update`
    says that it tells of changes to what the recordings before it say.
    """

    name: str
    content: bytes
    format: str
    options: Mapping[str, str] = field(default_factory=dict)
    update: Update = ""


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
