"""Commands that compare the catalogues."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from oceankg.cli.terminal import app, current, out, print_json
from oceankg.compare import Comparison, compare, differences, sidebyside
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.settings import Settings
from oceankg.store import Snapshots


class ComparisonForm(StrEnum):
    """How a comparison is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    TURTLE = "turtle"


@app.command(name="compare")
def compare_command(
    parameter: Annotated[str, typer.Argument(help="an essential variable, or any concept")],
    release: Annotated[
        str | None, typer.Option(help="a snapshot that is kept; the one in service if none")
    ] = None,
    form: Annotated[ComparisonForm, typer.Option(help="how to print it")] = ComparisonForm.TABLE,
) -> None:
    """List the products of both catalogues that measure a parameter, side by side."""
    settings = Settings()
    snapshot = Snapshots(settings.data).get(release) if release else current(settings)
    _print(compare(Resolver(load(snapshot)), parameter), form)


def _print(comparison: Comparison, form: ComparisonForm) -> None:
    match form:
        case ComparisonForm.JSON:
            print_json(asdict(comparison))
        case ComparisonForm.CSV:
            rows = (sidebyside.COLUMNS, *sidebyside.table(comparison))
            csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        case ComparisonForm.MARKDOWN:
            sys.stdout.write(sidebyside.markdown(comparison))
        case ComparisonForm.TURTLE:
            sys.stdout.write(sidebyside.rdf(comparison, "text/turtle").decode())
        case ComparisonForm.TABLE:
            _print_tables(comparison)


def _print_tables(comparison: Comparison) -> None:
    out.print(f"{comparison.label} <{comparison.parameter}>", highlight=False, markup=False)
    side = Table("", *comparison.catalogues, title="side by side", title_justify="left")
    for line in sidebyside.overview(comparison):
        side.add_row(line.label, *map(Text, line.catalogues.values()))
    out.print(side)
    for name, rows in comparison.catalogues.items():
        table = Table(
            *("product", "title", "DOI", Column("beyond the other catalogue", overflow="fold")),
            title=f"{name} ({len(rows)})",
            title_justify="left",
        )
        for row in rows:
            mark = "" if row.sure else "may: "
            differs = "\n".join(map(sidebyside.difference, row.differs))
            cells = (row.product.id, mark + row.product.title, row.product.doi or "", differs)
            table.add_row(*map(Text, cells))
        out.print(table)


@app.command(name="differences")
def differences_command(
    old: Annotated[str, typer.Argument(help="a snapshot that is kept")],
    new: Annotated[
        str | None, typer.Argument(help="a later one; the one in service if none")
    ] = None,
    parameter: Annotated[
        str | None, typer.Option(help="only this one; every essential variable if none")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """Say what changed in comparisons, and which record or mapping changed each cell."""
    settings = Settings()
    snapshots = Snapshots(settings.data)
    before = load(snapshots.get(old))
    after = load(snapshots.get(new) if new else current(settings))
    if parameter is None:
        found = differences.all_differences(before, after)
    else:
        iri = compare(Resolver(after), parameter).parameter
        found = differences.differences(before, after, iri)
    if as_json:
        print_json(asdict(found))
        return
    table = Table("variable", "catalogue", "product", "cell", "before", "after", "because")
    for change in found.changes:
        cells = (
            *(after.name(change.parameter), change.catalogue, change.title, change.attribute),
            *(change.before, change.after, f"{change.cause}: " + "\n".join(change.because)),
        )
        table.add_row(*map(Text, cells))
    out.print(table if found.changes else "nothing changed")
