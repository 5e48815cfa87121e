"""Names of variables in the files of the Copernicus Marine Service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import OKG, SKOS
from oceankg.sources import facts
from oceankg.sources.facts import AGAIN

_HEAD = ("variable name", "long_name", "CF standard_name", "unit", "SDN Param", "SDN UoM")
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")
# A few codes of the list have one colon where two belong.
_CODE = re.compile(r"SDN:(P0[16])::?(\w+)", re.ASCII)
_UNKNOWN = {"", "-", "TBD"}


def read_insitu(recording: Recording) -> Facts:
    """The names of in situ files, a table in Markdown: CF name, unit, P01, P06."""
    triples = list(
        facts.variable_list("cmems-insitu", "Variables of Copernicus Marine in situ files")
    )
    for line, cells in _rows(recording):
        if len(cells) != len(_HEAD) or not cells[0]:
            raise _broken(recording, "a row is not a name and five cells more", f"line {line}")
        triples += _insitu(dict(zip(_HEAD, cells, strict=True)))
    return facts.whole(recording, triples, lambda t: t.predicate == SKOS.notation)


def _rows(recording: Recording) -> Iterator[tuple[int, list[str]]]:
    seen = False
    for number, text in enumerate(facts.text(recording).splitlines(), 1):
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        if tuple(cells) == _HEAD:
            seen = True
        elif seen and text.startswith("|") and not _RULE.fullmatch(text):
            if not text.rstrip().endswith("|"):
                raise _broken(recording, "the row has no end", f"line {number}")
            yield number, cells
    if not seen:
        raise _broken(recording, f"no table with the columns {', '.join(_HEAD)}", "whole file")


def _insitu(row: dict[str, str]) -> Iterator[Triple]:
    name = row["variable name"]
    me = NamedNode(ids.variable_name("cmems-insitu", name))
    yield from facts.variable_name("cmems-insitu", name, row["long_name"])
    # "(1)" marks a name that was not yet in the CF table.
    standard_name = re.sub(r"\(1\)|\s", "", row["CF standard_name"])
    if standard_name not in _UNKNOWN:
        yield Triple(me, OKG.standardName, Literal(standard_name))
    if row["unit"] not in _UNKNOWN:
        yield Triple(me, OKG.canonicalUnit, Literal(row["unit"]))
    for column, predicate in (("SDN Param", SKOS.closeMatch), ("SDN UoM", SKOS.related)):
        if match := _CODE.fullmatch(row[column]):
            yield Triple(me, predicate, NamedNode(ids.nvs_concept(*match.groups())))


def read_described(recording: Recording) -> Facts:
    """The names of gridded files, from an answer of ``copernicusmarine describe``."""
    try:
        content = json.loads(facts.text(recording))
    except (ValueError, RecursionError) as error:
        raise _broken(recording, str(error), "whole file") from error
    triples = list(facts.variable_list("cmems", "Variables of Copernicus Marine gridded files"))
    for variable in _variables(content):
        try:
            triples += tuple(_described(variable))
        except ValueError as error:
            place = f"variable {variable['short_name']!a}"
            raise _broken(recording, str(error), place) from error
    return facts.whole(recording, triples, lambda t: t.predicate == SKOS.notation)


def _variables(content: object) -> Iterator[dict[str, Any]]:
    """Every object that has a short name, however deep."""
    open_ = [content]
    while open_:
        match open_.pop():
            case dict() as thing:
                if "short_name" in thing:
                    yield thing
                open_ += thing.values()
            case list() as things:
                open_ += things


def _described(variable: dict[str, Any]) -> Iterator[Triple]:
    name = variable["short_name"]
    standard_name, unit = (variable.get(key) or "" for key in ("standard_name", "units"))
    if not name or not all(isinstance(text, str) for text in (name, standard_name, unit)):
        raise ValueError("its name, standard name or unit is no text")
    yield from facts.variable_name("cmems", name, name)
    me = NamedNode(ids.variable_name("cmems", name))
    for predicate, text in ((OKG.standardName, standard_name), (OKG.canonicalUnit, unit)):
        if text:
            yield Triple(me, predicate, Literal(text))


def _broken(recording: Recording, message: str, place: str) -> SourceError:
    return SourceError(message, file=recording.name, place=place, remedy=AGAIN)
