"""Commands that ask: SPARQL, what a term means, and the search."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from oceankg import queries
from oceankg.cli.terminal import app, current, out, print_json
from oceankg.errors import OceankgError
from oceankg.querypool import Job, Limits, QueryPool
from oceankg.read import load
from oceankg.resolve import Resolver, Term
from oceankg.search import Found, Query, Search
from oceankg.settings import Settings


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="a file, the name of a query, or '-' for input")],
    bind: Annotated[
        list[str] | None, typer.Option("--bind", help="name=IRI, for a named query's parameter")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="media type of a table of results")
    ] = "text/csv",
) -> None:
    """Answer a SPARQL query from the snapshot in service."""
    settings = Settings()
    bindings = _bindings(bind or [])
    limits = Limits.of(settings)
    job = Job(_query_text(text), select=form, bindings=bindings)
    pool = QueryPool(current(settings).store_path, 1, limits)
    try:
        answer = pool.run(job)
    finally:
        pool.close()
    sys.stdout.buffer.write(answer.content)
    sys.stdout.buffer.flush()


def _bindings(pairs: list[str]) -> dict[str, str]:
    found = [pair.partition("=") for pair in pairs]
    wrong = next((pair for pair, sign, _ in found if not sign), None)
    if wrong is not None:
        raise typer.BadParameter(f"{wrong}: write name=IRI")
    return {name: value for name, _, value in found}


def _query_text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if text in queries.all_queries():
        return queries.get(text).text
    try:
        return Path(text).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(q.name for q in queries.examples())
        raise OceankgError(
            f"{text}: neither a readable file nor the name of a query; known: {known}"
        ) from error


@app.command()
def resolve(
    terms: Annotated[list[str], typer.Argument(help="IRIs, codes, names or labels")],
    units: Annotated[str | None, typer.Option(help="the unit, as CF, UCUM or P06 write it")] = None,
    long_name: Annotated[str | None, typer.Option(help="the long name")] = None,
    standard_name: Annotated[str | None, typer.Option(help="the CF standard name")] = None,
    depth: Annotated[float | None, typer.Option(help="in metres")] = None,
    platform: Annotated[str | None, typer.Option(help="what carries the instrument")] = None,
    vocabulary: Annotated[str | None, typer.Option(help="only this list, such as P02")] = None,
    language: Annotated[str, typer.Option(help="language of the labels")] = "en",
) -> None:
    """Say what terms mean, which essential variable they serve, and why; as JSON."""
    resolver = Resolver(load(current(Settings())))
    asked = Term(
        "",
        units=units,
        long_name=long_name,
        standard_name=standard_name,
        vocabulary=vocabulary,
        depth=depth,
        platform=platform,
        language=language,
    )
    found = resolver.resolve_many([replace(asked, q=term) for term in terms])
    print_json({"results": [asdict(resolution) for resolution in found]})
    if not all(resolution.candidates for resolution in found):
        raise typer.Exit(1)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="a label, code or title, or its beginning")],
    vocabulary: Annotated[list[str] | None, typer.Option(help="only this list: P01, CF …")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="only concept, word, product, centre …")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="only labels in it")] = None,
    deprecated: Annotated[bool, typer.Option("--deprecated", help="deprecated ones too")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """Find concepts, products and agents by label, code or title; typing errors are forgiven."""
    found = Search(load(current(Settings()))).find(
        Query(
            text,
            vocabularies=tuple(vocabulary or ()),
            types=tuple(kind or ()),
            languages=tuple(language or ()),
            deprecated=None if deprecated else False,
            limit=limit,
        )
    )
    if as_json:
        print_json(asdict(found))
    else:
        _print_found(found)
    if not found.hits:
        raise typer.Exit(1)


def _print_found(found: Found) -> None:
    table = Table("name", "type", "vocabulary", "found by", "uses")
    for hit in found.hits:
        table.add_row(
            Text(hit.label), hit.type, hit.vocabulary, Text(hit.matched_text), str(hit.uses)
        )
    out.print(table)
    out.print(f"{len(found.hits)} of {found.total}", highlight=False)
