"""The named SPARQL queries: every SPARQL text is a file in ``queries/``, and a published example.

A file starts with comment lines ``# summary: …`` and, one line each, ``# parameter: name (kind)
what it is``, then optionally ``# example: name = <iri>``. Values are bound, never spliced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from oceankg.errors import UnknownTermError
from oceankg.resources import all_files

_HEADER = re.compile(r"^# (summary|parameter|example): (.+)$", re.MULTILINE)
_LEAD = re.compile(r"\A(?:#.*\n)*")
_EXAMPLE = re.compile(r"^(\w+) = <([^>]+)>$")


@dataclass(frozen=True, slots=True)
class Query:
    """A named query with its header; `body` is its text without the header."""

    name: str
    summary: str
    parameters: tuple[str, ...]
    examples: Mapping[str, str]
    text: str
    published: bool
    body: str


@cache
def all_queries() -> Mapping[str, Query]:
    """Every query by its name (the file's name without its ending)."""
    return {p.stem: _parse(p) for p in all_files("queries", "*.rq")}


def examples() -> tuple[Query, ...]:
    """The queries that are published as examples: those at the top of the folder."""
    return tuple(query for query in all_queries().values() if query.published)


def get(name: str) -> Query:
    """The query of that name; UnknownTermError when there is none."""
    try:
        return all_queries()[name]
    except KeyError:
        known = ", ".join(all_queries())
        raise UnknownTermError(f"there is no query named {name}; known: {known}") from None


def _parse(file: Path) -> Query:
    text = file.read_text("utf-8")
    header = _HEADER.findall(text)
    examples = (_EXAMPLE.match(value) for key, value in header if key == "example")
    return Query(
        name=file.stem,
        summary=next((value for key, value in header if key == "summary"), ""),
        parameters=tuple(v.split(maxsplit=1)[0] for k, v in header if k == "parameter"),
        examples={m[1]: m[2] for m in examples if m},
        text=text,
        published=file.parent.name == "queries",
        body=_LEAD.sub("", text, count=1),
    )
