"""SOCAT: the typed columns of its files, and the headers by which data providers name them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, LeftOut, Recording
from oceankg.namespaces import OKG, SKOS
from oceankg.sources import facts
from oceankg.sources.facts import AGAIN

_TYPE = re.compile(r"(#\s*)?([A-Za-z]\w*)=(\{.*)", re.ASCII)
_HEADER = re.compile(r"([^#=\s][^=]*)=(\w+),.*", re.ASCII)
_DEFAULT = "a type that the file gives as a default is not valid"


def read_types(recording: Recording) -> Facts:
    """The columns as ``name={JSON}``; the types that SOCAT always has stand behind a ``#``.

    Such a default that is not valid is left out and named; any other makes the file broken.
    The first unit is the one of the files that SOCAT writes, unless it names another.
    """
    triples = list(facts.variable_list("socat", "Columns of SOCAT files"))
    left_out: list[LeftOut] = []
    for line, text in _lines(recording):
        if not (match := _TYPE.fullmatch(text)):
            continue
        is_default, name, value = match.groups()
        try:
            triples += tuple(_column(name, json.loads(value)))
        except (ValueError, TypeError, RecursionError) as error:
            if not is_default:
                raise _broken(recording, f"{name}: {error}", line) from error
            left_out.append(LeftOut(f"column {name}", _DEFAULT))
    whole = facts.whole(recording, triples, lambda t: t.predicate == SKOS.notation)
    return Facts(whole.triples, tuple(left_out))


def _column(name: str, entry: dict[str, Any]) -> Iterator[Triple]:
    units = entry.get("units", ())
    unit = entry.get("file_std_unit") or next(iter(units), "")
    label, standard_name = entry.get("display_name") or name, entry.get("standard_name", "")
    if not all(isinstance(text, str) for text in (label, standard_name, unit)):
        raise ValueError("its label, standard name or unit is no text")
    yield from facts.variable_name("socat", name, label)
    me = NamedNode(ids.variable_name("socat", name))
    for predicate, text in ((OKG.standardName, standard_name), (OKG.canonicalUnit, unit)):
        if text:
            yield Triple(me, predicate, Literal(text))


def read_headers(recording: Recording) -> Facts:
    """Headers, in lower case and without other signs, as further labels of the columns."""
    found = (
        Triple(
            NamedNode(ids.variable_name("socat", match[2])),
            SKOS.altLabel,
            Literal(match[1].strip()),
        )
        for _, text in _lines(recording)
        if (match := _HEADER.fullmatch(text)) and match[1] != match[2]
    )
    return facts.whole(recording, found)


def _lines(recording: Recording) -> Iterator[tuple[int, str]]:
    content = facts.text(recording)
    lines = content.splitlines()
    if not content.endswith(("\n", "\r")):
        raise _broken(recording, "the last line has no end", len(lines))
    yield from ((number, text.strip()) for number, text in enumerate(lines, 1))


def _broken(recording: Recording, message: str, line: int) -> SourceError:
    return SourceError(message, file=recording.name, place=f"line {line}", remedy=AGAIN)
